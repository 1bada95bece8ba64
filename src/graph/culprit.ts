/** Who is to blame when a target cannot be made: itself, or what it needs and nobody knows how to make. */

import { resolve } from "./target-table.js";
import type { Target } from "./target.js";

/** The target at the end of the way; those on it are told of from now on, and know who asked for them. */
export function culpritOf(target: Target): Target {
  let culprit = target;
  for (;;) {
    culprit.failedSilently = false;
    const behind = culprit.edges.find((edge) => resolve(edge.target).failedSilently);
    if (behind === undefined) return culprit;
    const next = resolve(behind.target);
    next.askedBy = culprit;
    culprit = next;
  }
}
