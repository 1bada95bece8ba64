/** Our own outputs, written in one order without waiting for a slow reader: what finds no room now is written when there is some. */

import { closeSync, constants, fstatSync, writeSync } from "node:fs";
import type { Stream } from "../events/event.js";
import { attempt } from "./attempt.js";
import { type NativeLibrary, nativeLibrary } from "./native.js";
import { openAnew } from "./open-file.js";
import { writeAll } from "./output.js";
import { errnoName, errnoOf, hostError } from "./strerror.js";

export interface Piece {
  readonly stream: Stream;
  readonly bytes: Uint8Array;
}

/** Pieces that are written behind each other, with nothing of ours between them. */
export interface Batch {
  /** Before the first piece. @returns false when it cannot begin yet; never when it may wait for that */
  begin?(mayWait: boolean): boolean;
  /** The next piece, its bytes valid until the one behind it is asked for; undefined: there is no more. */
  next(): Piece | undefined;
  /** Behind the last piece, whether or not all could be written. */
  end?(): void;
  /** A piece could not be written, for this reason. */
  complain?(reason: string): void;
}

/** @returns why some of it was lost, if anybody is to be told */
type OnTrouble = (stream: Stream, error: unknown) => string | undefined;

const FIRST_RETRY_MS = 1;
/** A reader that takes long is looked after this often. */
const LAST_RETRY_MS = 16;

export class OutputQueue {
  readonly #writers: Readonly<Record<Stream, Writer>>;
  readonly #onTrouble: OnTrouble;
  readonly #makeRoom: (() => void) | undefined;
  readonly #batches: Batch[] = [];
  #hasBegun = false;
  /** What is left of the piece that is being written. */
  #rest: Piece | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #whenIdle: (() => void)[] = [];

  /** @param makeRoom - this process itself reads what is written, and is to do so in the place of waiting */
  constructor(fds: Readonly<Record<Stream, number>>, onTrouble: OnTrouble, makeRoom?: () => void) {
    this.#writers = { stdout: writerFor(fds.stdout, makeRoom), stderr: writerFor(fds.stderr, makeRoom) };
    this.#onTrouble = onTrouble;
    this.#makeRoom = makeRoom;
  }

  /** Something is still to be written. */
  get isBehind(): boolean {
    return this.#batches.length > 0;
  }

  /** Writes bytes that may change later. @returns why some of them were lost, as far as that is known by now */
  write(piece: Piece): string | undefined {
    if (this.isBehind) {
      this.add(single(copyOf(piece)));
      return undefined;
    }
    const { rest, reason } = this.#writeSome(piece, false);
    if (rest !== undefined) this.add(single(copyOf(rest)));
    return reason;
  }

