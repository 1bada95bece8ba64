/**
 * The mexec family: the exec calls of POSIX, for a machine that is picked when the call is made. A promise takes the place of the
 * process that exec replaces: it resolves when the program has ended, and rejects where exec would have returned.
 *
 * The letters mean what they do in exec: `l` takes the arguments one by one and `v` as an array, `e` takes an environment, `p`
 * searches PATH. `argv[0]` is part of the arguments, as in C, and nothing is started without one; a program is called by the name
 * or path that was given for it, whatever `argv[0]` is. A file that the system takes for no program is run by /bin/sh, in all of
 * them.
 */

import { constants } from "node:os";
import { Canceller } from "./base/abort.js";
import { type ExitStatus, isSuccess } from "./base/exit-status.js";
import { UserError } from "./base/user-error.js";
import { fromUnicode } from "./os/bytes.js";
import { currentDirectory } from "./os/current-directory.js";
import { strerror } from "./os/strerror.js";
import { readUmask } from "./os/umask.js";
import { KeptClusters } from "./session/kept-clusters.js";
import { runProgram } from "./session/run-program.js";

/** Of this process. */
const clusters = new KeptClusters();

/** Variables by name; one that is undefined is not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a program ended. `core`: it left a core file, as far as is known. */
export type ProgramEnd = Extract<ExitStatus, { readonly kind: "exited" | "signalled" }>;

export interface MexecOptions {
  /** `NODES`, as its option would say it; that of the process's environment when left out. */
  readonly nodes?: string;
  /** The client key file; `MPMAKE_KEY` of the process's environment when left out. */
  readonly keyFile?: string;
  /** No node can be reached: an error instead of running here. */
  readonly strict?: boolean;
  /** Absolute, and the same on every node; the process's own when left out. */
  readonly directory?: string;
  /** Our descriptor that the program reads from; it reads nothing when left out. */
  readonly stdin?: number;
  /**
   * Our descriptors above 2 that the program has under the same numbers; it has none when left out. At most 32, up to number 255. What
   * can be read from a pipe or a socket is read for it, whether it wants it or not. One that is not open is an error, and so is, where nodes
   * are named, one that no other machine can have, such as a directory.
   */
  readonly descriptors?: readonly number[];
  /** Takes what it prints; it goes to our own standard output and error when left out. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Ends the program and every process that it started, by SIGTERM or by the signal whose number is the reason. */
  readonly signal?: AbortSignal;
}

/** The program could not be executed: what exec would have returned, in the shape of Node's own system errors. */
export class ExecError extends Error {
  /** `ENOENT`, `EACCES`, `E2BIG`, `EINVAL`, … */
  readonly code: string;
  /** The same as a number, negative as Node has it; undefined for an error that this system does not number. */
  readonly errno: number | undefined;
  readonly syscall = "execve";
  /** The program, or the directory that could not be entered. */
  readonly path: string;

  constructor(code: string, path: string) {
    super(`${code}: ${strerror(code).toLowerCase()}, execve '${path}'`);
    this.name = "ExecError";
    this.code = code;
    const number = (constants.errno as Readonly<Record<string, number>>)[code];
    this.errno = number === undefined ? undefined : -number;
    this.path = path;
  }
}

/** The node went away before it said how the program ended. */
export class NodeLostError extends Error {
  readonly code = "ERR_NODE_LOST";
  readonly node: string;
  /** The program may have run, in part or to its end; false: it certainly was not started. */
  readonly started: boolean;

  constructor({ node, started, reason }: Extract<ExitStatus, { readonly kind: "lost" }>) {
    super(`node ${node} was lost: ${reason}`);
    this.name = "NodeLostError";
    this.node = node;
    this.started = started;
  }
}

/** What should have gone between the program and a descriptor of ours did not, and the program does not know. */
abstract class DescriptorError extends Error {
  /** `ENOSPC`, `EPIPE`, `EIO`, … */
  readonly code: string;
  abstract readonly syscall: "read" | "write";
  /** Ours: 1, 2, `stdin`, or one of `descriptors`. */
  readonly descriptor: number;
  /** How it ended all the same. */
  readonly end: ProgramEnd;

  constructor(attempted: string, { fd, errno, end }: DescriptorFailure & { readonly end: ProgramEnd }) {
    super(`${errno}: ${strerror(errno).toLowerCase()}, ${attempted} descriptor ${fd}`);
    this.code = errno;
    this.descriptor = fd;
    this.end = end;
  }
}

/** What the program wrote could not be handed on. */
export class OutputError extends DescriptorError {
  override readonly name = "OutputError";
  readonly syscall = "write";

  constructor(failure: DescriptorFailure & { readonly end: ProgramEnd }) {
    super("write to", failure);
  }
}

/** What the program may have wanted to read could not be read here to its end. */
export class InputError extends DescriptorError {
  override readonly name = "InputError";
  readonly syscall = "read";

  constructor(failure: DescriptorFailure & { readonly end: ProgramEnd }) {
    super("read of", failure);
  }
}

interface DescriptorFailure {
  readonly fd: number;
  readonly errno: string;
}

