/** What the language needs from outside. Real: os/host.ts. In tests: test/rig/fake-host.ts. */

import type { Location } from "../base/location.js";
import type { Stream } from "../events/event.js";

/** All paths are byte strings, relative ones to the invocation's directory. */
export interface Host {
  /** The invocation's directory, absolute; CURDIR. */
  readonly directory: string;
  /** Whole file, one char per byte; undefined when it does not exist. @throws HostError on any other failure. */
  readFile(path: string): string | undefined;
  /** `$(file >…)`: creates, truncates or appends. @throws HostError */
  writeFile(path: string, text: string, mode: "truncate" | "append"): void;
  /** Names matching a shell wildcard pattern (`*`, `?`, `[…]`, backslash escapes), sorted; empty when none does. */
  glob(pattern: string): readonly string[];
  /** Canonical absolute name, or undefined when it does not exist. */
  realpath(path: string): string | undefined;
  exists(path: string): boolean;
  /** `~` and `~user`; undefined when unknown. */
  homeDirectory(user: string): string | undefined;
  /** Runs `$(shell …)` and `!=`: `argv` is SHELL, its flags and the script, or a simple command's words; waits for it. */
  shell(request: ShellRequest): ShellResult;
  /** Writes at once, unbuffered (`$(info)`, warnings). */
  print(stream: Stream, text: string): void;
}

export interface ShellRequest {
  readonly shell: string;
  /** `.SHELLFLAGS` as written. */
  readonly shellFlags: string;
  readonly script: string;
  /** Complete environment, `NAME=value` each. */
  readonly environment: readonly string[];
}

export interface ShellResult {
  /** Raw output; the caller folds newlines. */
  readonly stdout: string;
  /** What `.SHELLSTATUS` becomes: exit code, or 128+signal. */
  readonly status: number;
  /** Set when the program could not be executed: the C library's words, e.g. "No such file or directory". */
  readonly error?: { readonly program: string; readonly message: string };
}

/** A failure of the system, in the C library's words: `message` is strerror's text, e.g. "Permission denied". */
export class HostError extends Error {
  readonly errno: string;
  readonly path: string;

  constructor(errno: string, path: string, message: string) {
    super(message);
    this.name = "HostError";
    this.errno = errno;
    this.path = path;
  }
}

/**
 * Where the language says what is not fatal. The text is printed behind `FILE:LINE: `, or `make: ` without a place, as it is:
 * with its own `warning: ` where GNU make has one, and without where it has none (`$(warning …)`).
 */
export type Warn = (location: Location | undefined, text: string) => void;