  /** Writes a batch behind all others. */
  add(batch: Batch): void {
    this.#batches.push(batch);
    if (this.#timer === undefined) this.#pump();
  }

  /** Resolves when nothing is left to be written. */
  idle(): Promise<void> {
    if (!this.isBehind) return Promise.resolve();
    return new Promise((resolve) => void this.#whenIdle.push(resolve));
  }

  /** Writes what is left, waiting for the reader, and so keeping all else here waiting. */
  settle(): void {
    this.#stopTimer();
    while (this.isBehind && this.#step(true)) this.#makeRoom?.();
    this.#tellIdle();
  }

  /** Nothing more is written. */
  close(): void {
    this.drop();
    for (const writer of Object.values(this.#writers)) writer.close();
  }

  /** Nobody wants the rest. */
  drop(): void {
    this.#stopTimer();
    this.#rest = undefined;
    for (const batch of this.#batches.splice(0)) batch.end?.();
    this.#hasBegun = false;
    this.#tellIdle();
  }

  #pump(): void {
    this.#timer = undefined;
    let hasMoved = false;
    while (this.isBehind && this.#step(false)) hasMoved = true;
    if (!this.isBehind) {
      this.#tellIdle();
      return;
    }
    this.#retryMs = hasMoved ? FIRST_RETRY_MS : Math.min(LAST_RETRY_MS, 2 * this.#retryMs);
    this.#timer = setTimeout(() => this.#pump(), this.#retryMs);
  }

  /** @returns false when there is no room now */
  #step(mayWait: boolean): boolean {
    const [batch] = this.#batches;
    if (batch === undefined) return false;
    if (!this.#hasBegun && batch.begin?.(mayWait) === false) return false;
    this.#hasBegun = true;
    const piece = this.#rest ?? batch.next();
    if (piece === undefined) {
      this.#batches.shift();
      this.#hasBegun = false;
      batch.end?.();
      return true;
    }
    const { rest, reason } = this.#writeSome(piece, mayWait);
    this.#rest = rest;
    if (reason !== undefined) batch.complain?.(reason);
    return (mayWait && this.#makeRoom !== undefined) || rest?.bytes.length !== piece.bytes.length;
  }

  #writeSome(
    { stream, bytes }: Piece,
    mayWait: boolean,
  ): { readonly rest: Piece | undefined; readonly reason?: string | undefined } {
    const writer = this.#writers[stream];
    try {
      const waits = mayWait && this.#makeRoom === undefined;
      if (waits) writeAll(writer.fd, bytes);
      const count = waits ? bytes.length : writer.write(bytes);
      return { rest: count === bytes.length ? undefined : { stream, bytes: bytes.subarray(count) } };
    } catch (error) {
      return { rest: undefined, reason: this.#onTrouble(stream, error) };
    }
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellIdle(): void {
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

interface Writer {
  /** The descriptor, whose flags are shared with others. */
  readonly fd: number;
  /** Writes what there is room for. @returns how much; @throws HostError */
  readonly write: (bytes: Uint8Array) => number;
  /** The descriptor itself stays open. */
  readonly close: () => void;
}

/**
 * A descriptor of ours is shared with our caller and with recipes, for whom it must stay one that waits: pipes and terminals are
 * opened once more, sockets are asked not to wait each time. Files have room always, and so has a pipe of our own from which all was taken.
 */
function writerFor(fd: number, makeRoom: (() => void) | undefined): Writer {
  const stat = attempt(() => fstatSync(fd));
  const library = nativeLibrary();
  if (stat?.isSocket() === true && library !== undefined) {
    return { fd, write: (bytes) => sendSome(library, fd, bytes), close: () => undefined };
  }
  const isShared = stat?.isFIFO() === true || stat?.isCharacterDevice() === true;
  // undefined too when nobody reads it any more, or it is another user's
  let own = isShared ? attempt(() => openAnew(fd, constants.O_WRONLY | constants.O_NONBLOCK)) : undefined;
  return {
    fd,
    write: (bytes) => {
      if (own !== undefined) return writeSome(own, bytes);
      makeRoom?.();
      const count = makeRoom === undefined ? bytes.length : Math.min(bytes.length, PIPE_BUFFER_BYTES);
      writeAll(fd, bytes.subarray(0, count));
      return count;
    },
    close: () => {
      if (own !== undefined) closeSync(own);
      own = undefined;
    },
  };
}

/** Any pipe holds as much. */
const PIPE_BUFFER_BYTES = 4096;

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (errnoOf(error) === "EAGAIN") return 0;
    throw hostError(error, "");
  }
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

function sendSome(library: NativeLibrary, fd: number, bytes: Uint8Array): number {
  const count = library.calls.send(
    fd,
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    bytes.length,
    MSG_DONTWAIT | MSG_NOSIGNAL,
  );
  if (count >= 0) return count;
  const name = errnoName(library.errno());
  if (name === "EAGAIN" || name === "EINTR") return 0;
  throw hostError(Object.assign(new Error(name), { code: name }), "");
}

function single(piece: Piece): Batch {
  const pieces = [piece];
  return { next: () => pieces.shift() };
}

function copyOf({ stream, bytes }: Piece): Piece {
  return { stream, bytes: Buffer.from(bytes) };
}
