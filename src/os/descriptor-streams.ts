/** Reading and writing a descriptor that we share with others: it is to stay for them what it was, and nobody here is to wait for it. */

import {
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  read as readFd,
  readSync,
  write as writeFd,
} from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { attempt } from "./attempt.js";
import { offsetOf } from "./file-offset.js";
import { nativeLibrary } from "./native.js";
import { duplicate, openAnew } from "./open-file.js";
import { errnoOf, refusalOf } from "./strerror.js";

const READ_BYTES = 65536;
const PIPE = "EPIPE";
/** There is no room for another descriptor. */
const NO_ROOM = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/** What can be read from it. A file is read from where it stands, and stays there. */
export function readableOf(fd: number): Readable {
  const stat = fstatSync(fd);
  if (stat.isSocket()) return new Socket({ fd: socketOf(fd), readable: true, writable: false });
  if (stat.isFIFO()) return pipeReader(fd);
  if (stat.isCharacterDevice() && isatty(fd)) return new ReadStream(openAnew(fd, constants.O_RDONLY));
  if (stat.isCharacterDevice()) return fileReader(fd, undefined, readDevice);
  return fileReader(fd, stat.isFile() ? offsetOf(fd) : undefined);
}

/** Whether an error of what `readableOf` gives is no more than that its other end has gone: for who reads that is its end. */
export function isEnd(readable: Readable, error: Error): boolean {
  const errno = errnoOf(error);
  return errno === "ECONNRESET" || (errno === "EIO" && readable instanceof ReadStream);
}

/** Writes to it, in order, what comes. */
class DescriptorWriter {
  readonly #writable: Writable | undefined;
  /** Why there is nothing to write to. */
  readonly #refused: string = PIPE;
  readonly #onLost: (errno: string) => void;
  #idle: Promise<unknown> = Promise.resolve();

  /** @param onLost - something could not be written; EPIPE: because nobody reads it */
  constructor(fd: number, onLost: (errno: string) => void) {
    this.#onLost = onLost;
    try {
      this.#writable = writableOf(fd)?.on("error", (error) => {
        onLost(errnoOf(error) ?? "EIO");
      });
    } catch (error) {
      const errno = refusalOf(error);
      if (errno === undefined) throw error;
      this.#refused = errno;
    }
  }

  /** Bytes that may change later. @returns whether somebody reads it; it does not reject */
  write(bytes: Uint8Array): Promise<boolean> {
    const writable = this.#writable;
    if (writable === undefined) this.#onLost(this.#refused);
    if (writable === undefined || writable.destroyed || writable.errored !== null) return Promise.resolve(false);
    const written = new Promise<boolean>((resolve) => {
      writable.write(Buffer.from(bytes), (error) => resolve(error === null || error === undefined));
    });
    this.#idle = Promise.all([this.#idle, written]);
    return written;
  }

  /** Resolves when all of it has been written, or cannot be. */
  async idle(): Promise<void> {
    await this.#idle;
  }

  /** No more comes: the other side of a socket is told. */
  end(): void {
    if (this.#writable?.destroyed === false) this.#writable.end();
  }

  /** What is not written by now is lost. */
  close(): void {
    this.#writable?.destroy();
  }
}

/** Writers of descriptors, each made when it is first written to. */
export class DescriptorWriters {
  readonly #onLost: (fd: number, errno: string) => void;
  readonly #writers = new Map<number, DescriptorWriter>();

  /** @param onLost - something could not be written; EPIPE: because nobody reads it */
  constructor(onLost: (fd: number, errno: string) => void) {
    this.#onLost = onLost;
  }

  of(fd: number): DescriptorWriter {
    const known = this.#writers.get(fd);
    if (known !== undefined) return known;
    const writer = new DescriptorWriter(fd, (errno) => this.#onLost(fd, errno));
    this.#writers.set(fd, writer);
    return writer;
  }

  /** Resolves when all of it has been written, or cannot be. */
  async idle(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.idle()));
  }

  /** What is not written by now is lost. */
  close(): void {
    for (const writer of this.#writers.values()) writer.close();
  }
}

/** undefined: nobody reads it any more. @throws HostError and ErrnoException where there is no room */
function writableOf(fd: number): Writable | undefined {
  const stat = fstatSync(fd);
  if (stat.isSocket()) return new Socket({ fd: socketOf(fd), readable: false, writable: true });
  if (!stat.isFIFO()) return createWriteStream("", { fd, autoClose: false, fs: { write: writeFd, close: notClosed } });
  try {
    return new Socket({ fd: openAnew(fd, constants.O_WRONLY | constants.O_NONBLOCK), readable: false, writable: true });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined || NO_ROOM.has(errno)) throw error;
    return undefined;
  }
}

/**
 * A stream made so that a read that waits for ever does not keep this process from ending, and that the descriptor does not become a
 * non-blocking one. A pipe with a name whose writers have gone would not say so to who opens it now: so it is asked first.
 */
function pipeReader(fd: number): Readable {
  const own = attempt(() => openAnew(fd, constants.O_RDONLY | constants.O_NONBLOCK));
  if (own === undefined) return fileReader(fd, undefined); // another user's
  const first = Buffer.allocUnsafe(READ_BYTES);
  const count = attempt(() => readSync(own, first, 0, READ_BYTES, null));
  const socket = new Socket({ fd: own, readable: true, writable: false });
  if (count !== undefined) socket.push(count === 0 ? null : first.subarray(0, count));
  return socket;
}

function fileReader(fd: number, start: number | undefined, read: typeof readFd = readFd): Readable {
  return createReadStream("", {
    ...{ fd, autoClose: false, fs: { read, close: notClosed } },
    ...(start !== undefined && { start }),
  });
}

/** In the place of read(2): a terminal whose other end has gone is at its end. */
const readDevice = ((fd: number, buffer: Buffer, offset: number, length: number, at: number | null, done: ReadDone) =>
  readFd(fd, buffer, offset, length, at, (error, count, bytes) => {
    if (error !== null && errnoOf(error) === "EIO") done(null, 0, bytes);
    else done(error, count, bytes);
  })) as typeof readFd;

type ReadDone = (error: NodeJS.ErrnoException | null, count: number, bytes: Buffer) => void;

/** In the place of close(2): the descriptor stays as long as whoever gave it wants. */
function notClosed(_: number, done: (error?: Error | null) => void): void {
  done();
}

/** A descriptor of our own for the same socket, so that each way can end for itself; where there is no koffi, the very same. */
function socketOf(fd: number): number {
  return nativeLibrary() === undefined ? fd : duplicate(fd);
}
