/** Makes that scripts on nodes start: parts of the session where the user wants that, and nobody but `ps` can tell. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { TcpRelay } from "../rig/tcp-relay.js";
import { processesWith, type Ran, readLines, Rig, tool, writeLine } from "./rig.js";

// Two builds, and a start of Node for each make of one of them, take their time where much else is to be done.
vi.setConfig({ testTimeout: 60_000 });

const JOINS = "--joins-from-nodes";
/** Which process reads a makefile shows by the parent of what it starts then. */
const TELLS = "$(shell echo $$PPID >>parents)\n";
const TELLS_ABOVE = "$(shell echo $$PPID >>../parents)\n";

interface Tree {
  /** What runs on the node: `$MK` is make. */
  readonly script: string;
  readonly sub?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Of the first make. */
  readonly words?: readonly string[];
}

function lay(rig: Rig, { script, sub = "", files = {} }: Tree): void {
  for (const name of readdirSync(rig.tree)) rmSync(join(rig.tree, name), { recursive: true });
  const all = {
    Makefile: `${TELLS}all: ; @MK='$(MAKE_COMMAND)' sh ./script.sh\n`,
    "script.sh": script,
    "sub.mk": TELLS + sub,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(join(rig.tree, dirname(name)), { recursive: true });
    writeFileSync(join(rig.tree, name), text);
  }
}

/** How many of the makes below the first one were a part of its process, and how many were not. */
function makesOf(rig: Rig): { readonly joined: number; readonly apart: number } {
  const [first, ...others] = readFileSync(join(rig.tree, "parents"), "latin1").trim().split("\n");
  const joined = others.filter((pid) => pid === first).length;
  return { joined, apart: others.length - joined };
}

/** What is left in the tree, but for what tells processes apart. */
function leftIn(rig: Rig): Readonly<Record<string, string>> {
  const names = readdirSync(rig.tree)
    .filter((name) => name !== "parents")
    .sort();
  const files = names.filter((name) => name.endsWith(".out"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(rig.tree, name), "latin1")]));
}

const SHOWS = "all: ; @echo '$(CURDIR)' $(MAKELEVEL) '$(filter-out --%,$(MAKEFLAGS))' '$(V)'; pwd; umask; ulimit -n\n";
const TWO = "all: one two\none two: ; @echo $@; echo bad $@ >&2\n";

const READS = `const stdio = ["ignore", "pipe", "pipe"];
const sh = require("node:child_process").spawn("sh", ["-c", "$MK -s -f sub.mk"], { stdio });
sh.stdout.pipe(process.stdout);
sh.stderr.pipe(process.stderr);
`;

interface Case extends Tree {
  readonly title: string;
  /** How many makes become parts; 0 where they could tell the difference. */
  readonly joined: number;
  readonly apart?: number;
}

