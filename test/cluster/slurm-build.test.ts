/** Builds on the nodes of a real Slurm: in an allocation, and with one that is asked for. */

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestTree, processesRunning, processesWith, readLines, tool, writeLine } from "./rig.js";
import { hasSlurm, needsSlurm, SLURM_NODES, SlurmRig, until } from "./slurm-rig.js";

const PATIENCE_MS = 120_000;

/** Sixteen files, each of which says on which node it was made. */
const NAMES = Array.from({ length: 16 }, (_, at) => `o${String(at + 1)}`);
const SAYS_WHERE = `tr '\\0' '\\n' </proc/$$PPID/environ | sed -n 's/^SLURMD_NODENAME=//p'`;
const MAKEFILE = `all: ${NAMES.join(" ")}\n${NAMES.join(" ")}:\n\t@${SAYS_WHERE} >$@\n`;
/** Each says that it is there, and waits for the test. */
const WAITING = `all: ${NAMES.join(" ")}\n${NAMES.join(" ")}:\n\t@echo $@ $$(${SAYS_WHERE}) >here; read go <gate-$@; echo made >$@\n`;

describe("with a real Slurm", { timeout: PATIENCE_MS }, () => {
  let rig: SlurmRig;

  beforeAll(async () => {
    if (hasSlurm) rig = await SlurmRig.start();
  }, PATIENCE_MS);

  afterAll(async () => {
    if (hasSlurm) await rig[Symbol.asyncDispose]();
  }, PATIENCE_MS);

  beforeEach(() => {
    if (hasSlurm) write(MAKEFILE);
  });

  /** However a build ended, nothing of it is left: no job, no step, no process of its own. */
  afterEach(async () => {
    if (!hasSlurm) return;
    await rig.idle();
    await until("nothing is left running", () => processesWith(`MPMAKE_TEST=${rig.directory}`).length === 0);
    rmSync(rig.tree, { recursive: true });
    mkdirSync(rig.tree);
  }, PATIENCE_MS);

  const write = (makefile: string): void => writeFileSync(join(rig.tree, "Makefile"), makefile);
  const mark = (): Readonly<Record<string, string>> => ({ MPMAKE_TEST: rig.directory });
  const inAllocation = (options: readonly string[], ...words: readonly string[]) =>
    rig.salloc(options, [tool("mpmake"), ...words], { environment: mark() });
  const outside = (...words: readonly string[]) => rig.startSlurm(tool("mpmake"), words, { environment: mark() });
  /** Files by the node that made them. */
  const madeBy = (): readonly string[] => NAMES.map((name) => readFileSync(join(rig.tree, name), "latin1").trim());

  test("a build in an allocation runs on its nodes, and says nothing of it", async (context) => {
    needsSlurm(context);
    expect(await inAllocation(["-N4", "-n16"], "-j16")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(SLURM_NODES).toEqual(expect.arrayContaining([...new Set(madeBy())]));
  });

  test("a build in a heterogeneous allocation runs on all of its parts", async (context) => {
    needsSlurm(context);
    const options = ["-N1", "-n4", "--exclusive", ":", "-N2", "-n8", "--exclusive"];
    expect(await inAllocation(options, "-j16")).toMatchObject({ status: 0, stderr: "" });
    expect(SLURM_NODES).toEqual(expect.arrayContaining([...new Set(madeBy())]));
  });

  test("--backend=none builds here, and so does NODES=local", async (context) => {
    needsSlurm(context);
    const run = ["sh", "-c", `${tool("mpmake")} --backend=none -j4 o1 o2 && NODES=local ${tool("mpmake")} -j4 o3 o4`];
    expect(await rig.salloc(["-N2"], run, { environment: mark() })).toMatchObject({ status: 0, stderr: "" });
    const made = ["o1", "o2", "o3", "o4"].map((name) => readFileSync(join(rig.tree, name), "latin1"));
    expect(made).toEqual(["", "", "", ""]);
  });

  test("an allocation that cannot be read is an error that says how to go on", async (context) => {
    needsSlurm(context);
    const run = await rig.startSlurm(tool("mpmake"), ["o1"], {
      environment: { SLURM_JOB_ID: "1", SLURM_JOB_NODELIST: "n[1-" },
    });
    expect({ status: run.exitCode, stderr: run.stderr }).toEqual({
      status: 2,
      stderr:
        'mpmake: the Slurm allocation around us cannot be read: SLURM_JOB_NODELIST: "n[1-" in the list of nodes: "n[1-" is no part of a name\n' +
        "mpmake: hint: --backend=none has mpmake build here\n",
    });
  });

  test("a make below has the same nodes", async (context) => {
    needsSlurm(context);
    write(`all:; +@$(MAKE) -f sub.mk\n`);
    writeFileSync(join(rig.tree, "sub.mk"), MAKEFILE);
    expect(await inAllocation(["-N4", "-n16"], "-j16", "--no-print-directory")).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(SLURM_NODES).toEqual(expect.arrayContaining([...new Set(madeBy())]));
  });

  /** A build whose recipes have all begun and wait. */
  async function startWaiting(options: readonly string[], count: number) {
    write(WAITING);
    const here = rig.makeFifo("here");
    for (const name of NAMES) rig.makeFifo(`gate-${name}`);
    const build = rig.startSlurm("salloc", ["--quiet", ...options, tool("mpmake"), "-j16"], { environment: mark() });
    const told = await readLines(here, count);
    const places = new Map(told.map((line) => line.split(" ") as [string, string]));
    return { build, places, here };
  }

  test("Ctrl-C ends all that runs on the nodes", async (context) => {
    needsSlurm(context);
    const { build } = await startWaiting(["-N4", "-n16"], 16);
    const [pid = ""] = makes(rig);
    process.kill(Number(pid), "SIGINT");
    const { stderr } = await build;
    expect(stderr).toContain("mpmake: 16 processes on 4 nodes ended, 0 left\n");
    expect(readdirSync(rig.tree).filter((name) => NAMES.includes(name))).toEqual([]);
  });

  test("kill -9 of the build leaves nothing on the nodes", async (context) => {
    needsSlurm(context);
    const { build } = await startWaiting(["-N4", "-n16"], 16);
    const [pid = ""] = makes(rig);
    process.kill(Number(pid), "SIGKILL");
    await build;
  });

  test("scancel in mid-build ends all", async (context) => {
    needsSlurm(context);
    const { build } = await startWaiting(["-N4", "-n16"], 16);
    rig.ask("scancel", ...rig.jobs());
    await until("no worker is left", () => workers(rig).length === 0);
    const [pid = ""] = makes(rig);
    if (pid !== "") process.kill(Number(pid), "SIGTERM"); // what was lost has begun anew, here, and waits
    await build;
  });

  test("what ran on a node that died runs again on another", async (context) => {
    needsSlurm(context);
    const { build, places, here } = await startWaiting(["-N4", "-n16", "--no-kill"], 16);
    const lost = [...places].filter(([, node]) => node === "n2").map(([name]) => name);
    await rig.killNode("n2");
    const [worker = ""] = workers(rig).filter((pid) => environmentOf(pid).includes("SLURMD_NODENAME=n2"));
    process.kill(Number(worker), "SIGKILL");
    const others = NAMES.filter((name) => !lost.includes(name));
    for (const name of others) await writeLine(join(rig.tree, `gate-${name}`), "go");
    await readLines(here, lost.length);
    for (const name of lost) await writeLine(join(rig.tree, `gate-${name}`), "go");
    const { exitCode, stderr } = await build;
    expect({ exitCode, lost: lost.length > 0, said: /node n2 is left out/.test(stderr) }).toEqual({
      exitCode: 0,
      lost: true,
      said: true,
    });
    expect(NAMES.map((name) => readFileSync(join(rig.tree, name), "latin1"))).toEqual(NAMES.map(() => "made\n"));
    await rig.startNode("n2");
  });

  test("what is asked for is used, and given back", async (context) => {
    needsSlurm(context);
    const run = await outside("-j16", "--backend=slurm", "--nodes=4", "--strict", "--time=5", "--partition=all");
    expect({ status: run.exitCode, stdout: run.stdout, stderr: run.stderr }).toMatchObject({ status: 0, stdout: "" });
    expect(run.stderr).toMatch(/^mpmake: Slurm gives n1,n2,n3,n4 \(job \d+\)\n$/);
    expect(SLURM_NODES).toEqual(expect.arrayContaining([...new Set(madeBy())]));
  });

  test("while what is asked for is waited for, the build goes on here", async (context) => {
    needsSlurm(context);
    await using _held = await rig.hold(["-N4", "--exclusive"]);
    const run = await outside("-j16", "--backend=slurm", "--nodes=4");
    expect({ status: run.exitCode, stdout: run.stdout, stderr: run.stderr }).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(new Set(madeBy())).toEqual(new Set([""]));
    expect(rig.jobs()).toHaveLength(1);
  });

  test("a build that is killed while it waits for what it asked for waits no longer", async (context) => {
    needsSlurm(context);
    await using _held = await rig.hold(["-N4", "--exclusive"]);
    write("all:; @sleep 1000\n");
    const build = outside("-j2", "--backend=slurm", "--nodes=2");
    await until("it waits", () => rig.jobs().length === 2);
    build.kill("SIGKILL");
    await until("it waits no longer", () => rig.jobs().length === 1);
    for (const pid of processesRunning("sleep 1000"))
      if (environmentOf(pid).includes(`MPMAKE_TEST=${rig.directory}`)) process.kill(Number(pid));
  });

  test("a refusal is told, and the build goes on here; with --strict it does not", async (context) => {
    needsSlurm(context);
    const wish = ["-j4", "--backend=slurm", "--nodes=2", "--partition=none"];
    const why = "Slurm: salloc: Job submit/allocate failed: Invalid partition name specified";
    write(`all: a b\na b:; @sleep 2; echo >$@\n`);
    const run = await outside(...wish);
    expect({ status: run.exitCode, stderr: run.stderr }).toEqual({
      status: 0,
      stderr: `mpmake: no node can be reached (${why}): everything runs here\n`,
    });
    const strict = await outside("-B", "--strict", ...wish);
    expect({ status: strict.exitCode, stderr: strict.stderr }).toEqual({
      status: 2,
      stderr: `mpmake: no node can be reached (--strict): ${why}\n`,
    });
  });

  test("a tree built in an allocation is the one that is built here", async (context) => {
    needsSlurm(context);
    const build = (): void => {
      const objects = Array.from({ length: 40 }, (_, at) => `x${String(at)}`);
      writeFileSync(
        join(rig.tree, "Makefile"),
        `all: whole\n.SECONDARY:\nwhole: ${objects.join(" ")}; @cat $^ >$@\nx%: y%; @sed s/y/x/ $< >$@; chmod 640 $@\ny%:; @echo y$* | tr y Y | tr Y y >$@\n`,
      );
    };
    build();
    const here = await outside("-j4", "--backend=none");
    const expected = digestTree(rig.tree);
    rmSync(rig.tree, { recursive: true });
    mkdirSync(rig.tree);
    build();
    const there = await inAllocation(["-N4", "-n16"], "-j16");
    expect([here.exitCode, there]).toEqual([0, { status: 0, stdout: "", stderr: "" }]);
    expect(digestTree(rig.tree)).toEqual(expected);
  });
});

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return ""; // it has just ended
  }
}

/** The processes of mpmake itself that belong to this test. */
function makes(rig: SlurmRig): readonly string[] {
  return processesWith(`MPMAKE_TEST=${rig.directory}`).filter((pid) =>
    commandOf(pid).includes(`${tool("mpmake")}\0-j16`),
  );
}

/** Workers of this test's. */
function workers(rig: SlurmRig): readonly string[] {
  return processesWith(`MPMAKE_TEST=${rig.directory}`).filter((pid) => commandOf(pid).endsWith("mexecd\0launched\0"));
}

function commandOf(pid: string): string {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
    return command.startsWith("salloc") ? "" : command;
  } catch {
    return "";
  }
}
