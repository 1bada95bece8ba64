/** How a process ended, wherever it ran. */

import type { NodeId } from "./ids.js";

export type ExitStatus =
  /** It ended by itself; 0–255. */
  | { readonly kind: "exited"; readonly code: number }
  /** A signal ended it; `signal` is the number on Linux. */
  | { readonly kind: "signalled"; readonly signal: number; readonly core: boolean }
  /** It never ran: the program could not be executed. `code` is what a shell would say: 127 not found, 126 otherwise. */
  | { readonly kind: "unstarted"; readonly errno: string; readonly program: string; readonly code: 126 | 127 }
  /**
   * The node went away. `started` false: provably no line was started; true: the job may have run in part or whole. `isBusy`: the
   * node is there, and had no room for it.
   */
  | {
      readonly kind: "lost";
      readonly node: NodeId;
      readonly started: boolean;
      readonly reason: string;
      readonly isBusy?: true;
    };

/** How a make that is a part of a process ended; a signal is to end the process, or the launcher that stands for it, too. */
export type MakeOutcome =
  { readonly kind: "exited"; readonly code: number } | { readonly kind: "signalled"; readonly signal: number };

export const SUCCESS: ExitStatus = { kind: "exited", code: 0 };

/** Whether the process ended well. */
export function isSuccess(status: ExitStatus): boolean {
  return status.kind === "exited" && status.code === 0;
}
