/** The standard input of a recipe on a node: a real pipe, filled with what the client sends. */

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { PipeEnds } from "../os/pipes.js";

export interface InputPipeListener {
  /** So many bytes went into the pipe, or nobody is there to read them: the client may send more. */
  readonly onTaken: (bytes: number) => void;
  /** Nobody reads it any more. Called once, when something is written. */
  readonly onUnread: () => void;
}

export class InputPipe {
  readonly #listener: InputPipeListener;
  readonly #writer: Socket;
  #read: number | undefined;

  /** @param ends - closed by us */
  constructor({ read, write }: PipeEnds, listener: InputPipeListener) {
    this.#read = read;
    this.#listener = listener;
    this.#writer = new Socket({ fd: write, readable: false, writable: true });
    this.#writer.once("error", () => {
      this.#writer.destroy(); // EPIPE: the readers have gone
      listener.onUnread();
    });
  }

  /** The end that recipes read from; all lines of a job share it. */
  get readFd(): number {
    if (this.#read === undefined) throw new Error("internal error: the pipe's reading end is closed");
    return this.#read;
  }

  take(bytes: Uint8Array | "end"): void {
    const { onTaken } = this.#listener;
    if (bytes === "end") this.#writer.end();
    else if (this.#writer.writable) this.#writer.write(bytes, () => onTaken(bytes.length));
    else onTaken(bytes.length);
  }

  /** Leaves the reading to the programs that were started. */
  leave(): void {
    if (this.#read !== undefined) closeSync(this.#read);
    this.#read = undefined;
  }

  close(): void {
    this.#writer.destroy();
    this.leave();
  }
}
