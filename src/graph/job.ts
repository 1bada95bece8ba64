/** A job: one target's recipe, expanded, all its lines; plain data, ready to run on any node. */

import type { InvocationId, JobId } from "../base/ids.js";
import type { Location } from "../base/location.js";
import type { Printed } from "../events/event.js";

export interface RecipeLine {
  /** The script, without its `@-+` prefixes; with its backslash-newlines. Never blank. */
  readonly text: string;
  /** What `echo` prints when the line is not silent: the text as GNU make shows it. */
  readonly silent: boolean;
  readonly ignoreErrors: boolean;
  /** `.POSIX` with the default `.SHELLFLAGS`: a line that begins with `-` is run with `-c` alone, as `-e` would end it. */
  readonly plainFlags?: true;
  /** It had a `+` or names `$(MAKE)`: it runs under -n, -q, -t too, inherits the jobserver, and stays on this machine. */
  readonly recursive: boolean;
  readonly location: Location;
}

export interface Job {
  readonly id: JobId;
  readonly invocation: InvocationId;
  /** `$@`. */
  readonly target: string;
  /** All files the recipe makes: the target and its grouped peers; phony ones left out. What receipts speak of. */
  readonly writes: readonly string[];
  /** What was certified of files below the target in this update; a machine that may see them late is to look for them first. */
  readonly needs: readonly Receipt[];
  readonly lines: readonly RecipeLine[];
  /** `.ONESHELL`: all lines are one script. */
  readonly oneShell: boolean;
  /** A program that is executed as it is, in the place of the only line's text. */
  readonly argv?: readonly string[];
  readonly shell: string;
  /** `.SHELLFLAGS` as written; quoted words in it are understood. */
  readonly shellFlags: string;
  /** Complete, `NAME=value` each, in the order in which GNU make gives them. */
  readonly environment: readonly string[];
  /** What the expansion of the environment printed: to be shown behind the echo of the first line that needs it. */
  readonly said?: { readonly behind: number; readonly printed: readonly Printed[] } | undefined;
  /** Absolute. */
  readonly directory: string;
  /** Must run on this machine: a recursive line, or a target marked so. */
  readonly local: boolean;
  /** `.mpmake: no-retry`: not to be run a second time when its node is lost. */
  readonly noRetry: boolean;
}

/** What a node certifies of a file a job wrote. */
export interface Receipt {
  readonly path: string;
  /** undefined: the file did not exist after the recipe. */
  readonly stat: { readonly sizeBytes: number; readonly mtimeNs: bigint; readonly ino: bigint } | undefined;
}
