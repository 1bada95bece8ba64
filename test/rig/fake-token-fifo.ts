/** A job's FIFO that programs of the test's have open. */

import type { TokenFifo } from "../../src/sched/lease-keeper.js";

export class FakeTokenFifo implements TokenFifo {
  tokens = 0;
  opened = true;

  isOpen(): boolean {
    return this.opened;
  }

  count(): number {
    return this.tokens;
  }

  take(most: number): number {
    const taken = Math.min(most, this.tokens);
    this.tokens -= taken;
    return taken;
  }

  put(): boolean {
    if (this.opened) this.tokens++;
    return this.opened;
  }
}
