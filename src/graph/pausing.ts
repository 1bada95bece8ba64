/** The walk pauses for as long as commands run that an expansion needs. */

import type { Expander } from "../makefile/expander.js";
import { isAnswered, type Wait } from "../makefile/waits.js";
import type { RecipeFinder } from "./recipe-finder.js";
import type { TargetTable } from "./target-table.js";
import type { Target } from "./target.js";

export interface PausePorts {
  readonly expander: Pick<Expander, "inSteps">;
  /** Sees to the answer of something that the walk waits for. */
  readonly wait: (wait: Wait) => void;
}

/** Does something that expands. */
export function* pausing<T>(act: () => T, { expander, wait }: PausePorts): Generator<"pause", T, unknown> {
  const steps = expander.inSteps(act);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    const awaited = step.value;
    wait(awaited);
    while (!isAnswered(awaited)) yield "pause";
  }
}

/** Completes what is known of a target's prerequisites. Their second expansion may have to wait; without one nothing has. */
export function completing(
  target: Target,
  ports: PausePorts & { readonly table: Pick<TargetTable, "awaitsExpansion" | "complete"> },
): Iterable<"pause"> {
  const { table } = ports;
  if (table.awaitsExpansion(target)) return pausing(() => table.complete(target), ports);
  table.complete(target);
  return [];
}

/** Looks for a target's recipe. A search that expands prerequisites may have to wait. `depth`: levels of recursion, for `--debug`. */
export function finding(
  target: Target,
  depth: number,
  ports: PausePorts & { readonly finder: Pick<RecipeFinder, "find" | "mayExpand"> },
): Iterable<"pause"> {
  const { finder } = ports;
  if (finder.mayExpand(target)) return pausing(() => finder.find(target, depth), ports);
  finder.find(target, depth);
  return [];
}
