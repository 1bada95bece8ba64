/** The directory that this process was started in. */

import { readlinkSync } from "node:fs";
import { fromUnicode } from "./bytes.js";
import { errnoOf } from "./strerror.js";

/** How Linux leads to it when it has no name any more. */
const NAMELESS = "/proc/self/cwd";

/** Absolute, as a byte string; a way to it when it has been removed. */
export function currentDirectory(): string {
  try {
    const text = process.cwd();
    // A name that is no UTF-8 has lost its bytes there.
    return text.includes("\ufffd") ? readlinkSync(NAMELESS, "latin1") : fromUnicode(text);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return NAMELESS;
  }
}
