/** Whether a job may still be begun on a node that is ours until a time only. */

/** What a job may take beyond what is expected of it: its node and its file system are not those of other times. */
const FACTOR = 1.25;
/** Between the end of a recipe and the end of time: the node's word of it has to reach us. */
const MARGIN_MS = 3_000;

export interface TimeLeft {
  /** On our clock; undefined: there is no end. */
  readonly endsAtMs: number | undefined;
  readonly nowMs: number;
  /** What the job is likely to take. */
  readonly expectedMs: number;
}

export function hasTime({ endsAtMs, nowMs, expectedMs }: TimeLeft): boolean {
  return endsAtMs === undefined || endsAtMs - nowMs > FACTOR * expectedMs + MARGIN_MS;
}
