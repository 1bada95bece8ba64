/** Names for short-lived files that nobody can guess beforehand, so that two sessions never meet. */

import { join } from "node:path";

let count = 0;

/** A new path in `directory`; the caller creates it exclusively. */
export function temporaryName(directory: string, prefix: string): string {
  const random = Math.floor(Math.random() * 2 ** 48).toString(36);
  return join(directory, `${prefix}${String(process.pid)}-${(count++).toString(36)}-${random}`);
}
