/** Signals on their way to a running program. */

import { Broadcast } from "./broadcast.js";

export interface SignalSource {
  /** Calls back with each signal that is to reach the program; with those that came before anybody listened at once. */
  subscribe(listener: (signal: number) => void): () => void;
}

/** Hands signals to whoever listens, and keeps them while nobody does. */
export class SignalRelay implements SignalSource {
  readonly #broadcast = new Broadcast<number>();
  #kept: number[] = [];

  /** Whether a program is there to get them. */
  get isHeard(): boolean {
    return this.#broadcast.isHeard;
  }

  send(signal: number): void {
    if (this.isHeard) this.#broadcast.send(signal);
    else this.#kept.push(signal);
  }

  subscribe(listener: (signal: number) => void): () => void {
    const stop = this.#broadcast.subscribe(listener);
    for (const signal of this.#kept.splice(0)) listener(signal);
    return stop;
  }
}
