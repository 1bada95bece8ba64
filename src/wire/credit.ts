/** Flow control: how much may be sent, and how much of what came was taken; per stream and per connection. */

import { WireError } from "./wire-error.js";

/** The sender's side of one window. */
export class SendCredit {
  readonly #window: number;
  #left: number;

  constructor(windowBytes: number) {
    this.#window = windowBytes;
    this.#left = windowBytes;
  }

  get left(): number {
    return this.#left;
  }

  spend(bytes: number): void {
    if (bytes > this.#left) throw new Error("internal error: more was sent than there is credit for");
    this.#left -= bytes;
  }

  /** @throws WireError when more comes back than was sent */
  grant(bytes: number): void {
    if (bytes === 0 || this.#left + bytes > this.#window)
      throw new WireError(`a credit of ${String(bytes)} bytes too many`);
    this.#left += bytes;
  }
}

/** The receiver's side of one window. */
export class ReceiveCredit {
  readonly #window: number;
  #open: number;
  #taken = 0;

  constructor(windowBytes: number) {
    this.#window = windowBytes;
    this.#open = windowBytes;
  }

  /** Something is about to arrive. @throws WireError when the sender had no credit for it */
  expect(bytes: number): void {
    if (bytes > this.#open) throw new WireError("more data than credit");
    this.#open -= bytes;
  }

  /** Something was taken. @returns what to grant now: nothing until half the window has gathered */
  take(bytes: number): number {
    this.#taken += bytes;
    if (this.#taken * 2 < this.#window) return 0;
    const grant = this.#taken;
    this.#taken = 0;
    this.#open += grant;
    return grant;
  }
}