const CASES: readonly Case[] = [
  { title: "a make as it is", script: "$MK -f sub.mk", sub: SHOWS, joined: 1 },
  {
    title: "two at once, of which the one in the background ignores a signal",
    script: "$MK -s -f sub.mk N=1 >1.out & $MK -s -f sub.mk N=2 >2.out; wait",
    sub: "all: ; @echo $(N)\n",
    joined: 1,
    apart: 1,
  },
  { title: "a status", script: "$MK -f sub.mk; echo status $?; exit 5", sub: "all: ; @exit 3\n", joined: 1 },
  {
    title: "two at once, in a pipeline",
    script: "$MK -s -f sub.mk N=1 2>1.out | { cat; $MK -s -f sub.mk N=2 </dev/null; }",
    sub: "all: ; @echo $(N)\n",
    joined: 2,
  },
  {
    title: "a question",
    script: "if $MK -f sub.mk -q; then echo yes; else echo no $?; fi",
    sub: "made: ; touch made\n",
    joined: 1,
  },
  {
    title: "four at once",
    script: "echo a b c d | xargs -P4 -n1 $MK -s -f sub.mk",
    sub: "a b c d: ; @echo $@ >$@.out\n",
    joined: 4,
  },
  { title: "a wrong option", script: "$MK --nonsense 2>errors.out; echo $?", joined: 0 },
  { title: "a makefile that is not there", script: "$MK -f nowhere.mk; echo $?", joined: 0 },
  { title: "a directory", script: "cd d && $MK -f ../sub.mk; pwd", sub: SHOWS, files: { "d/x": "" }, joined: 0 },
  {
    title: "a wrong option that is longer than what a pipe holds",
    script: "$MK --$(printf %0100000d 0) 2>errors.out; echo $?",
    joined: 0,
  },
  { title: "-C", script: "$MK -C d", files: { "d/Makefile": TELLS_ABOVE + SHOWS }, joined: 1 },
  {
    title: "-C, a makefile and an included one by other names",
    script: "$MK --dir=$PWD/d -fsub.mk -I inc",
    files: { "d/sub.mk": `${TELLS_ABOVE}include more.mk\n`, "d/inc/more.mk": SHOWS },
    joined: 1,
  },
  {
    title: "a directory for temporary files that is its own",
    script: "mkdir t; TMPDIR=$PWD/t $MK -s -f sub.mk",
    sub: SHOWS,
    joined: 0,
    apart: 1,
  },
  { title: "variables", script: "export V=one; $MK -s -f sub.mk; V=two $MK -s -f sub.mk", sub: SHOWS, joined: 2 },
  {
    title: "an environment of its own",
    script: 'env -i MAKEFLAGS=s V=x PATH="$PATH" $MK -f sub.mk',
    sub: "all: ; @echo $$V $(MAKELEVEL)\n",
    joined: 0,
    apart: 1,
  },
  {
    title: "output to a file",
    script: "echo first >o.out; $MK -f sub.mk >>o.out 2>&1; echo last >>o.out",
    sub: TWO,
    joined: 1,
  },
  { title: "output to two files", script: "$MK -f sub.mk >o.out 2>e.out; echo behind >>o.out", sub: TWO, joined: 1 },
  { title: "output through a pipe", script: "$MK -f sub.mk 2>&1 | sed 's/^/> /'", sub: TWO, joined: 1 },
  { title: "output that is taken", script: 'x=$($MK -s -f sub.mk 2>/dev/null); echo "<$x>"', sub: TWO, joined: 1 },
  {
    title: "more output than a pipe holds",
    script: "$MK -s -f sub.mk | (sleep 0.3; wc -c)",
    sub: "$(info $(shell seq 40000))\nall: ; @seq 200000\n",
    joined: 1,
  },
  { title: "a reader that goes", script: "$MK -s -f sub.mk | head -n 1", sub: "all: ; @seq 2000000\n", joined: 1 },
  {
    title: "output that Node reads by a socket",
    script: `'${process.execPath}' reads.cjs`,
    sub: TWO,
    files: { "reads.cjs": READS },
    joined: 0,
    apart: 1,
  },
  { title: "input from a file", script: "$MK -s -f sub.mk <script.sh", sub: "all: ; @wc -c\n", joined: 0, apart: 1 },
  { title: "closed outputs", script: "$MK -s -f sub.mk 2>&-", sub: "all: ; @echo here\n", joined: 0, apart: 1 },
  {
    title: "more descriptors",
    script: "$MK -s -f sub.mk 3>3.out",
    sub: "all: ; @echo three >&3\n",
    joined: 0,
    apart: 1,
  },
  { title: "limits of its own", script: "ulimit -n 200; $MK -f sub.mk", sub: SHOWS, joined: 0, apart: 1 },
  { title: "a mask of its own", script: "umask 077; $MK -f sub.mk", sub: SHOWS, joined: 0, apart: 1 },
  {
    title: "ignored signals",
    script: "trap '' INT; $MK -s -f sub.mk",
    sub: "all: ; @grep SigIgn /proc/self/status\n",
    joined: 0,
    apart: 1,
  },
  { title: "another session", script: "setsid -w $MK -s -f sub.mk", sub: "all: ; @echo here\n", joined: 0, apart: 1 },
  {
    title: "makes below it",
    script: "$MK -f sub.mk",
    sub: "all: ; $(MAKE) -f sub.mk below; : ; $(MAKE) -f sub.mk below\nbelow: ; @echo $(MAKELEVEL)\n",
    joined: 3,
  },
  {
    title: "a script below it",
    script: "$MK -f sub.mk",
    sub: "all: ; @sh ./other.sh\nbelow: ; @echo $(MAKELEVEL)\n",
    files: { "other.sh": "$MK -f sub.mk below; echo $?\n" },
    joined: 2,
  },
  {
    title: "a process because it is asked for",
    script: "MPMAKE_SESSION=0 $MK -s -f sub.mk",
    sub: "all: ; @echo here\n",
    joined: 0,
    apart: 1,
  },
  {
    title: "a failure with -k",
    script: "$MK -k -f sub.mk; echo $?",
    sub: "all: a b\na: ; @false\nb: ; @echo b\n",
    joined: 1,
  },
  { title: "a signal in its recipe", script: "$MK -f sub.mk; echo $?", sub: "all: ; @kill -9 $$$$\n", joined: 1 },
  { title: "one slot", script: "$MK -f sub.mk", sub: TWO, words: ["-j1"], joined: 1 },
  { title: "slots of its own", script: "$MK -s -j3 -f sub.mk", sub: TWO, words: ["-j2"], joined: 1 },
  { title: "whole groups of output", script: "$MK -f sub.mk 2>&1", sub: TWO, words: ["-Otarget", "-j2"], joined: 1 },
  {
    title: "errors of $(shell), more than a pipe holds",
    script: "$MK -s -f sub.mk 2>&1 | wc -c",
    sub: "x := $(eval y := $(shell seq 40000 >&2))\nall: ; @:\n",
    joined: 1,
  },
  {
    title: "errors of $(shell) behind what was said before, in whole groups of output",
    script: "$MK -s -f sub.mk 2>&1",
    sub: "$(warning first)\nx := $(eval y := $(shell echo second >&2))\n$(warning third)\nall: ; @:\n",
    words: ["-Otarget", "-j2"],
    joined: 1,
  },
  {
    title: "a full disk",
    script: "$MK -s -f sub.mk >/dev/full; echo $?",
    sub: "all: ; @echo lost\n",
    joined: 1,
  },
];

