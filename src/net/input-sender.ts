/** Sends what can be read here to a job, as fast as there is credit, until its end or until nobody wants it. */

import type { Readable } from "node:stream";
import { DataPump } from "./data-pump.js";

export interface InputSenderOptions {
  /** Accepts some of the bytes and tells how many. */
  readonly send: (bytes: Uint8Array) => number;
  /** Everything has been sent. */
  readonly end: () => void;
}

export class InputSender {
  readonly #options: InputSenderOptions;
  readonly #pump: DataPump;
  #stop: () => void = () => undefined;

  constructor(options: InputSenderOptions) {
    this.#options = options;
    this.#pump = new DataPump((bytes) => options.send(bytes));
  }

  start(input: Readable): void {
    this.#pump.attach(input);
    const push = (bytes: Buffer): void => this.#pump.push(bytes);
    const end = (): void => void this.#pump.idle().then(() => this.#options.end());
    this.#stop = () => {
      input.off("data", push).off("end", end).off("error", end).pause();
    };
    // Input that cannot be read any more ends for the program, as it would for one here; it may be over by now.
    if (input.readableEnded || input.destroyed) end();
    else input.on("data", push).once("end", end).once("error", end);
  }

  /** There may be credit again. */
  credit(): void {
    this.#pump.credit();
  }

  /** Nothing more is read. */
  stop(): void {
    this.#stop();
  }

  /** Nothing more is read, nor sent. */
  drop(): void {
    this.#stop();
    this.#pump.drop();
  }
}
