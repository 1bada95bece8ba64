/** All pattern rules in their order, and which of them may make a name, found by prefix and suffix. */

import { isSameRule, type PatternRule, type TargetPattern } from "./rule.js";

/** A rule one of whose targets matches a name. */
export interface RuleMatch {
  readonly rule: PatternRule;
  /** Which of the rule's targets matched. */
  readonly target: TargetPattern;
  /** What `%` stands for, without `directory`. */
  readonly stem: string;
  /** The part of the name up to its last slash, when the pattern was matched with what is behind it; else empty. */
  readonly directory: string;
}

interface Entry {
  readonly rule: PatternRule;
  readonly target: TargetPattern;
  readonly order: number;
}

/** Matches of one name are given back in the order in which the rules were defined. */
export class PatternRules {
  readonly #rules: PatternRule[] = [];
  #index: PatternIndex | undefined = undefined;

  /** Every rule, the first defined first. */
  get all(): readonly PatternRule[] {
    return this.#rules;
  }

  /** Adds a rule at the end; an earlier one that is the same goes away. */
  replace(rule: PatternRule): void {
    const old = this.#rules.findIndex((each) => isSameRule(each, rule));
    if (old >= 0) this.#rules.splice(old, 1);
    this.#rules.push(rule);
    this.#index = undefined;
  }

  /** Adds a rule at the end unless there is one that is the same (built-in and suffix rules give way). */
  addUnlessKnown(rule: PatternRule): void {
    if (this.#rules.some((each) => isSameRule(each, rule))) return;
    this.#rules.push(rule);
    this.#index = undefined;
  }

  /** The rules with a target that matches `name`, by their order; a rule with two such targets comes twice. */
  matching(name: string): RuleMatch[] {
    this.#index ??= new PatternIndex(this.#rules);
    return this.#index.matching(name);
  }
}

/** Patterns by suffix, those without one by prefix. */
class PatternIndex {
  readonly #bySuffix = new Map<string, Entry[]>();
  readonly #suffixLengths: number[] = [];
  readonly #byPrefix = new Map<string, Entry[]>();
  readonly #prefixLengths: number[] = [];

  constructor(rules: readonly PatternRule[]) {
    let order = 0;
    for (const rule of rules) for (const target of rule.targets) this.#add({ rule, target, order: order++ });
  }

  matching(name: string): RuleMatch[] {
    const slash = name.lastIndexOf("/") + 1;
    const base = slash === 0 ? name : name.slice(slash);
    const found: Entry[] = [];
    for (const length of this.#suffixLengths) {
      if (length < name.length) collect(this.#bySuffix.get(name.slice(name.length - length)), found);
    }
    for (const length of this.#prefixLengths) {
      const atStart = this.#byPrefix.get(name.slice(0, length));
      collect(atStart, found);
      if (slash === 0) continue;
      const inBase = this.#byPrefix.get(base.slice(0, length));
      if (inBase !== atStart) collect(inBase, found);
    }
    const matches: RuleMatch[] = [];
    for (const entry of found.sort(byOrder)) {
      const match = matchEntry(entry, name, slash);
      if (match !== undefined) matches.push(match);
    }
    return matches;
  }

  #add(entry: Entry): void {
    const { prefix, suffix } = entry.target;
    if (suffix !== "") addTo(this.#bySuffix, this.#suffixLengths, suffix, entry);
    else addTo(this.#byPrefix, this.#prefixLengths, prefix, entry);
  }
}

function addTo(map: Map<string, Entry[]>, lengths: number[], key: string, entry: Entry): void {
  const entries = map.get(key);
  if (entries !== undefined) {
    entries.push(entry);
    return;
  }
  map.set(key, [entry]);
  if (!lengths.includes(key.length)) lengths.push(key.length);
}

function collect(from: readonly Entry[] | undefined, into: Entry[]): void {
  if (from === undefined) return;
  for (const entry of from) into.push(entry);
}

function byOrder(a: Entry, b: Entry): number {
  return a.order - b.order;
}

/** The whole name must be longer than the pattern without its `%`; behind a directory the stem may then be empty. */
function matchEntry({ rule, target }: Entry, name: string, slash: number): RuleMatch | undefined {
  const { prefix, suffix } = target;
  if (name.length <= prefix.length + suffix.length) return undefined;
  const from = target.hasSlash ? 0 : slash;
  const stemLength = name.length - from - prefix.length - suffix.length;
  if (stemLength < 0 || !name.startsWith(prefix, from) || !name.endsWith(suffix)) return undefined;
  const stem = name.slice(from + prefix.length, from + prefix.length + stemLength);
  return { rule, target, stem, directory: name.slice(0, from) };
}
