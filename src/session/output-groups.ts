/** `-O`: whose output is taken aside, and the group in which make collects its own while it reads makefiles. */

import { jobId } from "../base/ids.js";
import { type OutputGroup, OutputSync } from "../exec/output-sync.js";
import type { Console } from "../observe/console.js";
import type { OutputLock, OutputLocks } from "../os/output-lock.js";
import type { Batch } from "../os/output-queue.js";
import { refusalOf } from "../os/strerror.js";
import type { InvocationContext } from "./context.js";
import type { Switches } from "./switches.js";
import { BrokenOutput, type TextOutput } from "./text-output.js";

export interface OutputGroupsRequest {
  readonly context: InvocationContext;
  readonly console: Console;
  readonly output: TextOutput;
  /** Of the session. */
  readonly locks: OutputLocks;
  /** Absolute. */
  readonly temporaryDirectory: string;
  /** `-O` is for sub-makes only. */
  readonly isOff: boolean;
  /** Nobody reads the output any more. */
  readonly onBroken: () => void;
}

/** No job has this number. */
const READING = jobId(-1);

/** The `-O` of an invocation. Opened when it is first needed, used until the end. */
export class OutputGroups {
  readonly #request: OutputGroupsRequest;
  #lock: OutputLock | undefined;
  #sync: OutputSync | undefined;
  #reading: OutputGroup | undefined;
  #isSuppressed = false;

  constructor(request: OutputGroupsRequest) {
    this.#request = request;
  }

  /** Where `$(shell …)` writes its errors at the moment. */
  get stderr(): number {
    return this.#reading?.stderr ?? this.#request.context.stderr;
  }

  /** What is said from now on belongs together, and is written when reading has ended. @throws MakefileError for an unknown type */
  beginReading(switches: Switches, restarts: number): void {
    const sync = this.#open(switches);
    if (sync === undefined || sync.mode === "recurse") return;
    const { console } = this.#request;
    // What an earlier start has opened stays open: as GNU make has it, starting over knows nothing of it.
    if (restarts === 0) console.leaveDirectory();
    console.useGroups(undefined, true);
    this.#reading = sync.open(READING);
    console.divertTo(this.#reading);
  }

  /** Writes what was collected. */
  endReading(): void {
    const { console } = this.#request;
    console.divertTo(undefined);
    this.#reading?.close();
    this.#reading = undefined;
    console.useGroups(undefined, false);
  }

  /** What jobs are collected with, told to sub-makes by the switches; undefined when nothing is, as with a single slot. */
  forJobs(switches: Switches, slots: number): OutputSync | undefined {
    const sync = slots > 1 ? this.#open(switches) : undefined;
    switches.setValue("syncMutex", sync === undefined ? undefined : this.#lock?.argument);
    if (sync === undefined) return undefined;
    const { console } = this.#request;
    if (sync.mode !== "recurse") console.leaveDirectory();
    console.useGroups((job) => sync.of(job), sync.mode !== "recurse");
    return sync;
  }

  close(): void {
    if (this.#lock !== undefined) this.#request.locks.close(this.#lock);
  }

  #open(switches: Switches): OutputSync | undefined {
    const mode = switches.outputSync;
    if (mode === "none" || this.#isSuppressed || this.#request.isOff) return undefined;
    if (this.#sync?.mode === mode) return this.#sync;
    const { context, console, output, temporaryDirectory } = this.#request;
    this.#lock ??= this.#openLock(switches);
    if (this.#lock === undefined) return undefined;
    const { stdout, stderr } = context;
    const around = console.aroundGroup;
    const put = this.#put.bind(this);
    const settle = (): void => output.settle();
    this.#sync = new OutputSync({ mode, stdout, stderr, temporaryDirectory, lock: this.#lock, put, settle, around });
    return this.#sync;
  }

  /** Where nobody awaits what comes of it: a recipe's line has ended. */
  #put(batch: Batch): void {
    const { output, onBroken } = this.#request;
    try {
      output.writeBatch({ ...batch, complain: (reason) => output.write("stderr", `fwrite(): ${reason}\n`) });
    } catch (error) {
      if (!(error instanceof BrokenOutput)) throw error;
      onBroken();
    }
  }

  /** The lock of the make above us, or a new one. */
  #openLock(switches: Switches): OutputLock | undefined {
    const { console, locks, temporaryDirectory } = this.#request;
    try {
      return locks.open(switches.value("syncMutex"), temporaryDirectory);
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      this.#isSuppressed = true;
      console.say("cannot open output-sync lock file, suppressing output-sync.");
      return undefined;
    }
  }
}
