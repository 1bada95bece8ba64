/** Which node a job goes to. */

import type { NodeId } from "../base/ids.js";
import type { NodeLoad } from "./node-load.js";

export interface ChoiceLimits {
  /** `--memfree`: a node with less than this free takes no second job. Unknown memory is enough memory. */
  readonly minFreeMemoryBytes?: number;
}

/**
 * Picks the node for a job: the lowest (running + recently sent + other load) per slot of speed; ties go to the node listed first.
 *
 * @param nodes - nodes that may run the job, in the user's order; may be empty
 * @returns undefined when every node is full
 */
export function chooseNode(nodes: readonly NodeLoad[], limits: ChoiceLimits = {}): NodeId | undefined {
  let best: NodeLoad | undefined;
  for (const node of nodes) {
    if (!hasRoom(node, limits)) continue;
    if (best === undefined || loadOf(node) < loadOf(best)) best = node;
  }
  return best?.node;
}

/** Whether a node may take one more job. One that runs nothing has memory enough, that work goes on wherever it is short. */
export function hasRoom(node: NodeLoad, limits: ChoiceLimits = {}): boolean {
  if (node.running >= node.slots) return false;
  if (limits.minFreeMemoryBytes === undefined || node.freeMemoryBytes === undefined || node.running === 0) return true;
  return node.freeMemoryBytes >= limits.minFreeMemoryBytes;
}

/** Work per slot of speed. */
export function loadOf(node: NodeLoad): number {
  return (node.running + node.recentlySent + node.otherLoad) / (node.slots * node.speed);
}
