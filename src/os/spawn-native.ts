/** Starting programs by the C library's posix_spawn: exact bytes, real wait statuses, and no copy of this process's memory map. */

import { closeSync, readSync } from "node:fs";
import type { ExitStatus } from "../base/exit-status.js";
import { resolveIn } from "./bytes.js";
import { fillCStrings, type CStrings } from "./c-strings.js";
import { INT_BYTES, type NativeLibrary, SIGNAL_SET_BYTES, SPAWN_STRUCTURE_BYTES } from "./native.js";
import { O_CLOEXEC } from "./proc.js";
import { type Entry, entering, type Launched, openFilesLimit, planEntry } from "./process-settings.js";
import { statusOfWait, theReaper } from "./reaper.js";
import { directoryTrouble, findProgram, programTrouble, unstarted } from "./search-path.js";
import { isInMask } from "./signals.js";
import {
  type CaptureRequest,
  type Captured,
  CLOSED,
  type DescriptorMove,
  type SpawnRequest,
  type Spawner,
  type Started,
  TERMINAL,
} from "./spawner.js";
import { errnoName, errnoOf } from "./strerror.js";

const POSIX_SPAWN_SETPGROUP = 0x02;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const O_RDWR = 2;
const SIG_IGN = 1;
/** Node ignores SIGPIPE and SIGXFSZ, posix_spawn the C library's own two; programs must not, unless our caller had us do so. */
const NOT_TO_BE_IGNORED = [13, 25, 32, 33];
const EINTR = 4;
const READ_BYTES = 65536;
/** What runs a file that the kernel takes for no program, as in a shell. */
const FALLBACK_SHELL = "/bin/sh";

/** @see createSpawner */
export class NativeSpawner implements Spawner {
  readonly kind = "native";
  readonly #library: NativeLibrary;
  readonly #reaper: ReturnType<typeof theReaper>;
  readonly #attributes = new Map<string, Buffer>();
  /** For programs of which nothing else is asked: as our caller would have started them. */
  readonly #plain: Way;
  /** The environment that was used last: most programs get the same. */
  #environment: { readonly entries: readonly string[]; readonly block: CStrings } | undefined = undefined;
  readonly #pid = Buffer.alloc(INT_BYTES);
  readonly #status = Buffer.alloc(INT_BYTES);

  constructor(library: NativeLibrary, launched: Launched) {
    this.#library = library;
    this.#reaper = theReaper(library.calls);
    const { ignoredSignals, blockedSignals = 0n } = launched;
    for (let signal = 1; signal < 32; signal++) {
      // Node set every signal to its default when it started; children inherit what we ignore.
      if (isInMask(ignoredSignals, signal)) library.calls.signal(signal, SIG_IGN);
    }
    this.#plain = { entry: plainEntry(launched), ignoredSignals, blockedSignals };
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
    const way = this.#wayOf(request);
    const [first, ...rest] = way.entry.words;
    // What a program before it would say of it is not what we say.
    const early = first === undefined ? undefined : programTrouble(resolveIn(request.directory, found.path));
    if (early !== undefined) return unstarted(request.program, early);
    let error =
      first === undefined
        ? this.#exec(request, { path: found.path, argv: request.argv, way })
        : this.#exec(request, { path: first, argv: [first, ...rest, ...request.argv], way });
    if (error === "ENOEXEC") {
      const argv = [FALLBACK_SHELL, found.path, ...request.argv.slice(1)];
      error = this.#exec(request, { path: FALLBACK_SHELL, argv, way });
    }
    if (error === undefined) return this.#pid.readInt32LE(0);
    const trouble = directoryTrouble(request.directory);
    return trouble === undefined ? unstarted(request.program, error) : unstarted(request.directory, trouble);
  }

