import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { cgroupOf, processesRunning, processesWith, readLines, Rig, tool, writeLine } from "./rig.js";

const MARK = `MPMAKE_TEST_MARK=cluster-interrupt-${String(process.pid)}`;

describe("when the client ends", { tags: ["root"] }, () => {
  /** Recipes that leave a child in their group and one in a session of its own, on both nodes, or on one and on this machine. */
  async function startBuild(rig: Rig, other?: "local*1") {
    const { workers, nodes: others } = await rig.startWorkers({ count: other === undefined ? 2 : 1, slots: 1 });
    const nodes = other === undefined ? others : `${others},${other}`;
    const started = rig.makeFifo("started");
    const recipe = "\t@echo half > $@; sleep 1000 & setsid sleep 1000 & echo $$$$ > started; wait\n";
    writeFileSync(join(rig.tree, "Makefile"), `all: a b\na b:\n${recipe}`);
    const [name, value] = MARK.split("=") as [string, string];
    const environment = { MPMAKE_KEY: `${rig.key}.pub`, [name]: value };
    const make = rig.start("mpmake", ["-j2", "--nodes", nodes], { environment });
    await readLines(started, 2);
    return { make, workers };
  }

  /** Waits, by asking again, for what the workers do on their own when a client is gone. */
  async function untilLeft(count: number): Promise<number> {
    const deadline = performance.now() + 10_000;
    while (processesWith(MARK).length > count && performance.now() < deadline)
      await new Promise((r) => setTimeout(r, 20));
    return processesWith(MARK).length;
  }

  test("by Ctrl-C: no process of a recipe is left on any node, half-made targets are deleted", async () => {
    await using rig = new Rig();
    const { make } = await startBuild(rig);
    make.kill("SIGINT");
    const { signal, stderr } = await make;
    expect(signal).toBe("SIGINT");
    expect(processesWith(MARK)).toEqual([]);
    expect(stderr).toMatch(/Deleting file 'a'/);
    expect(stderr).toMatch(/Deleting file 'b'/);
  });

  test("by Ctrl-C: what was ended is counted, also what fled its group and its environment", async (context) => {
    await using rig = new Rig();
    const { workers, nodes } = await rig.startWorkers({ count: 3, slots: 1 });
    const makesGroups = workers.every(({ pid }) => existsSync(`${cgroupOf(pid)}/mpmake-${String(pid)}`));
    context.skip(!makesGroups, "a worker may make no control groups (version 2) here");
    const started = rig.makeFifo("started");
    const daemon = `sleep 1000.${String(process.pid)}`;
    const recipe = `\t@sleep 1000 & setsid sleep 1000 & env -i setsid sh -c '${daemon} & :'; echo > started; wait\n`;
    writeFileSync(join(rig.tree, "Makefile"), `all: a b c\na b c:\n${recipe}`);
    const environment = { MPMAKE_KEY: `${rig.key}.pub`, MPMAKE_TEST_MARK: "cluster-count" };
    const make = rig.start("mpmake", ["-j3", "--nodes", nodes], { environment });
    await readLines(started, 3);
    const marked = processesWith("MPMAKE_TEST_MARK=cluster-count").filter((pid) => Number(pid) !== make.pid);
    const daemons = processesRunning(daemon);
    expect([marked.length, daemons.length]).toEqual([9, 3]);
    make.kill("SIGINT");
    const { stderr } = await make;
    expect(stderr).toMatch(/^mpmake: 12 processes on 3 nodes ended, 0 left$/m);
    expect([processesWith("MPMAKE_TEST_MARK=cluster-count"), processesRunning(daemon)]).toEqual([[], []]);
  });

  test("by SIGKILL: the nodes end its recipes by themselves", async () => {
    await using rig = new Rig();
    const { make } = await startBuild(rig);
    make.kill("SIGKILL");
    await make;
    expect(await untilLeft(0)).toBe(0);
  });

  test("by SIGKILL: what it ran itself, where this machine is one of the nodes, ends with them", async () => {
    await using rig = new Rig();
    const { make } = await startBuild(rig, "local*1");
    make.kill("SIGKILL");
    await make;
    expect(await untilLeft(0)).toBe(0);
  });

  test("by SIGKILL at a terminal: what it ran itself ends, and not who shares its group", async () => {
    await using rig = new Rig();
    const [started, gate] = [rig.makeFifo("started"), rig.makeFifo("gate")];
    const recipe = "\t@sleep 1000 & setsid sleep 1000 & ps -o pgid= -p $$$$ > started; wait\n";
    writeFileSync(join(rig.tree, "Makefile"), `all:\n${recipe}`);
    const beside = `env ${MARK} ${tool("mpmake")} --nodes local & echo $! >pid; ps -o pgid= -p $$ >group; read -r go <gate; echo on >on`;
    const session = execa(join(import.meta.dirname, "helpers/terminal"), ["24", "80", "sh", "-c", beside], {
      cwd: rig.tree,
      env: { PATH: rig.path, HOME: rig.directory, TMPDIR: rig.directory, MPMAKE_KEY: `${rig.key}.pub` },
      extendEnv: false,
      stdin: "ignore",
    });
    const [group] = await readLines(started, 1);
    expect(group?.trim()).toBe(readFileSync(join(rig.tree, "group"), "utf8").trim());
    process.kill(Number(readFileSync(join(rig.tree, "pid"), "utf8")), "SIGKILL");
    expect(await untilLeft(0)).toBe(0);
    await writeLine(gate, "go");
    await session;
    expect(readFileSync(join(rig.tree, "on"), "utf8")).toBe("on\n");
  });

  test("when its workers are killed, too: what they ran ends with them", async () => {
    await using rig = new Rig();
    const { make, workers } = await startBuild(rig);
    make.kill("SIGSTOP"); // that it starts nothing anew
    for (const worker of workers) worker.kill("SIGKILL");
    await Promise.all(workers.map(({ ended }) => ended));
    expect(await untilLeft(1)).toBe(1);
    make.kill("SIGKILL");
    await make;
  });
});

test("stopped as by Ctrl-Z, so are its recipes on nodes, and they go on with it", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 1 });
  const started = rig.makeFifo("started");
  const go = rig.makeFifo("go");
  writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@echo $$$$ > started; read word < go; echo $$word\n");
  const make = rig.start("mpmake", ["--nodes", nodes], { environment: { MPMAKE_KEY: `${rig.key}.pub` } });
  const pids = [make.pid ?? 0, Number((await readLines(started, 1))[0])];
  make.kill("SIGTSTP");
  await expect.poll(() => pids.map(stateOf), { timeout: 5000 }).toEqual(["T", "T"]);
  make.kill("SIGCONT");
  await expect.poll(() => pids.map(stateOf), { timeout: 5000 }).not.toContain("T");
  await writeLine(go, "went on");
  expect(await make).toMatchObject({ exitCode: 0, stdout: "went on\n", stderr: "" });
});

function stateOf(pid: number): string | undefined {
  return / ([A-Z]) /.exec(
    readFileSync(`/proc/${String(pid)}/stat`, "latin1")
      .split(")")
      .at(-1) ?? "",
  )?.[1];
}
