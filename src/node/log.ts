/** A worker's log: whole lines, written without ever making a job wait, dropped and counted when nobody takes them. */

import { closeSync, openSync, write } from "node:fs";
import { fail, ok, type Result } from "../base/result.js";
import { errnoOf, strerror } from "../os/strerror.js";

/** What may wait to be written. */
const MAX_WAITING_BYTES = 1 << 20;

export class Log {
  #fd: number;
  #nextFd: number | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #isWriting = false;
  #idle: (() => void)[] = [];

  constructor(fd: number) {
    this.#fd = fd;
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
    if (!this.#isWriting) this.#writeNext();
  }

  /** Goes on in another file, and closes the one before as soon as nothing is being written to it. */
  moveTo(fd: number): void {
    if (this.#nextFd !== undefined) closeSync(this.#nextFd);
    this.#nextFd = fd;
    if (!this.#isWriting) this.#move();
  }

  /** Resolves when everything is written. */
  idle(): Promise<void> {
    if (!this.#isWriting) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #move(): void {
    if (this.#nextFd === undefined) return;
    closeSync(this.#fd);
    this.#fd = this.#nextFd;
    this.#nextFd = undefined;
  }

  #writeNext(): void {
    this.#move();
    const next = this.#waiting.shift();
    this.#isWriting = next !== undefined;
    if (next === undefined) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    write(this.#fd, next, 0, next.length, null, (error, written) =>
      this.#wrote(next, error === null ? written : undefined),
    );
  }

  /** A line that cannot be written is lost: jobs matter more than what is said of them. The count is said when it works again. */
  #wrote(bytes: Buffer, written: number | undefined): void {
    if (written === undefined) this.#dropped++;
    else if (written < bytes.length) this.#waiting.unshift(bytes.subarray(written));
    this.#waitingBytes -= written ?? bytes.length;
    if (written !== undefined && this.#dropped > 0) this.#tellDropped();
    this.#writeNext();
  }

  #tellDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.line(`mexecd: ${String(dropped)} lines of this log were lost`);
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
