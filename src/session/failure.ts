/** What a failure that the user caused is told as. */

import { MakefileError, messagePrefix } from "../base/location.js";
import { UserError } from "../base/user-error.js";
import { HostError } from "../makefile/host.js";

/** Complete lines for stderr; undefined: the failure is a fault of ours, and not to be hidden. */
export function describeFailure(error: unknown, program: string): string | undefined {
  if (error instanceof MakefileError) {
    return `${messagePrefix(error.location, program)}: *** ${error.message}.  Stop.\n`;
  }
  if (error instanceof HostError) return `${program}: *** ${error.path}: ${error.message}.  Stop.\n`;
  if (!(error instanceof UserError)) return undefined;
  const hint = error.hint === undefined ? "" : `mpmake: hint: ${error.hint}\n`;
  return `mpmake: ${error.message}\n${hint}`;
}
