/** Whether files that a node says it wrote are seen through this machine's own mount, and the ladder climbed until they are. */

import { statSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Receipt } from "../graph/job.js";

/** Together a little over three seconds: so long do the attribute caches of common network file systems last. */
const PAUSES_MS = [0, 5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000] as const;

/**
 * Looks for every file of a job's receipts until it is what the node certified, or newer.
 *
 * @param directory - the job's, absolute; what relative paths are relative to
 * @param pausesMs - between looks; after the last one the file counts as not seen
 * @returns undefined when all are seen, else one sentence: which file, what was certified, what was seen
 */
export async function missingReceipt(
  receipts: readonly Receipt[],
  directory: string,
  pausesMs: readonly number[] = PAUSES_MS,
): Promise<string | undefined> {
  for (const receipt of receipts) {
    const path = pathOf(receipt, directory);
    if (!isMet(receipt, path) && !(await becomesMet(receipt, path, pausesMs))) return describe(receipt, path);
  }
  return undefined;
}

/** A path as the system takes it: bytes. */
function pathOf(receipt: Receipt, directory: string): Buffer {
  return Buffer.from(resolve(directory, receipt.path), "latin1");
}

async function becomesMet(receipt: Receipt, path: Buffer, pausesMs: readonly number[]): Promise<boolean> {
  for (const waitMs of pausesMs) {
    if (waitMs > 0) await pause(waitMs);
    await askAnew(path);
    if (isMet(receipt, path)) return true;
  }
  return false;
}

/** Makes the file system look again: opening revalidates a file, reading its directory drops what was cached of names. */
async function askAnew(path: Buffer): Promise<void> {
  await readdir(Buffer.from(dirname(path.toString("latin1")), "latin1")).catch(unseen);
  const file = await open(path, "r").catch(unseen);
  await file?.close();
}

/** What cannot be opened is not seen; the look that follows says so. */
function unseen(): undefined {
  return undefined;
}

function isMet(receipt: Receipt, path: Buffer): boolean {
  const seen = statSync(path, { bigint: true, throwIfNoEntry: false });
  const certified = receipt.stat;
  if (certified === undefined) return seen === undefined;
  if (seen === undefined || seen.mtimeNs < certified.mtimeNs) return false;
  return seen.mtimeNs > certified.mtimeNs || seen.size === BigInt(certified.sizeBytes);
}

function describe(receipt: Receipt, path: Buffer): string {
  const seen = statSync(path, { bigint: true, throwIfNoEntry: false });
  const here = seen === undefined ? "nothing" : formatStat(seen.size, seen.mtimeNs);
  const there = receipt.stat === undefined ? "nothing" : formatStat(receipt.stat.sizeBytes, receipt.stat.mtimeNs);
  return `"${receipt.path}" is ${there} there and ${here} here`;
}

function formatStat(sizeBytes: bigint | number, mtimeNs: bigint): string {
  return `${sizeBytes.toString()} bytes of ${new Date(Number(mtimeNs / 1_000_000n)).toISOString()}`;
}
