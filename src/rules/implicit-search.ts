/** The search for a pattern rule that can make a target, in GNU make 4.4's order of tries (manual, "Implicit Rule Search Algorithm"). */

import { trimSpaceAtEnd } from "../makefile/chars.js";
import { hasWildcard, stripDotSlash } from "../makefile/file-name-list.js";
import { mapWords } from "../makefile/words.js";
import { parseArchiveName } from "./archive-name.js";
import type { PatternRules, RuleMatch } from "./pattern-rules.js";
import { expandableWords, substituteStem } from "./prerequisite-words.js";
import { hasPrerequisites, type PatternRule, type PrerequisitePattern, type RulePrerequisite } from "./rule.js";

/** A prerequisite of a rule that was found. */
export interface FoundPrerequisite extends RulePrerequisite {
  /** Its name comes of a `%`; else the rule names the very file, which then is no intermediate one. */
  readonly ofPattern: boolean;
  /** From `.EXTRA_PREREQS`. */
  readonly isExtra: boolean;
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
  /** The other targets that the same recipe makes, the last one first, with the patterns they come from. */
  readonly peers: readonly { readonly name: string; readonly pattern: string }[];
}

/** What the search asks of the build. */
export interface SearchPorts {
  readonly patterns: Pick<PatternRules, "matching" | "all">;
  /** Whether explicit rules have it as a target, or an implicit rule was found for it. */
  isTarget(name: string): boolean;
  /** Whether it came up in the build so far, in whatever way. */
  isKnown(name: string): boolean;
  /** Whether rules of makefiles name it, so that it is no intermediate file. */
  isMentioned(name: string): boolean;
  /** Whether it exists, from cached directories. */
  exists(name: string): boolean;
  /** Where a search path has it. */
  findOnPath(name: string): string | undefined;
  /** Expands prerequisites for the second time, `$*` being the stem. @throws MakefileError */
  expand(text: string, target: string, stem: string): string;
  split(text: string): readonly RulePrerequisite[];
  /** The files that a name with wildcards matches; the name itself when none does. */
  glob(name: string): readonly string[];
  /** A rule for an intermediate file was found: what it needs stays as found, even if nobody comes to use it. */
  settle(found: FoundRule): void;
  /** Names that no rule can make, as found out since a recipe last ran. */
  readonly impossible: Pick<Set<string>, "has" | "add">;
  /** A line of `--debug=implicit`; `depth` counts the searches under way. */
  debug: ((depth: number, text: string) => void) | undefined;
}

/** What one search is about. */
interface Search {
  /** The explicit prerequisites of the target for which the outermost search is done. */
  readonly explicit: ReadonlySet<string>;
  /** Rules that the searches under way are trying: none is used twice in a chain. */
  readonly inUse: Set<PatternRule>;
}

/** One level of a search: for the target, or for an intermediate file. */
interface Level {
  readonly target: string;
  /** How many searches are around it. */
  readonly depth: number;
  /** Step 6: a file that came up in any way ought to exist. */
  readonly compatible: boolean;
  /** A prerequisite did not qualify only because that step has not come. */
  compatibleMayHelp: boolean;
  /** What the rule that was tried last has found. As GNU make has it, a rule without prerequisites gets these. */
  found: readonly FoundPrerequisite[];
}

/**
 * Finds the rule for `target`; `explicit` are the prerequisites that explicit rules give it.
 *
 * @returns undefined when no pattern rule can make it
 */
export function searchImplicitRule(
  target: string,
  explicit: ReadonlySet<string>,
  ports: SearchPorts,
): FoundRule | undefined {
  const run = new Run({ explicit, inUse: new Set() }, ports);
  ports.debug?.(0, `Looking for an implicit rule for '${target}'.`);
  let found = run.search(target, target, 0);
  const member = found === undefined && target.endsWith(")") ? parseArchiveName(target)?.member : undefined;
  if (member !== undefined) {
    ports.debug?.(0, `Looking for archive-member implicit rule for '${target}'.`);
    found = run.search(target, `(${member})`, 0);
  }
  ports.debug?.(0, resultText(found, target));
  return found;
}

class Run {
  readonly #search: Search;
  readonly #ports: SearchPorts;
  /** Called with `?.`, so that nobody puts texts together that nobody hears. */
  readonly #debug: SearchPorts["debug"];

  constructor(search: Search, ports: SearchPorts) {
    this.#search = search;
    this.#ports = ports;
    this.#debug = ports.debug;
  }

  /** `name` is what patterns are matched with: the target, or its member in parentheses. */
  search(target: string, name: string, depth: number, compatible = false): FoundRule | undefined {
    const level: Level = { target, depth, compatible, compatibleMayHelp: false, found: [] };
    const found = this.#searchLevel(level, name);
    if (found !== undefined && depth > 0) this.#ports.settle(found);
    if (found !== undefined || compatible || !level.compatibleMayHelp) return found;
    this.#debug?.(depth, `Searching for a compatibility rule for '${target}'.`);
    return this.search(target, name, depth, true);
  }

