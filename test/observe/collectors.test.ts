import { expect, onTestFinished, test, vi } from "vitest";
import { type JobId, jobId, nodeId } from "../../src/base/ids.js";
import { invocationId } from "../../src/base/ids.js";
import type { MakeEvent } from "../../src/events/event.js";
import { Progress, ProgressModel } from "../../src/observe/progress.js";
import { ReportCollector } from "../../src/observe/report.js";
import { TimelineCollector } from "../../src/observe/timeline.js";

const [n1, n2] = [nodeId("n1"), nodeId("n2")];

function ended(job: JobId, node: typeof n1, startedMs: number, endedMs: number, code = 0): MakeEvent {
  return {
    type: "job-ended",
    job,
    target: `t${String(job)}`,
    node,
    startedMs,
    endedMs,
    status: { kind: "exited", code },
  };
}

test("a report counts recipes by node, also where none ran", () => {
  const report = new ReportCollector();
  const events: readonly MakeEvent[] = [
    { type: "node-joined", node: n1, slots: 2, clockOffsetMs: 0 },
    { type: "node-joined", node: n2, slots: 2, clockOffsetMs: 0 },
    ended(jobId(1), n1, 0, 10),
    ended(jobId(2), n1, 0, 10, 1),
    { type: "node-left-out", node: nodeId("n3"), reason: "no answer" },
  ];
  for (const event of events) report.observe(event);
  expect(report.finish({ wallMs: 12.4, status: 2, jobs: 4 })).toEqual({
    wallMs: 12,
    jobs: 4,
    recipes: { n1: 2, n2: 0 },
    busyMs: { n1: 20 },
    failed: 1,
    leftOut: { n3: "no answer" },
    status: 2,
    slowest: [
      { target: "t1", node: "n1", tookMs: 10 },
      { target: "t2", node: "n1", tookMs: 10 },
    ],
    failures: [],
  });
});

/** A job of the first make runs a make in lib, which runs another one in lib/deep. */
const LEVELS: readonly MakeEvent[] = [
  { type: "make-began", invocation: invocationId(0), above: undefined, directory: "/top" },
  { type: "job-planned", job: jobId(1), invocation: invocationId(0), target: "lib", recursive: true },
  { type: "job-placed", job: jobId(1), node: n1 },
  { type: "make-began", invocation: invocationId(1), above: jobId(1), directory: "/top/lib" },
  { type: "job-planned", job: jobId(2), invocation: invocationId(1), target: "x.o", recursive: false },
  { type: "job-placed", job: jobId(2), node: n2 },
  { type: "job-planned", job: jobId(3), invocation: invocationId(1), target: "deep", recursive: true },
];

test("a timeline names jobs of sub-makes with their directories, and what ran their makes", () => {
  const timeline = new TimelineCollector();
  for (const event of [...LEVELS, ended(jobId(2), n2, 0, 10), ended(jobId(1), n1, 0, 20)]) timeline.observe(event);
  const { traceEvents } = JSON.parse(timeline.render()) as {
    traceEvents: readonly { name: string; ph: string; args: Record<string, unknown> }[];
  };
  const status = { kind: "exited", code: 0 };
  expect(traceEvents.filter(({ ph }) => ph === "X").map(({ name, args }) => [name, args])).toEqual([
    ["lib/x.o", { status, directory: "lib", above: "lib" }],
    ["lib", { status }],
  ]);
});

test("progress counts the jobs of all makes, and leaves out what only waits for a make", () => {
  const model = new ProgressModel();
  for (const event of LEVELS) model.apply(event, 0);
  expect(model.statusLine(1000, 80)).toBe("[0/3] n2: lib/x.o 1.0s");
  model.apply(ended(jobId(2), n2, 0, 10), 0);
  model.apply({ type: "make-ended", invocation: invocationId(1) }, 0);
  expect(model.statusLine(1000, 80)).toBe("[1/3] n1: lib 1.0s");
});

test("a timeline lays jobs of one node that overlap on lanes below each other", () => {
  const timeline = new TimelineCollector();
  for (const event of [ended(jobId(1), n1, 100, 200), ended(jobId(2), n1, 150, 250), ended(jobId(3), n1, 200, 300)]) {
    timeline.observe(event);
  }
  const { traceEvents } = JSON.parse(timeline.render()) as { traceEvents: readonly Record<string, unknown>[] };
  expect(traceEvents.map(({ name, ts, dur, tid }) => [name, ts, dur, tid])).toEqual([
    ["process_name", undefined, undefined, 0],
    ["t1", 0, 100_000, 0],
    ["t2", 50_000, 100_000, 1],
    ["t3", 100_000, 100_000, 0],
  ]);
});

test("the status line shows what is done and what runs where, the oldest first, in one line", () => {
  const model = new ProgressModel();
  for (const id of [1, 2, 3]) {
    model.apply(
      { type: "job-planned", job: jobId(id), invocation: invocationId(0), target: `t${String(id)}`, recursive: false },
      0,
    );
  }
  model.apply({ type: "job-placed", job: jobId(1), node: n1 }, 0);
  model.apply({ type: "job-placed", job: jobId(2), node: n2 }, 500);
  model.apply(ended(jobId(1), n1, 0, 600), 600);
  model.apply({ type: "job-placed", job: jobId(3), node: n1 }, 600);
  expect(model.statusLine(2000, 80)).toBe("[1/3] n2: t2 1.5s · n1: t3 1.4s");
  expect(model.statusLine(2000, 20)).toBe("[1/3] n2: t2 1.5s ·…");
});

test("where there is no terminal, each recipe's end is one plain line", () => {
  let text = "";
  const progress = new Progress({
    sink: { write: (_, more) => (text += String(more)) },
    nowMs: () => 0,
    columns: undefined,
  });
  progress.observe({ type: "job-planned", job: jobId(1), invocation: invocationId(0), target: "t1", recursive: false });
  progress.observe(ended(jobId(1), n1, 0, 1500, 1));
  progress.close();
  expect(text).toBe("[1/1] n1: t1 1.5s failed\n");
});

test("who has heard of no make shows no status line", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let text = "";
  const sink = { write: (_: unknown, more: unknown) => (text += String(more)) };
  const [silent, busy] = [1, 2].map(() => new Progress({ sink, nowMs: () => 0, columns: () => 80 }));
  busy?.observe({ type: "make-began", invocation: invocationId(0), above: undefined, directory: "/top" });
  vi.advanceTimersByTime(250);
  for (const progress of [silent, busy]) progress?.close();
  expect(text).toBe("\r\x1b[K[0/0] \r\x1b[K");
});
