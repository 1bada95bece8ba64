/** Ending a stream so that what was written to it last arrives, and not waiting for ever for one who does not read it. */

import type { Duplex } from "node:stream";

/** Usually the other side gets so long. */
export const LINGER_MS = 1000;

/** How often it is looked whether something was taken, before it is given up. */
const LOOKS = 10;

/** Ends our half of a stream, and waits for the other side as `destroyWhenStuck` does. */
export function endPatiently(stream: Duplex, patienceMs: number): void {
  stream.end();
  destroyWhenStuck(stream, patienceMs);
}

/**
 * Destroys a stream when it is still open and the other side has taken nothing of what was written for so long; the time of a second
 * call counts besides that of the first.
 */
export function destroyWhenStuck(stream: Duplex, patienceMs: number): void {
  let unread = stream.writableLength;
  let looks = 0;
  const timer = setInterval(() => {
    looks = stream.writableLength < unread ? 0 : looks + 1;
    unread = stream.writableLength;
    if (looks === LOOKS) stream.destroy();
  }, patienceMs / LOOKS).unref();
  stream.once("close", () => clearInterval(timer));
}
