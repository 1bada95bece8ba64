/** The directory that this process was started in. */

import { fromUnicode } from "./bytes.js";
import { errnoOf } from "./strerror.js";

/** How Linux leads to it when it has no name any more. */
const NAMELESS = "/proc/self/cwd";

/** Absolute, as a byte string; a way to it when it has been removed. */
export function currentDirectory(): string {
  try {
    return fromUnicode(process.cwd());
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return NAMELESS;
  }
}
