/** A jobserver that the test holds in its hand. */

import type { Token, Tokens } from "../../src/sched/ports.js";
import { settled } from "./fake-runner.js";

export class FakeTokens implements Tokens {
  readonly free: Token[];
  readonly #listeners = new Set<() => void>();

  constructor(count: number) {
    this.free = Array.from({ length: count }, (_, byte) => ({ byte }));
  }

  tryTake(): Token | undefined {
    return this.free.shift();
  }

  give(token: Token): void {
    this.free.push(token);
  }

  whenFree(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async comeFree(token: Token): Promise<void> {
    this.free.push(token);
    for (const listener of [...this.#listeners]) listener();
    await settled();
  }
}
