import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import type { ExitStatus } from "../../src/base/exit-status.js";
import { type LinesIo, type LinesWork, runLines, type WorkLine } from "../../src/os/lines.js";
import { membersOfEach } from "../../src/os/process-tree.js";
import { createSpawner, type Spawner } from "../../src/os/spawn.js";
import { sameStdin, StdinShare } from "../../src/os/stdin.js";
import { temporaryDirectory } from "../rig/temporary.js";

const environment = ["PATH=/usr/bin:/bin"];

function lineOf(text: string, more: Partial<WorkLine> = {}): WorkLine {
  return { text, ignoreErrors: false, recursive: false, ...more };
}

interface Setting {
  readonly directory: string;
  readonly spawner: Spawner;
  readonly cancel: Canceller;
}

function setting(): Setting {
  const directory = temporaryDirectory();
  return { directory, spawner: createSpawner({ temporaryDirectory: directory }), cancel: new Canceller() };
}

interface Outcome {
  readonly status: ExitStatus;
  readonly output: string;
  /** `line 0`, `failed 0 1`. */
  readonly told: readonly string[];
}

async function run(here: Setting, work: Partial<LinesWork>, io: Partial<LinesIo> = {}): Promise<Outcome> {
  const [stdin, out] = [openSync("/dev/null", "r"), openSync(`${here.directory}/out`, "a")];
  const told: string[] = [];
  const whole = {
    lines: [],
    oneShell: false,
    shell: "/bin/sh",
    shellFlags: "-c",
    environment,
    directory: here.directory,
  };
  const fds = { stdin: sameStdin(stdin), stdout: out, stderr: out, group: "own" } as const;
  const on = {
    line: (index: number) => void told.push(`line ${index}`),
    lineFailed: (index: number, status: ExitStatus) => void told.push(`failed ${index} ${status.kind}`),
  };
  const status = await runLines(here.spawner, { ...whole, ...work }, { ...fds, ...io }, on, here.cancel);
  closeSync(stdin);
  closeSync(out);
  return { status, output: readFileSync(`${here.directory}/out`, "latin1"), told };
}

const success = { kind: "exited", code: 0 };

test("lines run one after the other, each told just before it starts", async () => {
  const got = await run(setting(), { lines: [lineOf("echo a;"), lineOf(":"), lineOf("echo b")] });
  expect(got).toEqual({ status: success, output: "a\nb\n", told: ["line 0", "line 1", "line 2"] });
});

test("the first line that fails is the last", async () => {
  const got = await run(setting(), { lines: [lineOf("exit 3"), lineOf("echo b")] });
  expect(got).toEqual({ status: { kind: "exited", code: 3 }, output: "", told: ["line 0", "failed 0 exited"] });
});

test("a failure that is ignored is told and counts as none", async () => {
  const got = await run(setting(), {
    lines: [lineOf("echo a; exit 3", { ignoreErrors: true }), lineOf("nosuch", { ignoreErrors: true })],
  });
  expect(got).toEqual({
    status: success,
    output: "a\n",
    told: ["line 0", "failed 0 exited", "line 1", "failed 1 unstarted"],
  });
});

test("with one shell all lines are one script", async () => {
  const got = await run(setting(), { oneShell: true, lines: [lineOf("x=1"), lineOf("echo $x")] });
  expect(got).toEqual({ status: success, output: "1\n", told: ["line 0"] });
});

test("a script longer than one argument may be runs all the same, and sees no difference", async () => {
  const long = "x".repeat(300_000);
  const got = await run(setting(), { lines: [lineOf(`y=${long}; echo $#:$0:\${#y}; nosuch_command`)] });
  expect(got.output).toMatch(/^0:\/bin\/sh:300000\n\/bin\/sh: 1: .*nosuch_command: not found\n$/);
});

test("a real standard input goes to one line at a time", async () => {
  const here = setting();
  const real = openSync("/proc/self/status", "r");
  const share = new StdinShare(real, here.directory);
  const lease = share.lease();
  expect([lease.fd, lease.real]).toEqual([real, true]);
  expect((await run(here, { lines: [lineOf("wc -c")] }, { stdin: share })).output.trim()).toBe("0");
  lease.release();
  expect((await run(here, { lines: [lineOf("head -n 1 | cut -c 1-5")] }, { stdin: share })).output).toMatch(/Name:\n$/);
  share.close();
  closeSync(real);
});

