/** Writes the protocol's numbers, byte strings and lists; big-endian. */

/** Grows as needed; `take` gives what was written. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): this {
    const start = this.#reserve(1); // first: it may replace the view
    this.#view.setUint8(start, value);
    return this;
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  u16(value: number): this {
    const start = this.#reserve(2); // first: it may replace the view
    this.#view.setUint16(start, value);
    return this;
  }

  u32(value: number): this {
    const start = this.#reserve(4); // first: it may replace the view
    this.#view.setUint32(start, value);
    return this;
  }

  u64(value: bigint): this {
    const start = this.#reserve(8); // first: it may replace the view
    this.#view.setBigUint64(start, value);
    return this;
  }

  i64(value: bigint): this {
    const start = this.#reserve(8); // first: it may replace the view
    this.#view.setBigInt64(start, value);
    return this;
  }

  /** A count of bytes or the like, exact up to 2^53 - 1. */
  count(value: number): this {
    return this.u64(BigInt(Math.max(0, Math.trunc(value))));
  }

  /** A time in milliseconds since the epoch, carried in whole microseconds. */
  time(ms: number): this {
    return this.i64(BigInt(Math.round(ms * 1000)));
  }

  /** A byte string: its length in four bytes, then its chars. */
  text(value: string): this {
    this.u32(value.length);
    const start = this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[start + i] = value.charCodeAt(i);
    return this;
  }

  /** Bytes: their length in four bytes, then they. */
  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  /** Bytes of a length that both sides know. */
  raw(value: Uint8Array): this {
    const start = this.#reserve(value.length);
    this.#bytes.set(value, start);
    return this;
  }

  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.u32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** What was written. The writer is not to be used again. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return start;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
