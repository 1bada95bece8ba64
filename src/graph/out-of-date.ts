/** Why a target is remade, as one value that `--trace`, `--debug` and `--explain` put into words. */

import { distinctNames } from "./automatic-variables.js";
import { TIME, type Edge, type Target } from "./target.js";

/** What a reason names. */
interface Named {
  readonly prerequisites: readonly string[];
  /** From `.EXTRA_PREREQS`: as GNU make has it, `--trace` does not tell them. */
  readonly extra: readonly string[];
}

export type Reason =
  | { readonly kind: "phony" }
  | { readonly kind: "missing" }
  /** These prerequisites are newer, do not exist, or were remade. */
  | ({ readonly kind: "changed" } & Named)
  /** These prerequisites, intermediate ones, do not exist, and something newer stands behind them. */
  | ({ readonly kind: "absent" } & Named)
  /** Another target of its group does not exist. */
  | { readonly kind: "group" }
  /** Something newer stands behind an intermediate prerequisite that itself turned out the same. */
  | { readonly kind: "behind" }
  /** A `::` rule without prerequisites always runs. */
  | { readonly kind: "double-colon" }
  /** `-B` */
  | { readonly kind: "always" };

/** What was found out while a target's prerequisites were looked at. */
export interface Look {
  /** The target's own time; of a grouped target the oldest of the group's. */
  readonly time: bigint;
  /** False: its absence is the reason. */
  readonly exists: boolean;
  /** The target, or one that the same recipe makes, does not exist. */
  readonly missing: boolean;
  /** A prerequisite, or what stands behind a missing intermediate one, is newer or does not exist. */
  readonly mustMake: boolean;
  /** `-B` */
  readonly alwaysMake: boolean;
  readonly timeOf: (prerequisite: Target) => bigint;
}

/**
 * The reason for remaking a target whose prerequisites have been looked at and are done; undefined: it is up to date.
 * Marks on the way which prerequisites `$?` names.
 */
export function whyOutOfDate(target: Target, look: Look): Reason | undefined {
  let mustMake = look.mustMake || look.missing;
  let anyChanged = false;
  for (const edge of target.edges) {
    const time = look.timeOf(edge.target);
    if (!edge.orderOnly) {
      if (time === TIME.missing && !edge.target.intermediate) mustMake = true;
      anyChanged ||= edge.changed;
    }
    edge.changed ||= look.missing || time > look.time;
  }
  if (target.isDoubleColon && target.edges.length === 0) mustMake = true;
  else if (!look.missing && target.isTarget && !anyChanged && target.recipe === undefined && !look.alwaysMake)
    return undefined;
  if (!mustMake && !(look.alwaysMake && target.recipe !== undefined)) return undefined;
  return reasonOf(target, look, mustMake);
}

function reasonOf(target: Target, look: Look, mustMake: boolean): Reason {
  if (target.phony) return { kind: "phony" };
  if (!look.exists) return { kind: "missing" };
  const changed = target.edges.filter((edge) => !edge.orderOnly && (edge.changed || look.alwaysMake));
  if (changed.length > 0) return { kind: "changed", ...named(changed) };
  const absent = target.edges.filter((edge) => !edge.orderOnly && look.timeOf(edge.target) === TIME.missing);
  if (absent.length > 0) return { kind: "absent", ...named(absent) };
  if (look.missing) return { kind: "group" };
  if (!mustMake) return { kind: "always" };
  if (target.isDoubleColon && target.edges.length === 0) return { kind: "double-colon" };
  return { kind: "behind" };
}

const UNKNOWN = "unknown reasons";

function named(edges: readonly Edge[]): Named {
  const own = edges.filter((edge) => !edge.extra);
  return { prerequisites: distinctNames(own), extra: distinctNames(edges.filter((edge) => edge.extra)) };
}

/** The words of `--trace` behind "update target 'x' due to: ". */
export function traceText(reason: Reason): string {
  switch (reason.kind) {
    case "phony":
      return "target is .PHONY";
    case "missing":
      return "target does not exist";
    case "changed":
    case "absent":
      return reason.prerequisites.length > 0 ? reason.prerequisites.join(" ") : UNKNOWN;
    case "group":
    case "behind":
    case "double-colon":
    case "always":
      return UNKNOWN;
  }
}

/** The reason in words of our own, for `--explain`. */
export function explainText(reason: Reason): string {
  switch (reason.kind) {
    case "phony":
      return "it is phony";
    case "missing":
      return "it does not exist";
    case "changed":
      return `${allOf(reason)} changed`;
    case "absent":
      return `what ${allOf(reason)} is made from changed`;
    case "group":
      return "another target of its group does not exist";
    case "behind":
      return "what an intermediate prerequisite is made from changed";
    case "double-colon":
      return "its '::' rule has no prerequisites and so always runs";
    case "always":
      return "everything is to be remade (-B)";
  }
}

function allOf({ prerequisites, extra }: Named): string {
  return [...prerequisites, ...extra].join(", ");
}
