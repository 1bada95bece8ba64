/** What a process inherits beside its environment and its descriptors, as plain data: limits, priority, signals. */

/** A resource limit. `Infinity` of the system is `UNLIMITED`. */
export interface ResourceLimit {
  /** As Linux numbers them, 0 (CPU time) to 15 (real-time CPU time). */
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

export interface ProcessSettings {
  /** Those that are to be as here; what is not named stays as it is where the process runs. */
  readonly limits: readonly ResourceLimit[];
  /** -20 to 19. */
  readonly nice: number;
  /** How willingly the kernel ends it when memory runs out, -1000 to 1000. */
  readonly oomScoreAdjust: number;
  /** Bit n-1 for signal n. */
  readonly ignoredSignals: bigint;
  readonly blockedSignals: bigint;
}
