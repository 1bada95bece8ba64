/** The worker's end of what a program both reads and writes: a socket, or its terminal. */

import { readSync } from "node:fs";
import type { Socket } from "node:net";
import { errnoOf } from "../os/strerror.js";

export interface TwoWayOptions {
  readonly stream: Socket;
  /** The same descriptor as the stream's, for reading what is there without waiting. */
  readonly fd: number;
  readonly onData: (bytes: Uint8Array) => void;
  /** So many bytes went in, or nobody is there to read them. */
  readonly onTaken: (bytes: number) => void;
  /** What happens at the end of input: no more can be read, or both ways are over, as when a terminal goes away. */
  readonly atEnd: "close" | "hang-up";
  readonly close: () => void;
}

const READ_BYTES = 65536;
/** More than a socket holds. */
const MAX_HELD_BYTES = 4 << 20;

export class TwoWay {
  readonly #options: TwoWayOptions;
  #isOpen = true;
  #isFinished = false;

  constructor(options: TwoWayOptions) {
    this.#options = options;
    const { stream, onData } = options;
    stream.on("data", onData);
    // EPIPE, or a terminal's EIO: nobody holds the other end any more.
    stream.on("error", () => stream.destroy());
    stream.on("close", () => (this.#isOpen = false));
  }

  pause(): void {
    this.#options.stream.pause();
  }

  resume(): void {
    this.#options.stream.resume();
  }

  /** Takes input. */
  take(bytes: Uint8Array | "end"): void {
    const { stream, onTaken, atEnd } = this.#options;
    if (bytes === "end") {
      if (atEnd === "close") stream.end();
      else this.finish();
    } else if (stream.writable) stream.write(bytes, () => onTaken(bytes.length));
    else onTaken(bytes.length);
  }

  /** Hands on all that was written until now. */
  flush(): void {
    const { stream, fd, onData } = this.#options;
    if (!this.#isOpen || stream.destroyed) return;
    const isPaused = stream.isPaused();
    stream.pause();
    while (stream.read() !== null); // emits what the stream holds
    for (let left = MAX_HELD_BYTES; left > 0; left -= READ_BYTES) {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      const count = readSome(fd, buffer);
      if (count === 0) break;
      onData(buffer.subarray(0, count));
    }
    if (!isPaused) stream.resume();
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.flush();
    this.#isOpen = false;
    this.#options.stream.destroy();
    this.#options.close();
  }
}

/** @returns 0 at the end, or when nothing is there now */
function readSome(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EAGAIN" || errno === "EIO" || errno === "ECONNRESET") return 0;
    throw error;
  }
}
