/** The search for a pattern rule that can make a target, in GNU make 4.4's order of tries (manual, "Implicit Rule Search Algorithm"). */

import { parseArchiveName } from "./archive-name.js";
import type { PatternRules, RuleMatch } from "./pattern-rules.js";
import { rawWords, substituteWord } from "./prerequisite-words.js";
import type { PatternRule, RulePrerequisite } from "./rule.js";

/** A prerequisite of a rule that was found. */
export interface FoundPrerequisite extends RulePrerequisite {
  /** Its name comes of a `%`; else the rule names the very file, which then is no intermediate one. */
  readonly ofPattern: boolean;
  /** Set when the file is nowhere and would have to be made by this rule, as an intermediate file. */
  readonly madeBy: FoundRule | undefined;
}

/** A pattern rule and what it means for one target. */
export interface FoundRule {
  readonly rule: PatternRule;
  /** `$*`: with the directory, when the pattern was matched without it. */
  readonly stem: string;
  /** The target pattern that matched, as written. */
  readonly pattern: string;
  readonly prerequisites: readonly FoundPrerequisite[];
  /** The other targets that the same recipe makes, with the patterns they come from. */
  readonly peers: readonly { readonly name: string; readonly pattern: string }[];
}

/** What the search asks of the build. */
export interface SearchPorts {
  readonly patterns: PatternRules;
  /** Whether explicit rules have it as a target. */
  isTarget(name: string): boolean;
  /** Whether a makefile names it anywhere. */
  isMentioned(name: string): boolean;
  /** Whether it exists, from cached directories. */
  exists(name: string): boolean;
  /** Where a search path has it. */
  findOnPath(name: string): string | undefined;
  /** Expands prerequisites for the second time, with `$@` and `$*` as given. */
  expand(text: string, target: string, stem: string): string;
  split(text: string): readonly RulePrerequisite[];
  /** A line of `--debug=implicit`; `depth` counts the searches under way. */
  debug: ((depth: number, text: string) => void) | undefined;
}

/** What one search is about. */
interface Search {
  /** The target for which the outermost search is done. */
  readonly explicit: ReadonlySet<string>;
  /** Step 6: a file that any rule mentions ought to exist. */
  readonly compatible: boolean;
  /** Rules that the searches under way are trying: none is used twice in a chain. */
  readonly inUse: Set<PatternRule>;
  /** Names for which a search failed already. */
  readonly impossible: Set<string>;
  /** Prerequisites that were expanded for the second time, by rule and target: it is done once. */
  readonly expanded: Map<PatternRule, Map<string, readonly Candidated[]>>;
  /** A rule failed only because a mentioned file was not taken as one that ought to exist. */
  compatibleMayHelp: boolean;
}

interface Candidate extends RuleMatch {
  readonly fullStem: string;
}

/**
 * Finds the rule for `target`; `explicit` are the prerequisites that explicit rules give it.
 *
 * @returns undefined when no pattern rule can make it
 */
export function searchImplicitRule(target: string, explicit: ReadonlySet<string>, ports: SearchPorts): FoundRule | undefined {
  const member = parseArchiveName(target)?.member;
  const expanded: Search["expanded"] = new Map();
  for (const compatible of [false, true]) {
    const fresh = { inUse: new Set<PatternRule>(), impossible: new Set<string>(), compatibleMayHelp: false };
    const search: Search = { explicit, compatible, expanded, ...fresh };
    if (compatible) ports.debug?.(0, `Searching for a compatibility rule for '${target}'.`);
    else ports.debug?.(0, `Looking for an implicit rule for '${target}'.`);
    const run = new Run(search, ports);
    let found = run.search(target, target, 0);
    if (found === undefined && member !== undefined) {
      ports.debug?.(0, `Looking for archive-member implicit rule for '${target}'.`);
      found = run.search(target, `(${member})`, 0);
    }
    if (found !== undefined || !search.compatibleMayHelp) {
      ports.debug?.(0, found === undefined ? `No implicit rule found for '${target}'.` : foundText(found, target));
      return found;
    }
  }
  ports.debug?.(0, `No implicit rule found for '${target}'.`);
  return undefined;
}

class Run {
  readonly #search: Search;
  readonly #ports: SearchPorts;

  constructor(search: Search, ports: SearchPorts) {
    this.#search = search;
    this.#ports = ports;
  }