  #wayOf({ settings }: SpawnRequest): Way {
    if (settings === undefined) return this.#plain;
    const { ignoredSignals, blockedSignals } = settings;
    return { entry: planEntry(settings), ignoredSignals, blockedSignals };
  }

  /** @returns the errno's name, or undefined when `#pid` holds the child's */
  #exec(
    request: SpawnRequest,
    { path, argv, way }: { readonly path: string; readonly argv: readonly string[]; readonly way: Way },
  ): string | undefined {
    const { calls, address } = this.#library;
    const actions = Buffer.alloc(SPAWN_STRUCTURE_BYTES);
    calls.posix_spawn_file_actions_init(actions);
    const umask = request.umask === undefined ? undefined : process.umask(request.umask);
    try {
      calls.posix_spawn_file_actions_addchdir_np(actions, cString(request.directory));
      this.#addDescriptors(actions, request);
      const words = fillCStrings(argv, address);
      const environment = this.#environmentBlock(request.environment);
      const attributes = this.#attributesFor(request.group, way);
      const error = entering(this.#library, way.entry, () =>
        calls.posix_spawn(this.#pid, cString(path), actions, attributes, words.pointers, environment.pointers),
      );
      return error === 0 ? undefined : errnoName(error);
    } finally {
      if (umask !== undefined) process.umask(umask);
      calls.posix_spawn_file_actions_destroy(actions);
    }
  }

  #addDescriptors(actions: Buffer, request: SpawnRequest): void {
    const { calls } = this.#library;
    for (const [from, to] of descriptorMoves(request)) {
      if (from === CLOSED) calls.posix_spawn_file_actions_addclose(actions, to);
      else calls.posix_spawn_file_actions_adddup2(actions, from, to);
    }
    let terminal: number | undefined;
    for (const [fd, source] of [request.stdin, request.stdout, request.stderr].entries()) {
      if (source === CLOSED) calls.posix_spawn_file_actions_addclose(actions, fd);
      if (source !== TERMINAL) continue;
      if (terminal !== undefined) calls.posix_spawn_file_actions_adddup2(actions, terminal, fd);
      else calls.posix_spawn_file_actions_addopen(actions, fd, cString(request.terminal ?? ""), O_RDWR, 0);
      terminal ??= fd;
    }
    for (const [from, to] of request.further ?? []) {
      if (from === TERMINAL && terminal !== undefined) calls.posix_spawn_file_actions_adddup2(actions, terminal, to);
    }
  }

  #environmentBlock(entries: readonly string[]): CStrings {
    if (this.#environment === undefined || !isSame(this.#environment.entries, entries))
      this.#environment = { entries, block: fillCStrings(entries, this.#library.address) };
    return this.#environment.block;
  }

  #attributesFor(group: SpawnRequest["group"], { ignoredSignals, blockedSignals }: Way): Buffer {
    const key = `${group} ${String(ignoredSignals)} ${String(blockedSignals)}`;
    const known = this.#attributes.get(key);
    if (known !== undefined) return known;
    const { calls } = this.#library;
    const attributes = Buffer.alloc(SPAWN_STRUCTURE_BYTES);
    calls.posix_spawnattr_init(attributes);
    const reset = NOT_TO_BE_IGNORED.filter((signal) => !isInMask(ignoredSignals, signal));
    calls.posix_spawnattr_setsigdefault(
      attributes,
      signalSet(reset.reduce((set, signal) => set | (1n << BigInt(signal - 1)), 0n)),
    );
    calls.posix_spawnattr_setsigmask(attributes, signalSet(blockedSignals));
    calls.posix_spawnattr_setflags(attributes, GROUP_FLAGS[group] | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    this.#attributes.set(key, attributes);
    return attributes;
  }
}

const GROUP_FLAGS = { own: POSIX_SPAWN_SETPGROUP, session: POSIX_SPAWN_SETSID, inherit: 0 };

/** How a program is started: what it inherits. */
interface Way {
  readonly entry: Entry;
  readonly ignoredSignals: bigint;
  readonly blockedSignals: bigint;
}

/** Node has raised the soft limit of open files; and we go on ignoring what our caller ignored. */
function plainEntry({ openFiles }: Launched): Entry {
  const limits = openFiles === undefined ? [] : openFilesLimit(openFiles);
  return { words: [], limits, oomScoreAdjust: undefined, ignoredSignals: 0n };
}

function signalSet(signals: bigint): Buffer {
  const set = Buffer.alloc(SIGNAL_SET_BYTES);
  set.writeBigUInt64LE(signals);
  return set;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((entry, i) => entry === b[i]));
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "latin1");
}

/**
 * The `dup2` calls, in order, that give the child its descriptors: none overwrites what a later one still needs. From `CLOSED`: it
 * is closed. A descriptor that is moved onto itself is thereby made to survive the exec.
 */
export function descriptorMoves(
  request: Pick<SpawnRequest, "stdin" | "stdout" | "stderr" | "keep" | "further">,
): DescriptorMove[] {
  const wanted: readonly DescriptorMove[] = [
    [request.stdin, 0],
    [request.stdout, 1],
    [request.stderr, 2],
    ...(request.further ?? []),
  ];
  let pending = wanted.filter(([from]) => from !== CLOSED && from !== TERMINAL);
  const kept = (request.keep ?? []).map((fd): DescriptorMove => [fd, fd]);
  const moves: DescriptorMove[] = [];
  const spares: DescriptorMove[] = [];
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
    const [first] = pending as [DescriptorMove];
    const spare = spareDescriptor([...wanted.flat(), ...kept.flat(), ...spares.flat()]);
    moves.push([first[0], spare]);
    spares.push([CLOSED, spare]);
    pending = [...pending.slice(1), [spare, first[1]]];
  }
  return [...moves, ...kept, ...spares];
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
    const count = readOrAgain(fd, buffer);
    if (count === 0) return text;
    text += buffer.toString("latin1", 0, count);
  }
}

/** A signal may end a read before its time. */
function readOrAgain(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer, 0, READ_BYTES, null);
    } catch (error) {
      if (errnoOf(error) !== "EINTR") throw error;
    }
  }
}
