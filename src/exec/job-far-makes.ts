/** The makes that programs of one job on a node have started, and that run here: they end with the job, or before it. */

import { type Cancellation, orAborted } from "../base/abort.js";
import type { FarMake, FarMakeRun } from "../net/node-connection.js";
import type { Job, JobEvent } from "../sched/job.js";
import type { JoinWish } from "../wire/message.js";

/** Takes in a make that a program of a job has started elsewhere. */
export interface MakesHost {
  /** @returns undefined: it has to start there by itself. It does not reject */
  welcome(job: Job, wish: JoinWish, node: NodeOfMakes): Promise<FarMake | undefined>;
}

/** The node where such makes are started. */
export interface NodeOfMakes {
  /** Whether it sees the same directory under that name. It does not reject. */
  sees(directory: string): Promise<boolean>;
  /** It has refused a request because there is more in it than it knows: makes are not spoken of to it any more. */
  isOutdated: boolean;
}

export interface JobFarMakesRequest {
  readonly job: Job;
  readonly on: (event: JobEvent) => void;
  readonly cancel: Cancellation;
  readonly host: MakesHost;
  readonly node: NodeOfMakes;
  /** Resolves when what the job has written so far has been written here; undefined: it has been. */
  readonly behind: (() => Promise<void> | undefined) | undefined;
}

const SIGTERM = 15;

export class JobFarMakes {
  readonly #request: JobFarMakesRequest;
  readonly #running = new Set<FarMakeRun>();
  #isOver = false;

  constructor(request: JobFarMakesRequest) {
    this.#request = request;
  }

  /** One asks. @see RemoteJobObserver.makeWanted */
  readonly wanted = async (wish: JoinWish): Promise<FarMake | undefined> => {
    const { job, host, node, behind, cancel } = this.#request;
    // It writes to the terminal itself, behind what the job has written there.
    if (wish.outputs === "terminal") await orAborted(behind?.() ?? Promise.resolve(), cancel);
    if (!this.#takesMore()) return undefined;
    const make = await host.welcome(job, wish, node);
    if (make === undefined || this.#takesMore())
      return make && { start: (send) => this.#follow(make.start(send)), dispose: () => make.dispose() };
    make.dispose();
    return undefined;
  };

  /** All of them are to end. */
  end(signal: number): void {
    for (const run of this.#running) run.end(signal);
  }

  /** The job is over. Resolves when none of them runs any more. */
  async over(): Promise<void> {
    this.#isOver = true;
    this.end(SIGTERM);
    await Promise.all([...this.#running].map(({ ended }) => ended));
  }

  #takesMore(): boolean {
    return !this.#isOver && !this.#request.cancel.aborted;
  }

  /** The job waits meanwhile, as a line of ours that runs a make does. */
  #follow(run: FarMakeRun): FarMakeRun {
    const { on } = this.#request;
    this.#running.add(run);
    on({ type: "makes", count: this.#running.size });
    void run.ended.then(() => {
      this.#running.delete(run);
      on({ type: "makes", count: this.#running.size });
    });
    return run;
  }
}
