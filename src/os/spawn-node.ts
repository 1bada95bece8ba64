/**
 * Starting programs by `node:child_process`, where koffi is not installed. It differs from the other way in this: a core dump is
 * not told, signals that our caller ignored have their default again, and each start copies this process's memory map.
 */

import type * as ChildProcesses from "node:child_process";
import { closeSync, fstatSync, readSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import type { ExitStatus } from "../base/exit-status.js";
import { resolveIn, toUnicode } from "./bytes.js";
import { quote } from "./quote.js";
import { planEntry } from "./process-settings.js";
import { directoryTrouble, findProgram, programTrouble, unstarted } from "./search-path.js";
import {
  type CaptureRequest,
  type Captured,
  CLOSED,
  type SpawnRequest,
  type Spawner,
  type Started,
} from "./spawner.js";
import { errnoOf } from "./strerror.js";
import { openNameless, temporaryName } from "./temporary.js";

const FALLBACK_SHELL = "/bin/sh";

/** Loaded when it is used: it takes its time. */
function childProcess(): typeof ChildProcesses {
  return process.getBuiltinModule("node:child_process");
}

/** What `node:child_process` is asked: all of it UTF-16 text. */
interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly argv0: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Removes what was made for it. */
  dispose(): void;
}

/** @see createSpawner */
export class ChildProcessSpawner implements Spawner {
  readonly kind = "node";
  readonly #temporaryDirectory: string;
  readonly #environments = new WeakMap<readonly string[], NodeJS.ProcessEnv>();

  constructor(temporaryDirectory: string) {
    this.#temporaryDirectory = temporaryDirectory;
  }

  spawn(request: SpawnRequest): Started {
    const command = entered(this.#command(request), request);
    if ("status" in command) return { pid: undefined, exit: Promise.resolve(command.status), kill: () => undefined };
    const group = request.group !== "inherit";
    const options = {
      argv0: command.argv0,
      cwd: command.cwd,
      env: command.env,
      detached: group,
      stdio: descriptors(request),
    };
    const started = withUmask(request.umask, () =>
      start(() => childProcess().spawn(command.file, command.args, options)),
    );
    if (!started.ok) return this.#unstarted(request, started.errno, command);
    const exit = ended(started.child, request).finally(() => command.dispose());
    return { pid: started.child.pid, exit, kill: (signal) => kill(started.child, signal, group) };
  }

  capture(request: CaptureRequest): Captured {
    const command = this.#command(request);
    if ("status" in command) return { stdout: "", status: command.status };
    // A file and not Node's own pipe, which is a socket: programs could not open their /dev/stdout.
    const fd = openNameless(this.#temporaryDirectory);
    try {
      const options = { argv0: command.argv0, cwd: command.cwd, env: command.env };
      const stdio = descriptors({ ...request, stdout: fd });
      const result = withUmask(request.umask, () =>
        childProcess().spawnSync(command.file, command.args, { ...options, stdio }),
      );
      return { stdout: readWhole(fd), status: statusOf(result, request) };
    } finally {
      closeSync(fd);
      command.dispose();
    }
  }

  #unstarted(request: SpawnRequest, errno: string, command: Command): Started {
    command.dispose();
    return { pid: undefined, exit: Promise.resolve(whyUnstarted(request, errno)), kill: () => undefined };
  }

  #command(request: CaptureRequest): Command | { readonly status: ExitStatus } {
    const trouble = directoryTrouble(request.directory);
    if (trouble !== undefined) return { status: unstarted(request.directory, trouble) };
    const found = findProgram(request.program, request);
    if (!found.ok) return { status: unstarted(request.program, found.errno) };
    const [file, cwd] = [toUnicode(found.path), toUnicode(request.directory)];
    const argv = request.argv.map(toUnicode);
    const env = this.#environment(request.environment);
    if (file === undefined || cwd === undefined || argv.includes(undefined) || env === undefined) {
      return this.#throughScript(request, found.path);
    }
    const [argv0, ...args] = argv as string[];
    return { file, args, argv0: argv0 ?? "", env, cwd, dispose: () => undefined };
  }

