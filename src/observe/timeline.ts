/** `--trace-file`: each job as a bar on its node's lane, in the event format that Perfetto and Chrome show. */

import { isSuccess } from "../base/exit-status.js";
import type { MakeEvent } from "../events/event.js";
import { MakeTree } from "./make-tree.js";

type JobEnded = Extract<MakeEvent, { type: "job-ended" }>;

export class TimelineCollector {
  readonly #ended: JobEnded[] = [];
  readonly #tree = new MakeTree();

  readonly observe = (event: MakeEvent): void => {
    this.#tree.observe(event);
    if (event.type === "job-ended") this.#ended.push(event);
  };

  /** The whole file. Times begin with the first job. */
  render(): string {
    const jobs = [...this.#ended].sort((a, b) => a.startedMs - b.startedMs);
    const originMs = jobs[0]?.startedMs ?? 0;
    const nodes = [...new Set(jobs.map(({ node }) => node))];
    const lanes = new Lanes();
    const names = nodes.map((node, pid) => ({ name: "process_name", ph: "M", pid, tid: 0, args: { name: node } }));
    const bars = jobs.map((job) => ({
      name: this.#tree.nameOf(job.job, job.target),
      cat: isSuccess(job.status) ? "recipe" : "failed",
      ph: "X",
      ts: Math.round((job.startedMs - originMs) * 1000),
      dur: Math.round((job.endedMs - job.startedMs) * 1000),
      pid: nodes.indexOf(job.node),
      tid: lanes.place(job),
      args: { status: job.status, ...this.#placeOf(job) },
    }));
    return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents: [...names, ...bars] })}\n`;
  }

  /** Where in the tree of makes it is: its make's directory, and the job that ran that make. */
  #placeOf({ job }: JobEnded): { readonly directory?: string; readonly above?: string } {
    const above = this.#tree.aboveOf(job);
    const directory = this.#tree.directoryOf(job);
    return {
      ...(directory !== "" && { directory }),
      ...(above !== undefined && { above: this.#tree.nameOf(above) }),
    };
  }
}

/** Lays jobs that run at the same time on one node below each other. */
class Lanes {
  readonly #freeFromMs = new Map<string, number[]>();

  /** Jobs come in the order of their start. */
  place({ node, startedMs, endedMs }: JobEnded): number {
    const lanes = this.#freeFromMs.get(node) ?? [];
    this.#freeFromMs.set(node, lanes);
    const free = lanes.findIndex((fromMs) => fromMs <= startedMs);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = endedMs;
    return lane;
  }
}
