/** What `--debug` says of a target between looking at its prerequisites and deciding about it, in GNU make's words. */

import type { Look, Reason } from "./out-of-date.js";
import { STATUS, TIME, type Edge, type Status, type Target } from "./target.js";
import type { Voice } from "./voice.js";

/** Why the target is remade, or is not; to be called with what `whyOutOfDate` has found. */
export function remarkOnPrerequisites(target: Target, look: Look, reason: Reason | undefined, voice: Voice): void {
  if (!voice.hears("basic")) return;
  const { depth } = target;
  if (!look.missing) for (const edge of target.edges) remarkOnEdge(edge, target, look, voice);
  if (target.isDoubleColon && target.edges.length === 0)
    voice.debug("basic", depth, () => `Target '${target.path}' is double-colon and has no prerequisites.`);
  else if (reason === undefined && target.isTarget && target.recipe === undefined && target.edges.length > 0)
    voice.debug("verbose", depth, () => `No recipe for '${target.path}' and no prerequisites actually changed.`);
  else if (reason !== undefined && look.alwaysMake && !look.mustMake && !look.missing)
    voice.debug("verbose", depth, () => `Making '${target.path}' due to always-make flag.`);
}

function remarkOnEdge(edge: Edge, target: Target, { timeOf }: Look, voice: Voice): void {
  const { path } = edge.target;
  const depth = target.depth + 1;
  if (edge.orderOnly)
    voice.debug("verbose", depth, () => `Prerequisite '${path}' is order-only for target '${target.path}'.`);
  else if (timeOf(edge.target) === TIME.missing)
    voice.debug("basic", depth, () => `Prerequisite '${path}' of target '${target.path}' does not exist.`);
  else if (edge.changed)
    voice.debug("basic", depth, () => `Prerequisite '${path}' is newer than target '${target.path}'.`);
  else voice.debug("verbose", depth, () => `Prerequisite '${path}' is older than target '${target.path}'.`);
}

/** How remaking it has ended. */
export function remarkOnEnd(target: Target, status: Status, voice: Voice): void {
  voice.debug("basic", target.depth, () => {
    if (status === STATUS.failed) return `Failed to remake target file '${target.path}'.`;
    if (status === STATUS.question) return `Target file '${target.path}' needs to be remade under -q.`;
    return `Successfully remade target file '${target.path}'.`;
  });
}
