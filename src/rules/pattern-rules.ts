/** All pattern rules in their order, and which of them may make a name, found by prefix and suffix. */

import { PatternIndex, type Entry } from "./pattern-index.js";
import { ruleIdentities, type PatternRule, type PrerequisitePattern, type TargetPattern } from "./rule.js";

/** A rule one of whose targets matches a name. */
export class RuleMatch {
  readonly rule: PatternRule;
  /** Which of the rule's targets matched. */
  readonly target: TargetPattern;
  /** What `%` stands for, without `directory`. */
  readonly stem: string;
  /** The part of the name up to its last slash, when the pattern was matched with what is behind it; else empty. */
  readonly directory: string;
  /** A prerequisite of the rule cannot be made: trying harder is of no use. */
  isImpossible = false;

  constructor(entry: Entry, stem: string, directory: string) {
    this.rule = entry.rule;
    this.target = entry.target;
    this.stem = stem;
    this.directory = directory;
  }

  /** What `$*` becomes. */
  get fullStem(): string {
    return this.directory + this.stem;
  }
}

/** What a search leaves out. */
export interface MatchOptions {
  /** Rules under way in the chain of searches. */
  readonly except: ReadonlySet<PatternRule>;
  /** The name is that of an intermediate file: rules for anything are not for it, unless terminal. */
  readonly intermediate: boolean;
}

/** The pattern rules of a build. */
export class PatternRules {
  #rules: PatternRule[] = [];
  /** Those that a new rule may take the place of: rules with one target, which may stand there several times. */
  #replaceable = new Map<string, PatternRule>();
  #index: PatternIndex | undefined = undefined;
  #version = 0;
  #signature: string | undefined = undefined;
  #hasDeferred = false;
  /** Whose rules these are as well: they are copied before they change. */
  #sharedWith: PatternRules | undefined = undefined;

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  /** Whether there are rules whose prerequisites are expanded while one is looked for. */
  get hasDeferred(): boolean {
    return this.#hasDeferred;
  }

  /** Every rule, the first defined first. */
  get all(): readonly PatternRule[] {
    return this.#rules;
  }

  /**
   * Adds a rule at the end. As GNU make has it, the first earlier one goes away that has the same prerequisites and no other
   * target than one of this rule's.
   */
  replace(rule: PatternRule): void {
    const places = this.#knownAs(rule).map((old) => this.#rules.indexOf(old));
    if (places.length > 0) this.#remove(Math.min(...places));
    this.#add(rule);
  }

  /** Adds a rule at the end unless there is one that is the same (built-in and suffix rules give way). */
  addUnlessKnown(rule: PatternRule): void {
    if (this.#knownAs(rule).length === 0) this.#add(rule);
  }

  /** The same with all rules of `others`, in their order; `others` must not change any more. */
  addUnknown(others: PatternRules): void {
    if (this.#rules.length > 0) {
      for (const rule of others.#rules) this.addUnlessKnown(rule);
      return;
    }
    this.#rules = others.#rules;
    this.#replaceable = others.#replaceable;
    this.#index = others.#indexed();
    this.#sharedWith = others;
    this.#version++;
  }

  /** Tells these rules from any others by all that a search looks at. */
  get signature(): string {
    if (this.#sharedWith !== undefined) return this.#sharedWith.signature;
    return (this.#signature ??= this.#rules.map(signatureOf).join("\n"));
  }

  /** Gives every rule these prerequisites beside its own. */
  addExtra(extra: readonly PrerequisitePattern[]): void {
    this.#own();
    const rules = this.#rules.splice(0);
    for (const rule of rules) this.#add({ ...rule, extra });
  }

  /**
   * The rules that may make `name`, those with the shortest stem first, then by their order. Rules for anything that are
   * not terminal come only when nothing more specific matches. Each is looked for when it is asked for.
   */
  matching(name: string, options: MatchOptions): Iterable<RuleMatch> {
    return matchesIn(this.#indexed(), name, options);
  }

  #indexed(): PatternIndex {
    return (this.#index ??= new PatternIndex(this.#rules));
  }

  #own(): void {
    if (this.#sharedWith === undefined) return;
    this.#sharedWith = undefined;
    this.#signature = undefined;
    this.#rules = [...this.#rules];
    this.#replaceable = new Map(this.#replaceable);
  }

  #knownAs(rule: PatternRule): readonly PatternRule[] {
    return ruleIdentities(rule)
      .map((identity) => this.#replaceable.get(identity))
      .filter((old) => old !== undefined);
  }

  #remove(place: number): void {
    this.#own();
    this.#signature = undefined;
    for (const rule of this.#rules.splice(place, 1))
      for (const identity of ruleIdentities(rule)) this.#replaceable.delete(identity);
  }

  #add(rule: PatternRule): void {
    this.#own();
    this.#hasDeferred ||= rule.prerequisites.kind === "deferred";
    this.#rules.push(rule);
    const [identity = "", ...others] = ruleIdentities(rule);
    if (others.every((other) => other === identity)) this.#replaceable.set(identity, rule);
    this.#version++;
    this.#index = undefined;
    this.#signature = undefined;
  }
}

/** Each text with its length before it, so that no two rules look the same. */
function signatureOf({ targets, prerequisites, extra = [], terminal, recipe }: PatternRule): string {
  const { kind } = prerequisites;
  const needed = kind === "deferred" ? [prerequisites.text] : prerequisites.names.map(({ name }) => name);
  const lists = [targets.map(({ text }) => text), needed, extra.map(({ name }) => name)];
  const texts = lists.map((list) => list.map((text) => `${String(text.length)}:${text}`).join(","));
  return `${kind} ${String(terminal)} ${String(recipe !== undefined)} ${texts.join(";")}`;
}

function* matchesIn(index: PatternIndex, name: string, { except, intermediate }: MatchOptions): Iterable<RuleMatch> {
  const slash = name.lastIndexOf("/") + 1;
  let isKnownKind = false;
  for (const entry of index.specific(name, slash)) {
    const match = except.has(entry.rule) ? undefined : matchEntry(entry, name, slash);
    if (match === undefined) continue;
    // A rule without recipe only tells that names of its kind have rules of their own.
    isKnownKind = true;
    if (entry.rule.recipe !== undefined && !entry.hasAnything) yield match;
  }
  const directory = slash === 0 ? "" : name.slice(0, slash);
  const base = slash === 0 ? name : name.slice(slash);
  for (const entry of index.anything) {
    const { rule } = entry;
    if (rule.recipe === undefined || except.has(rule)) continue;
    if (rule.terminal || !(isKnownKind || intermediate)) yield new RuleMatch(entry, base, directory);
  }
}

/**
 * The suffix is known to match. The whole name must be longer than the pattern without its `%`; behind a directory the stem
 * may then be empty.
 */
function matchEntry(entry: Entry, name: string, slash: number): RuleMatch | undefined {
  const { prefix, suffix, hasSlash } = entry.target;
  if (name.length <= prefix.length + suffix.length) return undefined;
  const from = hasSlash ? 0 : slash;
  const end = name.length - suffix.length;
  const start = from + prefix.length;
  if (start > end || !name.startsWith(prefix, from)) return undefined;
  return new RuleMatch(entry, name.slice(start, end), from === 0 ? "" : name.slice(0, from));
}
