import { describe, expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import { nodeId } from "../../src/base/ids.js";
import type { ExitStatus } from "../../src/base/exit-status.js";
import type { MakeEvent } from "../../src/events/event.js";
import type { FurtherSlots, Job, JobResult, Runner, Slot } from "../../src/sched/job.js";
import { onlyRunner, type Placement } from "../../src/sched/ports.js";
import { Scheduler, type SchedulerPorts } from "../../src/sched/scheduler.js";
import { TokenPool } from "../../src/sched/token-pool.js";
import { fakeJob, FakeRunner, settled } from "../rig/fake-runner.js";
import { FakeTokens } from "../rig/fake-tokens.js";

/** A scheduler with everything it tells written down. */
class Bench {
  readonly cancel = new Canceller();
  readonly ended: string[] = [];
  readonly discarded: string[] = [];
  readonly said: string[] = [];
  readonly errors: Error[] = [];
  roomChanges = 0;
  readonly scheduler: Scheduler;

  constructor(placement: Placement, slots: number, more: Partial<SchedulerPorts> = {}) {
    this.scheduler = new Scheduler(
      {
        placement,
        observe: (event) => this.#observe(event),
        onJobEvent: () => undefined,
        discard: (job) => void this.discarded.push(job.target),
        ended: (job, result) => this.#ended(job, result),
        failed: (error) => void this.errors.push(error),
        roomChanged: () => this.roomChanges++,
        nowMs: () => 0,
        ...more,
      },
      { slots },
      this.cancel,
    );
  }

  start(...targets: string[]): void {
    for (const target of targets) this.scheduler.start(fakeJob(target));
  }

  #observe(event: MakeEvent): void {
    if (event.type === "message") this.said.push(event.text);
  }

  #ended(job: Job, { status }: JobResult): void {
    this.ended.push(`${job.target} ${status.kind === "exited" ? status.code : status.kind}`);
  }
}

/** A placement that the test directs. */
class FakePlacement implements Placement {
  failure: Error | undefined;
  runner: Runner | undefined;
  readonly #listeners = new Set<() => void>();

