/** All pattern rules in their order, and which of them may make a name, found by prefix and suffix. */

import {
  hasPrerequisites,
  ruleIdentity,
  type PatternRule,
  type PrerequisitePattern,
  type TargetPattern,
} from "./rule.js";

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

  get stemLength(): number {
    return this.directory.length + this.stem.length;
  }
}

/** What a search leaves out. */
export interface MatchOptions {
  /** Rules under way in the chain of searches. */
  readonly except: ReadonlySet<PatternRule>;
  /** The name is that of an intermediate file: rules for anything are not for it, unless terminal. */
  readonly intermediate: boolean;
}

interface Entry {
  readonly rule: PatternRule;
  readonly target: TargetPattern;
  readonly order: number;
}

/** The pattern rules of a build. */
export class PatternRules {
  readonly #rules: PatternRule[] = [];
  readonly #byIdentity = new Map<string, PatternRule>();
  #index: PatternIndex | undefined = undefined;
  #version = 0;

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  /** Every rule, the first defined first. */
  get all(): readonly PatternRule[] {
    return this.#rules;
  }

  /** Adds a rule at the end; an earlier one that is the same goes away. */
  replace(rule: PatternRule): void {
    const old = this.#byIdentity.get(ruleIdentity(rule));
    if (old !== undefined) this.#rules.splice(this.#rules.indexOf(old), 1);
    this.#add(rule);
  }

  /** Adds a rule at the end unless there is one that is the same (built-in and suffix rules give way). */
  addUnlessKnown(rule: PatternRule): void {
    if (!this.#byIdentity.has(ruleIdentity(rule))) this.#add(rule);
  }

  /** Gives every rule these prerequisites beside its own. */
  addExtra(extra: readonly PrerequisitePattern[]): void {
    const rules = this.#rules.splice(0);
    for (const rule of rules) this.#add({ ...rule, extra });
  }

  /**
   * The rules that may make `name`, those with the shortest stem first, then by their order. Rules for anything that are
   * not terminal come only when nothing more specific matches.
   */
  matching(name: string, options: MatchOptions): RuleMatch[] {
    this.#index ??= new PatternIndex(this.#rules);
    return this.#index.matching(name, options);
  }

  #add(rule: PatternRule): void {
    this.#rules.push(rule);
    this.#byIdentity.set(ruleIdentity(rule), rule);
    this.#version++;
    this.#index = undefined;
  }
}

/** Patterns by suffix, those without one by prefix, those that match anything apart. */
class PatternIndex {
  readonly #bySuffix = new PatternTable();
  readonly #byPrefix = new PatternTable();
  readonly #anything: Entry[] = [];
  readonly #anythingTerminal: Entry[] = [];

  constructor(rules: readonly PatternRule[]) {
    let order = 0;
    for (const rule of rules) {
      // A rule without recipe that has prerequisites only cancels others.
      if (rule.recipe === undefined && hasPrerequisites(rule)) continue;
      for (const target of rule.targets) this.#add({ rule, target, order: order++ });
    }
  }

  matching(name: string, options: MatchOptions): RuleMatch[] {
    const slash = name.lastIndexOf("/") + 1;
    const { matches, isKnownKind } = this.#specific(name, slash, options.except);
    const mayBeAnything = !isKnownKind && !options.intermediate;
    const directory = slash === 0 ? "" : name.slice(0, slash);
    const base = slash === 0 ? name : name.slice(slash);
    for (const entry of mayBeAnything ? this.#anything : this.#anythingTerminal) {
      if (entry.rule.recipe !== undefined && !options.except.has(entry.rule))
        matches.push(new RuleMatch(entry, base, directory));
    }
    return matches;
  }

  /** The matches of patterns that are more than a `%`; `isKnownKind`: there are such, be it only of rules without recipe. */
  #specific(
    name: string,
    slash: number,
    except: ReadonlySet<PatternRule>,
  ): { matches: RuleMatch[]; isKnownKind: boolean } {
    const found: Entry[] = [];
    this.#bySuffix.collectSuffixes(name, found);
    this.#byPrefix.collectPrefixes(name, 0, found);
    if (slash > 0) this.#byPrefix.collectPrefixes(name, slash, found);
    if (found.length > 1) found.sort(byOrder);
    const matches: RuleMatch[] = [];
    let isKnownKind = false;
    for (const entry of found) {
      const match = except.has(entry.rule) ? undefined : matchEntry(entry, name, slash);
      if (match === undefined) continue;
      isKnownKind = true;
      // Rules for anything have no other targets that count: the pattern that matched makes them unfit at once.
      if (match.rule.recipe !== undefined && !isForAnything(match.rule)) matches.push(match);
    }
    if (matches.length > 1) matches.sort(byStemLength);
    return { matches, isKnownKind };
  }

  #add(entry: Entry): void {
    const { prefix, suffix, matchesAnything } = entry.target;
    if (suffix !== "") this.#bySuffix.add(suffix, entry);
    else if (!matchesAnything) this.#byPrefix.add(prefix, entry);
    else {
      this.#anything.push(entry);
      if (entry.rule.terminal) this.#anythingTerminal.push(entry);
    }
  }
}

/** Entries by a piece of text of a few lengths. */
class PatternTable {
  readonly #entries = new Map<string, Entry[]>();
  readonly #lengths: number[] = [];

  add(text: string, entry: Entry): void {
    const entries = this.#entries.get(text);
    if (entries !== undefined) {
      entries.push(entry);
      return;
    }
    this.#entries.set(text, [entry]);
    if (!this.#lengths.includes(text.length)) this.#lengths.push(text.length);
  }

  collectSuffixes(name: string, into: Entry[]): void {
    for (const length of this.#lengths) {
      if (length < name.length) this.#collect(name.slice(name.length - length), into);
    }
  }

  /** Patterns without a slash are for what is behind the last one, those with a slash for the whole name. */
  collectPrefixes(name: string, from: number, into: Entry[]): void {
    for (const length of this.#lengths) {
      if (from + length > name.length) continue;
      for (const entry of this.#entries.get(name.slice(from, from + length)) ?? []) {
        if (from === 0 ? entry.target.hasSlash || !name.includes("/") : !entry.target.hasSlash) into.push(entry);
      }
    }
  }

  #collect(text: string, into: Entry[]): void {
    const entries = this.#entries.get(text);
    if (entries !== undefined) for (const entry of entries) into.push(entry);
  }
}

/** Whether it is a rule for anything, be it among other things, that is not terminal. */
function isForAnything({ targets, terminal }: PatternRule): boolean {
  return !terminal && targets.length > 1 && targets.some(({ matchesAnything }) => matchesAnything);
}

function byOrder(a: Entry, b: Entry): number {
  return a.order - b.order;
}

function byStemLength(a: RuleMatch, b: RuleMatch): number {
  return a.stemLength - b.stemLength;
}

/** The whole name must be longer than the pattern without its `%`; behind a directory the stem may then be empty. */
function matchEntry(entry: Entry, name: string, slash: number): RuleMatch | undefined {
  const { prefix, suffix, hasSlash } = entry.target;
  if (name.length <= prefix.length + suffix.length) return undefined;
  const from = hasSlash ? 0 : slash;
  const end = name.length - suffix.length;
  const start = from + prefix.length;
  if (start > end || !name.startsWith(prefix, from) || !name.endsWith(suffix)) return undefined;
  return new RuleMatch(entry, name.slice(start, end), from === 0 ? "" : name.slice(0, from));
}
