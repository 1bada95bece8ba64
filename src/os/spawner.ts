/** What is asked of a way to start programs, and what it answers. */

import type { ExitStatus } from "../base/exit-status.js";
import type { JobId } from "../base/ids.js";
import type { ProcessSettings } from "../base/process-settings.js";

export interface SpawnRequest {
  /** Whose line it is, where it is one's. */
  readonly job?: JobId;
  /** Searched in the PATH of `environment` when it holds no slash. */
  readonly program: string;
  readonly argv: readonly string[];
  /** Complete, `NAME=value` each. The same array for many requests is cheapest. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly umask?: number;
  /** What it inherits otherwise; ours when left out. */
  readonly settings?: ProcessSettings | undefined;
  /** Our descriptors that become its 0, 1 and 2; `CLOSED`, or `TERMINAL`, which needs `terminal` and a session of its own. */
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** A terminal's path: opened in the program's name it becomes its controlling terminal. */
  readonly terminal?: string | undefined;
  /** More of our descriptors that it has under their own numbers. */
  readonly keep?: readonly number[];
  /** More of our descriptors, or `TERMINAL`, with the numbers above 2 under which it has them. */
  readonly further?: readonly DescriptorMove[] | undefined;
  /** Whether it leads a process group of its own, a session of its own, or stays in ours. */
  readonly group: "own" | "session" | "inherit";
}

/** A descriptor of ours, and what number it is to have. */
export type DescriptorMove = readonly [from: number, to: number];

/** In the place of a descriptor: it has none under that number. */
export const CLOSED = -1;
/** In the place of a descriptor: it is opened on the program's terminal. */
export const TERMINAL = -2;

/** A program that was started, or not: then `exit` tells why. */
export interface Started {
  /** undefined: it was not started, or is a part of this process. */
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly exit: Promise<ExitStatus>;
  /**
   * Sends a signal to its process group if it has its own, else to it alone; nothing happens once it has ended. What is a part of this
   * process ends by it, with all that it has started.
   */
  kill(signal: number): void;
}

/** A program to be waited for here and now, its standard output taken whole. */
export type CaptureRequest = Omit<SpawnRequest, "stdout" | "group" | "keep">;

export interface Captured {
  readonly stdout: string;
  readonly status: ExitStatus;
}

/** @see createSpawner */
export interface Spawner {
  readonly kind: "native" | "node";
  spawn(request: SpawnRequest): Started;
  /** Blocks until the program has closed its output and ended. */
  capture(request: CaptureRequest): Captured;
}
