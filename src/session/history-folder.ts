/** The folder in which a history is kept unless told otherwise. */

import { existsSync } from "node:fs";
import { resolveIn, toPath } from "../os/bytes.js";

/** In the first make's directory; it is ours. */
export const HISTORY_FOLDER = ".mpmake";

/** Whether one has been kept there before. @param directory - the first make's, absolute */
export function hasHistoryFolder(directory: string): boolean {
  return existsSync(toPath(resolveIn(directory, HISTORY_FOLDER)));
}
