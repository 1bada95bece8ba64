/** A worker's log: whole lines, written without ever making a job wait, dropped and counted when nobody takes them. */

import { closeSync, fstatSync, openSync, renameSync, write } from "node:fs";
import { fail, ok, type Result } from "../base/result.js";
import { attempt } from "../os/attempt.js";
import { errnoOf, strerror } from "../os/strerror.js";

/** What may wait to be written. */
const MAX_WAITING_BYTES = 1 << 20;
/** After each write what comes is gathered for so long: a write costs as much as all else that is done for a line. */
const GATHER_MS = 20;
const NEWLINE = 0x0a;

export class Log {
  #fd: number;
  #nextFd: number | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #isWriting = false;
  #pause: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];
  readonly #onFailed: (errno: string) => void;

  /** @param onFailed - something could not be written, with EPIPE when nobody reads it; it is lost, and counted */
  constructor(fd: number, onFailed: (errno: string) => void = () => undefined) {
    this.#fd = fd;
    this.#onFailed = onFailed;
  }

  /** Writes a line. Control characters are written as escapes, so that no name can forge a line or command a terminal. */
  line(text: string): void {
    const bytes = Buffer.from(`${escaped(text)}\n`, "latin1");
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#pause !== undefined) this.#pause.ref();
    else if (!this.#isWriting) this.#writeNext();
  }

  /** Goes on in another file, and closes the one before as soon as nothing is being written to it. */
  moveTo(fd: number): void {
    if (this.#nextFd !== undefined) closeSync(this.#nextFd);
    this.#nextFd = fd;
    if (!this.#isWriting) this.#move();
  }

  /** Resolves when everything is written. */
  idle(): Promise<void> {
    if (!this.#isWriting && this.#waiting.length === 0) return Promise.resolve();
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#pause !== undefined) this.#endPause();
    return idle;
  }

  #move(): void {
    if (this.#nextFd === undefined) return;
    closeSync(this.#fd);
    this.#fd = this.#nextFd;
    this.#nextFd = undefined;
  }

  #writeNext(): void {
    this.#move();
    const next = Buffer.concat(this.#waiting.splice(0));
    this.#isWriting = next.length > 0;
    if (!this.#isWriting) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    write(this.#fd, next, 0, next.length, null, (error, written) => {
      if (error !== null) this.#onFailed(errnoOf(error) ?? "EIO");
      this.#wrote(next, error === null ? written : undefined);
    });
  }

  /** What is waited for, or only half written, does not wait. */
  #rest(isHalf: boolean): void {
    this.#isWriting = false;
    if (isHalf || this.#idle.length > 0 || this.#nextFd !== undefined) {
      this.#writeNext();
      return;
    }
    this.#pause = setTimeout(() => this.#endPause(), GATHER_MS);
    if (this.#waiting.length === 0) this.#pause.unref();
  }

  #endPause(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#writeNext();
  }

  /** A line that cannot be written is lost: jobs matter more than what is said of them. The count is said when it works again. */
  #wrote(bytes: Buffer, written: number | undefined): void {
    if (written === undefined) this.#dropped += bytes.filter((byte) => byte === NEWLINE).length;
    else if (written < bytes.length) this.#waiting.unshift(bytes.subarray(written));
    this.#waitingBytes -= written ?? bytes.length;
    if (written !== undefined && this.#dropped > 0) this.#tellDropped();
    this.#rest(written !== undefined && written < bytes.length);
  }

  #tellDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.line(`${String(dropped)} lines of this log were lost`);
  }
}

function escaped(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** A log in a file, or why there is none: a sentence without full stop. */
export function openLog(path: string): Result<Log, string> {
  const fd = openAppending(path);
  return fd.ok ? ok(new Log(fd.value)) : fd;
}

/** A log in a file that grows to this length and no further: what was before is in FILE.old, and what was before that is gone. */
export class BoundedLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #log: Log;
  #bytes: number;

  private constructor(path: string, { fd, maxBytes }: { readonly fd: number; readonly maxBytes: number }) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#log = new Log(fd);
    this.#bytes = fstatSync(fd).size;
  }

  /** The failure is a sentence without full stop. */
  static open(path: string, maxBytes: number): Result<BoundedLog, string> {
    const fd = openAppending(path);
    return fd.ok ? ok(new BoundedLog(path, { fd: fd.value, maxBytes })) : fd;
  }

  line(text: string): void {
    if (this.#bytes + text.length >= this.#maxBytes) this.#begin();
    this.#bytes += text.length + 1;
    this.#log.line(text);
  }

  idle(): Promise<void> {
    return this.#log.idle();
  }

  /** A file that cannot be begun anew is gone on with: what is logged is tried again by the same length. */
  #begin(): void {
    this.#bytes = 0;
    const moved = attempt(() => (renameSync(this.#path, `${this.#path}.old`), true)) === true;
    const fd = moved ? openAppending(this.#path) : undefined;
    if (fd?.ok === true) this.#log.moveTo(fd.value);
  }
}

/** @returns the descriptor of a log's file, or why there is none */
export function openAppending(path: string): Result<number, string> {
  try {
    return ok(openSync(path, "a", 0o600));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return fail(`the log ${path} cannot be opened (${strerror(errno)})`);
  }
}
