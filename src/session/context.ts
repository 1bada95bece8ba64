/** What one make invocation is given, and how it ends. Nothing in this room asks the process itself. */

import type { Cancellation } from "../base/abort.js";
import type { JobId } from "../base/ids.js";
import type { Jobserver } from "../os/jobserver.js";
import type { Launched } from "../os/process-settings.js";
import type { SpawnRequest } from "../os/spawn.js";
import type { TokenPool } from "../sched/token-pool.js";
import type { MakeSession } from "./make-session.js";
import type { OnStops } from "./stops.js";

export interface InvocationContext {
  /** The program's name as called: `$(MAKE)`. */
  readonly argv0: string;
  /** Byte strings, without argv0. */
  readonly argv: readonly string[];
  /** `NAME=value` each, byte strings. */
  readonly environment: readonly string[];
  /** Absolute; where `-C` starts. */
  readonly directory: string;
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** What the process was given by its caller, has changed since, and recipes are to have as it was. */
  readonly launched: Launched;
  /** Ends the build from outside; its reason may be a signal's number. */
  readonly cancel: Cancellation;
  /**
   * Calls back with each fatal signal until the way to stop it is called. Used while recipes run: before and after, signals kill.
   */
  readonly onSignals: (listener: (signal: number) => void) => () => void;
  /** Calls back whenever basic debug lines are to begin or to end (SIGUSR1), until the way to stop it is called. */
  readonly onDebugSignal: (listener: () => void) => () => void;
  /** Calls back with SIGTSTP before this process stops by it, and with SIGCONT when it goes on, until the way to stop it is called. */
  readonly onStops: OnStops;
  readonly umask: number;
  readonly userId: number;
  /** The text of `--help`, which also follows a wrong option. */
  readonly help: (program: string) => Promise<string>;
  /** What the first goal asks for if make has nothing to build by its name. */
  readonly command?: CommandWish | undefined;
  /** From the make above, when it is in this process too. */
  readonly above?: MakeAbove | undefined;
  /**
   * Our outputs are pipes that this process itself reads: takes what is in them, so that there is room for more. Whoever writes to them
   * is never to wait without it.
   */
  readonly makeRoom?: (() => void) | undefined;
  /** Width of the terminal that stderr is; undefined: it is none. */
  readonly columns: (() => number) | undefined;
}

/** A word that is a goal, or something else where make would end with "No rule to make target". */
export interface CommandWish {
  readonly word: string;
  /** Nothing is built in any case: it is only to be found out. */
  readonly isOnlyAsked: boolean;
  /**
   * Make has read its makefiles, and has nothing to build by that name, or has. If not, or if it is only asked, it ends without a word
   * of it, and how it ends means nothing.
   */
  readonly onAnswer: (hasGoal: boolean) => void;
}

/** What a sub-make shares with the make that runs it as a part of the same process. */
export interface MakeAbove {
  readonly session: MakeSession;
  readonly jobserver: Jobserver | undefined;
  /** The jobserver's permits. */
  readonly pool: TokenPool;
  /** That runs this make, where that is known. */
  readonly job?: JobId | undefined;
  /** Which process group recipes are in; see os/terminal.ts. */
  readonly group: SpawnRequest["group"];
}

export const SUCCEEDED = 0;
/** `-q`: something is not up to date. */
export const NOT_UP_TO_DATE = 1;
export const FAILED = 2;
/** Starting over is not possible any more. */
export const NOT_EXECUTABLE = 127;
/** SIGQUIT came, which would leave a picture of the process were it to die by it. */
export const QUIT = 1;
/** Output was lost. */
export const WRITE_FAILED = 1;

/** A variable's value in an environment of `NAME=value` entries. */
export function environmentValue(environment: readonly string[], name: string): string | undefined {
  const prefix = `${name}=`;
  return environment.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
}