  /** Bytes that are no UTF-8 text reach the program by way of a shell that reads them from a file. */
  #throughScript(request: CaptureRequest, path: string): Command | { readonly status: ExitStatus } {
    const trouble = programTrouble(resolveIn(request.directory, path));
    if (trouble !== undefined) return { status: unstarted(request.program, trouble) };
    const script = temporaryName(this.#temporaryDirectory, "mpmake-run-");
    const words = ["env", "-i", ...request.environment, path, ...request.argv.slice(1)].map(quote).join(" ");
    writeFileSync(script, `cd ${quote(request.directory)} && exec ${words}\n`, {
      encoding: "latin1",
      mode: 0o600,
      flag: "wx",
    });
    const dispose = (): void => rmSync(script, { force: true });
    return { file: FALLBACK_SHELL, args: [script], argv0: FALLBACK_SHELL, env: {}, cwd: "/", dispose };
  }

  /** undefined: it cannot be said in UTF-16. */
  #environment(entries: readonly string[]): NodeJS.ProcessEnv | undefined {
    const known = this.#environments.get(entries);
    if (known !== undefined) return known;
    const env = Object.create(null) as NodeJS.ProcessEnv;
    for (const entry of entries) {
      const text = toUnicode(entry);
      if (text === undefined) return undefined;
      const end = text.indexOf("=");
      if (end > 0) env[text.slice(0, end)] ??= text.slice(end + 1);
    }
    this.#environments.set(entries, env);
    return env;
  }
}

/** The command behind the words that give it its settings; signals are what Node makes of them. */
function entered<T extends Command | { readonly status: ExitStatus }>(command: T, { settings }: SpawnRequest): T {
  const [file, ...words] = settings === undefined ? [] : planEntry(settings, []).words;
  if (file === undefined || "status" in command) return command;
  return { ...command, file, argv0: file, args: [...words, command.argv0, ...command.args] };
}

/** One that is closed is /dev/null: there is no way to close it. */
function descriptors(request: Omit<SpawnRequest, "group">): ("ignore" | number)[] {
  const stdio = [request.stdin, request.stdout, request.stderr].map((fd) => (fd === CLOSED ? "ignore" : fd));
  for (const fd of request.keep ?? []) {
    while (stdio.length <= fd) stdio.push("ignore");
    stdio[fd] = fd;
  }
  for (const [from, to] of request.further ?? []) {
    while (stdio.length <= to) stdio.push("ignore");
    stdio[to] = from;
  }
  return stdio;
}

function withUmask<T>(umask: number | undefined, work: () => T): T {
  if (umask === undefined) return work();
  const before = process.umask(umask);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}

type Start =
  { readonly ok: true; readonly child: ChildProcesses.ChildProcess } | { readonly ok: false; readonly errno: string };

/** Most failures are told by an event, some (E2BIG) are thrown. */
function start(work: () => ChildProcesses.ChildProcess): Start {
  try {
    return { ok: true, child: work() };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { ok: false, errno };
  }
}

function ended(child: ChildProcesses.ChildProcess, request: SpawnRequest): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) resolve(whyUnstarted(request, errnoOf(error) ?? "EIO"));
    });
    child.once("exit", (code, signal) => resolve(toStatus(code, signal)));
  });
}

function whyUnstarted(request: CaptureRequest, errno: string): ExitStatus {
  const trouble = directoryTrouble(request.directory);
  return trouble === undefined ? unstarted(request.program, errno) : unstarted(request.directory, trouble);
}

function toStatus(code: number | null, signal: NodeJS.Signals | null): ExitStatus {
  if (signal !== null) return { kind: "signalled", signal: constants.signals[signal], core: false };
  return { kind: "exited", code: code ?? 0 };
}

function statusOf(result: ChildProcesses.SpawnSyncReturns<Buffer>, request: CaptureRequest): ExitStatus {
  const errno = errnoOf(result.error);
  if (errno !== undefined) return whyUnstarted(request, errno);
  return toStatus(result.status, result.signal);
}

/** A file's text, wherever who shares the descriptor has left off. */
function readWhole(fd: number): string {
  const bytes = Buffer.allocUnsafe(fstatSync(fd).size);
  let count = 0;
  while (count < bytes.length) {
    const more = readSync(fd, bytes, count, bytes.length - count, count);
    if (more === 0) break;
    count += more;
  }
  return bytes.toString("latin1", 0, count);
}

function kill(child: ChildProcesses.ChildProcess, signal: number, group: boolean): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(group ? -child.pid : child.pid, signal);
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}
