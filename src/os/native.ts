/** The few calls of the C library that `node:` lacks, through koffi, which is optional: loaded on first use, absent without complaint. */

import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Koffi from "koffi";
import { errnoName } from "./strerror.js";

/** The calls by their C names; buffers stand for pointers, results are the C library's own. */
export interface Native {
  posix_spawn(pid: Buffer, path: Buffer, actions: Buffer, attributes: Buffer, argv: Buffer, envp: Buffer): number;
  posix_spawn_file_actions_init(actions: Buffer): number;
  posix_spawn_file_actions_destroy(actions: Buffer): number;
  posix_spawn_file_actions_adddup2(actions: Buffer, from: number, to: number): number;
  posix_spawn_file_actions_addclose(actions: Buffer, fd: number): number;
  posix_spawn_file_actions_addopen(actions: Buffer, fd: number, path: Buffer, flags: number, mode: number): number;
  posix_spawn_file_actions_addchdir_np(actions: Buffer, directory: Buffer): number;
  posix_spawnattr_init(attributes: Buffer): number;
  posix_spawnattr_setflags(attributes: Buffer, flags: number): number;
  posix_spawnattr_setsigdefault(attributes: Buffer, signals: Buffer): number;
  posix_spawnattr_setsigmask(attributes: Buffer, signals: Buffer): number;
  waitpid(pid: number, status: Buffer, options: number): number;
  pipe2(fds: Buffer, flags: number): number;
  read(fd: number, bytes: Buffer, length: number): number;
  mkfifo(path: Buffer, mode: number): number;
  /** `handler` 0: the default, 1: ignored. */
  signal(signal: number, handler: number): void;
  /** The structures are the C library's own, of `SIGACTION_BYTES`; a null pointer: nothing is set, or told. */
  sigaction(signal: number, action: Buffer | null, before: Buffer | null): number;
  /** Limits are two numbers of 64 bits, soft and hard; process 0 is this one. */
  prlimit(pid: number, resource: number, limit: Buffer | null, before: Buffer | null): number;
  socketpair(domain: number, type: number, protocol: number, fds: Buffer): number;
  /** Options that are one number. */
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Buffer): number;
  send(fd: number, bytes: Buffer, length: number, flags: number): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  tcgetattr(fd: number, termios: Buffer): number;
  tcsetattr(fd: number, when: number, termios: Buffer): number;
  lseek(fd: number, offset: number, whence: number): number;
  /** The argument is a structure for the locking commands, a number for the others. */
  fcntl(fd: number, command: number, argument: Buffer | number): number;
  statx(directory: number, path: Buffer, flags: number, mask: number, result: Buffer): number;
}

/** Reads a result through a pointer argument of the kind above. */
export const INT_BYTES = 4;
/** Room for the C library's opaque spawn structures, larger than any known (glibc 80 and 336, musl 80 and 336). */
export const SPAWN_STRUCTURE_BYTES = 512;
/** `sigset_t`. */
export const SIGNAL_SET_BYTES = 128;
/** Room for `struct sigaction` (152 bytes in both C libraries). */
export const SIGACTION_BYTES = 256;

/** From `linux/fcntl.h` and `linux/stat.h`. */
const AT_FDCWD = -100;
const AT_STATX_FORCE_SYNC = 0x2000;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;

export interface NativeLibrary {
  readonly calls: Native;
  /** Where a buffer's bytes are in memory. They stay there while the buffer lives. */
  readonly address: (buffer: Buffer) => bigint;
  /** The last call's errno. */
  errno(): number;
  /** `poll(2)` on another thread: resolves with its result; `fds` is an array of `struct pollfd`. */
  poll(fds: Buffer, count: number, timeoutMs: number): Promise<number>;
  /** A copy of another process's descriptor, closed on exec (Linux 5.6); undefined: it may not be had. */
  takeDescriptor(pid: number, fd: number): number | undefined;
  /** Has the file system ask its server what a file is like now, which `stat` says then. @returns errno's name when that fails */
  refreshAttributes(path: string): string | undefined;
}

