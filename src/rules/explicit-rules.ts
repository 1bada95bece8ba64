/** What explicit rules say, target by target, and the warnings and errors about contradictory ones. */

import { MakefileError, type Location } from "../base/location.js";
import type { Warn } from "../makefile/host.js";
import type { Recipe } from "../makefile/rule-sink.js";
import { MentionedNames } from "./mentioned-names.js";
import { TargetRule, type PrerequisiteGroup } from "./rule.js";

/** What one rule statement says of one of its targets. */
export interface TargetStatement {
  readonly doubleColon: boolean;
  readonly groups: readonly PrerequisiteGroup[];
  readonly recipe: Recipe | undefined;
  readonly stem: string | undefined;
  readonly builtin: boolean;
  readonly location: Location;
}

const NO_RULES: readonly TargetRule[] = [];

/** The explicit rules by target, in the order in which targets were first named. */
export class ExplicitRules {
  #rules = new Map<string, TargetRule[]>();
  /** Built-in rules that stand before those; other makes have them, too. */
  #builtin: ExplicitRules | undefined = undefined;
  /** Rules that others took the place of. What they mention stays mentioned. */
  readonly #forgotten: TargetRule[] = [];
  #mentioned: MentionedNames | undefined = undefined;
  /** Prerequisites of static pattern rules, made when they are first asked for. */
  #ofStem: ReadonlySet<string> | undefined = undefined;
  /** Mentioned beside those. */
  readonly #named = new Set<string>();
  readonly #grouped = new Set<TargetRule>();
  readonly #warn: Warn;

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /** The rules of a target: several for a `::` target; none when no rule names it. */
  of(target: string): readonly TargetRule[] {
    return this.#rules.get(target) ?? this.#builtin?.of(target) ?? NO_RULES;
  }

  has(target: string): boolean {
    return this.#rules.has(target) || this.#builtin?.has(target) === true;
  }

  /** Whether a makefile has a rule for it; built-in ones do not count. */
  isMadeByMakefile(target: string): boolean {
    return this.#rules.get(target)?.some(({ builtin }) => !builtin) === true;
  }

  /** Whether a rule of a makefile names it, as target or, unless it is a static pattern rule, as prerequisite. */
  isMentioned(name: string): boolean {
    return this.#named.has(name) || this.#mentionedInRules.has(name);
  }

  /** The same, but prerequisites of static pattern rules count. */
  isNamed(name: string): boolean {
    return this.#named.has(name) || this.isWritten(name);
  }

  /** The same, but what only a second expansion shows does not count. */
  isWritten(name: string): boolean {
    if (this.#mentionedInRules.has(name)) return true;
    this.#ofStem ??= namedByStem([...this.#rules.values(), this.#forgotten]);
    return this.#ofStem.has(name);
  }

  /** Notes that it is named, as a second expansion shows. */
  mention(name: string): void {
    this.#named.add(name);
  }

  *targets(): IterableIterator<string> {
    if (this.#builtin !== undefined) yield* this.#builtin.targets();
    yield* this.#rules.keys();
  }

  /** Every rule, in the order in which targets were first named. */
  *all(): IterableIterator<TargetRule> {
    if (this.#builtin !== undefined) yield* this.#builtin.all();
    for (const rules of this.#rules.values()) yield* rules;
  }

  /** Begins with what `others`, which only speak of built-in rules, say: it is shared until a makefile says more of a target. */
  beginWith(others: ExplicitRules): void {
    this.#builtin = others;
    this.#mentioned = undefined;
  }

  /** Forgets all that is said of a target (`.SUFFIXES:` without suffixes). */
  forget(target: string): void {
    this.#ownAll(target);
    this.#forgotten.push(...this.of(target));
    this.#rules.delete(target);
  }

  /** @throws MakefileError when a target has `:` and `::` rules. */
  add(target: string, said: TargetStatement): void {
    this.#mentioned = undefined;
    this.#ofStem = undefined;
    this.#ownAll(target);
    const known = this.#rules.get(target);
    const first = known?.[0];
    if (first === undefined) this.#rules.set(target, [newRule(target, said)]);
    else if (first.doubleColon !== said.doubleColon && !first.builtin)
      throw new MakefileError(said.location, `target file '${target}' has both : and :: entries`);
    else if (!said.doubleColon) this.#merge(this.#ownRule(target, first), said);
    else if (first.doubleColon) known?.push(newRule(target, said));
    else {
      this.#forgotten.push(first);
      this.#rules.set(target, [newRule(target, said)]);
    }
  }

  get #mentionedInRules(): MentionedNames {
    const builtin = this.#builtin === undefined ? undefined : this.#builtin.#mentionedInRules;
    return (this.#mentioned ??= new MentionedNames([...this.#rules.values(), this.#forgotten], builtin));
  }

  /** More is said of a target of which built-in rules speak: from now on all of them are ours. */
  #ownAll(target: string): void {
    if (this.#builtin?.has(target) !== true) return;
    this.#rules = new Map([...this.#builtin.#rules, ...this.#rules]);
    this.#builtin = undefined;
  }

  /** Makes a group of targets to all of which the same statement has just given `recipe`. */
  group(targets: readonly string[], recipe: Recipe): void {
    const lastFirst = targets.toReversed();
    for (const target of lastFirst) {
      for (const rule of this.of(target).filter((each) => each.recipe === recipe)) {
        if (this.#grouped.has(rule) && !rule.doubleColon) {
          this.#warn(recipe.location, `warning: overriding group membership for target '${target}'`);
        }
        this.#grouped.add(rule);
        rule.peers = lastFirst;
      }
    }
  }

  /** Built-in rules are other makes' as well: what changes is a copy. */
  #ownRule(target: string, rule: TargetRule): TargetRule {
    if (!rule.builtin) return rule;
    const { doubleColon, builtin, groups, recipe, stem } = rule;
    const own = newRule(target, { doubleColon, builtin, groups, recipe, stem });
    this.#rules.set(target, [own]);
    return own;
  }

  #merge(rule: TargetRule, said: TargetStatement): void {
    if (said.recipe !== undefined) this.#replaceRecipe(rule, said, said.recipe);
    // The statement with the recipe goes first, so that `$<` is the prerequisite written beside it.
    if (said.recipe === undefined) rule.groups.push(...said.groups);
    else rule.groups.unshift(...said.groups);
    if (said.stem !== undefined) rule.stem = said.stem;
    if (!said.builtin) rule.builtin = false;
  }

  #replaceRecipe(rule: TargetRule, said: TargetStatement, recipe: Recipe): void {
    const old = rule.recipe;
    if (old === recipe) {
      this.#warn(said.location, `target '${rule.target}' given more than once in the same rule`);
    } else if (old !== undefined && !rule.builtin) {
      this.#warn(recipe.location, `warning: overriding recipe for target '${rule.target}'`);
      this.#warn(old.location, `warning: ignoring old recipe for target '${rule.target}'`);
    }
    rule.recipe = recipe;
  }
}

function newRule(target: string, said: Omit<TargetStatement, "location">): TargetRule {
  const rule = new TargetRule(target, said, said.groups.slice());
  rule.recipe = said.recipe;
  rule.stem = said.stem;
  return rule;
}

/** Built-in rules name none. */
function namedByStem(lists: readonly (readonly TargetRule[])[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (const rules of lists) {
    for (const { groups } of rules) for (const group of groups) addOfStem(group, named);
  }
  return named;
}

function addOfStem(group: PrerequisiteGroup, named: Set<string>): void {
  if (group.kind === "names" && group.ofStem === true) for (const { name } of group.names) named.add(name);
}
