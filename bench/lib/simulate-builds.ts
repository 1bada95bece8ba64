/** Replays builds on a simulated cluster, event by event: when is the last job done under a policy, and when could it be at best. */

import { EventQueue } from "./event-queue.js";
import { type NodeSpec, SimulatedNode } from "./simulated-node.js";

/** A make: its jobs, in the order in which they become ready. */
export interface BuildSpec {
  readonly startMs: number;
  /** Each job's length on a processor of speed 1 that it has for itself. */
  readonly jobsMs: readonly number[];
  /** `-j`. */
  readonly slots: number;
}

export interface ClusterSpec {
  readonly nodes: readonly NodeSpec[];
  readonly builds: readonly BuildSpec[];
  /** A node that runs jobs of a build tells it its load so often. */
  readonly reportEveryMs: number;
  /** How long such a report is on its way. */
  readonly reportDelayMs: number;
  /** Whether it also tells it with every exit, and that is there at once. */
  readonly exitsTell: boolean;
}

/** What a node tells. */
export interface Report {
  readonly loadAverage: number;
  /** Jobs of all builds. */
  readonly running: number;
  /** Everything that wants a processor there. */
  readonly processes: number;
  /** When this was so. */
  readonly takenMs: number;
}

/** One build's way to choose nodes; a node is known by its place in the list. */
export interface Chooser {
  /** undefined: no node has room. It places the job in the same moment. */
  choose(nowMs: number): number | undefined;
  ended(node: number, startedMs: number, nowMs: number): void;
  reported(node: number, report: Report, nowMs: number): void;
}

export type Policy = (nodes: readonly NodeSpec[], build: number) => Chooser;

type Event =
  | { readonly kind: "build"; readonly build: number }
  | { readonly kind: "end"; readonly node: number; readonly version: number }
  | { readonly kind: "foreign"; readonly node: number; readonly processes: number }
  | { readonly kind: "beat" }
  | { readonly kind: "report"; readonly build: number; readonly node: number; readonly report: Report };

interface RunningJob {
  readonly build: number;
  readonly startedMs: number;
}

class Build {
  readonly spec: BuildSpec;
  readonly chooser: Chooser;
  readonly on: number[];
  next = 0;
  running = 0;

  constructor(spec: BuildSpec, chooser: Chooser, nodes: number) {
    this.spec = spec;
    this.chooser = chooser;
    this.on = Array.from({ length: nodes }, () => 0);
  }

  get isDone(): boolean {
    return this.next === this.spec.jobsMs.length && this.running === 0;
  }
}

/** @returns how long each build took, and when all were done, in milliseconds */
export function simulateBuilds(
  cluster: ClusterSpec,
  policy: Policy,
): { readonly tookMs: readonly number[]; readonly doneMs: number } {
  return new Simulation(cluster, policy).run();
}

class Simulation {
  readonly #cluster: ClusterSpec;
  readonly #nodes: readonly SimulatedNode<RunningJob>[];
  readonly #builds: readonly Build[];
  readonly #events = new EventQueue<Event>();
  readonly #tookMs: number[] = [];
  #nowMs = 0;
  #left: number;

  constructor(cluster: ClusterSpec, policy: Policy) {
    this.#cluster = cluster;
    this.#nodes = cluster.nodes.map((spec) => new SimulatedNode(spec));
    this.#builds = cluster.builds.map(
      (spec, build) => new Build(spec, policy(cluster.nodes, build), cluster.nodes.length),
    );
    this.#left = this.#builds.length;
    cluster.builds.forEach(({ startMs }, build) => this.#events.add(startMs, { kind: "build", build }));
    cluster.nodes.forEach(({ foreign }, node) => {
      for (const { fromMs, processes } of foreign.slice(1))
        this.#events.add(fromMs, { kind: "foreign", node, processes });
    });
    this.#events.add(cluster.reportEveryMs, { kind: "beat" });
  }

  run(): { readonly tookMs: readonly number[]; readonly doneMs: number } {
    while (this.#left > 0) {
      const event = this.#events.take();
      if (event === undefined) throw new Error("nothing is left to happen, and jobs are");
      this.#nowMs = event.atMs;
      this.#happen(event.what);
    }
    return { tookMs: this.#tookMs, doneMs: this.#nowMs };
  }

  #happen(event: Event): void {
    switch (event.kind) {
      case "build":
        this.#begin(event.build);
        return;
      case "end":
        if (this.#node(event.node).version === event.version) this.#end(event.node);
        return;
      case "foreign":
        this.#node(event.node).setForeign(event.processes, this.#nowMs);
        this.#expectEnd(event.node);
        return;
      case "beat":
        this.#beat();
        return;
      case "report":
        this.#build(event.build).chooser.reported(event.node, event.report, this.#nowMs);
    }
  }

  #begin(index: number): void {
    const build = this.#build(index);
    this.#nodes.forEach((_, node) => build.chooser.reported(node, this.#report(node), this.#nowMs));
    this.#fill(build, index);
  }

