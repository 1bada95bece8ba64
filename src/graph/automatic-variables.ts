/** The automatic variables of a target: `$@ $% $< $? $^ $+ $| $*`. Their `D` and `F` forms are the language's. */

import type { AutomaticVariables } from "../makefile/expander.js";
import { fileOf, parseArchiveName } from "../rules/archive-name.js";
import type { Edge, Target } from "./target.js";

export interface AutomaticOptions {
  /** `-B`: `$?` names all prerequisites. */
  readonly alwaysMake: boolean;
  /** `.SUFFIXES`: what `$*` leaves off the name of a target of an explicit rule. */
  readonly suffixes: () => readonly string[];
}

/** The automatic variables while a target's recipe is expanded. Each is worked out when it is first asked for. */
export function automaticVariables(target: Target, options: AutomaticOptions): AutomaticVariables {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (name.length !== 1) return undefined;
    if (known.has(name)) return known.get(name);
    const value = valueOf(name, target, options);
    known.set(name, value);
    return value;
  };
}

function valueOf(name: string, target: Target, options: AutomaticOptions): string | undefined {
  switch (name) {
    case "@":
      return fileOf(target.path);
    case "%":
      return parseArchiveName(target.path)?.member ?? "";
    case "*":
      return target.stem ?? stemBySuffix(target.path, options.suffixes());
    case "<":
      return firstPrerequisite(target);
    case "^":
      return distinctNormal(target, () => true).join(" ");
    case "+":
      return normalEdges(target).map(shownName).join(" ");
    case "?":
      return distinctNormal(target, (edge) => edge.changed || options.alwaysMake).join(" ");
    case "|":
      return orderOnlyNames(target).join(" ");
    default:
      return undefined;
  }
}

function firstPrerequisite(target: Target): string {
  if (target.usesDefault) return fileOf(target.path);
  return normalEdges(target)[0]?.target.path ?? "";
}

function normalEdges(target: Target): readonly Edge[] {
  return target.edges.filter((edge) => !edge.orderOnly && !edge.extra);
}

/** Each once, where it comes first, be it as an order-only prerequisite. */
function distinctNormal(target: Target, isMeant: (edge: Edge) => boolean): readonly string[] {
  const meant = new Set(normalEdges(target).filter(isMeant).map(shownName));
  const all = distinctNames(target.edges.filter((edge) => !edge.extra));
  return all.filter((name) => meant.has(name));
}

function orderOnlyNames(target: Target): readonly string[] {
  const normal = new Set(normalEdges(target).map(shownName));
  return distinctNames(target.edges.filter((edge) => edge.orderOnly && !edge.extra)).filter(
    (name) => !normal.has(name),
  );
}

/** Archive members are shown without their archive. */
function shownName(edge: Edge): string {
  const { path } = edge.target;
  return path.endsWith(")") ? (parseArchiveName(path)?.member ?? path) : path;
}

/** The names by which variables and messages show prerequisites, each once. */
export function distinctNames(edges: readonly Edge[]): readonly string[] {
  return [...new Set(edges.map(shownName))];
}

function stemBySuffix(path: string, suffixes: readonly string[]): string {
  const name = parseArchiveName(path)?.member ?? path;
  const suffix = suffixes.find((each) => name.length > each.length && name.endsWith(each));
  return suffix === undefined ? "" : name.slice(0, name.length - suffix.length);
}
