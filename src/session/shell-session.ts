/** A session that runs the lines of stock makes whose SHELL is mpsh: it listens at a FIFO, and ends by itself. */

import { closeSync, writeSync } from "node:fs";
import type { Cancellation } from "../base/abort.js";
import { SUCCESS } from "../base/exit-status.js";
import { LOCAL_NODE } from "../base/ids.js";
import type { MakeEvent } from "../events/event.js";
import { FifoLines } from "../os/fifo-lines.js";
import { isRunning, type ProcessRef } from "../os/process-tree.js";
import { type CallerClaim, openAnswer, parseCallerClaim, readCaller } from "../os/shell-caller.js";
import { ShellGuardian } from "../os/shell-guardian.js";
import type { Job, JobResult, Runner } from "../sched/job.js";
import { ShellClusters } from "./shell-clusters.js";
import { checkShellDirectory, claimShellDirectory, leaveShellDirectory } from "./shell-directory.js";
import { ShellLine } from "./shell-line.js";

/** The name of the launcher's script. */
const LAUNCHER = "mpsh";
/** How often the session looks whether launchers and makes are still there. */
const LOOK_MS = 50;
/** It outlives the last of its makes by so long, for the next one. */
const LINGER_MS = 5000;
/** It ends when no line has come for so long, though a make is still there. */
const IDLE_MS = 60_000;
/** Launchers that had found it when it ended get so long to be told. */
const FAREWELL_MS = 200;

/** Serves one directory. */
export class ShellSession {
  readonly #directory: string;
  readonly #requests: FifoLines;
  readonly #guardian: ShellGuardian;
  readonly #clusters: ShellClusters;
  readonly #lines = new Map<number, ShellLine>();
  #makes: ProcessRef[] = [];
  #lastId = 0;
  #usedMs = performance.now();
  #isClosing = false;

  private constructor(directory: string, requests: string, userId: number) {
    this.#directory = directory;
    this.#requests = new FifoLines(requests, (line) => {
      const claim = parseCallerClaim(line);
      if (claim !== undefined) this.#take(claim);
    });
    this.#guardian = new ShellGuardian(requests);
    this.#clusters = new ShellClusters({
      userId,
      clock: { nowMs: () => Date.now() },
      local: this.#launchers(),
      input: {
        lease: (job, plain) => this.#lines.get(Number(job.id))?.lease(job, plain),
        release: () => undefined, // nobody else wants it
      },
      observe: (event) => this.#observe(event),
    });
  }

  /**
   * Begins to serve a directory, which must exist.
   *
   * @returns undefined when another session does
   * @throws UserError when it is not ours alone
   */
  static open(directory: string, userId: number): ShellSession | undefined {
    checkShellDirectory(directory, userId);
    const requests = claimShellDirectory(directory);
    return requests === undefined ? undefined : new ShellSession(directory, requests, userId);
  }

  /** Resolves when it is not needed any more, or is told to stop; then everything has ended. */
  async serve(stop: Cancellation): Promise<void> {
    while (!stop.aborted && this.#isWanted()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      for (const line of this.#lines.values()) line.look();
      await this.#clusters.tidy();
    }
    await this.#close();
  }

  #isWanted(): boolean {
    if (this.#lines.size > 0) {
      this.#usedMs = performance.now();
      return true;
    }
    const idleMs = performance.now() - this.#usedMs;
    if (idleMs < LINGER_MS) return true;
    this.#makes = this.#makes.filter(isRunning);
    return this.#makes.length > 0 && idleMs < IDLE_MS;
  }

  #take(claim: CallerClaim): void {
    const caller = readCaller(claim, LAUNCHER);
    if (this.#isClosing) {
      if (caller !== undefined) this.#sendBack(caller);
      return;
    }
    const line = caller && ShellLine.accept(++this.#lastId, caller, this.#requests.fd);
    if (caller === undefined || line === undefined) return;
    this.#know(caller.parent);
    this.#lines.set(line.id, line);
    void line.run(this.#clusters).finally(() => {
      this.#lines.delete(line.id);
      this.#usedMs = performance.now();
    });
  }

  #know(make: ProcessRef | undefined): void {
    if (make === undefined) return;
    if (this.#makes.some(({ pid, started }) => pid === make.pid && started === make.started)) return;
    this.#makes.push(make);
  }

  /** What stays on this machine is run by its launcher, as it would be without us. */
  #launchers(): Runner {
    return {
      node: LOCAL_NODE,
      run: async (job: Job, on): Promise<JobResult> => {
        const startedMs = Date.now();
        on({ type: "started", node: LOCAL_NODE });
        await this.#lines.get(Number(job.id))?.runHere();
        return { status: SUCCESS, node: LOCAL_NODE, receipts: [], startedMs, endedMs: Date.now() };
      },
    };
  }

  /** What is wrong with nodes is told once, by one of the lines that wait for them. */
  #observe(event: MakeEvent): void {
    const [line] = this.#lines.values();
    if (event.type === "message") line?.tell(event.text);
    if (event.type === "node-left-out") line?.tell(`node ${event.node} is left out: ${event.reason}`);
  }

  async #close(): Promise<void> {
    leaveShellDirectory(this.#directory);
    this.#isClosing = true;
    for (const line of this.#lines.values()) line.end();
    const farewell = new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    while (this.#lines.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await farewell;
    await this.#clusters.close();
    this.#guardian.dismiss();
    this.#requests.close();
  }

  /** Tells a launcher that came too late to try again. */
  #sendBack({ pid }: CallerClaim): void {
    const answer = openAnswer(pid, this.#requests.fd);
    if (answer === undefined) return;
    writeSync(answer, "again\n");
    closeSync(answer);
  }
}