  choose(): Runner | undefined {
    return this.runner;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async change(change: { runner?: Runner; failure?: Error }): Promise<void> {
    Object.assign(this, change);
    for (const listener of [...this.#listeners]) listener();
    await settled();
  }
}

/** A runner that keeps the slots which its jobs may have besides. */
class SharingRunner extends FakeRunner {
  slots: FurtherSlots | undefined;

  override run(...[job, on, cancel, slots]: Parameters<Runner["run"]>): Promise<JobResult> {
    this.slots = slots;
    return super.run(job, on, cancel);
  }
}

describe("further slots of a running job", () => {
  test("are permits of the session, one for each, and wait in line with jobs", async () => {
    const runner = new SharingRunner();
    const tokens = new FakeTokens(1);
    const bench = new Bench(onlyRunner(runner), Infinity, { permits: new TokenPool(tokens).seat() });
    bench.start("a");
    const taken: Slot[] = [];
    runner.slots?.take((slot) => taken.push(slot));
    expect([taken.length, tokens.free.length]).toEqual([1, 0]);
    bench.start("b");
    runner.slots?.take((slot) => taken.push(slot));
    await settled();
    expect([runner.running, taken.length]).toEqual([["a"], 1]);
    taken[0]?.give();
    await settled();
    expect([runner.running, taken.length]).toEqual([["a", "b"], 1]);
    await runner.end("b");
    expect(taken.length).toBe(2);
    taken[1]?.give();
    expect(tokens.free.length).toBe(1);
  });

  test("are waited for until it is not wanted any more", async () => {
    const runner = new SharingRunner();
    const tokens = new FakeTokens(0);
    const bench = new Bench(onlyRunner(runner), Infinity, { permits: new TokenPool(tokens).seat() });
    bench.start("a");
    const stop = runner.slots?.take(() => expect.unreachable());
    stop?.();
    await tokens.comeFree({ byte: 43 });
    expect([tokens.listeners, tokens.free.length]).toEqual([0, 1]);
  });

  test("are none without a jobserver", () => {
    const runner = new SharingRunner();
    new Bench(onlyRunner(runner), 3).start("a");
    expect(runner.slots).toBeUndefined();
  });
});

const lost = (started: boolean): ExitStatus => ({ kind: "lost", node: nodeId("n1"), started, reason: "gone" });

test("as many jobs run as there are slots, and the next starts when one ends", async () => {
  const runner = new FakeRunner();
  const bench = new Bench(onlyRunner(runner), 2);
  bench.start("a");
  expect([runner.running, bench.scheduler.hasRoom()]).toEqual([["a"], true]);
  bench.start("b", "c", "d");
  expect([runner.running, bench.scheduler.hasRoom(), bench.scheduler.active]).toEqual([["a", "b"], false, 4]);
  await runner.end("b", { kind: "exited", code: 3 });
  expect([runner.running, bench.ended, bench.scheduler.hasRoom()]).toEqual([["a", "c"], ["b 3"], false]);
  await runner.end("a");
  await runner.end("c");
  expect([runner.running, bench.scheduler.hasRoom()]).toEqual([["d"], true]);
  await runner.end("d");
  expect([bench.ended, bench.scheduler.active]).toEqual([["b 3", "a 0", "c 0", "d 0"], 0]);
});

test("among those that wait the larger priority comes first", async () => {
  const runner = new FakeRunner();
  const { scheduler } = new Bench(onlyRunner(runner), 1);
  for (const [target, priority] of [
    ["a", 0],
    ["b", 1],
    ["c", 2],
    ["d", 1],
  ] as const)
    scheduler.start(fakeJob(target), priority);
  for (const target of ["a", "c", "b", "d"]) await runner.end(target);
  expect(runner.started).toEqual(["a", "c", "b", "d"]);
});

describe("placement", () => {
  test("a job without a place waits, and one that waited says so when it runs", async () => {
    const placement = new FakePlacement();
    const bench = new Bench(placement, 2);
    bench.start("a");
    expect([bench.scheduler.hasRoom(), bench.roomChanges]).toEqual([false, 0]);
    const runner = new FakeRunner();
    await placement.change({ runner });
    expect([runner.running, bench.scheduler.hasRoom(), bench.roomChanges, placement.listeners]).toEqual([
      ["a"],
      true,
      1,
      0,
    ]);
  });

  test("when nothing can be placed any more the waiting jobs end, once", async () => {
    const placement = new FakePlacement();
    const bench = new Bench(placement, 2);
    bench.start("a", "b");
    await placement.change({ failure: new Error("no nodes") });
    expect([bench.ended, bench.errors.map(String)]).toEqual([["a signalled", "b signalled"], ["Error: no nodes"]]);
  });

  test("a job that was lost before it started is placed again", async () => {
    const runner = new FakeRunner();
    const bench = new Bench(onlyRunner(runner), 1);
    bench.start("a");
    for (let i = 0; i < 5; i++) await runner.end("a", lost(false));
    await runner.end("a");
    expect([runner.started.length, bench.ended, bench.discarded]).toEqual([6, ["a 0"], []]);
  });

  test("a job that a busy node did not start is placed again however often, and nothing is said", async () => {
    const runner = new FakeRunner();
    const bench = new Bench(onlyRunner(runner), 1);
    bench.start("a");
    for (let i = 0; i < 50; i++) await runner.end("a", { ...lost(false), isBusy: true } as ExitStatus);
    await runner.end("a");
    expect([runner.started.length, bench.ended, bench.said]).toEqual([51, ["a 0"], []]);
  });

  test("a job that was lost in mid-recipe is undone and run again, three times at most", async () => {
    const runner = new FakeRunner();
    const bench = new Bench(onlyRunner(runner), 1);
    bench.start("a");
    await runner.end("a", lost(true));
    expect([runner.running, bench.discarded, bench.said]).toEqual([
      ["a"],
      ["a"],
      ["a: lost with node n1 (gone), to be made again"],
    ]);
    await runner.end("a", lost(true));
    await runner.end("a", lost(true));
    expect([bench.ended, bench.discarded.length, runner.started.length]).toEqual([["a lost"], 3, 3]);
  });

  test("a job that may not be run twice is undone and given up", async () => {
    const runner = new FakeRunner();
    const bench = new Bench(onlyRunner(runner), 1);
    bench.scheduler.start(fakeJob("a", { noRetry: true }));
    await runner.end("a", lost(true));
    expect([bench.ended, bench.discarded]).toEqual([["a lost"], ["a"]]);
  });
});

describe("tokens", () => {
  test("the first job needs none, each further one takes one and gives it back", async () => {
    const [runner, tokens] = [new FakeRunner(), new FakeTokens(1)];
    const bench = new Bench(onlyRunner(runner), Infinity, { permits: new TokenPool(tokens).seat() });
    bench.start("a", "b", "c");
    expect([runner.running, tokens.free, bench.scheduler.hasRoom()]).toEqual([["a", "b"], [], false]);
    await runner.end("b");
    expect([runner.running, bench.roomChanges, tokens.listeners]).toEqual([["a", "c"], 1, 0]);
    await runner.end("a");
    await runner.end("c");
    expect([bench.ended.length, tokens.free]).toEqual([3, [{ byte: 0 }]]);
  });

  test("one that another make gives back is taken", async () => {
    const [runner, tokens] = [new FakeRunner(), new FakeTokens(0)];
    const bench = new Bench(onlyRunner(runner), Infinity, { permits: new TokenPool(tokens).seat() });
    bench.start("a", "b");
    await tokens.comeFree({ byte: 7 });
    expect([runner.running, tokens.free]).toEqual([["a", "b"], []]);
    await runner.end("b");
    await runner.end("a");
    expect(tokens.free).toEqual([{ byte: 7 }]);
  });

  test("none is lost when everything is cancelled", async () => {
    const [runner, tokens] = [new FakeRunner(), new FakeTokens(1)];
    const bench = new Bench(onlyRunner(runner), Infinity, { permits: new TokenPool(tokens).seat() });
    bench.start("a", "b", "c", "d");
    bench.cancel.abort(15);
    await settled();
    expect([bench.ended.sort(), tokens.free, tokens.listeners]).toEqual([
      ["a signalled", "b signalled", "c signalled", "d signalled"],
      [{ byte: 0 }],
      0,
    ]);
  });
});

test("a loaded machine takes no more jobs until it is less so", async () => {
  const runner = new FakeRunner();
  let [isLight, look] = [false, (): void => undefined];
  const gate = {
    allows: (running: number) => running === 0 || isLight,
    whenChanged: (listener: () => void) => {
      look = listener;
      return () => (look = () => undefined);
    },
  };
  const bench = new Bench(onlyRunner(runner), 4, { gate });
  bench.start("a", "b");
  look();
  await settled();
  expect(runner.running).toEqual(["a"]);
  isLight = true;
  look();
  await settled();
  expect(runner.running).toEqual(["a", "b"]);
});

test("however loaded the machine, one job follows the other at once", async () => {
  const runner = new FakeRunner();
  const gate = { allows: (running: number) => running === 0, whenChanged: () => () => undefined };
  const bench = new Bench(onlyRunner(runner), 4, { gate });
  bench.start("a", "b", "c");
  await settled();
  for (const name of ["a", "b", "c"]) {
    expect(runner.running).toEqual([name]);
    await runner.end(name);
    await settled();
  }
});

test("cancelled, running jobs are told and waiting ones do not start", async () => {
  const runner = new FakeRunner();
  const bench = new Bench(onlyRunner(runner), 1);
  bench.start("a", "b");
  bench.cancel.abort(2);
  await settled();
  expect([runner.started, bench.ended]).toEqual([["a"], ["a signalled", "b signalled"]]);
});
