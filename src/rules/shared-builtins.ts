/** The built-in rules made ready once for all makes of this process: most makefiles leave them as they are. */

import { BUILTIN_LOCATION } from "../base/location.js";
import type { Recipe } from "../makefile/rule-sink.js";
import {
  BUILTIN_PATTERN_RULES,
  BUILTIN_SUFFIX_RULES,
  BUILTIN_SUFFIXES,
  type BuiltinPatternRule,
} from "./builtin-rules.js";
import { ExplicitRules, type TargetStatement } from "./explicit-rules.js";
import { PatternRules } from "./pattern-rules.js";
import { patternPrerequisites, targetPattern, type PatternRule, type PrerequisiteGroup } from "./rule.js";
import { addSuffixRules } from "./suffix-rules.js";

export interface SharedBuiltins {
  /** `.SUFFIXES` and the suffix rules. */
  readonly explicit: ExplicitRules;
  /** What is a pattern rule from the start. */
  readonly patterns: PatternRules;
  /** The suffix rules as pattern rules, and behind them those. */
  readonly all: PatternRules;
}

let shared: SharedBuiltins | undefined;

/** To be changed by nobody. */
export function sharedBuiltins(): SharedBuiltins {
  return (shared ??= makeReady());
}

/** Whether a rule for this target may change what the built-in suffix rules come to. */
export function isBuiltinSuffixRule(target: string): boolean {
  if (target.charAt(0) !== ".") return false;
  const second = target.indexOf(".", 1);
  return second < 0
    ? SUFFIXES.has(target)
    : SUFFIXES.has(target.slice(0, second)) && SUFFIXES.has(target.slice(second));
}

const SUFFIXES: ReadonlySet<string> = new Set(BUILTIN_SUFFIXES);

/** What the built-in rules have in common. */
const STATEMENT: TargetStatement = {
  doubleColon: false,
  groups: [],
  recipe: undefined,
  stem: undefined,
  builtin: true,
  location: BUILTIN_LOCATION,
};

function makeReady(): SharedBuiltins {
  const warn = (): void => {
    throw new Error("internal error: a built-in rule is to be warned of");
  };
  const explicit = new ExplicitRules(warn);
  explicit.add(".SUFFIXES", { ...STATEMENT, groups: [named(BUILTIN_SUFFIXES)] });
  for (const [target, ...lines] of BUILTIN_SUFFIX_RULES)
    explicit.add(target, { ...STATEMENT, recipe: recipeOf(lines) });
  const patterns = new PatternRules();
  for (const rule of BUILTIN_PATTERN_RULES) patterns.addUnlessKnown(patternRule(rule));
  const all = new PatternRules();
  addSuffixRules(explicit, all, {
    ...{ suffixes: BUILTIN_SUFFIXES, posix: false, withoutBuiltin: false, warn },
    hasExtraPrerequisites: () => false,
  });
  for (const rule of patterns.all) all.addUnlessKnown(rule);
  return { explicit, patterns, all };
}

function named(list: readonly string[]): PrerequisiteGroup {
  return { kind: "names", names: list.map((name) => ({ name, orderOnly: false, waitBefore: false })) };
}

function recipeOf(lines: readonly string[]): Recipe {
  return { lines: lines.map((text) => ({ text, location: BUILTIN_LOCATION })), location: BUILTIN_LOCATION };
}

function patternRule(rule: BuiltinPatternRule): PatternRule {
  return {
    targets: [targetPattern(rule.target)],
    prerequisites: patternPrerequisites(named(rule.prerequisites.split(" "))),
    terminal: rule.separator === "::",
    recipe: recipeOf(rule.recipe),
    builtin: true,
  };
}
