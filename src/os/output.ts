/** Writing make's own output: at once and whole, as its order among the recipes' output is part of its meaning. */

import { writeSync } from "node:fs";
import { toBytes } from "../base/latin1.js";
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
