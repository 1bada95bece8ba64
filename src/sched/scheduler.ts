/** Takes jobs from the graph and sees each of them to its end: slot, token, place, run, and again when its node is lost. */

import type { Cancellation } from "../base/abort.js";
import { Canceller } from "../base/abort.js";
import { LOCAL_NODE } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { FurtherSlots, Job, JobEvent, JobResult, Runner, Slot } from "./job.js";
import type { LoadGate, Placement } from "./ports.js";
import { Slots } from "./slots.js";
import { type Permit, TokenPool, type TokenSeat } from "./token-pool.js";

export interface SchedulerPorts {
  readonly placement: Placement;
  /** This make's among those that share a jobserver; undefined: there is none. */
  readonly permits?: TokenSeat | undefined;
  /** undefined: no limit of load. */
  readonly gate?: LoadGate | undefined;
  readonly observe: Observer;
  /** What a running job tells. */
  onJobEvent(job: Job, event: JobEvent): void;
  /** The job's node was lost in mid-recipe: what it wrote is to be deleted, as on an interrupt. */
  discard(job: Job): void;
  /** A job that had to wait runs now: `hasRoom` may have become true. */
  roomChanged?(): void;
  /** Called once for each job that was started here, always after `start` has returned. */
  ended(job: Job, result: JobResult): void;
  /** No job can be placed any more; those that wait are ended as if interrupted. Called once. */
  failed(error: Error): void;
  nowMs(): number;
}

export interface SchedulerOptions {
  /** `-j`: at least 1; Infinity for no limit. */
  readonly slots: number;
}

/** How often a job may be started in all when its nodes are lost in mid-recipe. */
const MAX_STARTS = 3;
/** How often a job may be placed in all when its nodes are lost before it starts. */
const MAX_PLACEMENTS = 20;
const SIGTERM = 15;

/** Where a job is on its way: one that is not running yet keeps the graph from walking on. */
interface Entry {
  readonly job: Job;
  readonly priority: number;
  state: "waiting" | "running";
  /** `start` has returned. */
  isLate: boolean;
}

