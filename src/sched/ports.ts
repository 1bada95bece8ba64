/** What the scheduler needs from elsewhere: a place for each job, the jobserver's tokens, the machine's load. */

import type { Job, Runner } from "./job.js";

/** Chooses where a job runs. Real: session's cluster, or `onlyRunner`. */
export interface Placement {
  /** Who runs this job, which starts there right away; undefined: nobody now, wait for a change. */
  choose(job: Job): Runner | undefined;
  /** Calls back whenever `choose` may answer otherwise. @returns the way to stop it */
  onChange(listener: () => void): () => void;
  /** Set when no job can be placed any more; `onChange` tells when. */
  readonly failure?: Error | undefined;
}

/** Everything runs in one place. */
export function onlyRunner(runner: Runner): Placement {
  return { choose: () => runner, onChange: () => () => undefined };
}

/** A token taken from the jobserver, to be given back as it was. */
export interface Token {
  readonly byte: number;
}

/** The jobserver that this make shares with others. Real: os/jobserver.ts. */
export interface Tokens {
  /** Takes one if one is there now. */
  tryTake(): Token | undefined;
  give(token: Token): void;
  /** Calls back, once or more, when it is worth trying again. @returns the way to stop it */
  whenFree(listener: () => void): () => void;
}

/** `-l`: whether the machine's load leaves room. Real: os/load.ts. */
export interface LoadGate {
  /** Whether one more job may start beside `running` others; always true when there are none. */
  allows(running: number): boolean;
  /** Calls back, once or more, when it is worth asking again. @returns the way to stop it */
  whenChanged(listener: () => void): () => void;
}