  #searchLevel(level: Level, name: string): FoundRule | undefined {
    const candidates: RuleMatch[] = [];
    for (const candidate of this.#candidates(name, level.depth)) {
      candidates.push(candidate);
      const found = this.#try(candidate, level, false);
      if (found !== undefined) return found;
    }
    if (candidates.length === 0) return undefined;
    this.#debug?.(level.depth + 1, "Trying harder.");
    for (const candidate of candidates) {
      if (candidate.rule.terminal || candidate.isImpossible) continue;
      const found = this.#try(candidate, level, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The rules that may apply, in the order in which they are tried. */
  #candidates(name: string, depth: number): Iterable<RuleMatch> {
    const { inUse } = this.#search;
    const { patterns } = this.#ports;
    if (this.#debug !== undefined && inUse.size > 0)
      for (const rule of patterns.all) if (inUse.has(rule)) this.#debug(depth + 1, avoidingText(rule));
    return patterns.matching(name, { except: inUse, intermediate: depth > 0 });
  }

  #try(candidate: RuleMatch, level: Level, harder: boolean): FoundRule | undefined {
    const { rule } = candidate;
    const { inUse } = this.#search;
    this.#debug?.(level.depth + 1, `Trying pattern rule '${ruleText(rule)}' with stem '${candidate.stem}'.`);
    if (!hasPrerequisites(rule)) return describe(candidate, level.found, level.target);
    const prerequisites: FoundPrerequisite[] = [];
    level.found = prerequisites;
    inUse.add(rule);
    try {
      for (const prerequisite of this.#prerequisites(candidate, level.target)) {
        if (this.#ports.impossible.has(prerequisite.name)) {
          candidate.isImpossible = true;
          const what = `${kindOf(prerequisite)}prerequisite '${prerequisite.name}'`;
          this.#debug?.(level.depth + 1, rejectingText(rule, what));
          return undefined;
        }
        const found = this.#qualify(prerequisite, rule, level, harder);
        if (found === undefined) return undefined;
        prerequisites.push(found);
      }
    } finally {
      inUse.delete(rule);
    }
    return describe(candidate, prerequisites, level.target);
  }

  /** The prerequisite when it exists, ought to exist, or (`harder`) can be made. */
  #qualify(prerequisite: Candidated, rule: PatternRule, level: Level, harder: boolean): FoundPrerequisite | undefined {
    const { name } = prerequisite;
    const { depth } = level;
    this.#debug?.(depth + 1, `Trying ${prerequisite.ofPattern ? "implicit" : "rule"} prerequisite '${name}'.`);
    if (this.#isTarget(name, level) || this.#exists(name, depth) || this.#oughtToExist(name, rule, level))
      return { ...prerequisite, madeBy: undefined };
    if (this.#isOnPath(name, depth)) return { ...prerequisite, madeBy: undefined };
    if (!harder) {
      this.#debug?.(depth + 1, `Not found '${name}'.`);
      return undefined;
    }
    const mentioned = this.#ports.isMentioned(name);
    this.#debug?.(depth + 1, `Looking for a rule with ${mentioned ? "explicit" : "intermediate"} file '${name}'.`);
    const madeBy = this.search(name, name, depth + 1, level.compatible);
    this.#debug?.(depth + 1, resultText(madeBy, name));
    if (madeBy !== undefined) return { ...prerequisite, madeBy };
    if (!this.#ports.isKnown(name)) this.#ports.impossible.add(name);
    this.#debug?.(depth + 1, rejectingText(rule, `prerequisite '${name}'`));
    return undefined;
  }

  #isTarget(name: string, { depth }: Level): boolean {
    if (!this.#ports.isTarget(name) && !(depth === 0 && this.#search.explicit.has(name))) return false;
    this.#debug?.(depth + 1, `'${name}' ought to exist.`);
    return true;
  }

  #exists(name: string, depth: number): boolean {
    if (!this.#ports.exists(name)) return false;
    this.#debug?.(depth + 1, `Found '${name}'.`);
    return true;
  }

  /** Step 6, or the remark that it has not come. */
  #oughtToExist(name: string, rule: PatternRule, level: Level): boolean {
    if (!this.#ports.isKnown(name)) return false;
    const { depth, compatible } = level;
    this.#debug?.(
      depth + 1,
      compatible
        ? `Using compatibility rule '${ruleText(rule)}' due to '${name}'.`
        : `Prerequisite '${name}' of rule '${ruleText(rule)}' does not qualify as ought to exist.`,
    );
    level.compatibleMayHelp ||= !compatible;
    return compatible;
  }

  #isOnPath(name: string, depth: number): boolean {
    const elsewhere = this.#ports.findOnPath(name);
    if (elsewhere === undefined) return false;
    this.#debug?.(depth + 1, `Found prerequisite '${name}' as VPATH '${elsewhere}'.`);
    return true;
  }

