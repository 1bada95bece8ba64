/** The worker's file, mexecd, as it is sent to machines that do not have it. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface WorkerFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** SHA-256, in hexadecimal. */
  readonly hash: string;
}

/** Tools stand beside each other, the library in a folder of its own there; the sources beside the folder where both are. */
const PLACES = [".", "..", "../../dist"] as const;

/** Where mexecd is installed, as seen from this very file. */
export function installedWorker(): string {
  const here = dirname(import.meta.filename);
  const places = PLACES.map((place) => join(here, place, "mexecd"));
  return places.find((path) => existsSync(path)) ?? join(here, "mexecd");
}

const read = new Map<string, Promise<WorkerFile>>();

/** Reads it once. @throws ErrnoException */
export function workerFile(path: string): Promise<WorkerFile> {
  const known = read.get(path) ?? readWorkerFile(path);
  read.set(path, known);
  return known;
}

async function readWorkerFile(path: string): Promise<WorkerFile> {
  const bytes = await readFile(path);
  return { path, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}