/** Said at the end, of what somebody's end has ended. */
const SWEPT = /^mpmake(?:\[1\])?: \d+ process(?:es)? on \d nodes? ended, 0 left\n/m;

describe.each(CASES)("$title", ({ joined, apart = 0, words = ["-j2"], ...tree }) => {
  test("is the same either way", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1, slots: 1 });
    const run = async (more: readonly string[]): Promise<{ made: Ran; left: unknown }> => {
      lay(rig, tree);
      const made = await rig.make([...words, "--nodes", nodes, ...more]);
      return { made: { ...made, stderr: made.stderr.replace(SWEPT, "") }, left: leftIn(rig) };
    };
    const process = await run([]);
    expect(makesOf(rig).joined).toBe(0);
    expect(await run([JOINS])).toEqual(process);
    expect({ title: tree.script, ...makesOf(rig) }).toEqual({ title: tree.script, joined, apart });
  });
});

test("at a terminal, too, is the same either way, in order, and recipes see that it is one", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1 });
  const terminal = join(import.meta.dirname, "helpers", "terminal");
  const run = (more: readonly string[]): Promise<Ran> => {
    lay(rig, {
      script: "echo before; $MK -s -f sub.mk; echo status $?; $MK -s -f sub.mk 2>&1 | cat; echo behind\n",
      sub: "all: ; @for fd in 1 2; do test -t $$fd && echo $$fd; done; echo here; echo there >&2; exit 3\n",
    });
    const words = ["24", "80", tool("mpmake"), "-s", "-j2", "--nodes", nodes, ...more];
    return rig.runCommand(terminal, words, { environment: { MPMAKE_KEY: `${rig.key}.pub` } });
  };
  const apart = await run([]);
  expect(apart.stdout).toContain("before\r\n1\r\n2\r\nhere\r\nthere\r\n");
  expect(await run([JOINS])).toEqual(apart);
  expect(makesOf(rig)).toEqual({ joined: 2, apart: 0 });
});

/** A make that is in the middle of a recipe; whose launcher's number is in `launcher`, and its recipe's in `pids`. */
const IN_THE_MIDDLE: Tree = {
  script: `sh -c 'echo $$ >launcher; exec "$MK" -s -f sub.mk'; echo "status $?"\n`,
  sub: "all: ; @echo $$$$ >pids; echo > started; exec sleep 1000\n",
};

function numberIn(rig: Rig, name: string): number {
  return Number(readFileSync(join(rig.tree, name), "latin1"));
}

