/** The makes of one job that ask to be a part of the client's process, seen by either side: what may be said of them when. */

import { MAX_JOINS, MAX_JOINS_AT_ONCE } from "./limits.js";
import type { MessageOf } from "./message.js";
import { WireError } from "./wire-error.js";

/**
 * The life of one:
 *
 *     join ──▶ asked ── join-refused ──▶ over
 *              asked ── joined ──▶ on a stream of its own ── made ──▶ over
 *
 * A job does not end before all of them are over.
 */
export class JobJoins {
  readonly #isAllowed: boolean;
  #hasStarted = false;
  #last = 0;
  readonly #asked = new Set<number>();
  /** Streams of those that run. */
  readonly #running = new Set<number>();
  /** Streams of those that have ended. */
  readonly #ended: number[] = [];

  /** @param isAllowed - the client has said that there may be any */
  constructor(isAllowed: boolean) {
    this.#isAllowed = isAllowed;
  }

  /** Whether a further one may ask. */
  get hasRoom(): boolean {
    const atOnce = this.#asked.size + this.#running.size;
    return this.#isAllowed && this.#hasStarted && this.#last < MAX_JOINS && atOnce < MAX_JOINS_AT_ONCE;
  }

  /** Whether none is asked for, and none runs. */
  get isOver(): boolean {
    return this.#asked.size + this.#running.size === 0;
  }

  /** Streams that those had which have ended. */
  get ended(): readonly number[] {
    return this.#ended;
  }

  /** A line of the job runs: before, it has no programs. */
  start(): void {
    if (this.#isAllowed) this.#hasStarted = true;
  }

  /** One side said something. @throws WireError */
  received({ type, join }: MessageOf<"join" | "join-refused">): void {
    if (type === "join") this.#ask(join);
    else this.#answer(join);
  }

  /** One runs on a stream of its own. @throws WireError */
  take(join: number, stream: number): void {
    this.#answer(join);
    this.#running.add(stream);
  }

  /** One has ended. */
  end(stream: number): void {
    if (this.#running.delete(stream)) this.#ended.push(stream);
  }

  #ask(join: number): void {
    if (!this.hasRoom || join !== this.#last + 1) throw new WireError("join at a time when it means nothing");
    this.#last = join;
    this.#asked.add(join);
  }

  #answer(join: number): void {
    if (!this.#asked.delete(join)) throw new WireError("an answer to a make that has not asked");
  }
}
