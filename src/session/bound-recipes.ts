/** Recipes that name a descriptor which cannot go elsewhere run on this machine: `<&3`, `>&3`, `/dev/fd/3`. */

import type { Placement } from "../sched/ports.js";
import type { Job } from "../sched/job.js";

/** @param bound - descriptors above 2 that stay here */
export function keepBoundRecipes(placement: Placement, bound: readonly number[]): Placement {
  if (bound.length === 0) return placement;
  const named = new RegExp(`(?:[<>]&|/dev/fd/|/proc/self/fd/)(?:${bound.join("|")})(?!\\d)`);
  const isBound = (job: Job): boolean => job.lines.some(({ text }) => named.test(text));
  return {
    choose: (job) => placement.choose(!job.local && isBound(job) ? { ...job, local: true } : job),
    onChange: (listener) => placement.onChange(listener),
    get failure() {
      return placement.failure;
    },
  };
}
