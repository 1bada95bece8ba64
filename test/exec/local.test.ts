import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import { LocalRunner, type LocalOutput } from "../../src/exec/local.js";
import { OutputSync, type SyncMode } from "../../src/exec/output-sync.js";
import { OutputLock } from "../../src/os/output-lock.js";
import type { Batch } from "../../src/os/output-queue.js";
import { createSpawner } from "../../src/os/spawn.js";
import { sameStdin } from "../../src/os/stdin.js";
import type { Job, JobEvent, JobResult } from "../../src/sched/job.js";
import { TextOutput } from "../../src/session/text-output.js";
import { fakeJob, line } from "../rig/fake-runner.js";
import { temporaryDirectory } from "../rig/temporary.js";

interface Ran {
  readonly result: JobResult;
  readonly events: readonly JobEvent[];
}

async function run(output: LocalOutput, job: Job, on?: (event: JobEvent) => void): Promise<Ran> {
  const stdin = openSync("/dev/null", "r");
  const spawner = createSpawner({ temporaryDirectory: job.directory });
  const runner = new LocalRunner({ spawner, stdin: sameStdin(stdin), output, group: "own", nowMs: () => 5 });
  const events: JobEvent[] = [];
  const tell = (event: JobEvent): void => {
    events.push(event);
    on?.(event);
  };
  const result = await runner.run(job, tell, new Canceller());
  closeSync(stdin);
  return { result, events };
}

test("a job's result certifies what it wrote", async () => {
  const directory = temporaryDirectory();
  const out = openSync(`${directory}/log`, "w");
  const job = fakeJob("a", { directory, writes: ["a", "b"], lines: [line("printf xyz >a")] });
  const { result, events } = await run({ kind: "inherit", stdout: out, stderr: out }, job);
  closeSync(out);
  expect(events).toEqual([
    { type: "started", node: "local" },
    { type: "line", index: 0 },
  ]);
  expect(result).toMatchObject({ status: { kind: "exited", code: 0 }, node: "local", startedMs: 5, endedMs: 5 });
  expect(result.receipts).toMatchObject([
    { path: "a", stat: { sizeBytes: 3 } },
    { path: "b", stat: undefined },
  ]);
});

test("programs that share a file write at its end, whoever empties it", async () => {
  const directory = temporaryDirectory();
  const out = openSync(`${directory}/log`, "w");
  const lines = [line("echo one; echo two >/dev/stderr; echo three"), line("echo four >>log; echo five")];
  await run({ kind: "inherit", stdout: out, stderr: out }, fakeJob("a", { directory, lines }));
  closeSync(out);
  expect(readFileSync(`${directory}/log`, "latin1")).toBe("two\nthree\nfour\nfive\n");
});

test("output as events comes before the end of its line is told", async () => {
  const directory = temporaryDirectory();
  const lines = [line("echo one; echo two >/dev/stderr"), line("echo three; exit 2")];
  const { events } = await run(
    { kind: "events", merged: true, temporaryDirectory: directory },
    fakeJob("a", { directory, lines }),
  );
  const text = events
    .map((event) => (event.type === "data" ? Buffer.from(event.bytes).toString() : event.type))
    .join("|");
  expect(text.replaceAll("\n|", "\n")).toBe("started|line|one\ntwo\nline|three\nline-failed");
});

test("ten megabytes arrive whole, each stream on its own", async () => {
  const directory = temporaryDirectory();
  const lines = [line("head -c 10000000 /dev/zero; echo err >&2")];
  const { events } = await run(
    { kind: "events", merged: false, temporaryDirectory: directory },
    fakeJob("a", { directory, lines }),
  );
  const bytes = { stdout: 0, stderr: 0 };
  for (const event of events) if (event.type === "data") bytes[event.stream] += event.bytes.length;
  expect(bytes).toEqual({ stdout: 10_000_000, stderr: 4 });
});

