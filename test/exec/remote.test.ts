import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import { invocationId, jobId, nodeId } from "../../src/base/ids.js";
import { RemoteRunner, type RemoteRunnerOptions } from "../../src/exec/remote.js";
import type { Job, JobEvent, JobResult } from "../../src/sched/job.js";
import { startRig, type WorkerRig } from "../net/worker-rig.js";

const node = nodeId("7");

function jobOf(rig: WorkerRig, lines: readonly string[], more: Partial<Job> = {}): Job {
  return {
    id: jobId(1),
    invocation: invocationId(1),
    target: "out",
    writes: ["out"],
    needs: [],
    lines: lines.map((text, i) => ({
      text,
      silent: false,
      ignoreErrors: false,
      recursive: false,
      location: { file: "Makefile", line: i + 1 },
    })),
    oneShell: false,
    shell: "/bin/sh",
    shellFlags: "-c",
    environment: [`PATH=${process.env["PATH"]!}`],
    directory: rig.directory,
    local: false,
    noRetry: false,
    ...more,
  };
}

interface Ran {
  readonly events: readonly JobEvent[];
  readonly result: JobResult;
}

async function run(
  rig: WorkerRig,
  job: Job,
  { cancel = new Canceller(), ...more }: Partial<RemoteRunnerOptions> & { readonly cancel?: Canceller } = {},
): Promise<Ran> {
  const connection = await rig.connect();
  const runner = new RemoteRunner({ node, connection, umask: 0o027, envsetter: "", nowMs: () => Date.now(), ...more });
  const events: JobEvent[] = [];
  const on = (event: JobEvent): void => {
    // The bytes are ours only until we return.
    events.push(event.type === "data" ? { ...event, bytes: Uint8Array.from(event.bytes) } : event);
    if (event.type === "line" && event.index === 1) cancel.abort(2);
  };
  return { events, result: await runner.run(job, on, cancel) };
}

test("a job's events come in order, and its result has receipts and times", async () => {
  await using rig = await startRig();
  const before = Date.now();
  const { events, result } = await run(rig, jobOf(rig, ["echo hi; touch out"]));
  expect(events).toEqual([
    { type: "started", node },
    { type: "line", index: 0 },
    { type: "data", stream: "stdout", bytes: Uint8Array.from(Buffer.from("hi\n")) },
  ]);
  const { size, mtimeNs, ino, mode } = statSync(join(rig.directory, "out"), { bigint: true });
  expect(result).toMatchObject({
    status: { kind: "exited", code: 0 },
    node,
    receipts: [{ path: "out", stat: { sizeBytes: Number(size), mtimeNs, ino } }],
  });
  expect(mode & 0o777n).toBe(0o640n);
  expect(result.startedMs).toBeGreaterThan(before - 100);
  expect(result.endedMs).toBeLessThan(Date.now() + 100);
});

test("a line that failed is told with its status", async () => {
  await using rig = await startRig();
  const { events, result } = await run(rig, jobOf(rig, ["exit 9"]));
  expect(events.at(-1)).toEqual({ type: "line-failed", index: 0, status: { kind: "exited", code: 9 } });
  expect(result.status).toEqual({ kind: "exited", code: 9 });
});

test("a cancelled job ends by the signal it is cancelled with", async () => {
  await using rig = await startRig();
  const { result } = await run(rig, jobOf(rig, ["true", "sleep 1000"]));
  expect(result.status).toEqual({ kind: "signalled", signal: 2, core: false });
});

test("a job cancelled beforehand runs nothing", async () => {
  await using rig = await startRig();
  const cancel = new Canceller();
  cancel.abort(15);
  const { events, result } = await run(rig, jobOf(rig, ["echo ran"]), { cancel });
  expect(events).toEqual([{ type: "started", node }]);
  expect(result.status).toEqual({ kind: "signalled", signal: 15, core: false });
});

test("standard input is what it is given", async () => {
  await using rig = await startRig();
  const { events } = await run(rig, jobOf(rig, ["cat"]), {
    input: () => ({ kind: { kind: "pipe" }, stream: Readable.from([Buffer.from("given\n")]) }),
  });
  expect(events.at(-1)).toEqual({ type: "data", stream: "stdout", bytes: Uint8Array.from(Buffer.from("given\n")) });
});

describe("a job that the node does not take was not started", () => {
  test("for want of its directory: it is lost, to be run elsewhere", async () => {
    await using rig = await startRig();
    const refused: string[] = [];
    const { result } = await run(rig, jobOf(rig, ["true"], { directory: "/nowhere" }), {
      onRefused: (_, { code, text }) => refused.push(`${code}: ${text}`),
    });
    const reason = "cannot enter /nowhere (No such file or directory)";
    expect(result.status).toEqual({ kind: "lost", node, started: false, reason });
    expect(refused).toEqual([`directory: ${reason}`]);
  });

  test("because it is too large for any node: it fails as it would here", async () => {
    await using rig = await startRig();
    const { result } = await run(rig, jobOf(rig, ["true"], { environment: [`X=${"x".repeat(200_000)}`] }));
    expect(result.status).toEqual({ kind: "unstarted", errno: "E2BIG", program: "/bin/sh", code: 126 });
  });
});

test("what ENVSETTER prints is a note and no output", async () => {
  await using rig = await startRig();
  mkdirSync(join(rig.directory, "sub"));
  const notes: string[] = [];
  const { events } = await run(rig, jobOf(rig, ["true"]), {
    envsetter: "/usr/bin/env",
    onNote: (_, text) => notes.push(text),
  });
  expect(events).toEqual([
    { type: "started", node },
    { type: "line", index: 0 },
  ]);
  expect(notes.join("")).toMatch(/^PATH=.*\nMPMAKE_ENV=.*\n$/s);
});

test("a job on a node that goes away is lost after it had started", async () => {
  const rig = await startRig();
  const connection = await rig.connect();
  const runner = new RemoteRunner({ node, connection, umask: 0o022, envsetter: "", nowMs: () => Date.now() });
  const job = jobOf(rig, ["sleep 1000"]);
  const on = ({ type }: JobEvent): void => {
    if (type === "line") void rig.worker.stop();
  };
  const { status } = await runner.run(job, on, new Canceller());
  expect(status).toEqual({ kind: "lost", node, started: true, reason: "the worker was stopped" });
  const { status: second } = await runner.run(job, on, new Canceller());
  expect(second).toEqual({ kind: "lost", node, started: false, reason: "the worker was stopped" });
  await rig[Symbol.asyncDispose]();
});
