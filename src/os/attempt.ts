/** Asking the system for something that it may refuse without anybody's being the worse for it. */

import { readFileSync } from "node:fs";
import { toPath } from "./bytes.js";
import { errnoOf } from "./strerror.js";

/** What `act` answers; undefined where the system refuses it. Anything else that it throws is thrown on. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** A file's content as a byte string; undefined when it cannot be read. */
export function readIfPossible(path: string): string | undefined {
  return attempt(() => readFileSync(toPath(path), "latin1"));
}
