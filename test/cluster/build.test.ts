import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalWorkers } from "../../src/launch/local.js";
import { digestTree, Rig } from "./rig.js";

const makefile = join(import.meta.dirname, "tree.mk");

describe("a tree over three workers", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    workers = await rig.startWorkers();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  /** A fresh copy of the tree in its own folder, always of the same name. */
  function copyOf(name: string): string {
    const directory = join(rig.directory, name, "tree");
    mkdirSync(directory, { recursive: true });
    cpSync(makefile, join(directory, "Makefile"));
    return directory;
  }

  test("comes out as it does here, on every node, and is then up to date", async () => {
    const [here, there] = [copyOf("here"), copyOf("there")];
    const report = join(rig.directory, "report.json");
    const local = await rig.make(["-j4", "-s"], { directory: here });
    const remote = await rig.make(["-j6", "-s", "--nodes", workers.nodes, "--report", report], { directory: there });
    expect([local, remote]).toEqual([
      { status: 0, stdout: "", stderr: "" },
      { status: 0, stdout: "", stderr: "" },
    ]);
    expect(digestTree(there)).toEqual(digestTree(here));
    const { recipes } = JSON.parse(readFileSync(report, "utf8")) as { recipes: Record<string, number> };
    const names = workers.workers.map(({ port }) => `127.0.0.1:${String(port)}`);
    expect(Object.keys(recipes).sort()).toEqual([...names, "local"].sort());
    expect(recipes["local"]).toBe(1);
    const again = await rig.make(["--nodes", workers.nodes], { directory: there });
    expect(again).toEqual({ status: 0, stdout: "mpmake: Nothing to be done for 'all'.\n", stderr: "" });
  });

  test("node numbers are looked up in the configuration, as is the key", async () => {
    const directory = copyOf("numbers");
    const nodes = Object.fromEntries(workers.workers.map(({ port }, i) => [i + 1, { host: "127.0.0.1", port }]));
    writeFileSync(join(directory, "mpmake.config.json"), JSON.stringify({ nodes, key: "../../key.pub" }));
    const report = join(rig.directory, "numbers.json");
    const made = await rig.run("mpmake", ["-j6", "-s", "--report", report], {
      directory,
      environment: { NODES: "1-3" },
    });
    expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
    const { recipes } = JSON.parse(readFileSync(report, "utf8")) as { recipes: Record<string, number> };
    expect(Object.keys(recipes).sort()).toEqual(["1", "2", "3", "local"]);
  });

  test("a recipe has its directory, environment, umask, outputs and status as here", async () => {
    const directory = copyOf("fidelity");
    const text = [
      "export GREETING = h\xe9llo $(shell printf '\\303\\251')",
      "all:",
      '\t@echo "$$GREETING" | od -An -tx1; pwd; umask; echo first >&2; echo second >/dev/stderr',
      "\t@ls -l /proc/self/fd/0 | sed 's/.* -> //'",
      "\t-@exit 3",
      "\t@no-such-program",
      "",
    ].join("\n");
    writeFileSync(join(directory, "Makefile"), text, "latin1");
    expect(await rig.make(["-k", "--nodes", workers.nodes], { directory })).toEqual({
      status: 2,
      stdout: ` 68 e9 6c 6c 6f 20 c3 a9 0a\n${directory}\n0022\n/dev/null\n`,
      stderr: [
        "first",
        "second",
        "mpmake: [Makefile:5: all] Error 3 (ignored)",
        "mpmake: no-such-program: No such file or directory",
        "mpmake: *** [Makefile:6: all] Error 127",
        "",
      ].join("\n"),
    });
  });

  test("a recipe that is ended by a signal is told so", async () => {
    const directory = copyOf("signal");
    writeFileSync(join(directory, "Makefile"), "all:\n\t@kill -SEGV $$$$\n");
    expect(await rig.make(["--nodes", workers.nodes], { directory })).toEqual({
      status: 2,
      stdout: "",
      stderr: "mpmake: *** [Makefile:2: all] Segmentation fault\n",
    });
  });

  test("what a recipe reads from standard input is ours", async () => {
    const directory = copyOf("input");
    writeFileSync(join(directory, "Makefile"), "all:\n\t@read line; echo got $$line\n");
    const made = await rig.make(["--nodes", workers.nodes], { directory, input: "a line\n" });
    expect(made).toEqual({ status: 0, stdout: "got a line\n", stderr: "" });
  });

  test("ten megabytes of output arrive whole and in order", async () => {
    const directory = copyOf("flood");
    writeFileSync(join(directory, "Makefile"), "all:\n\t@seq 1 1500000\n");
    const made = await rig.make(["--nodes", workers.nodes], { directory });
    const lines = made.stdout.split("\n");
    expect([made.status, lines.length, lines[0], lines.at(-2)]).toEqual([0, 1_500_001, "1", "1500000"]);
    expect(lines.every((line, i) => line === (i === 1_500_000 ? "" : String(i + 1)))).toBe(true);
  });

  test("ENVSETTER sets the environment of recipes, and what it prints stays out of them", async () => {
    const directory = copyOf("envsetter");
    const setter = join(directory, "setter");
    writeFileSync(setter, '#!/bin/sh\necho noise; echo FLAVOUR=set >> "$MPMAKE_ENV"\n', { mode: 0o755 });
    writeFileSync(join(directory, "Makefile"), "all:\n\t@echo $$FLAVOUR\n");
    const made = await rig.make(["--nodes", workers.nodes], { directory, environment: { ENVSETTER: setter } });
    expect(made).toEqual({ status: 0, stdout: "set\n", stderr: "" });
  });
});
