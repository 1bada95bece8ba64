/** Whether two ways lead to one file. */

import { fstatSync } from "node:fs";

/** What is asked of a file; numbers may be of either kind, but of the same. */
interface FileIdentity {
  readonly dev: number | bigint;
  readonly ino: number | bigint;
}

export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** Whether two descriptors lead to one place, so that the order of what is written to them counts. @throws ErrnoException */
export function leadToOneFile(one: number, other: number): boolean {
  return isSameFile(fstatSync(one, { bigint: true }), fstatSync(other, { bigint: true }));
}
