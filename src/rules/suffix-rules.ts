/** Old-fashioned suffix rules (`.c.o:`) turned into pattern rules. */

import type { Warn } from "../makefile/host.js";
import type { Recipe } from "../makefile/rule-sink.js";
import type { ExplicitRules } from "./explicit-rules.js";
import type { PatternRules } from "./pattern-rules.js";
import { patternPrerequisites, targetPattern, type TargetRule } from "./rule.js";

export interface SuffixOptions {
  /** `.SUFFIXES`, in order; a suffix may come twice. */
  readonly suffixes: readonly string[];
  /** `.POSIX`: a rule with prerequisites is no suffix rule. */
  readonly posix: boolean;
  /** Built-in rules are off. */
  readonly withoutBuiltin: boolean;
  /** Whether `.EXTRA_PREREQS` gives a target prerequisites. */
  readonly hasExtraPrerequisites: (target: string) => boolean;
  readonly warn: Warn;
}

type WithRecipe = TargetRule & { readonly recipe: Recipe };

/** Adds the pattern rules that the suffix rules among `explicit` stand for, in the order of the suffixes. */
export function addSuffixRules(explicit: ExplicitRules, patterns: PatternRules, options: SuffixOptions): void {
  for (const source of options.suffixes) {
    // Tells that names with this suffix are of a known kind: rules that match anything are not for them.
    addRule(patterns, `%${source}`, undefined, undefined);
    const single = recipeOf(explicit, source, options);
    if (single !== undefined) addRule(patterns, "%", `%${source}`, single);
    for (const made of options.suffixes) {
      const rule = recipeOf(explicit, source + made, options);
      if (rule !== undefined) addDoubleSuffixRule(rule, patterns, { source, made, ...options });
    }
  }
}

function addDoubleSuffixRule(
  rule: WithRecipe,
  patterns: PatternRules,
  options: SuffixOptions & { readonly source: string; readonly made: string },
): void {
  const { source, made } = options;
  if (hasPrerequisites(rule) || (!rule.builtin && options.hasExtraPrerequisites(rule.target))) {
    if (options.posix) return;
    options.warn(rule.recipe.location, "warning: ignoring prerequisites on suffix rule definition");
  }
  if (made === ".a") addRule(patterns, "(%.o)", `%${source}`, rule);
  addRule(patterns, `%${made}`, `%${source}`, rule);
}

function recipeOf(explicit: ExplicitRules, name: string, options: SuffixOptions): WithRecipe | undefined {
  const rule = explicit.of(name)[0];
  if (rule?.recipe === undefined || (rule.builtin && options.withoutBuiltin)) return undefined;
  return rule as WithRecipe;
}

function hasPrerequisites(rule: TargetRule): boolean {
  return rule.groups.some((group) => group.kind === "deferred" || group.names.length > 0);
}

function addRule(
  patterns: PatternRules,
  target: string,
  prerequisite: string | undefined,
  from: TargetRule | undefined,
): void {
  const names = prerequisite === undefined ? [] : [{ name: prerequisite, orderOnly: false, waitBefore: false }];
  const recipe: Recipe | undefined = from?.recipe;
  patterns.addUnlessKnown({
    targets: [targetPattern(target)],
    prerequisites: patternPrerequisites({ kind: "names", names }),
    terminal: false,
    recipe,
    builtin: from?.builtin ?? false,
  });
}
