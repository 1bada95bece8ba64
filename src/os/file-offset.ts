/** Where in a file an open descriptor stands. */

import { readFileSync } from "node:fs";
import { nativeLibrary } from "./native.js";
import { errnoOf } from "./strerror.js";

const SEEK_SET = 0;

/** undefined: there is no way to tell. */
export function offsetOf(fd: number): number | undefined {
  try {
    const [, pos] = /^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, "latin1")) ?? [];
    return pos === undefined ? undefined : Number(pos);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** @returns whether it stands there now */
export function seek(fd: number, offset: number): boolean {
  if (offsetOf(fd) === offset) return true;
  return nativeLibrary()?.calls.lseek(fd, offset, SEEK_SET) === offset;
}