  /** `name` is what patterns are matched with: the target, or its member in parentheses. */
  search(target: string, name: string, depth: number): FoundRule | undefined {
    const candidates = this.#candidates(name, depth);
    if (candidates.length === 0) return undefined;
    for (const candidate of candidates) {
      const found = this.#try(candidate, target, depth, false);
      if (found !== undefined) return found;
    }
    let said = false;
    for (const candidate of candidates) {
      if (candidate.rule.terminal) continue;
      if (!said) this.#debug(depth + 1, "Trying harder.");
      said = true;
      const found = this.#try(candidate, target, depth, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The rules that may apply, those with the shortest stem first. */
  #candidates(name: string, depth: number): Candidate[] {
    const candidates: Candidate[] = [];
    let specific = false;
    for (const match of this.#ports.patterns.matching(name)) {
      const { rule, target } = match;
      if (rule.recipe === undefined && hasPrerequisites(rule)) continue;
      if (this.#search.inUse.has(rule)) {
        this.#debug(depth + 1, `Avoiding implicit rule recursion for rule '${ruleText(rule)}'.`);
        continue;
      }
      // Rules for anything are not used for intermediate files, unless terminal.
      if (target.matchesAnything && !rule.terminal && depth > 0) continue;
      specific ||= !target.matchesAnything;
      candidates.push({ ...match, fullStem: match.directory + match.stem });
    }
    const usable = candidates.filter(
      ({ rule, target }) => rule.recipe !== undefined && !(specific && target.matchesAnything && !rule.terminal),
    );
    return usable.sort((a, b) => a.fullStem.length - b.fullStem.length);
  }

  #try(candidate: Candidate, target: string, depth: number, harder: boolean): FoundRule | undefined {
    const { rule } = candidate;
    this.#debug(depth + 1, `Trying pattern rule '${ruleText(rule)}' with stem '${candidate.stem}'.`);
    const prerequisites: FoundPrerequisite[] = [];
    this.#search.inUse.add(rule);
    try {
      for (const prerequisite of this.#prerequisites(candidate, target)) {
        const found = this.#qualify(prerequisite, rule, depth, harder);
        if (found === undefined) return undefined;
        prerequisites.push(found);
      }
    } finally {
      this.#search.inUse.delete(rule);
    }
    return describe(candidate, prerequisites, target);
  }

  /** The prerequisite when it exists, ought to exist, or (`harder`) can be made. */
  #qualify(prerequisite: Candidated, rule: PatternRule, depth: number, harder: boolean): FoundPrerequisite | undefined {
    const { name } = prerequisite;
    const qualified = (madeBy?: FoundRule): FoundPrerequisite => ({ ...prerequisite, madeBy });
    if (this.#search.impossible.has(name)) {
      this.#debug(depth + 1, `Rejecting rule '${ruleText(rule)}' due to impossible ${kindOf(prerequisite)}prerequisite '${name}'.`);
      return undefined;
    }
    this.#debug(depth + 1, `Trying ${prerequisite.ofPattern ? "implicit" : "rule"} prerequisite '${name}'.`);
    if (this.#oughtToExist(name, rule, depth) || this.#isFound(name, depth)) return qualified();
    if (!harder) {
      this.#debug(depth + 1, `Not found '${name}'.`);
      return undefined;
    }
    const mentioned = this.#ports.isMentioned(name);
    this.#debug(depth + 1, `Looking for a rule with ${mentioned ? "explicit" : "intermediate"} file '${name}'.`);
    const madeBy = this.search(name, name, depth + 1);
    this.#debug(depth + 1, madeBy === undefined ? `No implicit rule found for '${name}'.` : foundText(madeBy, name));
    if (madeBy !== undefined) return qualified(madeBy);
    this.#search.impossible.add(name);
    this.#debug(depth + 1, `Rejecting rule '${ruleText(rule)}' due to impossible prerequisite '${name}'.`);
    return undefined;
  }

  #oughtToExist(name: string, rule: PatternRule, depth: number): boolean {
    const { explicit, compatible } = this.#search;
    if (this.#ports.isTarget(name) || explicit.has(name)) {
      this.#debug(depth + 1, `'${name}' ought to exist.`);
      return true;
    }
    if (!this.#ports.isMentioned(name)) return false;
    if (compatible) {
      this.#debug(depth + 1, `Using compatibility rule '${ruleText(rule)}' due to '${name}'.`);
      return true;
    }
    this.#search.compatibleMayHelp = true;
    this.#debug(depth + 1, `Prerequisite '${name}' of rule '${ruleText(rule)}' does not qualify as ought to exist.`);
    return false;
  }

