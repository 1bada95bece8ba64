/** Bytes that arrive in pieces and are wanted in one: in one block, however small the pieces are. */

export class GrowingBytes {
  #block = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param limit - how many they will be in all, at most; no more memory is held, and none before it is needed */
  add(bytes: Uint8Array, limit: number): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#block.length) {
      const larger = new Uint8Array(Math.min(limit, Math.max(needed, this.#block.length * 2, 1024)));
      larger.set(this.#block.subarray(0, this.#length));
      this.#block = larger;
    }
    this.#block.set(bytes, this.#length);
    this.#length = needed;
  }

  /** All of them, not copied; behind it there are none. */
  take(): Uint8Array {
    const taken = this.#block.subarray(0, this.#length);
    this.#block = new Uint8Array(0);
    this.#length = 0;
    return taken;
  }
}
