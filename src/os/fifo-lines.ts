/** A FIFO to which others write lines: each comes whole, however it was read. */

import { constants, openSync, readSync } from "node:fs";
import { Socket } from "node:net";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";

/** What a pipe holds. */
const PIPE_BYTES = 65536;

export class FifoLines {
  /** Ours, to tell the FIFO from others by. */
  readonly fd: number;
  readonly #socket: Socket;
  readonly #onLine: (line: string) => void;
  #rest = "";

  /** Open for writing too, it does not end between two writers. @throws ErrnoException */
  constructor(path: string, onLine: (line: string) => void) {
    this.#onLine = onLine;
    this.fd = openSync(toPath(path), constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd: this.fd, readable: true, writable: false });
    this.#socket.on("data", (bytes: Buffer) => this.#read(bytes));
  }

  /** It does not keep this process alive. */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  /** Reads at once what has been written by now. */
  drain(): void {
    const bytes = Buffer.alloc(PIPE_BYTES);
    const count = attempt(() => readSync(this.fd, bytes)) ?? 0; // EAGAIN: nothing
    this.#read(bytes.subarray(0, count));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const lines = (this.#rest + bytes.toString("latin1")).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
  }
}
