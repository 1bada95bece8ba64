/** Writing to a descriptor of our own that does not block, in order, while whoever reads it takes its time. */

import { closeSync, writeSync } from "node:fs";
import { writeAll } from "./output.js";
import { refusalOf } from "./strerror.js";

/** What waits to be written beyond this is waited for, by this whole process: memory has an end. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 2;

/** Owns its descriptor. */
export class PatientWriter {
  readonly #fd: number;
  readonly #onBroken: (errno: string) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBroken = false;
  #whenIdle: (() => void)[] = [];

  /** @param onBroken - called once when nothing can be written, with EPIPE when nobody reads any more: what comes later is dropped */
  constructor(fd: number, onBroken: (errno: string) => void) {
    this.#fd = fd;
    this.#onBroken = onBroken;
  }

  /** Takes bytes that nobody changes later. */
  write(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#timer === undefined) this.#pump();
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#waitForReader();
  }

  /** Resolves when everything is written, or dropped. */
  idle(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#whenIdle.push(resolve));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#drop();
    closeSync(this.#fd);
  }

  #pump(): void {
    this.#timer = undefined;
    this.#attempt(() => {
      for (;;) {
        const [first] = this.#waiting;
        if (first === undefined) return;
        const count = writeSync(this.#fd, first);
        this.#waitingBytes -= count;
        if (count === first.length) this.#waiting.shift();
        else this.#waiting[0] = first.subarray(count);
      }
    });
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#pump(), RETRY_MS);
    else this.#tellIdle();
  }

  #waitForReader(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempt(() => {
      for (const bytes of this.#waiting) writeAll(this.#fd, bytes);
    });
    this.#drop();
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      const errno = refusalOf(error);
      if (errno === undefined) throw error;
      if (errno === "EAGAIN") return;
      this.#isBroken = true;
      this.#drop();
      this.#onBroken(errno);
    }
  }

  #drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#tellIdle();
  }

  #tellIdle(): void {
    const listeners = this.#whenIdle;
    this.#whenIdle = [];
    for (const listener of listeners) listener();
  }
}
