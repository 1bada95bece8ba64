/** The longest way from a goal down, by what recipes take: how long the goal takes at least, however many slots there are. */

import { resolve } from "./target-table.js";
import type { Target } from "./target.js";

/** @param msOf - how long a target's recipe takes, in milliseconds. @returns the longest way's milliseconds, the goals' own included */
export function criticalPathMs(goals: readonly Target[], msOf: (target: Target) => number): number {
  const pathMs = new Map<Target, number>();
  const longestOf = (targets: readonly Target[]): number =>
    targets.reduce((longest, each) => Math.max(longest, pathMs.get(each) ?? 0), 0);
  const heads = goals.map(resolve);
  const open = [...heads];
  for (let target = open.at(-1); target !== undefined; target = open.at(-1)) {
    const below = target.edges.map((edge) => resolve(edge.target));
    if (pathMs.has(target)) {
      open.pop();
      pathMs.set(target, longestOf(below) + msOf(target));
    } else {
      pathMs.set(target, 0); // a circle ends here
      for (const each of below) if (!pathMs.has(each)) open.push(each);
    }
  }
  return longestOf(heads);
}
