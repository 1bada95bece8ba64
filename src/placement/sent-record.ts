/** Sent records: how many jobs a session sent where lately, so that sessions which cannot see each other do not all pick one node. */

/** Jobs sent to one node; `weight` is their decayed number at `atMs`. */
export interface SentWeight {
  readonly weight: number;
  readonly atMs: number;
}

/** After so long a job that was sent counts half: by then the node's own load average begins to show it. */
export const SENT_HALF_LIFE_MS = 5_000;
/** After so long nothing of a record is left to count. */
export const SENT_LIFE_MS = 60_000;
/** A record longer than this is not a record. */
export const MAX_RECORD_BYTES = 65_536;

/** What is left of a weight; a clock that went back does not make it grow. */
export function decayed(sent: SentWeight, nowMs: number): number {
  const ageMs = Math.max(0, nowMs - sent.atMs);
  return ageMs >= SENT_LIFE_MS ? 0 : sent.weight * 2 ** (-ageMs / SENT_HALF_LIFE_MS);
}

/** One more job sent at `nowMs`. */
function withOneMore(sent: SentWeight | undefined, nowMs: number): SentWeight {
  return { weight: (sent === undefined ? 0 : decayed(sent, nowMs)) + 1, atMs: nowMs };
}

/** Of jobs that have ended so much stays, that of two idle places the one that had nothing lately comes next; of many sessions, too, it is little. */
const TRACE = 0.01;

/** What one session has sent and not got back, by place. Times are milliseconds on the caller's clock. */
export class SentTally {
  readonly #sent = new Map<string, SentWeight>();

  get isEmpty(): boolean {
    return this.#sent.size === 0;
  }

  sent(place: string, nowMs: number): void {
    this.#sent.set(place, withOneMore(this.#sent.get(place), nowMs));
  }

  /** What is left of an ended job's weight goes, but for a trace, which no number of ended jobs makes larger. */
  ended(place: string, { sentAtMs, nowMs }: { readonly sentAtMs: number; readonly nowMs: number }): void {
    const before = this.#sent.get(place);
    if (before === undefined) return;
    const own = decayed({ weight: 1, atMs: sentAtMs }, nowMs);
    const weight = Math.max(TRACE * own, decayed(before, nowMs) - own);
    this.#sent.set(place, { weight, atMs: nowMs });
  }

  /** What a record written now says. */
  weights(nowMs: number): ReadonlyMap<string, number> {
    return new Map([...this.#sent].map(([place, sent]) => [place, decayed(sent, nowMs)]));
  }
}

const HEADER = "mpmake sent 1";
const MAX_WEIGHT = 999_999;
/** Less than this is nothing. */
const MIN_WEIGHT = 0.0005;

/**
 * The text of a session's record: weights as they stand when it is written. The file's own time is the time of the record.
 *
 * @param weights - by the place's key, which holds no newline
 */
export function formatSentRecord(weights: ReadonlyMap<string, number>): string {
  let text = `${HEADER}\n`;
  for (const [place, weight] of weights)
    if (weight >= MIN_WEIGHT) text += `${Math.min(weight, MAX_WEIGHT).toFixed(4)} ${place}\n`;
  return text;
}

/** Reads a record; undefined when it is not one, whoever wrote it. */
export function parseSentRecord(text: string): ReadonlyMap<string, number> | undefined {
  const [header, ...lines] = text.split("\n");
  if (header !== HEADER || lines.pop() !== "" || text.length > MAX_RECORD_BYTES) return undefined;
  const weights = new Map<string, number>();
  for (const line of lines) {
    const match = /^(\d{1,6}\.\d{4}) (.+)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    weights.set(match[2], Number(match[1]));
  }
  return weights;
}

/** Sums the records of other sessions as they count now, by place. */
export function sumSentRecords(
  records: Iterable<{ readonly weights: ReadonlyMap<string, number>; readonly ageMs: number }>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { weights, ageMs } of records)
    for (const [place, weight] of weights)
      sums.set(place, (sums.get(place) ?? 0) + decayed({ weight, atMs: 0 }, ageMs));
  return sums;
}