  #isFound(name: string, depth: number): boolean {
    if (this.#ports.exists(name)) {
      this.#debug(depth + 1, `Found '${name}'.`);
      return true;
    }
    const elsewhere = this.#ports.findOnPath(name);
    if (elsewhere === undefined) return false;
    this.#debug(depth + 1, `Found prerequisite '${name}' as VPATH '${elsewhere}'.`);
    return true;
  }

  #prerequisites(candidate: Candidate, target: string): readonly Candidated[] {
    const { rule, stem, directory, fullStem } = candidate;
    const group = rule.prerequisites;
    if (group.kind === "deferred") return this.#expandOnce(group.text, candidate, target);
    return group.names.map((each) => {
      const ofPattern = each.name.includes("%");
      if (!ofPattern) return { ...each, ofPattern };
      const name = substituteWord(each.name, directory === "" ? fullStem : stem);
      return { ...each, name: name === each.name ? name : directory + name, ofPattern };
    });
  }

  #expandOnce(text: string, candidate: Candidate, target: string): readonly Candidated[] {
    const { expanded } = this.#search;
    let ofRule = expanded.get(candidate.rule);
    if (ofRule === undefined) expanded.set(candidate.rule, (ofRule = new Map<string, readonly Candidated[]>()));
    let prerequisites = ofRule.get(target);
    if (prerequisites === undefined) ofRule.set(target, (prerequisites = this.#expand(text, candidate, target)));
    return prerequisites;
  }

  /** Second expansion, word by word: the directory goes before every name that comes of a word with a `%`. */
  #expand(text: string, candidate: Candidate, target: string): readonly Candidated[] {
    const stem = candidate.stem.replaceAll("$", "$$$$");
    const ofPattern = new Set<string>();
    let expanded = "";
    for (const word of rawWords(text)) {
      const substituted = substituteWord(word, stem);
      const value = this.#ports.expand(substituted, target, candidate.fullStem);
      const names = substituted === word ? value : withDirectory(value, candidate.directory);
      if (substituted !== word) for (const name of names.split(" ")) ofPattern.add(name);
      expanded += ` ${names}`;
    }
    return this.#ports.split(expanded).map((each) => ({ ...each, ofPattern: ofPattern.has(each.name) }));
  }

  #debug(depth: number, text: string): void {
    this.#ports.debug?.(depth, text);
  }
}

interface Candidated extends RulePrerequisite {
  /** It had a `%`. */
  readonly ofPattern: boolean;
}

function kindOf(prerequisite: Candidated): string {
  return prerequisite.ofPattern ? "implicit " : "";
}

function hasPrerequisites(rule: PatternRule): boolean {
  return rule.prerequisites.kind === "deferred" || rule.prerequisites.names.length > 0;
}

function withDirectory(names: string, directory: string): string {
  if (directory === "") return names;
  const words = names.split(/\s+/u).filter((word) => word !== "");
  return words.map((word) => (word === "|" || word === ".WAIT" ? word : directory + word)).join(" ");
}

function describe(candidate: Candidate, prerequisites: readonly FoundPrerequisite[], target: string): FoundRule {
  const { rule, fullStem, stem, directory } = candidate;
  const peers = rule.targets
    .filter((each) => each !== candidate.target)
    .map((each) => ({
      name: each.hasSlash ? each.prefix + fullStem + each.suffix : directory + each.prefix + stem + each.suffix,
      pattern: each.text,
    }))
    .filter(({ name }) => name !== target);
  return { rule, stem: fullStem, pattern: candidate.target.text, prerequisites, peers };
}

function foundText(found: FoundRule, target: string): string {
  return `Found implicit rule '${ruleText(found.rule)}' for '${target}'.`;
}

/** A rule as debug lines name it: `%.o: %.c`. */
export function ruleText(rule: PatternRule): string {
  const targets = rule.targets.map((each) => each.text).join(" ");
  const { prerequisites } = rule;
  const text = prerequisites.kind === "deferred" ? prerequisites.text : listText(prerequisites.names);
  return `${targets}${rule.terminal ? "::" : ":"}${text === "" ? "" : ` ${text}`}`;
}

function listText(names: readonly RulePrerequisite[]): string {
  const normal = names.filter((each) => !each.orderOnly).map((each) => each.name);
  const orderOnly = names.filter((each) => each.orderOnly).map((each) => each.name);
  return [...normal, ...(orderOnly.length === 0 ? [] : ["|", ...orderOnly])].join(" ");
}