  #fill(build: Build, index: number): void {
    const { jobsMs, slots } = build.spec;
    while (build.next < jobsMs.length && build.running < slots) {
      const node = build.chooser.choose(this.#nowMs);
      if (node === undefined) return;
      this.#node(node).start({ build: index, startedMs: this.#nowMs }, jobsMs[build.next] ?? 0, this.#nowMs);
      build.next++;
      build.running++;
      build.on[node] = (build.on[node] ?? 0) + 1;
      this.#expectEnd(node);
    }
  }

  #end(node: number): void {
    const report = this.#report(node); // a node tells its load with an exit, and still counts the job
    const job = this.#node(node).end(this.#nowMs);
    this.#expectEnd(node);
    const build = this.#build(job.build);
    build.running--;
    build.on[node] = (build.on[node] ?? 0) - 1;
    if (this.#cluster.exitsTell) build.chooser.reported(node, report, this.#nowMs);
    build.chooser.ended(node, job.startedMs, this.#nowMs);
    this.#fill(build, job.build);
    if (!build.isDone) return;
    this.#left--;
    this.#tookMs[job.build] = this.#nowMs - build.spec.startMs;
  }

  #expectEnd(node: number): void {
    const { version } = this.#node(node);
    const atMs = this.#node(node).nextEndMs();
    if (atMs !== undefined) this.#events.add(Math.max(atMs, this.#nowMs), { kind: "end", node, version });
  }

  #beat(): void {
    const { reportEveryMs, reportDelayMs } = this.#cluster;
    this.#builds.forEach((build, index) => {
      build.on.forEach((count, node) => {
        if (count === 0) return;
        const report = this.#report(node);
        this.#events.add(this.#nowMs + reportDelayMs, { kind: "report", build: index, node, report });
      });
    });
    this.#events.add(this.#nowMs + reportEveryMs, { kind: "beat" });
  }

  #report(index: number): Report {
    const node = this.#node(index);
    const loadAverage = node.loadAverage(this.#nowMs);
    return { loadAverage, running: node.running, processes: node.processes, takenMs: this.#nowMs };
  }

  #node(index: number): SimulatedNode<RunningJob> {
    const node = this.#nodes[index];
    if (node === undefined) throw new Error("no such node");
    return node;
  }

  #build(index: number): Build {
    const build = this.#builds[index];
    if (build === undefined) throw new Error("no such build");
    return build;
  }
}

/**
 * No placement, not even one that knows all lengths and all that others will do, is done sooner: neither than all work at the
 * cluster's full capacity, nor than the longest k jobs on the fastest k processors, whichever k.
 */
export function lowerBoundMs({ nodes, builds }: ClusterSpec): number {
  const ownMs = builds.map(({ startMs, jobsMs }) => startMs + longestFirstMs(jobsMs, nodes));
  const allMs =
    Math.min(...builds.map(({ startMs }) => startMs)) +
    longestFirstMs(
      builds.flatMap(({ jobsMs }) => jobsMs),
      nodes,
    );
  return Math.max(capacityBoundMs(nodes, builds), allMs, ...ownMs);
}

function longestFirstMs(jobsMs: readonly number[], nodes: readonly NodeSpec[]): number {
  const longest = [...jobsMs].sort((a, b) => b - a);
  const fastest = nodes.flatMap(({ slots, speed }) => Array.from({ length: slots }, () => speed)).sort((a, b) => b - a);
  let bound = 0;
  let work = 0;
  let speed = 0;
  for (let k = 0; k < Math.min(longest.length, fastest.length); k++) {
    work += longest[k] ?? 0;
    speed += fastest[k] ?? 0;
    bound = Math.max(bound, work / speed);
  }
  return bound;
}

/** When all work could be done if every node were full of our jobs all the time; what others run there takes its share. */
function capacityBoundMs(nodes: readonly NodeSpec[], builds: readonly BuildSpec[]): number {
  const most = builds.length;
  const steps = new EventQueue<number>();
  let rate = 0;
  for (const { slots, speed, foreign } of nodes) {
    let before = 0;
    for (const { fromMs, processes } of foreign.length === 0 ? [{ fromMs: 0, processes: 0 }] : foreign) {
      const own = most * slots;
      const after = speed * own * Math.min(1, slots / (own + processes));
      steps.add(fromMs, after - before);
      before = after;
    }
  }
  let work = builds.reduce((sum, { jobsMs }) => sum + jobsMs.reduce((one, ms) => one + ms, 0), 0);
  let nowMs = Math.min(...builds.map(({ startMs }) => startMs));
  for (;;) {
    const step = steps.take();
    const untilMs = step?.atMs ?? Number.POSITIVE_INFINITY;
    const passedMs = Math.max(0, untilMs - nowMs);
    if (rate > 0 && work <= rate * passedMs) return nowMs + work / rate;
    work -= rate * passedMs;
    nowMs = Math.max(nowMs, untilMs);
    rate += step?.what ?? 0;
  }
}
