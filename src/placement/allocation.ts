/** What a scheduler of the site has given us: nodes with slots, for a time. */

/** A node of an allocation, by the name that its scheduler knows it by. */
export interface AllocatedNode {
  readonly name: string;
  /** Processors that are ours there; at least 1. */
  readonly slots: number;
}

/** Nodes that one step of the scheduler reaches. */
export interface AllocationPart {
  /** Its number in a heterogeneous job; undefined: the job has but one part. */
  readonly group: number | undefined;
  readonly nodes: readonly AllocatedNode[];
}

export interface Allocation {
  readonly jobId: string;
  /** At least one, each of at least one node. */
  readonly parts: readonly AllocationPart[];
  /** When all of it ends, in milliseconds since the epoch; undefined: the environment does not say. */
  readonly endsAtMs: number | undefined;
}
