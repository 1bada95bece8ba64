/**
 * The public library: `build()`, a make invocation as a call, and the mexec family, an execve that picks the machine.
 *
 * Arguments, names and environments are ordinary strings here; they go to the system as UTF-8.
 */

import { Canceller } from "./base/abort.js";
import type { ExitStatus } from "./base/exit-status.js";
import { helpText } from "./cli/mpmake-help.js";
import { currentDirectory } from "./os/current-directory.js";
import { fromUnicode } from "./os/bytes.js";
import { readUmask } from "./os/umask.js";
import { runMake } from "./session/invocation.js";
import { runProgram } from "./session/run-program.js";

export type { ExitStatus } from "./base/exit-status.js";
export { type LocalWorker, type LocalWorkers, type LocalWorkersRequest, startLocalWorkers } from "./launch/local.js";
export { UserError } from "./base/user-error.js";

export type Environment = Readonly<Record<string, string | undefined>>;

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
    ignoredSignals: 0n,
    cancel: options.signal ?? new Canceller(),
    onSignals: () => () => undefined,
    userId: ownUserId(),
    umask: readUmask(),
    help: (program) => helpText(program),
    columns: undefined,
  });
}

export interface MexecOptions {
  /** `NODES`, as its option would say it; the environment's when left out. */
  readonly nodes?: string;
  /** The client key file; `MPMAKE_KEY` of the environment when left out. */
  readonly keyFile?: string;
  /** No node can be used: an error instead of running here. */
  readonly strict?: boolean;
  /** Absolute, and the same on every node; the process's own when left out. */
  readonly directory?: string;
  /** Our descriptor that the program reads from; it reads nothing when left out. */
  readonly stdin?: number;
  /** Takes what it prints; it goes to our own standard output and error when left out. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Ends the program, and every process that it started. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a program on the least loaded node, in this directory, and waits for its end.
 *
 * @param file - searched for in `environment`'s PATH, on the node, when it has no slash
 * @param argv - its arguments; `argv[0]`, its own name, is not part of them
 * @param environment - complete
 * @returns how it ended; `unstarted` tells the errno of a program that cannot be executed
 * @throws UserError for nodes, keys or configuration that cannot be used
 */
export async function mexecvpe(
  file: string,
  argv: readonly string[],
  environment: Environment,
  options: MexecOptions = {},
): Promise<ExitStatus> {
  const { nodes, keyFile, strict, onOutput } = options;
  const result = await runProgram({
    program: {
      file: fromUnicode(file),
      arguments: argv.map(fromUnicode),
      environment: entriesOf(environment),
      directory: options.directory === undefined ? currentDirectory() : fromUnicode(options.directory),
    },
    options: {
      ...(nodes === undefined ? undefined : { nodes }),
      ...(keyFile === undefined ? undefined : { key: keyFile }),
      ...(strict === undefined ? undefined : { strict }),
    },
    userId: ownUserId(),
    umask: readUmask(),
    stdin: options.stdin,
    output: onOutput === undefined ? { kind: "inherit" } : { kind: "data", take: onOutput },
    ignoredSignals: 0n,
    observe: () => undefined,
    cancel: options.signal ?? new Canceller(),
  });
  return result.status;
}

/** execve: a path, and a complete environment. @see mexecvpe */
export function mexecve(
  path: string,
  argv: readonly string[],
  environment: Environment,
  options: MexecOptions = {},
): Promise<ExitStatus> {
  return mexecvpe(path.includes("/") ? path : `./${path}`, argv, environment, options);
}

/** execv: a path, with the process's own environment. @see mexecvpe */
export function mexecv(path: string, argv: readonly string[], options: MexecOptions = {}): Promise<ExitStatus> {
  return mexecve(path, argv, process.env, options);
}

/** execvp: a name searched for in PATH, with the process's own environment. @see mexecvpe */
export function mexecvp(file: string, argv: readonly string[], options: MexecOptions = {}): Promise<ExitStatus> {
  return mexecvpe(file, argv, process.env, options);
}

function entriesOf(environment: Environment): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${fromUnicode(name)}=${fromUnicode(value)}`],
  );
}

function ownUserId(): number {
  return process.getuid?.() ?? 0;
}
