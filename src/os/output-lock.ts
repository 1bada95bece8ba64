/** The lock under which makes that share an output write to it whole groups at a time (`--sync-mutex`). */

import { closeSync, openSync, rmSync } from "node:fs";
import { toPath } from "./bytes.js";
import { nativeLibrary } from "./native.js";
import { hostError } from "./strerror.js";
import { temporaryName } from "./temporary.js";

const F_SETLK = 6;
const F_SETLKW = 7;
const F_WRLCK = 1;
const F_UNLCK = 2;
/** `struct flock` of 64-bit Linux: type and whence (16 bits each), start and length (64 bits), pid. */
const FLOCK_BYTES = 32;
const LENGTH_OFFSET = 16;
const PREFIX = "fnm:";

/**
 * A file with a lock on its first byte, as GNU make 4.4 has it. Without koffi there is no such call: then only what makes of one
 * process write is kept together.
 *
 * The system's lock knows processes only, and is lost when a process closes any descriptor of the file: so all makes of a process
 * have one of these (`OutputLocks`), and it is one make's at a time.
 */
export class OutputLock {
  /** What sub-makes are told: the value of `--sync-mutex`. */
  readonly argument: string;
  readonly #path: string;
  readonly #fd: number;
  readonly #isOurs: boolean;
  /** Writes what the make that has it wants to write, and gives it back. */
  #settle: (() => void) | undefined;

  private constructor(path: string, isOurs: boolean) {
    this.#path = path;
    this.#isOurs = isOurs;
    this.#fd = openSync(toPath(path), isOurs ? "wx" : "r+", 0o600);
    this.argument = PREFIX + path;
  }

  /** A new lock. The file goes away with `close`. @throws HostError */
  static create(temporaryDirectory: string): OutputLock {
    const path = temporaryName(temporaryDirectory, "GMsync");
    try {
      return new OutputLock(path, true);
    } catch (error) {
      throw hostError(error, path);
    }
  }

  /** The lock that a parent make named by `--sync-mutex`; undefined when it is not one we know. */
  static join(argument: string): OutputLock | undefined {
    if (!argument.startsWith(PREFIX)) return undefined;
    try {
      return new OutputLock(argument.slice(PREFIX.length), false);
    } catch {
      return undefined; // gone, or not ours to write: the output is then kept together within this make alone
    }
  }

  /**
   * Takes the lock.
   *
   * @param settle - called when another make of this process cannot go on without it: ends with `release`
   * @returns false when another make has it and it may not be waited for
   */
  take(mayWait: boolean, settle: () => void): boolean {
    if (this.#settle !== undefined && !mayWait) return false;
    this.#settle?.();
    // Where there are no locks, as on some file systems, what waits is written all the same.
    if (!this.#set(mayWait ? F_SETLKW : F_SETLK, F_WRLCK) && !mayWait) return false;
    this.#settle = settle;
    return true;
  }

  /** Gives it back. @param settle - of whoever takes himself for its holder: what he never began holds nothing */
  release(settle: () => void): void {
    if (this.#settle !== settle) return;
    this.#settle = undefined;
    this.#set(F_SETLK, F_UNLCK);
  }

  close(): void {
    closeSync(this.#fd);
    if (this.#isOurs) rmSync(toPath(this.#path), { force: true });
  }

  #set(command: number, type: number): boolean {
    const lock = Buffer.alloc(FLOCK_BYTES);
    lock.writeInt16LE(type);
    lock.writeBigInt64LE(1n, LENGTH_OFFSET);
    return (nativeLibrary()?.calls.fcntl(this.#fd, command, lock) ?? 0) === 0;
  }
}

/** The locks of all makes of this process, by what sub-makes are told. */
export class OutputLocks {
  readonly #open = new Map<string, { readonly lock: OutputLock; users: number }>();

  /** @param argument - a parent's; undefined: there is none. @returns that one's lock, or a new one. @throws HostError */
  open(argument: string | undefined, temporaryDirectory: string): OutputLock {
    const known = argument === undefined ? undefined : this.#open.get(argument);
    if (known !== undefined) {
      known.users++;
      return known.lock;
    }
    const joined = argument === undefined ? undefined : OutputLock.join(argument);
    const lock = joined ?? OutputLock.create(temporaryDirectory);
    this.#open.set(lock.argument, { lock, users: 1 });
    return lock;
  }

  /** To be called by each who has opened it. */
  close({ argument }: OutputLock): void {
    const known = this.#open.get(argument);
    if (known === undefined || --known.users > 0) return;
    this.#open.delete(argument);
    known.lock.close();
  }
}
