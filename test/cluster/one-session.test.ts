/** Makes in makes that are parts of one process: they share connections, and what is said of nodes is said once. */

import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { TcpRelay } from "../rig/tcp-relay.js";
import { processesWith, readLines, Rig } from "./rig.js";

// Three starts of Node after each other take their time where much else is to be done.
vi.setConfig({ testTimeout: 60_000 });

const ONE_PROCESS = { MPMAKE_SESSION: "1" };

/** A file for each level, down to the third, in directories below each other. */
function layLevels(rig: Rig, deepest: string): void {
  mkdirSync(join(rig.tree, "a", "b"), { recursive: true });
  const level = (below: string) => `all: here ; @$(MAKE) -s -C ${below}\nhere: ; @:\n`;
  writeFileSync(join(rig.tree, "Makefile"), level("a"));
  writeFileSync(join(rig.tree, "a", "Makefile"), level("b"));
  writeFileSync(join(rig.tree, "a", "b", "Makefile"), deepest);
}

describe("makes in makes, in one process", () => {
  test.each([
    ["share their connections", ONE_PROCESS, "1"],
    ["have their own as processes", { MPMAKE_SESSION: "0" }, "3"],
  ])("%s", async (_title, environment, connections) => {
    await using rig = new Rig();
    const { nodes, workers } = await rig.startWorkers({ count: 1 });
    // Of the worker's sockets those that are established (01).
    const port = (workers[0]?.port ?? 0).toString(16).toUpperCase().padStart(4, "0");
    layLevels(rig, `all: ; @grep -c '^ *[0-9]*: [0-9A-F]*:${port} [0-9A-F:]* 01' /proc/net/tcp\n`);
    const made = await rig.make(["-s", "-j2", "--nodes", nodes], { environment });
    expect(made).toEqual({ status: 0, stdout: `${connections}\n`, stderr: "" });
  });

  test("leave a node out once", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1 });
    layLevels(rig, "all: ; @echo $(MAKELEVEL)\n");
    const made = await rig.make(["-s", "-j2", "--nodes", `${nodes},127.0.0.1:1`], { environment: ONE_PROCESS });
    expect(made).toEqual({
      ...{ status: 0, stdout: "2\n" },
      stderr: "mpmake: node 127.0.0.1:1 is left out: nothing listens there\n",
    });
  });

  test("run their recipes each with its own directory, umask of the line, outputs and input", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1 });
    mkdirSync(join(rig.tree, "a"));
    writeFileSync(
      join(rig.tree, "Makefile"),
      "all: ; @$(MAKE) -s -C a >log 2>errors; cat log errors\n\t@$(MAKE) -s -C a\n",
    );
    writeFileSync(join(rig.tree, "a", "Makefile"), "all: ; @cat; basename $$PWD; echo bad >&2\n");
    const made = await rig.make(["-s", "--nodes", nodes], { environment: ONE_PROCESS, input: "in\n" });
    expect(made).toEqual({ status: 0, stdout: "in\na\nbad\na\n", stderr: "bad\n" });
  });
});

test("a make outside the first one's directory has nodes prove that they see that one, too", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1 });
  mkdirSync(join(rig.directory, "beside"));
  writeFileSync(join(rig.tree, "Makefile"), "all: here ; @$(MAKE) -s -C ../beside\nhere: ; @pwd\n");
  writeFileSync(join(rig.directory, "beside", "Makefile"), "all: ; @pwd\n");
  const made = await rig.make(["-s", "--nodes", nodes], { environment: ONE_PROCESS });
  expect(made).toEqual({ status: 0, stdout: `${rig.tree}\n${join(rig.directory, "beside")}\n`, stderr: "" });
});

test.each([
  ["joined the session", "$(MAKE) -s --no-print-directory -f sub.mk"],
  ["joined it by a shell", ": ; $(MAKE) -s --no-print-directory -f sub.mk"],
  ["is a process on the node", '@sh ./script.sh "$(MAKE_COMMAND)"'],
])(
  "a node that is cut off below a make which %s: all of it ends there, and is made elsewhere",
  { timeout: 120_000 },
  async (_, line) => {
    await using rig = new Rig();
    const { workers } = await rig.startWorkers({ count: 2, slots: 2 });
    await using one = await TcpRelay.to(workers[0]?.port ?? 0);
    await using other = await TcpRelay.to(workers[1]?.port ?? 0);
    const started = rig.makeFifo("started");
    const mark = `cut-${String(workers[0]?.port)}`;
    const recipe = [
      "@first=; [ -f running ] || first=yes",
      "echo $$$$ >>running; echo $(NODE) > started",
      '[ -z "$$first" ] || exec sleep 1000',
      "echo made > $@",
    ].join("; ");
    const files = {
      // Whoever is the recipe's on the node has the worker above it.
      Makefile: `export MPMAKE_TEST_MARK = ${mark}\nall:\n\t${line}\n`,
      "sub.mk": `NODE = $$(. ./worker.sh)\nout:\n\t${recipe}\n`,
      "script.sh": '"$1" -s --no-print-directory --nodes local -f sub.mk\n',
      "worker.sh": `pid=$$; for _ in 1 2 3 4 5 6 7 8; do case " ${workers.map(({ pid }) => String(pid)).join(" ")} " in *" $pid "*) echo $pid; break;; esac; read -r _ _ _ pid _ </proc/$pid/stat; done\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(rig.tree, name), text);
    const nodes = [one, other].map(({ port }) => `127.0.0.1:${String(port)}*2`).join(",");
    const make = rig.make(["-s", "-j2", "--nodes", nodes]);
    const [victim] = await readLines(started, 1);
    const left = async (): Promise<readonly string[]> => {
      const begun = (await readFile(join(rig.tree, "running"), "latin1")).trim().split("\n");
      return processesWith(`MPMAKE_TEST_MARK=${mark}`).filter((pid) => pid === begun[0]);
    };
    expect(await left()).toHaveLength(1);
    (victim === String(workers[0]?.pid) ? one : other).cut();
    const [next] = await readLines(started, 1);
    expect([victim, next].sort()).toEqual(workers.map(({ pid }) => String(pid)).sort());
    expect(await left()).toEqual([]);
    const made = await make;
    expect([made.status, made.stdout]).toEqual([0, ""]);
    expect(await readFile(join(rig.tree, "out"), "utf8")).toBe("made\n");
  },
);
