/** What this machine certifies of a file. */

import { type BigIntStats, statSync } from "node:fs";
import type { Receipt } from "../graph/job.js";
import { attempt } from "./attempt.js";
import { resolveIn, toPath } from "./bytes.js";

/** The receipt of a path, which may be relative to `directory`. */
export function receiptOf(path: string, directory: string): Receipt {
  const stat = statOf(resolveIn(directory, path));
  return { path, stat: stat && { sizeBytes: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino } };
}

/** undefined also for what cannot be looked at: whoever needs the file finds out why. */
export function statOf(path: string): BigIntStats | undefined {
  return attempt(() => statSync(toPath(path), { bigint: true, throwIfNoEntry: false }));
}
