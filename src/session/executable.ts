/** Whether make could be started again. */

import { accessSync, constants } from "node:fs";
import { toPath } from "../os/bytes.js";
import { hostError } from "../os/strerror.js";

/** GNU make executes itself to start over, and so notices when it is not there any more, as its sub-makes would. */
export function whyNotExecutable(argv0: string): string | undefined {
  if (!argv0.includes("/")) return undefined;
  try {
    accessSync(toPath(argv0), constants.X_OK);
    return undefined;
  } catch (error) {
    return `${argv0}: ${hostError(error, argv0).message}`;
  }
}
