/** How a tool ends whose program ran elsewhere. */

import type { ExitStatus } from "../base/exit-status.js";
import { dieWithoutCore } from "../os/signals.js";
import { strerror } from "../os/strerror.js";

/** What a shell says of a program that is not there, and of one that cannot be executed. */
const NOT_FOUND = 127;
const CANNOT_RUN = 126;
/** The node was lost while the program ran: it may go well another time. */
const LOST = 111;

/**
 * Does not return when the program was ended by a signal.
 *
 * @param complain - says what went wrong, and gives the status for it: usually the one proposed
 * @returns the exit status
 */
export function endAs(status: ExitStatus, complain: (message: string, status: number) => number): number {
  switch (status.kind) {
    case "exited":
      return status.code;
    case "signalled":
      return dieWithoutCore(status.signal);
    case "unstarted":
      return complain(
        `${status.program}: ${strerror(status.errno)}`,
        status.errno === "ENOENT" ? NOT_FOUND : CANNOT_RUN,
      );
    case "lost":
      return complain(`node ${status.node} was lost: ${status.reason}`, LOST);
  }
}
