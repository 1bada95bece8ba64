/** Output that comes in pieces is passed on in whole lines, so that the lines of jobs that run at the same time stay whole. */

import type { JobId } from "../base/ids.js";
import type { Stream } from "../events/event.js";

const NEWLINE = 10;
/** A line that grows beyond this is passed on in parts: what writes one without an end must not fill our memory. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Less than a terminal gives at a time to whoever reads it. */
const PROMPT_BYTES = 2048;

/** Takes what a job wrote. */
export type TakeBytes = (stream: Stream, bytes: Uint8Array, job: JobId) => void;

export class LineBuffer {
  readonly #take: TakeBytes;
  /** Beginnings of lines, by job and stream. */
  readonly #rests = new Map<JobId, Map<Stream, Uint8Array>>();

  constructor(take: TakeBytes) {
    this.#take = take;
  }

  /** Passes on all lines that are complete by now. */
  write(job: JobId, stream: Stream, bytes: Uint8Array): void {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.#flush(job, stream);
      this.#take(stream, bytes.subarray(0, end), job);
    }
    if (end < bytes.length) this.#keep(job, stream, bytes.subarray(end));
  }

  /** Passes all on, an incomplete line too, unless there is so much that the rest of it is surely on its way. */
  pass(job: JobId, stream: Stream, bytes: Uint8Array): void {
    this.write(job, stream, bytes);
    if (bytes.length < PROMPT_BYTES) this.#flush(job, stream);
  }

  /** The job has ended, or make itself has something to say: incomplete lines are passed on too. */
  finish(job: JobId): void {
    for (const stream of [...(this.#rests.get(job)?.keys() ?? [])]) this.#flush(job, stream);
    this.#rests.delete(job);
  }

  #flush(job: JobId, stream: Stream): void {
    const rest = this.#rests.get(job)?.get(stream);
    if (rest === undefined) return;
    this.#rests.get(job)?.delete(stream);
    this.#take(stream, rest, job);
  }

  #keep(job: JobId, stream: Stream, bytes: Uint8Array): void {
    const rests = this.#rests.get(job) ?? new Map<Stream, Uint8Array>();
    this.#rests.set(job, rests);
    const before = rests.get(stream);
    rests.set(stream, before === undefined ? bytes.slice() : Buffer.concat([before, bytes]));
    if ((rests.get(stream)?.length ?? 0) > MAX_KEPT_BYTES) this.#flush(job, stream);
  }
}
