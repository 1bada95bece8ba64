/** Starting programs on this machine: what is asked, what is answered, and the choice between the two ways of doing it. */

import type { ExitStatus } from "../base/exit-status.js";
import { nativeLibrary } from "./native.js";
import { ChildProcessSpawner } from "./spawn-node.js";
import { NativeSpawner } from "./spawn-native.js";

export interface SpawnRequest {
  /** Searched in the PATH of `environment` when it holds no slash. */
  readonly program: string;
  readonly argv: readonly string[];
  /** Complete, `NAME=value` each. The same array for many requests is cheapest. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly umask?: number;
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** More of our descriptors that it has under their own numbers. */
  readonly keep?: readonly number[];
  /** Whether it leads a process group of its own, a session of its own, or stays in ours. */
  readonly group: "own" | "session" | "inherit";
}

/** A program that was started, or not: then it has no pid, and `exit` tells why. */
export interface Started {
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly exit: Promise<ExitStatus>;
  /** Sends a signal to its process group if it has its own, else to it alone; nothing happens once it has ended. */
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

export interface SpawnerOptions {
  /**
   * `koffi`: the C library's posix_spawn, at the same cost however large this process is, with core flags, raw bytes and ignored
   * signals kept ignored. `node`: `node:child_process`, which knows no core flag, gives every signal its default again, and slows
   * down as this process grows. Unset: koffi where it is installed.
   */
  readonly backend?: "koffi" | "node" | undefined;
  /** Signals that our caller had us ignore, which programs are to ignore too: bit n-1 for signal n. */
  readonly ignoredSignals?: bigint;
  /** Where short-lived files may be made; absolute. */
  readonly temporaryDirectory: string;
}

/** The spawner of this machine. What it needs is loaded when the first program is started. */
export function createSpawner(options: SpawnerOptions): Spawner {
  return new LazySpawner(options);
}

class LazySpawner implements Spawner {
  readonly #options: SpawnerOptions;
  #spawner: Spawner | undefined;

  constructor(options: SpawnerOptions) {
    this.#options = options;
  }

  get kind(): Spawner["kind"] {
    return this.#loaded().kind;
  }

  spawn(request: SpawnRequest): Started {
    return this.#loaded().spawn(request);
  }

  capture(request: CaptureRequest): Captured {
    return this.#loaded().capture(request);
  }

  #loaded(): Spawner {
    return (this.#spawner ??= load(this.#options));
  }
}

function load({ backend, temporaryDirectory, ignoredSignals }: SpawnerOptions): Spawner {
  const library = backend === "node" ? undefined : nativeLibrary();
  if (library === undefined) return new ChildProcessSpawner(temporaryDirectory);
  return new NativeSpawner(library, ignoredSignals ?? 0n);
}
