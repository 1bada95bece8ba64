/** A session's own jobs on one node as time goes: how many ran when, and what part of the node's load average they were. */

/** From a moment on, until the next. */
interface Since {
  readonly atMs: number;
  readonly running: number;
  /** Their part in the load average at that moment, smoothed as the kernel smoothes it. */
  readonly average: number;
}

/** The kernel's load average forgets with this time constant. */
const LOAD_AVERAGE_MS = 60_000;

/** All times are milliseconds on the caller's clock. */
export class OwnWork {
  /** The oldest first; never empty. */
  readonly #past: Since[];

  constructor(nowMs: number) {
    this.#past = [{ atMs: nowMs, running: 0, average: 0 }];
  }

  /** So many run from now on. */
  runs(running: number, nowMs: number): void {
    const last = this.#past.at(-1);
    const atMs = Math.max(nowMs, last?.atMs ?? nowMs); // a job's end is told a little after it
    this.#past.push({ atMs, running, average: averageAt(last, atMs) });
  }

  /**
   * How it was at a moment. What was before that is forgotten, as what a node tells next is of later. When all that is known is of
   * later, as the clock went back, it is what is so now.
   */
  at(momentMs: number): { readonly running: number; readonly average: number } {
    const after = this.#past.findIndex(({ atMs }) => atMs > momentMs);
    this.#past.splice(0, (after <= 0 ? this.#past.length : after) - 1);
    const [since] = this.#past;
    return { running: since?.running ?? 0, average: averageAt(since, momentMs) };
  }
}

function averageAt(since: Since | undefined, momentMs: number): number {
  if (since === undefined) return 0;
  const kept = Math.exp(-Math.max(0, momentMs - since.atMs) / LOAD_AVERAGE_MS);
  return since.average * kept + since.running * (1 - kept);
}
