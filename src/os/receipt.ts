/** What this machine certifies of a file. */

import { type BigIntStats, statSync } from "node:fs";
import type { Receipt } from "../graph/job.js";
import { resolveIn, toPath } from "./bytes.js";
import { errnoOf } from "./strerror.js";

/** The receipt of a path, which may be relative to `directory`. */
export function receiptOf(path: string, directory: string): Receipt {
  const stat = statOf(resolveIn(directory, path));
  return { path, stat: stat && { sizeBytes: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino } };
}

/** undefined also for what cannot be looked at: whoever needs the file finds out why. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
