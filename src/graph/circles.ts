/** Lists of prerequisites that circles take entries from, as GNU make does with its linked lists. */

import type { Edge, Target } from "./target.js";

/** Where a circle was come upon. With `--shuffle` what stands there is not what was looked at, and yet is what goes. */
export interface CirclePlace {
  /** In whose list: the target's that is considered, or one's of its group. */
  readonly owner: Target;
  readonly place: Edge;
  /** The place before it of one that is no part of a circle. */
  readonly before: Edge | undefined;
}

/**
 * As GNU make has it, what is left behind the first prerequisite of another one of the group becomes the target's own list,
 * and is one and the same list from there on.
 */
export function dropEdge(target: Target, { owner, place, before }: CirclePlace): void {
  if (before === undefined) {
    const behind = owner.edges.indexOf(place) + 1;
    target.edges = owner.edges.slice(behind);
    target.walkOrder = owner.walkOrder.slice(behind);
    return;
  }
  for (const each of [target, ...target.group]) {
    const index = each.edges.indexOf(place);
    if (index < 1 || each.edges[index - 1] !== before) continue;
    each.edges = each.edges.toSpliced(index, 1);
    each.walkOrder = each.walkOrder.toSpliced(index, 1);
  }
}

/** What is looked at, place by place; places that circles take away meanwhile are left out. */
export function* liveWalk(owner: Target): Iterable<{ readonly edge: Edge; readonly place: Edge }> {
  let { edges, walkOrder } = owner;
  for (let index = 0; index < edges.length; index++) {
    const place = edges[index];
    const edge = walkOrder[index];
    if (place === undefined || edge === undefined) return;
    yield { edge, place };
    if (owner.edges === edges) continue;
    const now = owner.edges.indexOf(place);
    if (now >= 0) [{ edges, walkOrder }, index] = [owner, now];
  }
}

/** The place in front of one. */
export function edgeBefore(place: Edge, { edges }: Target): Edge | undefined {
  return edges[edges.indexOf(place) - 1];
}
