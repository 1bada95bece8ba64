/** Lists of prerequisites that circles take entries from, as GNU make does with its linked lists. */

import type { Edge, Target } from "./target.js";

/** Where a circle was come upon: in whose list, behind which prerequisite that is no part of it. */
export interface CirclePlace {
  /** The target that is considered, or one of its group. */
  readonly owner: Target;
  readonly before: Edge | undefined;
}

/**
 * As GNU make has it, what is left behind the first prerequisite of another one of the group becomes the target's own list,
 * and is one and the same list from there on.
 */
export function dropEdge(edge: Edge, target: Target, { owner, before }: CirclePlace): void {
  if (before === undefined) {
    target.walkOrder = owner.walkOrder.slice(owner.walkOrder.indexOf(edge) + 1);
    target.edges = owner.edges.filter((each) => target.walkOrder.includes(each));
    return;
  }
  for (const each of [target, ...target.group]) {
    const index = each.walkOrder.indexOf(edge);
    if (index < 1 || each.walkOrder[index - 1] !== before) continue;
    each.walkOrder = each.walkOrder.toSpliced(index, 1);
    each.edges = each.edges.filter((other) => other !== edge);
  }
}

/** The prerequisites one after the other; those that circles take away meanwhile are left out. */
export function* liveWalk(owner: Target): Iterable<Edge> {
  let list = owner.walkOrder;
  for (let index = 0; index < list.length; index++) {
    const edge = list[index];
    if (edge === undefined) return;
    yield edge;
    if (owner.walkOrder === list) continue;
    const now = owner.walkOrder.indexOf(edge);
    if (now >= 0) [list, index] = [owner.walkOrder, now];
  }
}

/** The prerequisite in front of one. */
export function edgeBefore(edge: Edge, { walkOrder }: Target): Edge | undefined {
  return walkOrder[walkOrder.indexOf(edge) - 1];
}
