/** Frames: `u32 length | u8 type | u24 stream | payload`, cut out of a stream of bytes. */

import { GrowingBytes } from "./growing-bytes.js";
import { HEADER_BYTES, MAX_FRAME_BYTES } from "./limits.js";
import { WireError } from "./wire-error.js";

export interface FrameHeader {
  /** Bytes of payload. */
  readonly length: number;
  readonly code: number;
  /** 0: the connection itself. */
  readonly stream: number;
}

/** Whether a frame is wanted in one piece, or its bytes are handed on as they arrive. */
export type Delivery = "whole" | "pieces";

export interface Frame {
  readonly header: FrameHeader;
  /** All of the payload, or the next bytes of it. Valid until the next call of `push`. */
  readonly payload: Uint8Array;
}

/** The eight bytes before a payload. */
export function frameHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.length);
  view.setUint32(4, header.stream);
  view.setUint8(4, header.code);
  return bytes;
}

interface OpenFrame {
  readonly header: FrameHeader;
  readonly delivery: Delivery;
  /** Bytes of the payload not yet seen. */
  missing: number;
}

/**
 * Cuts frames. `admit` sees each header before a byte of its payload is kept and refuses it by throwing WireError, so
 * memory is never held for a frame that is not allowed; and it grows with what has arrived, never with what was announced.
 */
export class FrameReader {
  readonly #admit: (header: FrameHeader) => Delivery;
  #input: Uint8Array = new Uint8Array(0);
  #open: OpenFrame | undefined;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  readonly #kept = new GrowingBytes();

  constructor(admit: (header: FrameHeader) => Delivery) {
    this.#admit = admit;
  }

  /** Hands over bytes that arrived; `next` must have been called until it returned undefined. */
  push(bytes: Uint8Array): void {
    this.#input = bytes;
  }

  /** The next frame or piece of one; undefined when more bytes are needed. @throws WireError */
  next(): Frame | undefined {
    const open = this.#open ?? this.#readHeader();
    if (open === undefined) return undefined;
    return open.delivery === "pieces" ? this.#nextPiece(open) : this.#nextWhole(open);
  }

  #readHeader(): OpenFrame | undefined {
    const taken = this.#takeInput(HEADER_BYTES - this.#headerBytes);
    this.#header.set(taken, this.#headerBytes);
    this.#headerBytes += taken.length;
    if (this.#headerBytes < HEADER_BYTES) return undefined;
    this.#headerBytes = 0;
    const header = parseHeader(this.#header);
    this.#open = { header, delivery: this.#admit(header), missing: header.length };
    return this.#open;
  }

  #nextPiece(open: OpenFrame): Frame | undefined {
    if (this.#input.length === 0 && open.missing > 0) return undefined;
    const payload = this.#takeInput(open.missing);
    open.missing -= payload.length;
    if (open.missing === 0) this.#open = undefined;
    return { header: open.header, payload };
  }

  #nextWhole(open: OpenFrame): Frame | undefined {
    const taken = this.#takeInput(open.missing);
    open.missing -= taken.length;
    const isAtOnce = this.#kept.length === 0 && open.missing === 0;
    if (!isAtOnce) this.#kept.add(taken, open.header.length);
    if (open.missing > 0) return undefined;
    this.#open = undefined;
    return { header: open.header, payload: isAtOnce ? taken : this.#kept.take() };
  }

  #takeInput(count: number): Uint8Array {
    const taken = this.#input.subarray(0, count);
    this.#input = this.#input.subarray(taken.length);
    return taken;
  }
}

function parseHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0);
  if (length > MAX_FRAME_BYTES)
    throw new WireError(`a frame of ${String(length)} bytes, ${String(MAX_FRAME_BYTES)} are allowed`);
  return { length, code: view.getUint8(4), stream: view.getUint32(4) & 0xff_ffff };
}
