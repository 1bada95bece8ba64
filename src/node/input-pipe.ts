/** The standard input of a recipe on a node: a real pipe, filled with what the client sends. */

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { openPipe } from "../os/pipes.js";

export class InputPipe {
  /** The end that recipes read from; all lines of a job share it. */
  readonly readFd: number;
  readonly #writer: Socket;
  readonly #onTaken: (bytes: number) => void;

  /**
   * @param onTaken - so many bytes went into the pipe, or nobody is there to read them: the client may send more
   * @throws HostError
   */
  constructor(temporaryDirectory: string, onTaken: (bytes: number) => void) {
    const { read, write } = openPipe(temporaryDirectory);
    this.readFd = read;
    this.#onTaken = onTaken;
    this.#writer = new Socket({ fd: write, readable: false, writable: true });
    this.#writer.on("error", () => this.#writer.destroy()); // EPIPE: the readers have gone
  }

  take(bytes: Uint8Array | "end"): void {
    if (bytes === "end") this.#writer.end();
    else if (this.#writer.writable) this.#writer.write(bytes, () => this.#onTaken(bytes.length));
    else this.#onTaken(bytes.length);
  }

  close(): void {
    this.#writer.destroy();
    closeSync(this.readFd);
  }
}
