/** Sends what can be read here to a job, as fast as there is credit, until its end or until nobody wants it. */

import type { Readable } from "node:stream";
import { isEnd } from "../os/descriptor-streams.js";
import { errnoOf } from "../os/strerror.js";
import { DataPump } from "./data-pump.js";

export interface InputSenderOptions {
  /** Accepts some of the bytes and tells how many. */
  readonly send: (bytes: Uint8Array) => number;
  /** Everything has been sent. */
  readonly end: () => void;
  /** It cannot be read any further, and somebody may want it; its end follows. */
  readonly failed: (errno: string) => void;
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
    const broken = (error: Error): void => {
      if (!isEnd(input, error)) this.#options.failed(errnoOf(error) ?? "EIO");
      end();
    };
    this.#stop = () => {
      input.off("data", push).off("end", end).off("error", broken).pause();
    };
    // A pipe cannot be broken for its reader: what cannot be read any more ends for the program. It may be over by now.
    if (input.errored !== null) broken(input.errored);
    else if (input.readableEnded || input.destroyed) end();
    else input.on("data", push).once("end", end).once("error", broken);
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
