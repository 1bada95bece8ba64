/** Names for short-lived files that nobody can guess beforehand, so that two sessions never meet. */

import { openSync, rmSync } from "node:fs";
import { join } from "node:path";

let count = 0;

/** A new file that has no name: a signal may end us at any time. @throws ErrnoException */
export function openNameless(directory: string): number {
  const path = temporaryName(directory, "mpmake-out-");
  const fd = openSync(path, "wx+", 0o600);
  rmSync(path);
  return fd;
}

/** A new path in `directory`; the caller creates it exclusively. */
export function temporaryName(directory: string, prefix: string): string {
  const random = Math.floor(Math.random() * 2 ** 48).toString(36);
  return join(directory, `${prefix}${String(process.pid)}-${(count++).toString(36)}-${random}`);
}
