/** Whether a file that another machine says it wrote is seen here as it saw it, at a first look. */

import { existsSync } from "node:fs";
import { resolveIn, toPath } from "./bytes.js";
import { statOf } from "./receipt.js";

/** A file as whoever wrote it saw it afterwards. */
export interface CertifiedFile {
  readonly path: string;
  /** undefined: there was no such file, which is not to be seen either. One that is there all the same is a new one. */
  readonly stat: { readonly sizeBytes: number; readonly mtimeNs: bigint } | undefined;
}

/** Whether a file is, at a first look, as certified or newer. */
export function isSeenAt(file: CertifiedFile, directory: string): boolean {
  return isSeen(file, resolveIn(directory, file.path));
}

/** What is seen though it is said to be gone may be a new one, or what the file system remembers. */
export function isSeen({ stat }: CertifiedFile, path: string): boolean {
  // Not by stat: it may ask the server, and the name is remembered all the same.
  if (stat === undefined) return !existsSync(toPath(path));
  const seen = statOf(path);
  if (seen === undefined || seen.mtimeNs < stat.mtimeNs) return false;
  return seen.mtimeNs > stat.mtimeNs || seen.size === BigInt(stat.sizeBytes);
}
