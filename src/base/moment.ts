/** Moments as users write them: a day, a time of day, or how long from now. */

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
  y: 365 * DAY_MS,
};

/** `2027-01-31` (its beginning, UTC) or `2027-01-31T12:00Z`, in milliseconds since the epoch; undefined when it is neither. */
export function parseMoment(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) ? Date.parse(text) : NaN;
  // Of a day that its month has not, Date makes one of the next month.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text.slice(0, 10) ? undefined : ms;
}

/** The same, or a time from now on: `90m`, `12h`, `30d`, `8w`, `2y`. Whole seconds. */
export function parseFutureMoment(text: string, nowMs: number): number | undefined {
  const [, count = "", unit = ""] = /^(\d{1,6})([mhdwy])$/.exec(text) ?? [];
  const ms = count === "" ? parseMoment(text) : nowMs + Number(count) * (UNITS[unit] ?? NaN);
  return ms === undefined ? undefined : Math.floor(ms / SECOND_MS) * SECOND_MS;
}

/** `2027-01-31 12:00 UTC`. */
export function formatMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
