/** Where in a file an open descriptor stands. */

import { nativeLibrary } from "./native.js";
import { attempt } from "./attempt.js";
import { openFileInfo } from "./proc.js";

const SEEK_SET = 0;

/** undefined: there is no way to tell. */
export function offsetOf(fd: number): number | undefined {
  return attempt(() => openFileInfo("self", fd).position);
}

/** @returns whether it stands there now */
export function seek(fd: number, offset: number): boolean {
  if (offsetOf(fd) === offset) return true;
  return nativeLibrary()?.calls.lseek(fd, offset, SEEK_SET) === offset;
}
