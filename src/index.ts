/**
 * The public library: `build()`, a make invocation as a call, and the mexec family, an execve that picks the machine.
 *
 * Arguments, names and environments are ordinary strings here; they go to the system as UTF-8.
 */

import { Canceller } from "./base/abort.js";
import { helpText } from "./cli/mpmake-help.js";
import { currentDirectory } from "./os/current-directory.js";
import { fromUnicode } from "./os/bytes.js";
import { readUmask } from "./os/umask.js";
import { runMake } from "./session/invocation.js";
import { entriesOf, type Environment } from "./mexec.js";

export {
  type Environment,
  ExecError,
  mexecl,
  mexecle,
  mexeclp,
  type MexecOptions,
  mexecv,
  mexecve,
  mexecvp,
  mexecvpe,
  mexecxvp,
  NodeLostError,
  InputError,
  OutputError,
  type ProgramEnd,
} from "./mexec.js";
export { type LocalWorker, type LocalWorkers, type LocalWorkersRequest, startLocalWorkers } from "./launch/local.js";
export { UserError } from "./base/user-error.js";

export interface BuildOptions {
  /** As on mpmake's command line: options, goals, `VAR=value`. */
  readonly arguments?: readonly string[];
  /** Absolute; the process's own when left out. */
  readonly directory?: string;
  /** Complete; the process's own when left out. */
  readonly environment?: Environment;
  /** Our descriptors that make and its recipes read from and write to; 0, 1 and 2 when left out. */
  readonly stdio?: readonly [stdin: number, stdout: number, stderr: number];
  /** What `$(MAKE)` is: the path of an executable mpmake; `mpmake` when left out. */
  readonly program?: string;
  /** Ends the build and every process of its recipes, wherever they run. */
  readonly signal?: AbortSignal;
}

/** How a build ended: `code` is make's 0, 1 (`-q`: not up to date) or 2. */
export type BuildOutcome =
  { readonly kind: "exited"; readonly code: number } | { readonly kind: "signalled"; readonly signal: number };

/** One make invocation from its arguments to its exit status. What is wrong with the makefile is printed, as make does. */
export function build(options: BuildOptions = {}): Promise<BuildOutcome> {
  const [stdin, stdout, stderr] = options.stdio ?? [0, 1, 2];
  return runMake({
    ...{ stdin, stdout, stderr },
    argv0: fromUnicode(options.program ?? "mpmake"),
    argv: (options.arguments ?? []).map(fromUnicode),
    environment: entriesOf(options.environment ?? process.env),
    directory: options.directory === undefined ? currentDirectory() : fromUnicode(options.directory),
    launched: { ignoredSignals: 0n },
    cancel: options.signal ?? new Canceller(),
    onSignals: () => () => undefined,
    onStops: () => () => undefined,
    onDebugSignal: () => () => undefined,
    userId: ownUserId(),
    umask: readUmask(),
    help: (program) => helpText(program),
    columns: undefined,
  });
}

function ownUserId(): number {
  return process.getuid?.() ?? 0;
}