test("only lines that run a make have its descriptors and its output", async () => {
  const here = setting();
  const extra = openSync("/dev/null", "r");
  const makes = openSync(`${here.directory}/makes`, "w");
  const script = `test -e /proc/self/fd/${extra} && echo there || echo missing`;
  const forMakes = { keep: [extra], stdout: makes, stderr: makes };
  const got = await run(here, { lines: [lineOf(script), lineOf(script, { recursive: true })] }, { forMakes });
  closeSync(extra);
  closeSync(makes);
  expect([got.output, readFileSync(`${here.directory}/makes`, "latin1")]).toEqual(["missing\n", "there\n"]);
});

describe("cancelled", () => {
  /** Runs a line, cancels when it says that it is ready, and tells how it ended and who is left. */
  async function cancelled(
    script: string,
    reason: unknown,
    io: Partial<LinesIo> = {},
  ): Promise<{ status: ExitStatus; left: number }> {
    const here = setting();
    const ready = `${here.directory}/ready`;
    const { openPipe } = await import("../../src/os/pipes.js");
    const pipe = openPipe(here.directory);
    const { Socket } = await import("node:net");
    const marker = `MARK=${here.directory}`;
    const done = run(
      here,
      { lines: [lineOf(script), lineOf("touch second")], environment: [...environment, marker] },
      { stdout: pipe.write, ...io },
    );
    closeSync(pipe.write);
    const socket = new Socket({ fd: pipe.read, readable: true });
    await new Promise((resolve) => socket.once("data", resolve));
    here.cancel.abort(reason);
    const { status } = await done;
    socket.destroy();
    expect([existsSync(ready), existsSync(`${here.directory}/second`)]).toEqual([false, false]);
    return { status, left: membersOfEach([{ roots: [], groups: [], marker }]).flat().length };
  }

  test("every process of the line ends, also those that left its group", async () => {
    const script = "setsid sleep 1000 & sleep 1000 & sh -c 'sleep 1000 & wait' & echo ready; wait";
    expect(await cancelled(script, undefined)).toEqual({
      status: { kind: "signalled", signal: 15, core: false },
      left: 0,
    });
    expect(await cancelled(script, 2)).toEqual({ status: { kind: "signalled", signal: 2, core: false }, left: 0 });
  });

  test("the signal can be handled", async () => {
    const script = "trap 'exit 7' HUP; echo ready; sleep 1000 & wait";
    expect(await cancelled(script, 1)).toEqual({ status: { kind: "exited", code: 7 }, left: 0 });
  });

  test("who does not listen is killed", async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 1000; done";
    expect(await cancelled(script, undefined, { graceMs: 50 })).toEqual({
      status: { kind: "signalled", signal: 9, core: false },
      left: 0,
    });
  });

  test("in our own group the line's family is found by descent", async () => {
    const script = "sleep 1000 & echo ready; wait";
    expect(await cancelled(script, 15, { group: "inherit" })).toEqual({
      status: { kind: "signalled", signal: 15, core: false },
      left: 0,
    });
  });

  test("beforehand, nothing starts", async () => {
    const here = setting();
    here.cancel.abort(1);
    const got = await run(here, { lines: [lineOf("echo a;")] });
    expect(got).toEqual({ status: { kind: "signalled", signal: 1, core: false }, output: "", told: [] });
  });
});

test("a signal that has reached us, too, is heard before the line that it ended is judged", async () => {
  const heard: string[] = [];
  const SIGUSR2 = 12;
  const exit = new Promise<ExitStatus>((resolve) => {
    setImmediate(() => {
      process.kill(process.pid, SIGUSR2);
      resolve({ kind: "signalled", signal: SIGUSR2, core: false });
    });
  });
  const spawner: Spawner = { ...setting().spawner, spawn: () => ({ pid: process.pid, exit, kill: () => undefined }) };
  process.once("SIGUSR2", () => heard.push("signal"));
  const got = await run({ ...setting(), spawner }, { lines: [lineOf("true;")] });
  heard.push(got.status.kind);
  expect(heard).toEqual(["signal", "signalled"]);
});