/**
 * execvpe: runs a program on the least loaded node, in this directory, with this umask, and waits for its end.
 *
 * @param file - searched for in `environment`'s PATH, on the node, when it has no slash
 * @param argv - never empty; `argv[0]` is its name
 * @param environment - complete
 * @throws ExecError when it cannot be executed
 * @throws NodeLostError when its node went away
 * @throws OutputError when what it wrote there could not be written here; a program that ended by SIGPIPE, or failed otherwise, as
 *   nobody reads has noticed that
 * @throws InputError when it has ended well, and what it could read could not be read here
 * @throws UserError for nodes, keys or configuration that cannot be used
 */
export async function mexecvpe(
  file: string,
  argv: readonly string[],
  environment: Environment,
  options: MexecOptions = {},
): Promise<ProgramEnd> {
  const { nodes, keyFile, strict, onOutput } = options;
  const entries = entriesOf(environment);
  if (argv.length === 0 || [file, ...argv, ...entries].some((text) => text.includes("\0")))
    throw new ExecError("EINVAL", file);
  if (file === "") throw new ExecError("ENOENT", file);
  const [lost, cutShort]: [DescriptorFailure[], DescriptorFailure[]] = [[], []];
  const { status } = await runProgram({
    program: {
      file: fromUnicode(file),
      arguments: argv.slice(1).map(fromUnicode),
      environment: entries,
      directory: options.directory === undefined ? currentDirectory() : fromUnicode(options.directory),
    },
    environment: entriesOf(process.env),
    options: {
      ...(nodes === undefined ? undefined : { nodes }),
      ...(keyFile === undefined ? undefined : { key: keyFile }),
      ...(strict === undefined ? undefined : { strict }),
    },
    userId: process.getuid?.() ?? 0,
    umask: readUmask(),
    stdin: options.stdin,
    further: [...new Set(options.descriptors)].sort((a, b) => a - b),
    furtherIsNamed: true,
    output: onOutput === undefined ? { kind: "inherit" } : { kind: "data", take: onOutput },
    launched: { ignoredSignals: 0n },
    onLost: (fd, errno) => lost.push({ fd, errno }),
    onFailed: (fd, errno) => cutShort.push({ fd, errno }),
    observe: () => undefined,
    cancel: options.signal ?? new Canceller(),
    kept: clusters,
  });
  const end = endOf(status, file);
  const unknown = lost.find(({ errno }) => errno !== "EPIPE" || isSuccess(status));
  if (unknown !== undefined) throw new OutputError({ ...unknown, end });
  const [first] = cutShort;
  if (first !== undefined && isSuccess(status)) throw new InputError({ ...first, end });
  return end;
}

/** execve: a path, and a complete environment. @see mexecvpe */
export async function mexecve(
  path: string,
  argv: readonly string[],
  environment: Environment,
  options: MexecOptions = {},
): Promise<ProgramEnd> {
  if (path === "" || path.includes("/")) return mexecvpe(path, argv, environment, options);
  return mexecvpe(`./${path}`, argv, environment, options).catch((error: unknown) => {
    throw error instanceof ExecError && error.path === `./${path}` ? new ExecError(error.code, path) : error;
  });
}

/** execv: a path, with the process's own environment. @see mexecvpe */
export function mexecv(path: string, argv: readonly string[], options: MexecOptions = {}): Promise<ProgramEnd> {
  return mexecve(path, argv, process.env, options);
}

/** execvp: a name searched for in PATH, with the process's own environment. @see mexecvpe */
export function mexecvp(file: string, argv: readonly string[], options: MexecOptions = {}): Promise<ProgramEnd> {
  return mexecvpe(file, argv, process.env, options);
}

/**
 * As execvp, on one of these nodes and nowhere else: NODES does not count, and when none of them can be reached that is an error.
 * This machine is among them only if `local` is. @see mexecvpe
 *
 * @param nodes - as in NODES, or the names one by one; never empty
 */
export async function mexecxvp(
  nodes: string | readonly string[],
  file: string,
  argv: readonly string[],
  options: Omit<MexecOptions, "nodes" | "strict"> = {},
): Promise<ProgramEnd> {
  const list = typeof nodes === "string" ? nodes : nodes.join(",");
  if (list.trim() === "") throw new UserError("no nodes are named to run a program on");
  return mexecvpe(file, argv, process.env, { ...options, nodes: list, strict: true });
}

/** execl: a path, and its arguments one by one, `argv[0]` first. Nodes and key are the environment's. @see mexecv */
export function mexecl(path: string, ...argv: readonly string[]): Promise<ProgramEnd> {
  return mexecv(path, argv);
}

/** execlp: as execl, with a name searched for in PATH. @see mexecvp */
export function mexeclp(file: string, ...argv: readonly string[]): Promise<ProgramEnd> {
  return mexecvp(file, argv);
}

/** execle: as execl, and behind the arguments a complete environment. @see mexecve */
export function mexecle(
  path: string,
  ...rest: readonly [...argv: string[], environment: Environment]
): Promise<ProgramEnd> {
  const argv = rest.slice(0, -1) as string[];
  return mexecve(path, argv, rest.at(-1) as Environment);
}

/** `NAME=value` each, as bytes. */
export function entriesOf(environment: Environment): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${fromUnicode(name)}=${fromUnicode(value)}`],
  );
}

function endOf(status: ExitStatus, file: string): ProgramEnd {
  switch (status.kind) {
    case "exited":
    case "signalled":
      return status;
    case "unstarted":
      throw new ExecError(status.errno, status.program === fromUnicode(file) ? file : status.program);
    case "lost":
      throw new NodeLostError(status);
  }
}