/**
 * ```text
 *   start ─▶ slot ─▶ token ─▶ load ─▶ place ─▶ run ─▶ ended
 *                                       ▲       │ lost
 *                                       └───────┘
 * ```
 */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #limit: number;
  readonly #slots: Slots;
  readonly #permits: TokenSeat;
  readonly #cancel = new Canceller();
  readonly #waiting = new Set<Entry>();
  #running = 0;
  /** Those that the load keeps from starting, the one that waits longest first. */
  readonly #heldByLoad = new Set<() => void>();
  #failed = false;

  /** @param cancel - ends everything; its reason (a signal's number) is passed on to what runs */
  constructor(ports: SchedulerPorts, { slots }: SchedulerOptions, cancel: Cancellation) {
    this.#ports = ports;
    this.#limit = slots;
    this.#permits = ports.permits ?? new TokenPool(undefined).seat();
    // Where there are permits they are what is waited for, by the jobs of all makes: a slot of its own would keep a job out of that line.
    this.#slots = new Slots(this.#permits.isEndless ? slots : Infinity);
    if (cancel.aborted) this.#cancel.abort(cancel.reason);
    else cancel.addEventListener("abort", () => this.#cancel.abort(cancel.reason), { once: true });
  }

  /** Whether a job that is started now would run now, as far as can be told. */
  hasRoom(): boolean {
    return this.#waiting.size === 0 && this.#running < this.#limit;
  }

  /** Whether a job that is started now would run before all that wait. Lines that only wait for a make take no room. */
  hasRoomFor(priority: number): boolean {
    const isInLine = !this.#permits.isEndless || this.#running < this.#limit;
    return isInLine && [...this.#waiting].every((entry) => entry.priority < priority);
  }

  /** Whether a job that is started now would run now: there is a slot, and a permit. */
  runsAtOnce(): boolean {
    return this.hasRoom() && this.#permits.isFree;
  }

  /** Jobs that have been started and have not ended. */
  get active(): number {
    return this.#waiting.size + this.#running;
  }

  /** @param priority - larger goes first among those that wait */
  start(job: Job, priority = 0): void {
    const entry: Entry = { job, priority, state: "waiting", isLate: false };
    this.#waiting.add(entry);
    this.#slots.run(priority, () => this.#see(entry));
    entry.isLate = true;
  }

  async #see(entry: Entry): Promise<void> {
    // Without an `await` where nothing is to be waited for: the job then runs when `start` returns, and `hasRoom` is true to fact.
    const permit = this.#freePermit() ?? (await this.#laterPermit(entry));
    let result: JobResult;
    try {
      result = permit === undefined ? this.#interrupted() : await this.#runSomewhere(entry);
    } catch (error) {
      if (permit !== undefined) this.#permits.give(permit);
      throw error;
    } finally {
      if (entry.state === "running") this.#running--;
      else this.#waiting.delete(entry);
    }
    // The one that waits longest need not wait for the next look at the load: with nothing running it may always go.
    const [held] = this.#heldByLoad;
    held?.();
    const end = (): void => this.#end(entry.job, result);
    if (permit === undefined) end();
    else this.#permits.giveAround(permit, end);
  }

  #end(job: Job, result: JobResult): void {
    const { status, node, startedMs, endedMs } = result;
    this.#ports.observe({ type: "job-ended", job: job.id, target: job.target, node, status, startedMs, endedMs });
    this.#ports.ended(job, result);
  }

  async #runSomewhere(entry: Entry): Promise<JobResult> {
    const { job } = entry;
    for (let starts = 0, placements = 0; ;) {
      const result = (await this.#placeAndRun(entry)) ?? this.#interrupted();
      const { status } = result;
      if (status.kind !== "lost" || this.#cancel.aborted) return result;
      // That is no fault: the placement knows when it may be asked again.
      if (status.isBusy === true) continue;
      placements++;
      if (status.started) {
        starts++;
        this.#ports.discard(job);
      }
      if (starts >= MAX_STARTS || placements >= MAX_PLACEMENTS || (status.started && job.noRetry)) return result;
      this.#say(`${job.target}: lost with node ${status.node} (${status.reason}), to be made again`);
    }
  }

  #say(text: string): void {
    this.#ports.observe({ type: "message", stream: "stderr", text });
  }

  #interrupted(): JobResult {
    const { reason } = this.#cancel;
    const now = this.#ports.nowMs();
    const signal = typeof reason === "number" ? reason : SIGTERM;
    return {
      status: { kind: "signalled", signal, core: false },
      node: LOCAL_NODE,
      receipts: [],
      startedMs: now,
      endedMs: now,
    };
  }

  /** @returns undefined when there is none now, or the load forbids to use it */
  #freePermit(): Permit | undefined {
    const { gate } = this.#ports;
    const isLight = gate === undefined || gate.allows(this.#running);
    return isLight && !this.#cancel.aborted ? this.#permits.tryTake() : undefined;
  }

  /** @returns undefined when everything is cancelled */
  async #laterPermit({ priority }: Entry): Promise<Permit | undefined> {
    const taken =
      this.#permits.tryTake() ??
      (await this.#unlessCancelled<Permit>((found) =>
        this.#permits.whenFree(priority, (permit) => found(() => permit)),
      ));
    if (taken === undefined) return undefined;
    if (await this.#loadAllows()) return taken;
    this.#permits.give(taken);
    return undefined;
  }

  async #loadAllows(): Promise<boolean> {
    const { gate } = this.#ports;
    if (gate === undefined || gate.allows(this.#running)) return true;
    const allowed = await this.#unlessCancelled<true>((found) => {
      const look = (): void => {
        if (gate.allows(this.#running)) found(() => true);
      };
      this.#heldByLoad.add(look);
      const stop = gate.whenChanged(look);
      return () => {
        this.#heldByLoad.delete(look);
        stop();
      };
    });
    return allowed ?? false;
  }

  /** A job runs in the same moment as it is placed, so that the next one is placed in full knowledge. */
  async #placeAndRun(entry: Entry): Promise<JobResult | undefined> {
    if (this.#cancel.aborted) return undefined;
    const { placement } = this.#ports;
    const chosen = placement.choose(entry.job);
    if (chosen !== undefined) return this.#runOn(chosen, entry);
    return this.#unlessCancelled<JobResult>((found) => {
      const look = (): void => {
        const runner = placement.failure === undefined ? placement.choose(entry.job) : undefined;
        if (runner !== undefined) found(() => this.#runOn(runner, entry));
        else if (placement.failure !== undefined) this.#giveUp(placement.failure);
      };
      const stop = placement.onChange(look);
      if (placement.failure !== undefined) this.#giveUp(placement.failure);
      return stop;
    });
  }

  #runOn(runner: Runner, entry: Entry): Promise<JobResult> {
    const { job } = entry;
    if (entry.state === "waiting") {
      entry.state = "running";
      this.#waiting.delete(entry);
      this.#running++;
    }
    this.#ports.observe({ type: "job-placed", job: job.id, node: runner.node });
    const on = (event: JobEvent): void => this.#ports.onJobEvent(job, event);
    const result = runner.run(job, on, this.#cancel, this.#furtherSlots(entry));
    if (entry.isLate) this.#ports.roomChanged?.();
    return result;
  }

  /** They wait in line like jobs of the same make that matter as much. Without a jobserver nobody shares anything. */
  #furtherSlots({ priority }: Entry): FurtherSlots | undefined {
    const permits = this.#permits;
    if (permits.isEndless) return undefined;
    const slotOf = (permit: Permit): Slot => ({ give: () => permits.give(permit) });
    const take: FurtherSlots["take"] = (taken) => {
      const permit = permits.tryTake();
      if (permit === undefined) return permits.whenFree(priority, (later) => taken(slotOf(later)));
      taken(slotOf(permit));
      return () => undefined;
    };
    return { take };
  }

  #giveUp(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#ports.failed(error);
    this.#cancel.abort(error);
  }

  /**
   * Waits for what `wait` finds, or for the cancellation: then the answer is undefined.
   *
   * @param wait - is given what to call with the making of the finding, of which only the first call counts; returns the way to
   *   stop waiting
   */
  #unlessCancelled<T>(wait: (found: (make: () => T | Promise<T>) => void) => () => void): Promise<T | undefined> {
    return new Promise((resolve) => {
      const state: { stop?: () => void; isDone: boolean } = { isDone: false };
      const finish = (make: () => T | Promise<T> | undefined): void => {
        if (state.isDone) return;
        state.isDone = true;
        this.#cancel.removeEventListener("abort", cancelled);
        state.stop?.();
        resolve(make());
      };
      const cancelled = (): void => finish(() => undefined);
      this.#cancel.addEventListener("abort", cancelled);
      state.stop = wait(finish);
      if (state.isDone) state.stop();
      else if (this.#cancel.aborted) cancelled();
    });
  }
}
