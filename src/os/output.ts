/** Writing make's own output: at once and whole, as its order among the recipes' output is part of its meaning. */

import { fstatSync, writeSync } from "node:fs";
import { toBytes } from "../base/latin1.js";
import { nativeLibrary } from "./native.js";
import { errnoOf, hostError } from "./strerror.js";

const pause = new Int32Array(new SharedArrayBuffer(4));
const RETRY_MS = 1;

/** Writes a byte string or bytes, all of it, waiting when the reader is slow. @throws HostError */
export function writeAll(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? toBytes(text) : text;
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") throw hostError(error, "");
      Atomics.wait(pause, 0, 0, RETRY_MS); // someone made the descriptor, which we share, a non-blocking one
    }
  }
}

const F_GETFL = 3;
const F_SETFL = 4;
const O_APPEND = 0o2000;

/**
 * Makes all who share a descriptor write at the end of its file, as GNU make does: programs that opened or emptied the same file
 * otherwise leave holes in it, or overwrite each other. Other things than files stay as they are, as does everything without koffi.
 */
export function appendToFile(fd: number): void {
  const calls = fstatSync(fd).isFile() ? nativeLibrary()?.calls : undefined;
  if (calls === undefined) return;
  const flags = calls.fcntl(fd, F_GETFL, 0);
  if (flags >= 0 && (flags & O_APPEND) === 0) calls.fcntl(fd, F_SETFL, flags | O_APPEND);
}
