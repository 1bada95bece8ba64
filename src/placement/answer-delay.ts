/** How long a worker waits before it answers an announcement, so that the one with most to spare comes first. */

/** What a worker knows of itself. */
export interface AnswerLoad {
  /** Its own jobs. */
  readonly running: number;
  /** The machine's processes that can run, as its load average has them. */
  readonly loadAverage: number;
  readonly processors: number;
}

const MS_PER_LOAD = 100;
const MAX_DELAY_MS = 2000;
/**
 * The load average of a minute says late what has just begun, and workers in containers of one machine all have the same: what a worker
 * runs itself counts a little more, for each processor.
 */
const MS_PER_OWN_JOB = 10;
const MAX_OWN_MS = 500;
/** Equals do not all answer in one moment. */
const JITTER_MS = 5;

/** In milliseconds, without what blame adds. */
export function answerDelayMs({ running, loadAverage, processors }: AnswerLoad, jitter: number): number {
  const own = running / Math.max(1, processors);
  const load = Math.max(own, loadAverage / Math.max(1, processors));
  return Math.min(MAX_DELAY_MS, MS_PER_LOAD * load) + Math.min(MAX_OWN_MS, MS_PER_OWN_JOB * own) + jitter * JITTER_MS;
}

const BLAME_MS = 2000;
/** A complaint counts for so long. */
const BLAME_LIFE_MS = 60_000;
/** No more than one complaint counts in so long, whoever complains. */
const BLAME_EVERY_MS = 10_000;
/** One client with a trouble of its own is not enough. */
const BLAMED_BY = 2;

/** What clients say of a worker: complaints make it answer later for a while, completions make up for them. */
export class Blame {
  #complaints: { readonly id: string; readonly atMs: number }[] = [];

  /** A client that this worker did answer complains of it. @param id - of the request */
  complained(id: string, nowMs: number): void {
    this.#forget(nowMs);
    if (this.#complaints.some((one) => one.id === id)) return;
    this.#complaints.push({ id, atMs: nowMs });
  }

  completed(): void {
    this.#complaints.shift();
  }

  delayMs(nowMs: number): number {
    this.#forget(nowMs);
    if (this.#complaints.length < BLAMED_BY) return 0;
    let counted = 0;
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const { atMs } of this.#complaints) {
      if (atMs - lastMs < BLAME_EVERY_MS) continue;
      lastMs = atMs;
      counted++;
    }
    return counted * BLAME_MS;
  }

  #forget(nowMs: number): void {
    this.#complaints = this.#complaints.filter(({ atMs }) => nowMs - atMs < BLAME_LIFE_MS);
  }
}