function isThere(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

async function expectGone(rig: Rig): Promise<void> {
  const left = () => ["launcher", "pids"].filter((name) => isThere(numberIn(rig, name)));
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
}

test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const)(
  "%s to the process of such a make ends its recipes, and the script reads how it ended",
  async (signal) => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1 });
    const run = async (more: readonly string[]): Promise<Ran> => {
      lay(rig, IN_THE_MIDDLE);
      const started = rig.makeFifo("started");
      const make = rig.make(["--nodes", nodes, ...more]);
      await readLines(started, 1);
      process.kill(numberIn(rig, "launcher"), signal);
      const made = await make;
      await expectGone(rig);
      return { ...made, stderr: made.stderr.replace(SWEPT, "") };
    };
    // By itself a make that is killed says nothing, and leaves its recipe behind until its worker notices.
    const apart = await run([]);
    expect(await run([JOINS])).toEqual(apart);
    expect(makesOf(rig)).toEqual({ joined: 1, apart: 0 });
  },
);

test("the end of the script, while its make runs, is that make's end", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1 });
  lay(rig, { ...IN_THE_MIDDLE, script: `echo $$ >script\n${IN_THE_MIDDLE.script}` });
  const started = rig.makeFifo("started");
  const make = rig.make(["-s", "--nodes", nodes, JOINS]);
  await readLines(started, 1);
  process.kill(numberIn(rig, "script"), "SIGKILL");
  const made = await make;
  expect([made.status, made.stderr.includes("Killed")]).toEqual([2, true]);
  expect(makesOf(rig)).toEqual({ joined: 1, apart: 0 });
  await expectGone(rig);
});

/** A make on a node, in the middle of what such a make does. */
async function startInTheMiddle(rig: Rig): Promise<{ readonly make: ReturnType<Rig["start"]> }> {
  const { nodes } = await rig.startWorkers({ count: 1 });
  lay(rig, IN_THE_MIDDLE);
  const started = rig.makeFifo("started");
  const make = rig.start("mpmake", ["-s", "--nodes", nodes, JOINS], { environment: { MPMAKE_KEY: `${rig.key}.pub` } });
  await readLines(started, 1);
  return { make };
}

test("a make that was interrupted ends such makes, too", async () => {
  await using rig = new Rig();
  const { make } = await startInTheMiddle(rig);
  make.kill("SIGINT");
  const { signal } = await make;
  expect(signal).toBe("SIGINT");
  await expectGone(rig);
});

test("a session that is killed leaves no launcher waiting, and no recipe", async () => {
  await using rig = new Rig();
  const { make } = await startInTheMiddle(rig);
  make.kill("SIGKILL");
  await make;
  expect(makesOf(rig)).toEqual({ joined: 1, apart: 0 });
  await expectGone(rig);
});

test("a worker that is killed leaves no launcher waiting, and the recipe is made elsewhere", async () => {
  await using rig = new Rig();
  const { nodes, workers } = await rig.startWorkers({ count: 2, slots: 1 });
  lay(rig, {
    script: `sh -c 'echo $PPID $$ >launcher-'"$WORKER"'; exec "$MK" -s -f sub.mk'\n`,
    sub: "all: ; @echo > started; read x < go; echo made\n",
  });
  const started = rig.makeFifo("started");
  const go = rig.makeFifo("go");
  const make = rig.make(["-s", "-j2", "--nodes", nodes, JOINS], { environment: { WORKER: "x" } });
  await readLines(started, 1);
  const [, launcher = 0] = readFileSync(join(rig.tree, "launcher-x"), "latin1").split(" ").map(Number);
  const worker = workers.find(({ pid }) => isAbove(pid, launcher));
  expect(worker).toBeDefined();
  process.kill(worker?.pid ?? 0, "SIGKILL");
  await readLines(started, 1);
  expect(isThere(launcher)).toBe(false);
  await writeLine(go, "on");
  const made = await make;
  expect([made.status, made.stdout]).toEqual([0, "made\n"]);
  expect(made.stderr).toContain("all: lost with node");
});

