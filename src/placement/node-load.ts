/** What is known of a node when a job is to be placed. */

import type { NodeId } from "../base/ids.js";

export interface NodeLoad {
  readonly node: NodeId;
  /** Jobs it may run at once for this session. */
  readonly slots: number;
  /** Relative speed of one slot; 1 unless measured or configured. */
  readonly speed: number;
  /** Jobs of this session running there now. */
  readonly running: number;
  /** Load beyond this session's own work: its load average less our jobs, at least 0. */
  readonly otherLoad: number;
  /** Jobs sent there lately by any session, decayed (see sent records). */
  readonly recentlySent: number;
  /** Free memory in bytes, when known. */
  readonly freeMemoryBytes?: number;
}