  *#prerequisites(candidate: RuleMatch, target: string): Iterable<Candidated> {
    const { prerequisites: group, extra } = candidate.rule;
    if (group.kind === "deferred") yield* this.#expand(group.text, candidate, target);
    else yield* this.#named(candidate, group.names);
    if (extra !== undefined) for (const each of this.#named(candidate, extra)) yield { ...each, isExtra: true };
  }

  /** The prerequisites with the stem put in, one by one; wildcards, those of the stem too, are expanded then. */
  *#named({ stem, directory }: RuleMatch, names: readonly PrerequisitePattern[]): Iterable<Candidated> {
    for (const { pattern, orderOnly, waitBefore } of names) {
      const { wildcard, prefix, suffix } = pattern;
      const name = stripDotSlash(wildcard ? directory + prefix + stem + suffix : prefix);
      const said = { orderOnly, waitBefore, ofPattern: wildcard, isExtra: false };
      if (!hasWildcard(name)) yield { name, ...said };
      else for (const each of this.#ports.glob(name)) yield { name: each, ...said };
    }
  }

  /**
   * Second expansion, word by word and only as far as the prerequisites are asked for: a rule that fails on its first one
   * leaves the others unexpanded. The directory goes before every name that comes of a word with a `%`.
   */
  *#expand(text: string, candidate: RuleMatch, target: string): Iterable<Candidated> {
    const stem = candidate.stem.replaceAll("$", "$$$$");
    let orderOnly = false;
    let waitBefore = false;
    for (const word of expandableWords(text)) {
      const substituted = substituteStem(word, stem);
      const ofPattern = substituted !== word;
      const value = this.#ports.expand(substituted, target, candidate.fullStem);
      const names = ofPattern ? withDirectory(value, candidate.directory) : value;
      for (const each of this.#ports.split(names)) {
        const flags = { orderOnly: orderOnly || each.orderOnly, waitBefore: waitBefore || each.waitBefore };
        yield { ...each, ...flags, ofPattern, isExtra: false };
        waitBefore = false;
      }
      orderOnly ||= names.includes("|");
      waitBefore ||= trimSpaceAtEnd(names).endsWith(".WAIT");
    }
  }
}

interface Candidated extends RulePrerequisite {
  /** It had a `%`. */
  readonly ofPattern: boolean;
  readonly isExtra: boolean;
}

function kindOf(prerequisite: Candidated): string {
  return prerequisite.ofPattern ? "implicit " : "";
}

function avoidingText(rule: PatternRule): string {
  return `Avoiding implicit rule recursion for rule '${ruleText(rule)}'.`;
}

function rejectingText(rule: PatternRule, what: string): string {
  return `Rejecting rule '${ruleText(rule)}' due to impossible ${what}.`;
}

function withDirectory(names: string, directory: string): string {
  if (directory === "") return names;
  return mapWords(names, (word) => (word === "|" || word === ".WAIT" ? word : directory + word));
}

function describe(candidate: RuleMatch, prerequisites: readonly FoundPrerequisite[], target: string): FoundRule {
  const { rule, fullStem } = candidate;
  const peers = rule.targets
    .filter((each) => each !== candidate.target)
    .map((each) => ({
      name: each.prefix + fullStem + each.suffix,
      pattern: each.text,
    }))
    .filter(({ name }) => name !== target)
    .reverse();
  return { rule, stem: fullStem, pattern: candidate.target.text, prerequisites, peers };
}

function resultText(found: FoundRule | undefined, target: string): string {
  if (found === undefined) return `No implicit rule found for '${target}'.`;
  return `Found implicit rule '${ruleText(found.rule)}' for '${target}'.`;
}

/** A rule as debug lines name it: `%.o: %.c`. */
function ruleText(rule: PatternRule): string {
  const targets = rule.targets.map((each) => each.text).join(" ");
  const { prerequisites, extra = [] } = rule;
  const text =
    prerequisites.kind === "deferred"
      ? [prerequisites.text, ...extra.map((each) => each.name)].join(" ")
      : listText([...prerequisites.names, ...extra]);
  return `${targets}${rule.terminal ? "::" : ":"}${text === "" ? "" : ` ${text}`}`;
}

function listText(names: readonly RulePrerequisite[]): string {
  const normal = names.filter((each) => !each.orderOnly).map((each) => each.name);
  const orderOnly = names.filter((each) => each.orderOnly).map((each) => each.name);
  return [...normal, ...(orderOnly.length === 0 ? [] : ["|", ...orderOnly])].join(" ");
}
