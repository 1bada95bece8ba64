/** What has not come through between a program elsewhere and its tool here: a program here would have noticed, and not ended well. */

import { type ExitStatus, isSuccess } from "../base/exit-status.js";
import { dieWithoutCore, isInMask } from "../os/signals.js";
import { strerror } from "../os/strerror.js";
import { descriptorName } from "./descriptor-options.js";
import { endAs } from "./end-as.js";

const NOBODY_READS = "EPIPE";
const SIGPIPE = 13;

export interface LostOutputOptions {
  /** A mask: who ignores SIGPIPE is told. */
  readonly ignoredSignals: bigint;
  /** Says what went wrong, and gives the status for it: usually the one proposed. */
  readonly complain: (message: string, status: number) => number;
  /** The status when the program has ended well and its output is lost, or its input was cut short. */
  readonly failed: number;
}

export class LostOutput {
  readonly #options: LostOutputOptions;
  #isLost = false;
  #isUnread = false;

  constructor(options: LostOutputOptions) {
    this.#options = options;
  }

  /** Something written to a descriptor is lost. */
  readonly add = (fd: number, errno: string): void => {
    const { ignoredSignals, complain, failed } = this.#options;
    if (errno === NOBODY_READS && !isInMask(ignoredSignals, SIGPIPE)) {
      this.#isUnread = true;
      return;
    }
    this.#isLost = true;
    complain(`cannot write to ${descriptorName(fd)}: ${strerror(errno)}`, failed);
  };

  /** Something that it may have wanted to read could not be read. */
  readonly cutShort = (fd: number, errno: string): void => {
    this.#isLost = true;
    this.#options.complain(`cannot read ${descriptorName(fd)}: ${strerror(errno)}`, this.#options.failed);
  };

  /** As `endAs` does; but a program that has ended well and does not know of either did not end well here. */
  endAs(status: ExitStatus): number {
    const { complain, failed } = this.#options;
    if (isSuccess(status) && this.#isLost) return failed;
    if (isSuccess(status) && this.#isUnread) return dieWithoutCore(SIGPIPE);
    return endAs(status, complain);
  }
}
