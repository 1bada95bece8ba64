import { expect, test } from "vitest";
import type { ExitStatus } from "../../src/base/exit-status.js";
import { invocationId, jobId, LOCAL_NODE, nodeId, type NodeId } from "../../src/base/ids.js";
import { fail, ok, type Result } from "../../src/base/result.js";
import { UserError } from "../../src/base/user-error.js";
import type { MakeEvent } from "../../src/events/event.js";
import type { NodeAddress } from "../../src/placement/node-directory.js";
import type { ReportedLoad } from "../../src/placement/node-ledger.js";
import type { FurtherSlots, Job, JobResult, Runner, Slot } from "../../src/sched/job.js";
import type {
  Candidate,
  LeftOut,
  NodeLink,
  Refusal,
  Roll,
  RollListener,
  Search,
} from "../../src/session/cluster-link.js";
import { ClusterPlacement } from "../../src/session/cluster-placement.js";
import type { PlacementOptions } from "../../src/session/placement-options.js";

const job: Job = {
  id: jobId(1),
  invocation: invocationId(1),
  target: "x",
  writes: [],
  needs: [],
  lines: [],
  oneShell: false,
  shell: "/bin/sh",
  shellFlags: "-c",
  environment: [],
  directory: "/",
  local: false,
  noRetry: false,
};

const never = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };

/** A runner whose jobs end when the test says how. */
class HeldRunner implements Runner {
  readonly node: NodeId;
  /** Of the job that runs. */
  slots: FurtherSlots | undefined;
  #end: ((status: ExitStatus) => void) | undefined;

  constructor(node: NodeId) {
    this.node = node;
  }

  run(...[, , , slots]: Parameters<Runner["run"]>): Promise<JobResult> {
    this.slots = slots;
    return new Promise((resolve) => {
      this.#end = (status) => {
        resolve({ status, node: this.node, receipts: [], startedMs: 0, endedMs: 1 });
      };
    });
  }

  end(status: ExitStatus): void {
    this.#end?.(status);
  }
}

/** Nodes that answer when the test says so. */
class Rig {
  readonly events: MakeEvent[] = [];
  readonly runners = new Map<string, HeldRunner>();
  readonly lose = new Map<string, (reason: string) => void>();
  readonly refuse = new Map<string, (refusal: Refusal) => void>();
  readonly closed: string[] = [];
  readonly sent: string[] = [];
  readonly ended: string[] = [];
  readonly down = new Set<string>();
  readonly local = new HeldRunner(LOCAL_NODE);
  readonly #timers = new Set<{ readonly delayMs: number; readonly act: () => void }>();
  readonly #answers = new Map<string, (answer: Result<NodeLink, LeftOut>) => void>();
  readonly placement: ClusterPlacement;

