/** Real pipes between a program and this process: Node's own are sockets, whose names under /dev and /proc cannot be opened. */

import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { HostError } from "../makefile/host.js";
import { toUnicode } from "./bytes.js";
import { INT_BYTES, nativeLibrary } from "./native.js";
import { O_CLOEXEC } from "./proc.js";
import { errnoName, errnoOf, hostError, strerror } from "./strerror.js";
import { temporaryName } from "./temporary.js";

const F_SETFL = 4;
const READ_BYTES = 65536;
/** More than any pipe holds. */
const MAX_PIPE_BYTES = 1 << 20;

/** Two descriptors, both closed on exec; what is written to one is read from the other. Their flags are independent. */
export interface PipeEnds {
  readonly read: number;
  readonly write: number;
}

/** What a program writes to and we read from; both ends of a socket may be one descriptor that we close elsewhere. */
export interface OutputEnds {
  readonly read: number;
  readonly write: number | undefined;
}

/** A new pipe. @throws HostError */
export function openPipe(temporaryDirectory: string): PipeEnds {
  const library = nativeLibrary();
  if (library === undefined) return openPipeByName(temporaryDirectory);
  const ends = Buffer.alloc(2 * INT_BYTES);
  if (library.calls.pipe2(ends, O_CLOEXEC) === 0)
    return { read: ends.readInt32LE(0), write: ends.readInt32LE(INT_BYTES) };
  const errno = errnoName(library.errno());
  throw new HostError(errno, "pipe", strerror(errno));
}

function openPipeByName(temporaryDirectory: string): PipeEnds {
  const path = temporaryName(temporaryDirectory, "mpmake-pipe-");
  makeFifo(path);
  try {
    const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const write = openSync(path, constants.O_WRONLY);
    const read = openSync(path, constants.O_RDONLY);
    closeSync(first);
    return { read, write };
  } catch (error) {
    throw hostError(error, path);
  } finally {
    rmSync(path, { force: true });
  }
}

/** Makes a FIFO that only this user may open. @throws HostError */
export function makeFifo(path: string): void {
  const library = nativeLibrary();
  if (library !== undefined) {
    if (library.calls.mkfifo(Buffer.from(`${path}\0`, "latin1"), 0o600) === 0) return;
    const errno = errnoName(library.errno());
    throw new HostError(errno, path, strerror(errno));
  }
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const made = spawnSync("mkfifo", ["-m", "600", "--", toUnicode(path) ?? path], { stdio: "ignore" });
  if (made.status !== 0) throw new HostError("EIO", path, strerror("EIO"));
}

/** Many programs have ended by then, and to listen to a pipe takes longer than to read it once. */
const LISTEN_AFTER_MS = 10;

/** What a program writes, handed on as it comes; in the first moment only when it is asked for. */
export class OutputPipe {
  readonly #onData: (bytes: Uint8Array) => void;
  readonly #read: number;
  #write: number | undefined;
  /** Listens to the pipe. */
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  /** Nobody could write any more when it was last read. */
  #isAtEnd = false;
  #open = true;
  #onEnd: () => void = () => undefined;

  /** @param ends - closed by us */
  constructor({ read, write }: OutputEnds, onData: (bytes: Uint8Array) => void) {
    this.#onData = onData;
    this.#read = read;
    this.#write = write;
    if (doesNotWait(read)) this.#timer = setTimeout(() => this.#listen(), LISTEN_AFTER_MS);
    else this.#listen();
  }

  /** The end that the program is given. */
  get writeFd(): number {
    if (this.#write === undefined) throw new Error("internal error: the pipe's writing end is closed");
    return this.#write;
  }

  /** Stops reading, so that the program waits when the pipe is full. */
  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Calls back when nobody can write to it any more; that needs our own end to be left. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /** Leaves the writing to the programs that have the pipe. */
  leave(): void {
    this.#closeWrite();
  }

  /** Hands on all that was written until now. */
  flush(): void {
    if (!this.#open || this.#socket?.destroyed === true) return;
    this.#socket?.pause();
    this.#drain();
    if (!this.#isPaused) this.#socket?.resume();
  }

  /** Hands on all that was written until now, then closes; whoever still holds the writing end finds nobody reading. */
  finish(): void {
    this.#closeWrite();
    this.flush();
    if (this.#socket !== undefined) this.#socket.destroy();
    else if (this.#open) closeSync(this.#read);
    clearTimeout(this.#timer);
    this.#open = false;
  }

  /** As `finish`, but whoever still holds the writing end goes on being read, as long as this process lives anyway. */
  release(): void {
    this.#closeWrite();
    this.flush();
    if (!this.#open) return;
    clearTimeout(this.#timer);
    if (this.#socket === undefined && this.#isAtEnd) {
      closeSync(this.#read);
      this.#open = false;
      return;
    }
    if (this.#socket === undefined) this.#listen();
    this.#socket?.unref(); // and closes itself at the end
  }

  #listen(): void {
    const net = process.getBuiltinModule("node:net");
    const socket = new net.Socket({ fd: this.#read, readable: true, writable: false });
    socket.on("data", this.#onData);
    // A pipe's end has no way to fail but by being closed here; a socket's does when the other side has left something unread.
    socket.on("error", () => this.#onEnd());
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => (this.#open = false));
    if (this.#isPaused) socket.pause();
    this.#socket = socket;
  }

  /** The reading end never waits. */
  #drain(): void {
    while (this.#socket !== undefined && this.#socket.read() !== null); // emits what the socket holds
    // Bounded, as a program that was left in the background may go on writing for ever.
    for (let left = MAX_PIPE_BYTES; left > 0; left -= READ_BYTES) {
      const count = readSome(this.#read, scratch);
      this.#isAtEnd = count === 0;
      if (count <= 0) return;
      this.#onData(Buffer.from(scratch.subarray(0, count)));
    }
  }

  #closeWrite(): void {
    if (this.#write !== undefined) closeSync(this.#write);
    this.#write = undefined;
  }
}

/** Makes a new reading end such that reading from it never waits. @returns false where that takes a socket */
function doesNotWait(fd: number): boolean {
  const library = nativeLibrary();
  if (library === undefined) return false;
  return library.calls.fcntl(fd, F_SETFL, constants.O_RDONLY | constants.O_NONBLOCK) === 0;
}

/** Most pipes that are looked into hold little or nothing: that costs no memory. */
const scratch = Buffer.allocUnsafeSlow(READ_BYTES);

const NOTHING_NOW = -1;

/** @returns 0 at the end; that nothing is there now Node tells by an exception, at the cost of many a read */
function readSome(fd: number, buffer: Buffer): number {
  const library = nativeLibrary();
  if (library === undefined) return readSomeByNode(fd, buffer);
  const count = library.calls.read(fd, buffer, buffer.length);
  if (count >= 0) return count;
  const errno = errnoName(library.errno());
  if (errno === "EAGAIN") return NOTHING_NOW;
  if (errno === "ECONNRESET") return 0;
  throw new HostError(errno, "read", strerror(errno));
}

function readSomeByNode(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    if (errnoOf(error) === "EAGAIN") return NOTHING_NOW;
    if (errnoOf(error) === "ECONNRESET") return 0;
    throw error;
  }
}
