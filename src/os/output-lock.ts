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
 * A file with a lock on its first byte, as GNU make 4.4 has it. Without koffi there is no such call: then only what one make
 * writes is kept together.
 */
export class OutputLock {
  /** What sub-makes are told: the value of `--sync-mutex`. */
  readonly argument: string;
  readonly #path: string;
  readonly #fd: number;
  readonly #isOurs: boolean;

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

  /** Takes the lock. @returns false when another make has it and it may not be waited for */
  take(mayWait: boolean): boolean {
    return this.#set(mayWait ? F_SETLKW : F_SETLK, F_WRLCK);
  }

  release(): void {
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
