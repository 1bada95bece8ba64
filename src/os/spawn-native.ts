/** Starting programs by the C library's posix_spawn: exact bytes, real wait statuses, and no copy of this process's memory map. */

import { closeSync, readSync } from "node:fs";
import type { ExitStatus } from "../base/exit-status.js";
import { fillCStrings, type CStrings } from "./c-strings.js";
import { INT_BYTES, type NativeLibrary, SIGNAL_SET_BYTES, SPAWN_STRUCTURE_BYTES } from "./native.js";
import { statusOfWait, theReaper } from "./reaper.js";
import { directoryTrouble, findProgram, unstarted } from "./search-path.js";
import type { CaptureRequest, Captured, SpawnRequest, Spawner, Started } from "./spawner.js";
import { errnoName } from "./strerror.js";

const POSIX_SPAWN_SETPGROUP = 0x02;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSID = 0x80;
const O_CLOEXEC = 0o2000000;
const SIG_IGN = 1;
/** Node ignores these, SIGPIPE and SIGXFSZ; programs must not, unless our caller had us do so. */
const IGNORED_BY_NODE = [13, 25];
const EINTR = 4;
const READ_BYTES = 65536;
/** What runs a file that the kernel takes for no program, as in a shell. */
const FALLBACK_SHELL = "/bin/sh";

/** @see createSpawner */
export class NativeSpawner implements Spawner {
  readonly kind = "native";
  readonly #library: NativeLibrary;
  readonly #reaper: ReturnType<typeof theReaper>;
  readonly #attributes: Readonly<Record<SpawnRequest["group"], Buffer>>;
  /** The environment that was used last: most programs get the same. */
  #environment: { readonly entries: readonly string[]; readonly block: CStrings } | undefined = undefined;
  readonly #pid = Buffer.alloc(INT_BYTES);
  readonly #status = Buffer.alloc(INT_BYTES);