  constructor(names: readonly string[], more: Partial<PlacementOptions> = {}, down: readonly string[] = []) {
    for (const place of down) this.down.add(place);
    this.placement = new ClusterPlacement({
      nodes: names.map(addressOf),
      strict: false,
      minFreeMemoryBytes: undefined,
      local: { runner: this.local, slots: 2, name: "local:here", load: () => ({ loadAverage: 0 }) },
      certificates: undefined,
      dial: ({ node }) => new Promise((resolve) => this.#answers.set(node, resolve)),
      sent: {
        sent: (place) => this.sent.push(place),
        ended: (place) => this.ended.push(place),
        byOthers: () => 0,
      },
      down: {
        has: (place) => this.down.has(place),
        add: (place) => this.down.add(place),
        takeBack: (place) => this.down.delete(place),
      },
      later: (delayMs, act) => {
        const timer = { delayMs, act };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
      warned: { has: () => false, add: () => undefined },
      observe: (event) => this.events.push(event),
      nowMs: () => 0,
      ...more,
    });
  }

  async join(name: string, more: Partial<NodeLink> = {}): Promise<void> {
    const runner = new HeldRunner(nodeId(name));
    this.runners.set(name, runner);
    const link: NodeLink = {
      name: `says ${name}`,
      slots: 2,
      clockOffsetMs: 0,
      runner,
      load: { loadAverage: 0 },
      onLoad: () => undefined,
      onRefused: (listener) => this.refuse.set(name, listener),
      onLost: (listener) => this.lose.set(name, listener),
      close: () => {
        this.closed.push(name);
        return Promise.resolve();
      },
      ...more,
    };
    await this.#answer(name, ok(link));
  }

  leaveOut(name: string, kind: LeftOut["kind"], reason: string): Promise<void> {
    return this.#answer(name, fail({ kind, reason }));
  }

  /** Delays that are waited for. */
  get waits(): readonly number[] {
    return [...this.#timers].map(({ delayMs }) => delayMs);
  }

  /** Lets what is waited for come. */
  pass(): void {
    for (const timer of [...this.#timers]) {
      this.#timers.delete(timer);
      timer.act();
    }
  }

  /** What the user reads of nodes. */
  get said(): readonly string[] {
    return this.events.map((event) => {
      if (event.type === "message") return event.text;
      if (event.type === "node-left-out") return `${event.node} left out: ${event.reason}`;
      if (event.type === "node-back") return `${event.node} is back`;
      return event.type === "node-joined" ? `${event.node} joined with ${String(event.slots)}` : event.type;
    });
  }

  /** Where the next job goes; it keeps running. */
  chosen(): NodeId | undefined {
    return this.placement.choose(job)?.node;
  }

  async #answer(name: string, answer: Result<NodeLink, LeftOut>): Promise<void> {
    this.#answers.get(name)?.(answer);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

/** Nodes that nobody has listed, which answer when the test says so. */
class FakeSearch implements Search {
  readonly dismissed: string[] = [];
  readonly closed: string[] = [];
  readonly lose = new Map<string, (reason: string) => void>();
  announcements = 0;
  #onCandidate: (candidate: Candidate) => void = () => undefined;

  begin(onCandidate: (candidate: Candidate) => void): void {
    this.announcements++;
    this.#onCandidate = onCandidate;
  }

  again(): void {
    this.announcements++;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async answer(name: string, fault?: LeftOut): Promise<void> {
    const linkAs = (node: NodeId): NodeLink => ({
      name,
      slots: 1,
      clockOffsetMs: 0,
      runner: new HeldRunner(node),
      load: { loadAverage: 0 },
      onLoad: () => undefined,
      onRefused: () => undefined,
      onLost: (listener) => this.lose.set(name, listener),
      close: () => {
        this.closed.push(name);
        return Promise.resolve();
      },
    });
    this.#onCandidate({
      name,
      host: "10.0.0.9",
      admit: (node) => Promise.resolve(fault === undefined ? ok(linkAs(node)) : fail(fault)),
      dismiss: () => void this.dismissed.push(name),
    });
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

function addressOf(name: string): NodeAddress {
  if (name === "local") return { kind: "local", node: LOCAL_NODE, slots: undefined, speed: 1 };
  return { kind: "remote", node: nodeId(name), host: name, port: 1, slots: undefined, speed: 1 };
}

async function failureOf(rig: Rig): Promise<string> {
  const outcome = await rig.placement.ready().then(
    () => "ready",
    (error: unknown) => (error instanceof UserError ? error.message : String(error)),
  );
  return outcome;
}

/** A standing cluster's folder, which tells what the test says. */
class FakeRoll implements Roll {
  readonly folder = "/c";
  isClosed = false;
  tell: RollListener | undefined;

  begin(listener: RollListener): void {
    this.tell = listener;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  joined(name: string, port = 1): void {
    this.tell?.joined({ kind: "standing", node: nodeId(name), hosts: [name], port, slots: 2, speed: 1 });
  }
}

test("nodes of a standing cluster join and leave; those that have left get no more, and are told of", async () => {
  const roll = new FakeRoll();
  const rig = new Rig([], { roll });
  expect(rig.chosen()).toBeUndefined();
  roll.joined("a");
  roll.tell?.looked();
  expect(rig.chosen()).toBeUndefined();
  await rig.join("a");
  expect([rig.chosen(), rig.sent]).toEqual(["a", ["a@a:1"]]);
  roll.joined("b");
  await rig.join("b");
  expect([rig.chosen(), rig.chosen()]).toEqual(["b", "a"]);
  roll.tell?.left(nodeId("a"), "it is being drained");
  expect([rig.chosen(), rig.chosen()]).toEqual(["b", undefined]);
  rig.lose.get("a")?.("it has ended"); // nobody wants to know
  roll.tell?.left(nodeId("b"), "it has left");
  expect(rig.chosen()).toBe("local");
  roll.joined("a", 2);
  await rig.join("a");
  expect([rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["a", "a", undefined]);
  expect(rig.said).toEqual([
    "a joined with 2",
    "b joined with 2",
    "a left out: it is being drained",
    "b left out: it has left",
    "no node of the cluster /c takes jobs: everything runs here",
    "a joined with 2",
    "a is back",
  ]);
  await rig.placement.close();
  expect(roll.isClosed).toBe(true);
});

test("a standing cluster without nodes is told of once, and is an error under --strict", async () => {
  const roll = new FakeRoll();
  const rig = new Rig([], { roll });
  roll.tell?.looked();
  await rig.placement.ready();
  expect([rig.chosen(), rig.said]).toEqual(["local", ["no node of the cluster /c takes jobs: everything runs here"]]);
  const below = new FakeRoll();
  const sub = new Rig([], { roll: below }, [...rig.down]);
  below.tell?.looked();
  expect([sub.chosen(), sub.said]).toEqual(["local", []]);
  const strict = new FakeRoll();
  const failing = new Rig([], { roll: strict, strict: true });
  strict.tell?.looked();
  expect(await failureOf(failing)).toBe("no node can be reached (--strict): no node of the cluster /c takes jobs");
});

test("a node that leaves while it is called, or has not answered, is not waited for, called again or complained of", async () => {
  const roll = new FakeRoll();
  const rig = new Rig([], { roll });
  for (const name of ["a", "b", "c"]) roll.joined(name);
  roll.tell?.looked();
  await rig.leaveOut("b", "unreachable", "nothing listens there");
  roll.tell?.left(nodeId("a"), "it has left");
  await rig.join("a");
  expect([rig.chosen(), rig.waits]).toEqual([undefined, [5000]]);
  roll.tell?.left(nodeId("b"), "it has left");
  expect(rig.waits).toEqual([]);
  await rig.join("c");
  expect([rig.chosen(), rig.said]).toEqual(["c", ["c joined with 2"]]);
  await rig.placement.close();
  expect(rig.closed.sort()).toEqual(["a", "c"]);
});

test("jobs wait until a node joins, and go to the least loaded", async () => {
  const rig = new Rig(["a", "b"]);
  let changes = 0;
  rig.placement.onChange(() => changes++);
  expect(rig.chosen()).toBeUndefined();
  await rig.join("b");
  expect([rig.chosen(), changes]).toEqual(["b", 1]);
  await rig.join("a");
  expect([rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["a", "a", "b"]);
  expect([rig.chosen(), rig.sent]).toEqual([undefined, ["b:1", "a:1", "a:1", "b:1"]]);
  await rig.placement.ready();
});

test("when all nodes are full a job waits for an end", async () => {
  const rig = new Rig(["a"]);
  await rig.join("a", { slots: 1 });
  const running = rig.placement.choose(job)?.run(job, () => undefined, never);
  expect(rig.chosen()).toBeUndefined();
  rig.runners.get("a")?.end({ kind: "exited", code: 0 });
  await running;
  expect(rig.ended).toEqual(["a:1"]);
  expect(rig.chosen()).toBe("a");
});

test("a node short of memory takes one job at a time, and more as soon as it says that it has enough", async () => {
  const rig = new Rig(["a"], { minFreeMemoryBytes: 1000 });
  let tell: (load: ReportedLoad) => void = () => undefined;
  await rig.join("a", {
    slots: 4,
    load: { loadAverage: 0, freeMemoryBytes: 999 },
    onLoad: (listener) => (tell = listener),
  });
  expect([rig.chosen(), rig.chosen()]).toEqual(["a", undefined]);
  let asked: NodeId | undefined;
  const stop = rig.placement.onChange(() => (asked ??= rig.chosen()));
  tell({ loadAverage: 0, running: 1, freeMemoryBytes: 1000 });
  stop();
  expect([asked, rig.chosen()]).toEqual(["a", "a"]);
});

test("a node that is said to be faster gets the first job, and goes on getting them until it is much fuller", async () => {
  const fast: NodeAddress = { ...addressOf("b"), speed: 1.5 };
  const rig = new Rig(["a", "b"], { nodes: [addressOf("a"), fast] });
  await rig.join("a", { slots: 4 });
  await rig.join("b", { slots: 4 });
  expect([1, 2, 3, 4, 5, 6].map(() => rig.chosen())).toEqual(["b", "b", "b", "b", "a", "a"]);
});

test("what must be local runs here, even before any node answers", () => {
  const rig = new Rig(["a"]);
  expect(rig.placement.choose({ ...job, local: true })).toBe(rig.local);
});

test("this machine takes other jobs when it is listed", async () => {
  const rig = new Rig(["a", "local"]);
  await rig.join("a");
  expect([rig.chosen(), rig.chosen()]).toEqual(["a", "local"]);
});

test("unreachable nodes are named once, when another has joined", async () => {
  const rig = new Rig(["a", "b", "c"]);
  await rig.leaveOut("a", "unreachable", "connection refused");
  expect(rig.said).toEqual([]);
  await rig.join("b");
  await rig.leaveOut("c", "unfit", "its clock is 60.0 s ahead");
  expect(rig.said).toEqual([
    "b joined with 2",
    "a left out: connection refused",
    "c left out: its clock is 60.0 s ahead",
  ]);
});

test("with no node reachable everything runs here, said once", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.leaveOut("b", "unreachable", "no answer");
  expect(rig.chosen()).toBeUndefined();
  await rig.leaveOut("a", "unreachable", "connection refused");
  expect([await failureOf(rig), rig.chosen()]).toEqual(["ready", "local"]);
  expect(rig.said).toEqual(["no node can be reached (b: no answer; a: connection refused): everything runs here"]);
});

test("what is unreachable is passed on to sub-makes; what is unfit may be put right", async () => {
  const rig = new Rig(["a", "b", "c"]);
  await rig.join("a");
  await rig.leaveOut("b", "unreachable", "x");
  await rig.leaveOut("c", "unfit", "x");
  expect([...rig.down]).toEqual(["b:1"]);
});

test("a node that is known to be down is neither tried nor spoken of again", async () => {
  const rig = new Rig(["a", "b"], {}, ["a:1"]);
  await rig.join("b");
  expect([rig.chosen(), rig.said]).toEqual(["b", ["b joined with 2"]]);
  const none = new Rig(["a"], {}, ["a:1"]);
  await none.placement.ready();
  expect([none.chosen(), none.said]).toEqual(["local", []]);
});

test("--strict makes that an error", async () => {
  const rig = new Rig(["a"], { strict: true });
  await rig.leaveOut("a", "unreachable", "connection refused");
  expect(await failureOf(rig)).toBe("no node can be reached (--strict): a: connection refused");
  expect([rig.chosen(), rig.said]).toEqual([undefined, []]);
});

test("when nodes answer but none fits, that is an error", async () => {
  const rig = new Rig(["a", "b", "c", "d", "e"]);
  for (const name of ["a", "b", "c", "d"]) await rig.leaveOut(name, "unreachable", "x");
  await rig.leaveOut("e", "unfit", "wrong key");
  expect(await failureOf(rig)).toBe("no node can be used: a: x; b: x; c: x; and 2 more");
});

test("a node that is lost gets no more jobs; with the last one gone everything runs here", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.join("a");
  await rig.join("b");
  rig.lose.get("a")?.("connection closed");
  expect(rig.chosen()).toBe("b");
  rig.lose.get("b")?.("silent for 3.5 s");
  expect(rig.chosen()).toBe("local");
  expect(rig.said.slice(2)).toEqual([
    "a left out: connection closed",
    "b left out: silent for 3.5 s",
    "no node can be reached (a: connection closed; b: silent for 3.5 s): everything runs here",
  ]);
});

test("a node that cannot start a shell that is here is set aside, and its job given back", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.join("a");
  await rig.join("b");
  const running = rig.placement.choose(job)?.run(job, () => undefined, never);
  rig.runners.get("a")?.end({ kind: "unstarted", errno: "ENOENT", program: "/bin/sh", code: 127 });
  expect((await running)?.status).toEqual({
    kind: "lost",
    node: "a",
    started: false,
    reason: "/bin/sh cannot be started there (ENOENT)",
  });
  expect(rig.said.at(-1)).toBe("a left out: /bin/sh cannot be started there (ENOENT)");
  expect(rig.chosen()).toBe("b");
});

test("a node that refuses a job is set aside; with the last one that is an error", async () => {
  const rig = new Rig(["a"]);
  await rig.join("a");
  rig.refuse.get("a")?.({ kind: "unfit", reason: "cannot enter /x (No such file or directory)" });
  expect(rig.chosen()).toBeUndefined();
  expect(rig.said.at(-1)).toBe("a left out: cannot enter /x (No such file or directory)");
  expect(rig.placement.failure?.message).toBe("no node can be used: a: cannot enter /x (No such file or directory)");
});

test("a node that was not there at first takes jobs when it answers; that is said once each way", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.leaveOut("a", "unreachable", "nothing listens there");
  await rig.join("b");
  expect(rig.waits).toEqual([5000]);
  rig.pass();
  await rig.leaveOut("a", "unreachable", "nothing listens there");
  expect(rig.waits).toEqual([10_000]);
  rig.pass();
  await rig.join("a");
  expect([rig.chosen(), rig.waits, [...rig.down]]).toEqual(["a", [], []]);
  expect(rig.said).toEqual(["b joined with 2", "a left out: nothing listens there", "a joined with 2", "a is back"]);
});

test("when everything has run here for want of nodes, the first that answers gets the jobs again", async () => {
  const rig = new Rig(["a"]);
  await rig.join("a");
  rig.lose.get("a")?.("the worker was stopped");
  expect(rig.chosen()).toBe("local");
  rig.pass();
  await rig.join("a");
  expect(rig.chosen()).toBe("a");
  expect(rig.said.slice(1)).toEqual([
    "a left out: the worker was stopped",
    "no node can be reached (a: the worker was stopped): everything runs here",
    "a joined with 2",
    "a is back",
  ]);
});

test("a node that is about to stop gets no more jobs, and what its jobs tell is not of the one that comes after it", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.join("a", { slots: 1 });
  await rig.join("b");
  const old = rig.placement.choose(job)?.run(job, () => undefined, never);
  const oldRunner = rig.runners.get("a");
  rig.refuse.get("a")?.({ kind: "unreachable", reason: "the worker was stopped" });
  const loseOld = rig.lose.get("a");
  expect([rig.chosen(), rig.said.at(-1)]).toEqual(["b", "a left out: the worker was stopped"]);
  rig.pass();
  await rig.join("a", { slots: 1 });
  expect(rig.chosen()).toBe("a");
  oldRunner?.end({ kind: "exited", code: 0 });
  expect((await old)?.status).toEqual({ kind: "exited", code: 0 });
  loseOld?.("the worker was stopped");
  expect([rig.chosen(), rig.chosen(), rig.said.at(-1)]).toEqual(["b", undefined, "a is back"]);
});

test("a node that is only busy is left in peace for a second, and nothing is said", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.join("a");
  await rig.join("b");
  rig.refuse.get("a")?.({ kind: "busy", reason: "runs as many jobs as it may" });
  expect([rig.chosen(), rig.chosen(), rig.chosen(), rig.waits]).toEqual(["b", "b", undefined, [1000]]);
  let changes = 0;
  rig.placement.onChange(() => changes++);
  rig.pass();
  expect([changes, rig.chosen(), rig.said]).toEqual([1, "a", ["a joined with 2", "b joined with 2"]]);
});

test("a node that stays busy is asked each second, which is said once", async () => {
  const rig = new Rig(["a"]);
  await rig.join("a");
  const refuse = (): void =>
    rig.refuse.get("a")?.({ kind: "busy", reason: "cannot start a job (Too many open files)" });
  const said = (): readonly string[] => rig.events.flatMap((event) => (event.type === "message" ? [event.text] : []));
  for (let second = 1; second < 10; second++) {
    refuse();
    refuse(); // another job that was refused with it
    rig.pass();
  }
  expect(said()).toEqual([]);
  for (let second = 10; second < 30; second++) {
    refuse();
    rig.pass();
  }
  expect(said()).toEqual(["node a cannot start a job (Too many open files): it is asked again each second"]);
  expect(rig.chosen()).toBe("a");
});

test("a node that is unfit is not called again, neither at first nor when it answers late", async () => {
  const rig = new Rig(["a", "b", "c"]);
  await rig.join("a");
  await rig.leaveOut("b", "unfit", "wrong key");
  await rig.leaveOut("c", "unreachable", "no answer");
  rig.pass();
  await rig.leaveOut("c", "unfit", "its clock is 60.0 s ahead");
  expect([rig.waits, rig.said.slice(1)]).toEqual([
    [],
    ["b left out: wrong key", "c left out: no answer", "c left out: its clock is 60.0 s ahead"],
  ]);
});

test("closing ends the calls that were to come", async () => {
  const rig = new Rig(["a"]);
  await rig.leaveOut("a", "unreachable", "no answer");
  await rig.placement.close();
  expect(rig.waits).toEqual([]);
});

test("a recipe that fails penalises nobody", async () => {
  const rig = new Rig(["a"]);
  await rig.join("a");
  const running = rig.placement.choose(job)?.run(job, () => undefined, never);
  rig.runners.get("a")?.end({ kind: "exited", code: 1 });
  expect((await running)?.status).toEqual({ kind: "exited", code: 1 });
  expect([rig.chosen(), rig.said]).toEqual(["a", ["a joined with 2"]]);
});

test("a clock that is off by more than half a second is named", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.join("a", { clockOffsetMs: -700 });
  await rig.join("b", { clockOffsetMs: 499 });
  expect(rig.said).toEqual(["a joined with 2", "warning: the clock of node a is 0.7 s behind", "b joined with 2"]);
});

test("closing ends every connection, also those still being made", async () => {
  const rig = new Rig(["a", "b"]);
  await rig.join("a");
  const closing = rig.placement.close();
  await rig.join("b");
  await closing;
  expect(rig.closed.sort()).toEqual(["a", "b"]);
  expect(rig.chosen()).toBeUndefined();
});

test("nodes that are found take jobs beside this machine; those that are lost may come back", async () => {
  const search = new FakeSearch();
  const rig = new Rig(["local"], { search, isUnlisted: true });
  expect([rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["local", "local", undefined]);
  await search.answer("w");
  expect([rig.chosen(), rig.chosen()]).toEqual(["w", undefined]);
  search.lose.get("w")?.("it went away");
  await search.answer("unfit", { kind: "unfit", reason: "it sees another directory" });
  expect(rig.chosen()).toBe("local");
  await search.answer("w");
  expect([rig.chosen(), rig.chosen()]).toEqual(["w", undefined]);
  expect(rig.said.filter((text) => text !== "debug")).toEqual([
    "w joined with 1",
    "w left out: it went away",
    "w joined with 1",
    "w is back",
  ]);
});

test("while nobody answers everything runs here, as it does when all that were found are lost", async () => {
  const search = new FakeSearch();
  const rig = new Rig(["local"], { search, isUnlisted: true });
  expect([rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["local", "local", undefined]);
  rig.pass();
  expect([rig.chosen(), rig.chosen()]).toEqual(["local", "local"]);
  await search.answer("w");
  expect([rig.chosen(), rig.chosen()]).toEqual(["w", undefined]);
  search.lose.get("w")?.("it went away");
  expect([rig.chosen(), rig.chosen()]).toEqual(["local", "local"]);
});

test("further announcements follow while there is more work than slots, and ever less often", async () => {
  const search = new FakeSearch();
  const rig = new Rig(["local"], { search, isUnlisted: true });
  expect([rig.waits, search.announcements]).toEqual([[12_000, 3000], 1]);
  await search.answer("w");
  expect([rig.chosen(), rig.chosen(), rig.chosen()].sort()).toEqual(["local", "local", "w"]);
  rig.pass();
  expect([rig.waits, search.announcements]).toEqual([[24_000], 1]);
  expect(rig.chosen()).toBeUndefined();
  const waits = [24_000, 48_000, 60_000, 60_000].map((expected) => {
    expect(rig.waits).toEqual([expected]);
    rig.pass();
    return search.announcements;
  });
  expect(waits).toEqual([2, 3, 4, 5]);
});

test("a node that is listed and found is one: it is used as it is listed", async () => {
  const search = new FakeSearch();
  const rig = new Rig(["a", "b"], { search });
  await rig.join("a", { name: "one" });
  await search.answer("one");
  expect(search.dismissed).toEqual(["one"]);
  await search.answer("two");
  expect([rig.chosen(), rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["a", "two", "a", undefined]);
  await rig.join("b", { name: "two" });
  expect([rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["b", "b", undefined]);
  await search.answer("two");
  expect(search.dismissed).toEqual(["one", "two"]);
  await rig.placement.close();
  expect([...rig.closed, ...search.closed].sort()).toEqual(["a", "b", "two"]);
});

test("a found node whose name is another's in the list, or no name to be shown, is called otherwise", async () => {
  const search = new FakeSearch();
  const rig = new Rig(["a"], { search });
  for (const name of ["a", "local", "x\x1b[2J y"]) await search.answer(name);
  expect([rig.chosen(), rig.chosen(), rig.chosen()]).toEqual(["a@10.0.0.9", "local@10.0.0.9", "x?[2J?y"]);
});

test("with strict, jobs wait for the first answers and fail without any", async () => {
  const search = new FakeSearch();
  const rig = new Rig([], { search, isUnlisted: true, strict: true });
  expect(rig.chosen()).toBeUndefined();
  rig.pass();
  expect(await failureOf(rig)).toBe("no node can be reached (--strict): no worker answers our announcement");
});

test("near the end of an allocation only jobs are begun there that are known to be short", async () => {
  const nowhere = { user: undefined, port: undefined, slots: undefined };
  const launched: NodeAddress = { kind: "launched", node: nodeId("a"), way: "srun", host: "a", speed: 1, ...nowhere };
  const took = new Map([
    ["short", 2_000],
    ["long", 50_000],
  ]);
  const rig = new Rig([], { nodes: [launched], endsAtMs: () => 60_000, tookMs: ({ target }) => took.get(target) });
  await rig.join("a");
  const chosen = ["long", "short", "unknown"].map((target) => rig.placement.choose({ ...job, target })?.node);
  expect(chosen).toEqual([undefined, nodeId("a"), nodeId("a")]);
  expect(rig.said).toContain("the allocation ends in 60 s: nothing that may take longer is begun there");
});

test("what programs of a job run besides takes slots of its node, until it is given back or the node is another", async () => {
  const rig = new Rig(["a"]);
  await rig.join("a");
  let free = 2;
  const session: FurtherSlots = {
    take: (taken) => {
      free--;
      taken({ give: () => free++ });
      return () => undefined;
    },
  };
  void rig.placement.choose(job)?.run(job, () => undefined, never, session);
  const slots = rig.runners.get("a")?.slots;
  const taken: Slot[] = [];
  slots?.take((slot) => taken.push(slot));
  expect([taken.length, free, rig.placement.choose(job)]).toEqual([1, 1, undefined]);
  slots?.take((slot) => taken.push(slot)); // both of the node's are taken
  expect([taken.length, free]).toEqual([1, 1]);
  let changes = 0;
  const quiet = rig.placement.onChange(() => changes++);
  taken[0]?.give();
  expect([taken.length, free, changes]).toEqual([2, 1, 1]);
  quiet();
  taken[1]?.give();
  expect([free, rig.placement.choose(job)?.node]).toEqual([2, "a"]);
});
