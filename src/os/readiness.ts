/** Telling when a descriptor can be read, without reading from it: what others may read first must not be taken by mistake. */

import { closeSync, readSync, writeSync } from "node:fs";
import { type NativeLibrary, nativeLibrary } from "./native.js";
import { openPipe, type PipeEnds } from "./pipes.js";

const POLLIN = 1;
/** `struct pollfd`: the descriptor (32 bits), what is asked and what is answered (16 bits each). */
const POLLFD_BYTES = 8;
/** Bounds how long a forgotten wait can hold up this process's end. */
const POLL_MS = 200;
/** How often to try where there is no poll. */
const RETRY_MS = 10;

export interface ReadinessOptions {
  readonly fd: number;
  readonly temporaryDirectory: string;
}

/** Watches one descriptor for as long as somebody listens. */
export class Readiness {
  readonly #fd: number;
  readonly #temporaryDirectory: string;
  readonly #listeners = new Set<() => void>();
  #wake: PipeEnds | undefined;
  #isPolling = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ fd, temporaryDirectory }: ReadinessOptions) {
    this.#fd = fd;
    this.#temporaryDirectory = temporaryDirectory;
  }

  /** Calls back, until stopped, when there may be something to read. @returns the way to stop it */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#watch();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#rest();
    };
  }

  /** Nobody may listen any more. */
  close(): void {
    this.#listeners.clear();
    this.#rest();
    if (!this.#isPolling) this.#closeWake();
  }

  #watch(): void {
    const library = nativeLibrary();
    if (library === undefined) this.#timer ??= setInterval(() => this.#tell(), RETRY_MS);
    else if (!this.#isPolling) void this.#poll(library); // rejects only for a fault of ours, which must be seen
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isPolling && this.#wake !== undefined) writeSync(this.#wake.write, "w");
  }

  async #poll(library: NativeLibrary): Promise<void> {
    this.#isPolling = true;
    const wake = (this.#wake ??= openPipe(this.#temporaryDirectory));
    const asked = Buffer.alloc(2 * POLLFD_BYTES);
    for (const [i, fd] of [this.#fd, wake.read].entries()) {
      asked.writeInt32LE(fd, i * POLLFD_BYTES);
      asked.writeInt16LE(POLLIN, i * POLLFD_BYTES + 4);
    }
    try {
      while (this.#listeners.size > 0) {
        await library.poll(asked, 2, POLL_MS);
        if (asked.readInt16LE(POLLFD_BYTES + 6) !== 0) readSync(wake.read, Buffer.alloc(64));
        if (asked.readInt16LE(6) !== 0) this.#tell();
        asked.writeInt16LE(0, 6);
        asked.writeInt16LE(0, POLLFD_BYTES + 6);
      }
    } finally {
      this.#isPolling = false;
      this.#closeWake();
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #closeWake(): void {
    if (this.#wake === undefined) return;
    closeSync(this.#wake.read);
    closeSync(this.#wake.write);
    this.#wake = undefined;
  }
}
