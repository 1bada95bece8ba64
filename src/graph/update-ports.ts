/** What an update needs from the rooms around it. */

import type { JobId } from "../base/ids.js";
import type { Observer, Printed } from "../events/event.js";
import type { Expander } from "../makefile/expander.js";
import type { Wait } from "../makefile/waits.js";
import type { RuleBook } from "../rules/rule-book.js";
import type { Disk } from "./disk.js";
import type { JobOrder } from "./estimates.js";
import type { Job } from "./job.js";
import type { UpdateOptions } from "./options.js";
import type { Reason } from "./out-of-date.js";

/** Of one invocation. */
export interface UpdatePorts {
  readonly expander: Expander;
  /** Reading is finished. */
  readonly rules: RuleBook;
  readonly disk: Disk;
  readonly observe: Observer;
  readonly options: UpdateOptions;
  readonly newJobId: () => JobId;
  /** Takes a job to be run; `jobEnded` is to be called once it has ended, never before `start` has returned. */
  readonly start: (job: Job, why: Reason) => void;
  /** It is about to be told that no rule makes the first of these targets, which is made for the next one, and so on. */
  readonly failing: (names: readonly string[]) => void;
  /** Does something; what the language prints meanwhile is added to `printed` instead of being shown. */
  readonly aside: <T>(act: () => T, printed: Printed[]) => T;
  /** Whether another job would find a slot. */
  readonly hasRoom: () => boolean;
  /** Sees to the answer of something that the walk waits for; `advance` is to be called once it is there. */
  readonly wait: (wait: Wait) => void;
  /** undefined: jobs are begun in the order of the makefile. */
  readonly order?: JobOrder | undefined;
}
