/** A machine in the simulator: its processors are shared evenly by our jobs and by what others run there. */

import { EventQueue } from "./event-queue.js";

export interface NodeSpec {
  readonly name: string;
  /** Processors, and slots offered. */
  readonly slots: number;
  readonly speed: number;
  /** How many processes of others run from when on, by time; the first from 0 on. */
  readonly foreign: readonly ForeignLoad[];
}

export interface ForeignLoad {
  readonly fromMs: number;
  readonly processes: number;
}

/** As the kernel's load average of a minute. */
const LOAD_AVERAGE_MS = 60_000;

/** All its jobs advance alike, so that one measure of work done, for each of them, is enough. */
export class SimulatedNode<J> {
  readonly spec: NodeSpec;
  /** Changes whenever the next end does. */
  version = 0;
  #nowMs = 0;
  #foreign: number;
  /** Work that each job has had which has been here from the start on: milliseconds at speed 1. */
  #done = 0;
  #loadAverage: number;
  /** By the work done at which they end. */
  readonly #jobs = new EventQueue<J>();

  constructor(spec: NodeSpec) {
    this.spec = spec;
    this.#foreign = spec.foreign[0]?.processes ?? 0;
    this.#loadAverage = this.#foreign;
  }

  get running(): number {
    return this.#jobs.size;
  }

  get processes(): number {
    return this.#jobs.size + this.#foreign;
  }

  /** Of a minute, as the machine would tell it now. */
  loadAverage(nowMs: number): number {
    this.#advance(nowMs);
    return this.#loadAverage;
  }

  start(job: J, workMs: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#jobs.add(this.#done + workMs, job);
    this.version++;
  }

  setForeign(processes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#foreign = processes;
    this.version++;
  }

  /** When the next job ends if nothing changes; undefined: none runs. */
  nextEndMs(): number | undefined {
    const next = this.#jobs.peek();
    return next === undefined ? undefined : this.#nowMs + Math.max(0, next.atMs - this.#done) / this.#rate();
  }

  /** Takes the job that ends now. */
  end(nowMs: number): J {
    this.#advance(nowMs);
    const ended = this.#jobs.take();
    if (ended === undefined) throw new Error("no job runs here");
    this.version++;
    return ended.what;
  }

  #advance(nowMs: number): void {
    const passedMs = nowMs - this.#nowMs;
    const kept = Math.exp(-passedMs / LOAD_AVERAGE_MS);
    this.#loadAverage = this.#loadAverage * kept + this.processes * (1 - kept);
    this.#done += passedMs * this.#rate();
    this.#nowMs = nowMs;
  }

  /** Work that one job gets in a millisecond. */
  #rate(): number {
    const { slots, speed } = this.spec;
    return speed * Math.min(1, slots / Math.max(1, this.processes));
  }
}
