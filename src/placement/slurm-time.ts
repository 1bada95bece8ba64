/** Durations as Slurm writes and reads them: `30`, `30:00`, `1:30:00`, `2-12`, `2-12:30`, `2-12:30:15`. */

const DAY_SECONDS = 86_400;
/** How squeue says that there is no limit, or that it knows of none. */
const NO_LIMIT: ReadonlySet<string> = new Set(["UNLIMITED", "NOT_SET", "INVALID", "INFINITE", "N/A"]);

/** What is left of a job, as `squeue -o %L` prints it, in milliseconds; "none": it has no end; undefined: it is no such text. */
export function parseTimeLeft(text: string): number | "none" | undefined {
  const trimmed = text.trim();
  if (NO_LIMIT.has(trimmed)) return "none";
  const [, days = "0", rest] = /^(?:(\d+)-)?(\d+(?::\d\d){1,2})$/.exec(trimmed) ?? [];
  if (rest === undefined) return undefined;
  const numbers = rest.split(":").map(Number);
  const seconds = numbers.reduce((sum, number) => sum * 60 + number, 0); // the last of them is seconds
  return 1000 * (Number(days) * DAY_SECONDS + seconds);
}

/** Whether sbatch takes it for `--time`; there a single number is minutes, and `2-12` days and hours. */
export function isTimeLimit(text: string): boolean {
  return /^(\d+(:\d{1,2}){0,2}|\d+-\d{1,2}(:\d{1,2}){0,2}|UNLIMITED|INFINITE)$/i.test(text);
}
