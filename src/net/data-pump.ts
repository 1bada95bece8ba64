/** Moves bytes from a source into a stream of a connection as fast as its credit allows, and lets the source wait meanwhile. */

/** What can be told to wait. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Bytes of a source that wait for credit; few, since the source is paused while any do. */
export class DataPump {
  readonly #send: (bytes: Uint8Array) => number;
  #source: Pausable | undefined;
  #waiting: Uint8Array[] = [];
  #idle: (() => void)[] = [];
  #isDropped = false;

  /** @param send - accepts some of the bytes and tells how many */
  constructor(send: (bytes: Uint8Array) => number) {
    this.#send = send;
  }

  /** The source whose bytes are pushed. */
  attach(source: Pausable): void {
    this.#source = source;
    if (this.#waiting.length > 0) source.pause();
  }

  push(bytes: Uint8Array): void {
    if (this.#isDropped) return;
    const accepted = this.#waiting.length > 0 ? 0 : this.#send(bytes);
    if (accepted === bytes.length) return;
    this.#waiting.push(bytes.subarray(accepted));
    this.#source?.pause();
  }

  /** There may be credit again. */
  credit(): void {
    if (this.#waiting.length === 0) return;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const accepted = this.#send(first);
      if (accepted < first.length) {
        this.#waiting[0] = first.subarray(accepted);
        return;
      }
      this.#waiting.shift();
    }
    this.#source?.resume();
    this.#tellIdle();
  }

  /** Nobody wants the rest, nor what may still come; the source stays as it is. */
  drop(): void {
    this.#isDropped = true;
    this.#waiting = [];
    this.#tellIdle();
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
