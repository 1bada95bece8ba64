/** How much memory processes hold, by /proc; see proc(5). */

import { readProcFile } from "./proc.js";

/** Bytes in memory and in swap, with what processes share counted for each; 0 for those that have ended. */
export function residentBytes(pids: readonly number[]): number {
  return sum(pids.map((pid) => kilobytes(pid, "status", ["VmRSS", "VmSwap"]) ?? 0));
}

/** The same with what is shared counted once; dearer to ask. What another user's program hides is counted as above. */
export function ownBytes(pids: readonly number[]): number {
  return sum(pids.map((pid) => kilobytes(pid, "smaps_rollup", ["Pss", "SwapPss"]) ?? residentBytes([pid]) / 1024));
}

function sum(kilobytesEach: readonly number[]): number {
  return 1024 * kilobytesEach.reduce((all, one) => all + one, 0);
}

/** undefined: it cannot be read. */
function kilobytes(pid: number, file: string, fields: readonly string[]): number | undefined {
  const text = readProcFile(pid, file);
  if (text === undefined || text === "") return undefined;
  return fields
    .map((field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0))
    .reduce((all, one) => all + one, 0);
}