test("what a line leaves in the background is read on where that is wanted, and nobody reads it elsewhere", async () => {
  for (const keeps of [true, false]) {
    const directory = temporaryDirectory();
    execFileSync("mkfifo", [`${directory}/on`, `${directory}/over`]);
    const left = "trap '' PIPE; (read x <on; echo late; echo over $? >over) & echo now";
    let text = "";
    let isLate: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (isLate = resolve));
    await run(
      { kind: "events", merged: true, ...(keeps && { keeps }), temporaryDirectory: directory },
      fakeJob("a", { directory, lines: [line(left)] }),
      (event) => {
        if (event.type === "data") text += Buffer.from(event.bytes).toString();
        if (text === "now\nlate\n") isLate();
      },
    );
    expect(text).toBe("now\n");
    writeFileSync(`${directory}/on`, "\n");
    expect(readFileSync(`${directory}/over`, "latin1")).toBe(`over ${keeps ? "0" : "1"}\n`);
    if (keeps) await late;
  }
});

/** What two files hold after a job whose output was taken aside, and what they held at each event. */
async function runInSync(
  mode: SyncMode,
  lines: Job["lines"],
): Promise<{ out: string; err: string; seen: string[]; left: string[] }> {
  const directory = temporaryDirectory();
  const [stdout, stderr] = [openSync(`${directory}/stdout`, "a"), openSync(`${directory}/stderr`, "a")];
  const lock = OutputLock.create(directory);
  const around = (): { before: string; after: string } => ({ before: "<", after: ">" });
  const output = new TextOutput({ stdout, stderr, endsByPipe: true });
  const put = (batch: Batch): void => output.writeBatch(batch);
  const settle = (): void => output.settle();
  const sync = new OutputSync({ mode, stdout, stderr, temporaryDirectory: directory, lock, put, settle, around });
  const seen: string[] = [];
  const job = fakeJob("a", { directory, lines });
  await run({ kind: "sync", sync }, job, (event) => {
    if (event.type === "line") sync.of(job.id)?.write("stdout", `echo${event.index}\n`);
    seen.push(readFileSync(`${directory}/stdout`, "latin1"));
  });
  sync.of(job.id)?.write("stderr", "message\n");
  sync.of(job.id)?.close();
  lock.close();
  for (const fd of [stdout, stderr]) closeSync(fd);
  const left = readdirSync(directory).filter((name) => name.startsWith("GM"));
  const [out, err] = ["stdout", "stderr"].map((name) => readFileSync(`${directory}/${name}`, "latin1"));
  return { out: out ?? "", err: err ?? "", seen, left };
}

test("-Otarget: all of a job in one piece, with what make says of it", async () => {
  expect(await runInSync("target", [line("echo a; echo e >&2"), line("echo b")])).toEqual({
    out: "<echo0\na\necho1\nb\n>",
    err: "e\nmessage\n",
    seen: ["", "", ""],
    left: [],
  });
});

test("-Oline: each line in a piece of its own", async () => {
  const { out, err } = await runInSync("line", [line("echo a; echo e >&2"), line("echo b")]);
  expect([out, err]).toEqual(["<echo0\na\n><echo1\nb\n><>", "e\nmessage\n"]);
});

test("a line that runs a make writes for itself, but for -Orecurse", async () => {
  const lines = [line("echo a"), line("echo sub", { recursive: true }), line("echo b")];
  expect((await runInSync("target", lines)).out).toBe("<echo0\na\necho1\n>sub\n<echo2\nb\n>");
  expect((await runInSync("recurse", lines)).out).toBe("<echo0\na\necho1\nsub\necho2\nb\n>");
});

test("the lock is the one that other makes take", () => {
  const directory = temporaryDirectory();
  const ours = OutputLock.create(directory);
  expect(ours.argument).toMatch(/^fnm:\/.*GMsync/);
  const joined = OutputLock.join(ours.argument);
  expect(joined?.argument).toBe(ours.argument);
  const settle = (): void => undefined;
  const held = joined?.take(false, settle);
  joined?.release(settle);
  joined?.close();
  expect(readdirSync(directory)).toHaveLength(1);
  ours.close();
  expect([held, readdirSync(directory), OutputLock.join(ours.argument), OutputLock.join("sem:x")]).toEqual([
    true,
    [],
    undefined,
    undefined,
  ]);
});