  constructor(library: NativeLibrary, ignoredSignals: bigint) {
    this.#library = library;
    this.#reaper = theReaper(library.calls);
    for (let signal = 1; signal < 32; signal++) {
      // Node set every signal to its default when it started; children inherit what we ignore.
      if (isIn(ignoredSignals, signal)) library.calls.signal(signal, SIG_IGN);
    }
    const reset = IGNORED_BY_NODE.filter((signal) => !isIn(ignoredSignals, signal));
    this.#attributes = {
      own: this.#makeAttributes(POSIX_SPAWN_SETPGROUP, reset),
      session: this.#makeAttributes(POSIX_SPAWN_SETSID, reset),
      inherit: this.#makeAttributes(0, reset),
    };
  }

  spawn(request: SpawnRequest): Started {
    const pid = this.#start(request);
    if (typeof pid !== "number") return { pid: undefined, exit: Promise.resolve(pid), kill: () => undefined };
    const exit = this.#reaper.wait(pid);
    return { pid, exit, kill: (signal) => this.#reaper.kill(pid, signal, request.group !== "inherit") };
  }

  capture(request: CaptureRequest): Captured {
    const ends = Buffer.alloc(2 * INT_BYTES);
    if (this.#library.calls.pipe2(ends, O_CLOEXEC) !== 0) return this.#cannot(request.program);
    const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(INT_BYTES)];
    try {
      const pid = this.#startThenClose({ ...request, stdout: write, group: "inherit" }, write);
      if (typeof pid !== "number") return { stdout: "", status: pid };
      const stdout = readAll(read);
      return { stdout, status: this.#waitFor(pid) };
    } finally {
      closeSync(read);
    }
  }

  #startThenClose(request: SpawnRequest, fd: number): number | ExitStatus {
    try {
      return this.#start(request);
    } finally {
      closeSync(fd);
    }
  }

  #cannot(program: string): Captured {
    return { stdout: "", status: unstarted(program, errnoName(this.#library.errno())) };
  }

  #waitFor(pid: number): ExitStatus {
    while (this.#library.calls.waitpid(pid, this.#status, 0) < 0) {
      if (this.#library.errno() !== EINTR) throw new Error(`internal error: cannot wait for process ${String(pid)}`);
    }
    return statusOfWait(this.#status.readInt32LE(0));
  }

  /** @returns the pid, or why there is none */
  #start(request: SpawnRequest): number | ExitStatus {
    const found = findProgram(request.program, request);
    if (!found.ok) return unstarted(request.program, found.errno);
    let error = this.#exec(request, found.path, request.argv);
    if (error === "ENOEXEC")
      error = this.#exec(request, FALLBACK_SHELL, [FALLBACK_SHELL, found.path, ...request.argv.slice(1)]);
    if (error === undefined) return this.#pid.readInt32LE(0);
    const trouble = directoryTrouble(request.directory);
    return trouble === undefined ? unstarted(request.program, error) : unstarted(request.directory, trouble);
  }

  /** @returns the errno's name, or undefined when `#pid` holds the child's */
  #exec(request: SpawnRequest, path: string, argv: readonly string[]): string | undefined {
    const { calls, address } = this.#library;
    const actions = Buffer.alloc(SPAWN_STRUCTURE_BYTES);
    calls.posix_spawn_file_actions_init(actions);
    const umask = request.umask === undefined ? undefined : process.umask(request.umask);
    try {
      calls.posix_spawn_file_actions_addchdir_np(actions, cString(request.directory));
      for (const [from, to] of descriptorMoves(request)) calls.posix_spawn_file_actions_adddup2(actions, from, to);
      const words = fillCStrings(argv, address);
      const environment = this.#environmentBlock(request.environment);
      const attributes = this.#attributes[request.group];
      const error = calls.posix_spawn(
        this.#pid,
        cString(path),
        actions,
        attributes,
        words.pointers,
        environment.pointers,
      );
      return error === 0 ? undefined : errnoName(error);
    } finally {
      if (umask !== undefined) process.umask(umask);
      calls.posix_spawn_file_actions_destroy(actions);
    }
  }

  #environmentBlock(entries: readonly string[]): CStrings {
    if (this.#environment === undefined || !isSame(this.#environment.entries, entries))
      this.#environment = { entries, block: fillCStrings(entries, this.#library.address) };
    return this.#environment.block;
  }

  #makeAttributes(flags: number, reset: readonly number[]): Buffer {
    const { calls } = this.#library;
    const attributes = Buffer.alloc(SPAWN_STRUCTURE_BYTES);
    const signals = Buffer.alloc(SIGNAL_SET_BYTES);
    signals.writeBigUInt64LE(reset.reduce((set, signal) => set | (1n << BigInt(signal - 1)), 0n));
    calls.posix_spawnattr_init(attributes);
    calls.posix_spawnattr_setsigdefault(attributes, signals);
    calls.posix_spawnattr_setflags(attributes, flags | POSIX_SPAWN_SETSIGDEF);
    return attributes;
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((entry, i) => entry === b[i]));
}

function isIn(signals: bigint, signal: number): boolean {
  return ((signals >> BigInt(signal - 1)) & 1n) === 1n;
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "latin1");
}

/**
 * The `dup2` calls, in order, that give the child its descriptors: none overwrites what a later one still needs.
 * A descriptor that is moved onto itself is thereby made to survive the exec.
 */
export function descriptorMoves(
  request: Pick<SpawnRequest, "stdin" | "stdout" | "stderr" | "keep">,
): [from: number, to: number][] {
  let pending: [number, number][] = [
    [request.stdin, 0],
    [request.stdout, 1],
    [request.stderr, 2],
  ];
  const kept = (request.keep ?? []).map((fd): [number, number] => [fd, fd]);
  const moves: [number, number][] = [];
  while (pending.length > 0) {
    const next = pending.find(([from, to]) =>
      pending.every(([source, target]) => source !== to || target === to || from === to),
    );
    if (next !== undefined) {
      moves.push(next);
      pending = pending.filter((move) => move !== next);
      continue;
    }
    // A circle, as 1 to 2 and 2 to 1: the first of it waits elsewhere.
    const [first] = pending as [[number, number]];
    const spare = spareDescriptor([...pending.flat(), ...kept.flat()]);
    moves.push([first[0], spare]);
    pending = [...pending.slice(1), [spare, first[1]]];
  }
  return [...moves, ...kept];
}

function spareDescriptor(used: readonly number[]): number {
  let fd = 3;
  while (used.includes(fd)) fd++;
  return fd;
}

function readAll(fd: number): string {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let text = "";
  for (;;) {
    const count = readSync(fd, buffer, 0, READ_BYTES, null);
    if (count === 0) return text;
    text += buffer.toString("latin1", 0, count);
  }
}
