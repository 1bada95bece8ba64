/** Which node a job goes to. */

import type { NodeId } from "../base/ids.js";
import type { NodeLoad } from "./node-load.js";

export interface ChoiceLimits {
  /** `--memfree`: a node with less than this free takes no second job. Unknown memory is enough memory. */
  readonly minFreeMemoryBytes?: number;
}

/**
 * Picks the node where a job is likely to be done first: the one that gives it most of a processor, by its speed and by what
 * runs there, was sent there lately, or is there of others; of several such the least loaded, and of those the one listed first.
 *
 * @param nodes - nodes that may run the job, in the user's order; may be empty
 * @returns undefined when every node is full, or when it is better to wait for one that is
 * @see docs/performance.md, "Choosing a node"
 */
export function chooseNode(nodes: readonly NodeLoad[], limits: ChoiceLimits = {}): NodeId | undefined {
  let best: NodeLoad | undefined;
  for (const node of nodes) if (hasRoom(node, limits) && (best === undefined || isBetter(node, best))) best = node;
  return best === undefined || isBetterToWait(best, { nodes, limits }) ? undefined : best.node;
}

function isBetter(one: NodeLoad, other: NodeLoad): boolean {
  const gain = paceOf(one) - paceOf(other);
  return gain > 0 || (gain === 0 && loadOf(one) < loadOf(other));
}

/** A full node is worth waiting for when a job runs there so many times faster. */
const FASTER = 2;
/** What is left idle for that may be this part of what such nodes do: so much is lost at most while jobs abound. */
const IDLE_PART = 0.5;

/**
 * Whether a job that got this node, the best with room, would drag on when all others are done: nodes that are much faster are
 * full, and so many of their jobs end that one of them has room soon.
 */
function isBetterToWait(
  best: NodeLoad,
  { nodes, limits }: { readonly nodes: readonly NodeLoad[]; readonly limits: ChoiceLimits },
): boolean {
  const paceWorthWaiting = FASTER * paceOf(best);
  let busy = 0;
  let idle = 0;
  for (const node of nodes) {
    if (hasRoom(node, limits)) idle += (node.slots - node.running) * paceOf(node);
    else if (paceOfOwn(node) > paceWorthWaiting) busy += node.running * paceOfOwn(node);
  }
  return idle < IDLE_PART * busy;
}

/** How fast one more job would run there: a processor's speed, or its share of it when there is more work than slots. */
function paceOf(node: NodeLoad): number {
  return node.speed * Math.min(1, node.slots / (workOn(node) + 1));
}

/** How fast those run that are there. */
function paceOfOwn(node: NodeLoad): number {
  return node.speed * Math.min(1, node.slots / workOn(node));
}

/** Whether a node may take one more job. One that runs nothing has memory enough, that work goes on wherever it is short. */
function hasRoom(node: NodeLoad, limits: ChoiceLimits = {}): boolean {
  if (node.running >= node.slots) return false;
  if (limits.minFreeMemoryBytes === undefined || node.freeMemoryBytes === undefined || node.running === 0) return true;
  return node.freeMemoryBytes >= limits.minFreeMemoryBytes;
}

/** Work per slot of speed. */
function loadOf(node: NodeLoad): number {
  return workOn(node) / (node.slots * node.speed);
}

function workOn(node: NodeLoad): number {
  return node.running + node.recentlySent + node.otherLoad;
}
