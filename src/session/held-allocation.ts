/** The scheduler's side of nodes on which workers are started: what starts them, when they cease to be ours, and those that are asked for. */

import type { Observer } from "../events/event.js";
import { ok, type Result } from "../base/result.js";
import type { Launcher } from "../launch/launcher.js";
import { qrshLauncher } from "../launch/qrsh.js";
import { SlurmRequest, type SlurmWish } from "../launch/slurm-request.js";
import { srunLauncher } from "../launch/srun.js";
import type { WallClock } from "../net/node-connection.js";
import type { Allocation } from "../placement/allocation.js";
import type { LaunchedAddress } from "../placement/node-directory.js";
import { allocationNodes, type SchedulerWay } from "./scheduler-nodes.js";

/** Never rejects; the failure is a phrase. */
export type ComingNodes = Promise<Result<readonly LaunchedAddress[], string>>;

/** How the nodes of a scheduler come to a session. */
export type SchedulerSettings = SchedulerWay | { readonly kind: "ask"; readonly wish: SlurmWish };

export interface HeldAllocationOptions {
  readonly scheduler: SchedulerSettings;
  /** The user's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly clock: WallClock;
  readonly observe: Observer;
}

export class HeldAllocation {
  readonly #options: HeldAllocationOptions;
  #request: SlurmRequest | undefined;
  #coming: ComingNodes | undefined;
  #allocation: Allocation | undefined;
  #nodes: readonly LaunchedAddress[] = [];
  #endsAtMs: number | undefined;
  #isClosed = false;

  constructor(options: HeldAllocationOptions) {
    this.#options = options;
  }

  /** Nodes that are still to come, and are asked for when this is: a build with nothing to do asks for none. undefined: all are known. */
  get coming(): ComingNodes | undefined {
    const { scheduler } = this.#options;
    if (scheduler.kind === "srun") this.#hold(scheduler.allocation);
    if (scheduler.kind === "ask") this.#coming ??= this.#ask(scheduler.wish);
    return this.#coming;
  }

  /** Nodes that were asked for and are ours. */
  get nodes(): readonly LaunchedAddress[] {
    return this.#nodes;
  }

  /** When they cease to be ours, as far as is known. */
  get endsAtMs(): number | undefined {
    return this.#endsAtMs;
  }

  launcher(): Launcher {
    const { scheduler, environment } = this.#options;
    if (scheduler.kind === "qrsh") return qrshLauncher({ environment, onError: (line) => this.#note(`qrsh: ${line}`) });
    if (scheduler.kind === "srun") this.#hold(scheduler.allocation);
    const allocation = this.#allocation;
    if (allocation === undefined) throw new Error("internal error: a node of an allocation that nobody has");
    const { jobId, parts } = allocation;
    return srunLauncher({
      ...{ jobId, environment },
      groupOf: (host) => parts.find(({ nodes }) => nodes.some(({ name }) => name === host))?.group,
      onError: (line) => this.#note(line),
    });
  }

  /** Gives back what was asked for. Resolves when Slurm has it again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#request?.giveBack();
  }

  async #ask(wish: SlurmWish): ComingNodes {
    const { environment, directory } = this.#options;
    this.#request = new SlurmRequest({ wish, environment, directory, onNote: (text) => this.#note(text) });
    const granted = await this.#request.granted;
    return granted.ok ? ok(this.#granted(granted.value)) : granted;
  }

  #granted(allocation: Allocation): readonly LaunchedAddress[] {
    const nodes = allocationNodes(allocation, () => false).nodes.filter((node) => node.kind === "launched");
    this.#nodes = nodes;
    this.#hold(allocation);
    if (this.#isClosed) return [];
    const { jobId } = allocation;
    this.#tell(`Slurm gives ${nodes.map(({ node }) => node).join(",")} (job ${jobId})`);
    void this.#request?.ended.then(() => this.#isClosed || this.#tell(`Slurm has taken back job ${jobId}`)); // never rejects
    return nodes;
  }

  #hold(allocation: Allocation): void {
    if (this.#allocation !== undefined) return;
    this.#allocation = allocation;
    this.#endsAtMs = allocation.endsAtMs;
    if (this.#endsAtMs === undefined) void this.#askForEnd(allocation.jobId); // what goes wrong is noted
  }

  async #askForEnd(jobId: string): Promise<void> {
    const { environment, clock } = this.#options;
    const { slurmTimeLeft } = await import("../launch/slurm-end.js");
    const left = await slurmTimeLeft(jobId, { environment, onNote: (text) => this.#note(text) });
    if (left !== undefined) this.#endsAtMs = clock.nowMs() + left;
  }

  #note(text: string): void {
    this.#options.observe({ type: "debug", level: "jobs", depth: 0, text });
  }

  #tell(text: string): void {
    this.#options.observe({ type: "message", stream: "stderr", text });
  }
}