const SIGNATURES: Readonly<Record<keyof Native, readonly [result: string, ...parameters: string[]]>> = {
  posix_spawn: ["int", "void *", "void *", "void *", "void *", "void *", "void *"],
  posix_spawn_file_actions_init: ["int", "void *"],
  posix_spawn_file_actions_destroy: ["int", "void *"],
  posix_spawn_file_actions_adddup2: ["int", "void *", "int", "int"],
  posix_spawn_file_actions_addclose: ["int", "void *", "int"],
  posix_spawn_file_actions_addopen: ["int", "void *", "int", "void *", "int", "uint"],
  posix_spawn_file_actions_addchdir_np: ["int", "void *", "void *"],
  posix_spawnattr_init: ["int", "void *"],
  posix_spawnattr_setflags: ["int", "void *", "short"],
  posix_spawnattr_setsigdefault: ["int", "void *", "void *"],
  posix_spawnattr_setsigmask: ["int", "void *", "void *"],
  waitpid: ["int", "int", "void *", "int"],
  pipe2: ["int", "void *", "int"],
  read: ["int64_t", "int", "void *", "size_t"],
  mkfifo: ["int", "void *", "uint"],
  signal: ["intptr_t", "int", "intptr_t"],
  sigaction: ["int", "int", "void *", "void *"],
  prlimit: ["int", "int", "int", "void *", "void *"],
  socketpair: ["int", "int", "int", "int", "void *"],
  getsockopt: ["int", "int", "int", "int", "void *", "void *"],
  send: ["int64_t", "int", "void *", "size_t", "int"],
  ioctl: ["int", "int", "ulong", "void *"],
  tcgetattr: ["int", "int", "void *"],
  tcsetattr: ["int", "int", "int", "void *"],
  lseek: ["int64_t", "int", "int64_t", "int"],
  fcntl: ["int", "int", "int", "..."],
  statx: ["int", "int", "void *", "int", "uint", "void *"],
};

let loaded: NativeLibrary | null | undefined;

/** The C library; undefined where koffi or this platform's layout of its structures is not known (anything but 64-bit Linux). */
export function nativeLibrary(): NativeLibrary | undefined {
  loaded ??= load() ?? null;
  return loaded ?? undefined;
}

function load(): NativeLibrary | undefined {
  if (process.platform !== "linux" || (process.arch !== "x64" && process.arch !== "arm64")) return undefined;
  const koffi = requireKoffi();
  if (koffi === undefined) return undefined;
  const library = koffi.load(null);
  const calls = bindCalls(library);
  return {
    calls,
    address: (buffer) => koffi.address(buffer),
    errno: () => koffi.errno(),
    poll: bindPoll(library),
    takeDescriptor: bindTakeDescriptor(library),
    refreshAttributes: (path) => {
      const bytes = Buffer.from(`${path}\0`, "latin1");
      const result = calls.statx(AT_FDCWD, bytes, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, Buffer.alloc(STATX_BYTES));
      return result === 0 ? undefined : errnoName(koffi.errno());
    },
  };
}

/** The same numbers on all of Linux's newer machines; the C library of an older one has no names for them. */
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;

function bindTakeDescriptor(library: Koffi.LibraryHandle): NativeLibrary["takeDescriptor"] {
  let syscall: ReturnType<typeof library.func> | undefined;
  return (pid, fd) => {
    const call = (syscall ??= library.func("syscall", "long", ["long", "..."]));
    const process = call(PIDFD_OPEN, "int", pid, "uint", 0) as number;
    if (process < 0) return undefined;
    try {
      const taken = call(PIDFD_GETFD, "int", process, "int", fd, "uint", 0) as number;
      return taken < 0 ? undefined : taken;
    } finally {
      closeSync(process);
    }
  };
}

/** Its native half, where npm has put that beside it, else by its own search, which takes twice as long. */
function requireKoffi(): typeof Koffi | undefined {
  const require = createRequire(import.meta.url);
  const platform = `${process.platform}_${process.arch}`;
  for (const name of [`@koromix/koffi-${platform.replace("_", "-")}/${platform}/koffi.node`, "koffi"]) {
    try {
      return require(name) as typeof Koffi;
    } catch {
      // An optional dependency: not installed, or not built for this machine or its C library.
    }
  }
  return undefined;
}

/** Binds each call when it is first used: a binding costs as much as many calls. */
function bindCalls(library: Koffi.LibraryHandle): Native {
  const calls: Partial<Record<keyof Native, unknown>> = {};
  for (const name of Object.keys(SIGNATURES) as (keyof Native)[]) {
    Object.defineProperty(calls, name, {
      configurable: true,
      get(): unknown {
        const [result, ...parameters] = SIGNATURES[name];
        const call = library.func(name, result, parameters);
        const value = name === "fcntl" ? typedFcntl(call) : call;
        Object.defineProperty(calls, name, { value });
        return value;
      },
    });
  }
  return calls as Native;
}

/** `fcntl` takes its last argument by type and value. */
function typedFcntl(call: (...args: unknown[]) => unknown): Native["fcntl"] {
  return (fd, command, argument) =>
    call(fd, command, typeof argument === "number" ? "int" : "void *", argument) as number;
}

function bindPoll(library: Koffi.LibraryHandle): NativeLibrary["poll"] {
  let poll: ReturnType<typeof library.func> | undefined;
  return (fds, count, timeoutMs) => {
    const call = (poll ??= library.func("poll", "int", ["void *", "ulong", "int"]));
    return new Promise((resolve, reject) => {
      call.async(fds, count, timeoutMs, (error: Error | null, result: number) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
  };
}