function isAbove(pid: number, below: number): boolean {
  for (
    let at = below;
    at > 1;
    at = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${String(at)}/stat`, "latin1"))?.[1])
  ) {
    if (at === pid) return true;
  }
  return false;
}

test(
  "a node that is cut off below such a make: all of it ends there, and is made elsewhere",
  { timeout: 120_000 },
  async () => {
    await using rig = new Rig();
    const { workers } = await rig.startWorkers({ count: 2, slots: 2 });
    await using one = await TcpRelay.to(workers[0]?.port ?? 0);
    await using other = await TcpRelay.to(workers[1]?.port ?? 0);
    const mark = `MPMAKE_TEST_MARK=joins-${String(workers[0]?.port)}`;
    lay(rig, {
      script: `first=; [ -f again ] || first=yes; echo >again; $MK -s -f sub.mk FIRST=$first\n`,
      sub: "all: ; @echo > started; [ -z '$(FIRST)' ] || exec sleep 1000; echo made\n",
    });
    const started = rig.makeFifo("started");
    const nodes = [one, other].map(({ port }) => `127.0.0.1:${String(port)}*2`).join(",");
    const [name = "", value = ""] = mark.split("=");
    const make = rig.make(["-s", "-j2", "--nodes", nodes, JOINS], { environment: { [name]: value } });
    await readLines(started, 1);
    // Whichever has the script; the other one may have the recipe below it.
    const script = processesWith(mark)
      .map(Number)
      .filter((pid) => /\bscript\.sh/.test(commandOf(pid)));
    const victim = isAbove(workers[0]?.pid ?? 0, script[0] ?? 0) ? one : other;
    victim.cut();
    await readLines(started, 1);
    const made = await make;
    expect([made.status, made.stdout]).toEqual([0, "made\n"]);
    const sleeping = () => processesWith(mark).filter((pid) => commandOf(Number(pid)).startsWith("sleep"));
    await expect.poll(sleeping, { timeout: 20_000 }).toEqual([]);
  },
);

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

test("who does not ask for it invites nobody", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1 });
  const shows = async (environment: Readonly<Record<string, string>>, words: readonly string[] = []) => {
    lay(rig, { script: "echo ${MPMAKE_JOIN+invited}\n" });
    return (await rig.make(["-s", "--nodes", nodes, ...words], { environment })).stdout;
  };
  expect(await shows({})).toBe("\n");
  expect(await shows({ MPMAKE_JOINS_FROM_NODES: "0" })).toBe("\n");
  expect(await shows({ MPMAKE_JOINS_FROM_NODES: "1" })).toBe("invited\n");
  expect(await shows({ MPMAKE_SESSION: "0" }, [JOINS])).toBe("\n");
  expect(await shows({}, [JOINS])).toBe("invited\n");
});

/** Fails when three others run. */
const WORK = `for slot in 1 2 3; do
  if mkdir busy/$slot 2>/dev/null; then sleep 0.1; rmdir busy/$slot; exit 0; fi
done
echo "$1 is one too many"
exit 1
`;

test("-j holds for all of them together, and a node's slots are others' while a script there waits for its make", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 3 });
  lay(rig, {
    script: "",
    files: {
      Makefile: "all: x y z a b c\na b c: ; @sh work.sh $@\nx y z: ; @MK='$(MAKE_COMMAND)' sh other.sh $@\n",
      "other.sh": "$MK -s -f sub.mk OF=$1 && sh work.sh $1\n",
      "sub.mk": "all: p q r\np q r: ; @sh work.sh $@ of $(OF)\n",
      "work.sh": WORK,
      "busy/x": "",
    },
  });
  expect(await rig.make(["-j3", "--nodes", nodes, JOINS])).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("a node that may run one job runs what is below a script, too", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 1 });
  lay(rig, {
    script: "",
    files: {
      Makefile: `${TELLS}all: ; @MK='$(MAKE_COMMAND)' N=1 sh script.sh\n`,
      "script.sh": "N=$((N + 1)); export N; if [ $N -gt 4 ]; then echo deep; else $MK -s -f sub.mk; fi\n",
      "sub.mk": `${TELLS}all: ; @sh script.sh\n`,
    },
  });
  expect(await rig.make(["-s", "-j2", "--nodes", nodes, JOINS])).toEqual({ status: 0, stdout: "deep\n", stderr: "" });
  expect(makesOf(rig)).toEqual({ joined: 3, apart: 0 });
});

test("what such makes do is in the report of the first, and in its history", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1 });
  lay(rig, { script: "$MK -s -f sub.mk", sub: "all: deep\ndeep: ; @:; sleep 0.1\n" });
  const made = await rig.make(["-s", "--nodes", nodes, JOINS, "--report", "report.json", "--history=history.out"]);
  expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(readFileSync(join(rig.tree, "report.json"), "latin1")).toContain('"deep"');
  expect(readFileSync(join(rig.tree, "history.out"), "latin1")).toContain("deep");
});
