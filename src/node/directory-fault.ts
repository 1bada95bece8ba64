/** Whether a job can be where it is to be. */

import { statSync } from "node:fs";
import { toPath } from "../os/bytes.js";
import { errnoOf } from "../os/strerror.js";

/** Why a directory cannot be worked in, as errno. */
export function directoryFault(directory: string): string | undefined {
  try {
    return statSync(toPath(`${directory}/.`)).isDirectory() ? undefined : "ENOTDIR";
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}
