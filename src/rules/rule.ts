/** The rules of a build as they are known once the makefiles are read. */

import type { Location } from "../base/location.js";
import { parsePattern, type Pattern } from "../makefile/pattern.js";
import type { Recipe } from "../makefile/rule-sink.js";

/** A prerequisite by name. In a pattern rule the name may hold a `%`. */
export interface RulePrerequisite {
  readonly name: string;
  readonly orderOnly: boolean;
  /** `.WAIT` stood before it. */
  readonly waitBefore: boolean;
}

/** The prerequisites of one rule statement: named, or a text that waits for its second expansion. */
export type PrerequisiteGroup =
  | {
      readonly kind: "names";
      readonly names: readonly RulePrerequisite[];
      /** They are a static pattern rule's. */
      readonly ofStem?: boolean;
    }
  | {
      readonly kind: "deferred";
      readonly text: string;
      readonly stem: string | undefined;
      readonly location: Location;
    };

/**
 * What explicit rules say of a target. A target of `:` rules has one, which all its statements fill; a target of `::`
 * rules has one for each. Changed only while makefiles are read.
 */
export class TargetRule {
  readonly target: string;
  readonly doubleColon: boolean;
  /** In the order in which `$^` lists them: those of the statement that gave the recipe come first. */
  readonly groups: PrerequisiteGroup[];
  recipe: Recipe | undefined = undefined;
  /** Set by a static pattern rule. */
  stem: string | undefined = undefined;
  /** All targets of the grouped rule (`&:`) that makes it, the last one first. */
  peers: readonly string[] = NO_PEERS;
  /** Only the built-in rules speak of it. */
  builtin: boolean;

  constructor(
    target: string,
    given: { readonly doubleColon: boolean; readonly builtin: boolean },
    groups: PrerequisiteGroup[],
  ) {
    this.target = target;
    this.doubleColon = given.doubleColon;
    this.builtin = given.builtin;
    this.groups = groups;
  }
}

const NO_PEERS: readonly string[] = [];

/** A target of a pattern rule. */
export interface TargetPattern extends Pattern {
  readonly text: string;
  /** Without a slash it is matched with the name behind the last slash. */
  readonly hasSlash: boolean;
  /** It is just `%`. */
  readonly matchesAnything: boolean;
}

/** A prerequisite of a pattern rule, ready to be named for a stem. */
export interface PrerequisitePattern extends RulePrerequisite {
  readonly pattern: Pattern;
}

/** The prerequisites of a pattern rule. */
export type PatternPrerequisites =
  | { readonly kind: "names"; readonly names: readonly PrerequisitePattern[] }
  | Extract<PrerequisiteGroup, { readonly kind: "deferred" }>;

/** A pattern rule, as written or made of a suffix rule. */
export interface PatternRule {
  readonly targets: readonly TargetPattern[];
  readonly prerequisites: PatternPrerequisites;
  /** From `.EXTRA_PREREQS`: they come behind all others, and automatic variables do not show them. */
  readonly extra?: readonly PrerequisitePattern[];
  /** `::`: its prerequisites must exist. */
  readonly terminal: boolean;
  /** undefined: it makes nothing; it cancels an earlier rule, or tells that names of its kind have rules of their own. */
  readonly recipe: Recipe | undefined;
  readonly builtin: boolean;
}

/** Reads the target of a pattern rule. */
export function targetPattern(text: string): TargetPattern {
  const { wildcard, prefix, suffix } = parsePattern(text);
  const matchesAnything = prefix === "" && suffix === "";
  return { wildcard, prefix, suffix, text, hasSlash: text.includes("/"), matchesAnything };
}

/** Prepares the prerequisites of a pattern rule. */
export function patternPrerequisites(group: PrerequisiteGroup): PatternPrerequisites {
  if (group.kind === "deferred") return group;
  return { kind: "names", names: group.names.map(prerequisitePattern) };
}

export function prerequisitePattern(prerequisite: RulePrerequisite): PrerequisitePattern {
  return { ...prerequisite, pattern: parsePattern(prerequisite.name) };
}

/** Whether a pattern rule has prerequisites of any kind. */
export function hasPrerequisites(rule: PatternRule): boolean {
  return rule.prerequisites.kind === "deferred" || rule.prerequisites.names.length > 0 || rule.extra !== undefined;
}

/**
 * The texts by which a new rule knows the one that it takes the place of: one for each of its targets. Order-only prerequisites
 * are like others here.
 */
export function ruleIdentities({ targets, prerequisites }: PatternRule): readonly string[] {
  const behind =
    prerequisites.kind === "deferred"
      ? prerequisites.text
      : prerequisites.names.map(({ name }) => `${name}\0`).join("");
  return targets.map(({ text }) => `${text}\0${behind}`);
}

/** The names of a group; of a deferred one its text. */
export function namesOf(group: PrerequisiteGroup): readonly string[] {
  return group.kind === "deferred" ? [group.text] : group.names.map((each) => each.name);
}
