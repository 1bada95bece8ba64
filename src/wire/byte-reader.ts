/** Reads the protocol's numbers, byte strings and lists; every length is checked before anything is made of it. */

import { fromBytes } from "../base/latin1.js";
import { WireError } from "./wire-error.js";

/** All methods throw WireError when the bytes do not hold what is asked for. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new WireError(`${String(value)} is neither yes nor no`);
    return value === 1;
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#step(8));
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#step(8));
  }

  /** See ByteWriter.count. */
  count(): number {
    return exact(this.u64());
  }

  /** See ByteWriter.time. */
  time(): number {
    return exact(this.i64()) / 1000;
  }

  /** A byte string of at most `limit` bytes. */
  text(limit: number): string {
    const length = this.u32();
    if (length > limit) throw new WireError(`a string of ${String(length)} bytes, ${String(limit)} are allowed`);
    const start = this.#step(length);
    return fromBytes(this.#bytes.subarray(start, start + length));
  }

  /** At most `limit` bytes, not copied. */
  bytes(limit: number): Uint8Array {
    const length = this.u32();
    if (length > limit) throw new WireError(`${String(length)} bytes, ${String(limit)} are allowed`);
    return this.raw(length);
  }

  /** So many bytes, not copied. */
  raw(length: number): Uint8Array {
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A byte string that will reach the system: without NUL. */
  cString(limit: number): string {
    const text = this.text(limit);
    if (text.includes("\0")) throw new WireError("a string with a NUL in it");
    return text;
  }

  /** A list of at most `limit` items; each takes a byte at least, so a false length is noticed before the list grows. */
  list<T>(limit: number, read: () => T): readonly T[] {
    const length = this.u32();
    if (length > limit) throw new WireError(`a list of ${String(length)}, ${String(limit)} are allowed`);
    if (length > this.#bytes.length - this.#at) throw new WireError("a message that ends too soon");
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read());
    return items;
  }

  /** The message must end here. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new WireError("a message longer than what it says");
  }

  #step(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) throw new WireError("a message that ends too soon");
    this.#at += count;
    return start;
  }
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new WireError(`the number ${String(value)} is out of range`);
  return number;
}
