/** The rule database of one make invocation: filled while makefiles are read, closed by `finishReading`, asked by the graph. */

import { MakefileError } from "../base/location.js";
import { trimSpace } from "../makefile/chars.js";
import { parseFileNames, type FileNameHost } from "../makefile/file-name-list.js";
import type { Warn } from "../makefile/host.js";
import { isPattern, parsePattern, stemOf, type Pattern } from "../makefile/pattern.js";
import type { Recipe, RuleSink, RuleStatement } from "../makefile/rule-sink.js";
import { splitPrerequisites } from "../makefile/split-prerequisites.js";
import { ExplicitRules, type TargetStatement } from "./explicit-rules.js";
import {
  mattersAtOnce,
  NamedPrerequisites,
  namesAnything,
  type NamedPrerequisitesOptions,
} from "./named-prerequisites.js";
import { PatternRules } from "./pattern-rules.js";
import { substituteStem, substituteWord } from "./prerequisite-words.js";
import {
  namesOf,
  patternPrerequisites,
  prerequisitePattern,
  targetPattern,
  type PrerequisiteGroup,
  type RulePrerequisite,
} from "./rule.js";
import { SearchPath } from "./search-path.js";
import { isBuiltinSuffixRule, sharedBuiltins } from "./shared-builtins.js";
import { SpecialTargets } from "./special-targets.js";
import { addSuffixRules } from "./suffix-rules.js";

export interface RuleBookPorts {
  readonly host: FileNameHost;
  readonly warn: Warn;
}

/** The values of `.EXTRA_PREREQS`. */
export interface ExtraPrerequisites {
  readonly ofAll: string;
  /** A target's own; undefined when it has no variable of its own. */
  readonly of: (target: string) => string | undefined;
}

export interface FinishOptions {
  /** `-r`, by now: it may have come from a makefile's MAKEFLAGS. */
  readonly noBuiltinRules: boolean;
  /** The values of these variables. */
  readonly vpath: string;
  readonly gpath: string;
  readonly libraryPatterns: string;
  /** `.EXTRA_PREREQS`. */
  readonly extraPrerequisites: ExtraPrerequisites;
}

const NO_GROUPS: readonly PrerequisiteGroup[] = [];

/** Takes rules while makefiles are read; afterwards answers what the graph asks. */
export class RuleBook implements RuleSink {
  readonly explicit: ExplicitRules;
  readonly patterns = new PatternRules();
  readonly searchPath = new SearchPath();
  readonly #ports: RuleBookPorts;
  #special = new SpecialTargets(() => undefined);
  #libraryPatterns = "";
  #extra: ExtraPrerequisites = { ofAll: "", of: () => undefined };
  #extraOfAll: readonly RulePrerequisite[] = [];
  readonly #lazily = { read: (text: string) => this.split(text), ofStem: false };
  /** `.SUFFIXES` still holds the built-in suffixes. */
  #suffixesAreBuiltin = false;
  /** Nothing was said that could change what the built-in suffix rules come to, but that. */
  #suffixRulesAreBuiltin = true;

  constructor(ports: RuleBookPorts) {
    this.#ports = ports;
    this.explicit = new ExplicitRules(ports.warn);
  }

  /** The built-in suffixes and suffix rules; to be called before makefiles are read, unless `-r` is given by then. */
  addBuiltinSuffixRules(): void {
    this.explicit.beginWith(sharedBuiltins().explicit);
    this.#suffixesAreBuiltin = true;
  }

  rule(statement: RuleStatement): void {
    const { targets, location, separator, recipe } = statement;
    if (targets.length === 0) return;
    const patterns = haveAnyPercent(targets) ? targets.filter(isPattern).length : 0;
    if (statement.targetPattern !== undefined) {
      if (patterns > 0) throw new MakefileError(location, "mixed implicit and static pattern rules");
    } else if (patterns === targets.length) {
      this.#addPatternRule(statement);
      return;
    } else if (patterns > 0) this.#refuseMixed(statement, patterns);
    if (separator.startsWith("&") && recipe === undefined) {
      throw new MakefileError(location, "grouped targets must provide a recipe");
    }
    if (targets.includes(".WAIT")) this.#warnOfWait(statement);
    this.#addExplicitRule(statement);
  }

  vpath(pattern: string | undefined, directories: readonly string[]): void {
    this.searchPath.add(pattern, directories);
  }

  isSpecialSet(name: string): boolean {
    return this.explicit.has(name);
  }

  /** Ends reading: suffix rules become pattern rules, built-in pattern rules join, special targets are weighed. @throws MakefileError */
  finishReading(options: FinishOptions): void {
    this.#extra = options.extraPrerequisites;
    this.#extraOfAll = this.split(this.#extra.ofAll);
    for (const { name } of this.#extraOfAll) this.explicit.mention(name);
    if (options.noBuiltinRules && this.#suffixesAreBuiltin) this.explicit.forget(".SUFFIXES");
    if (!options.noBuiltinRules && this.#suffixesAreBuiltin && this.#suffixRulesAreBuiltin) {
      this.patterns.addUnknown(sharedBuiltins().all);
    } else this.#addSuffixRules(options);
    if (this.#extraOfAll.length > 0) this.patterns.addExtra(this.#extraOfAll.map(prerequisitePattern));
    this.#special = new SpecialTargets((name) => (this.explicit.has(name) ? this.#prerequisitesOf(name) : undefined));
    this.searchPath.setVariables(options.vpath, options.gpath);
    this.#libraryPatterns = options.libraryPatterns;
  }

  #addSuffixRules(options: FinishOptions): void {
    addSuffixRules(this.explicit, this.patterns, {
      suffixes: this.suffixes,
      posix: this.isSpecialSet(".POSIX"),
      withoutBuiltin: options.noBuiltinRules,
      hasExtraPrerequisites: (target) => this.extraOf(target, { isTarget: true }).length > 0,
      warn: this.#ports.warn,
    });
    if (!options.noBuiltinRules) this.patterns.addUnknown(sharedBuiltins().patterns);
  }

  /** What special targets say of others; complete once reading is finished. */
  get special(): SpecialTargets {
    return this.#special;
  }

  /** `.SUFFIXES`, in order. */
  get suffixes(): readonly string[] {
    return this.#prerequisitesOf(".SUFFIXES");
  }

  /** The value of `.LIBPATTERNS`. */
  get libraryPatterns(): string {
    return this.#libraryPatterns;
  }

  /** The recipe of `.DEFAULT`; undefined when there is none. */
  get defaultRecipe(): Recipe | undefined {
    return this.explicit.of(".DEFAULT")[0]?.recipe;
  }

  /** The names in a prerequisite text that has been expanded for the second time. */
  split(text: string, options: { readonly expandGlobs: boolean } = { expandGlobs: true }): readonly RulePrerequisite[] {
    const { normal, orderOnly } = splitPrerequisites(text, { host: this.#ports.host, ...options });
    const names: RulePrerequisite[] = [];
    for (const { name, waitBefore } of normal) names.push({ name, orderOnly: false, waitBefore });
    for (const { name, waitBefore } of orderOnly) names.push({ name, orderOnly: true, waitBefore });
    return names;
  }

  /** The files that a name with wildcards matches; the name itself when none does. */
  glob(name: string): readonly string[] {
    const list = { host: this.#ports.host, expandGlobs: true, stripDotSlash: true, waits: false };
    return parseFileNames(name, list).map((each) => each.name);
  }

  /**
   * `.EXTRA_PREREQS` of a target: its own when it has such a variable, else of all when explicit rules name it; a target
   * that stands there itself has none of them.
   */
  extraOf(target: string, { isTarget }: { readonly isTarget: boolean }): readonly RulePrerequisite[] {
    const own = this.#extra.of(target);
    if (own === undefined && !isTarget) return [];
    const extra = own === undefined ? this.#extraOfAll : this.split(own);
    return extra.some(({ name }) => name === target) ? [] : extra;
  }

  /** Whether `name` stands in the `.EXTRA_PREREQS` of all targets. */
  isExtraOfAll(name: string): boolean {
    return this.#extraOfAll.length > 0 && this.#extraOfAll.some((extra) => extra.name === name);
  }

  #prerequisitesOf(target: string): readonly string[] {
    return this.explicit.of(target).flatMap((rule) => rule.groups.flatMap(namesOf));
  }

  #addPatternRule(statement: RuleStatement): void {
    const { targets, separator, recipe } = statement;
    this.patterns.replace({
      targets: targets.map(targetPattern),
      prerequisites: patternPrerequisites(this.#group(statement, undefined, { expandGlobs: false })),
      terminal: separator.endsWith("::"),
      recipe,
      builtin: statement.builtin ?? false,
    });
  }

  #addExplicitRule(statement: RuleStatement): void {
    const { separator, recipe, location } = statement;
    const pattern = statement.targetPattern === undefined ? undefined : parsePattern(statement.targetPattern);
    if (pattern?.wildcard === false) throw new MakefileError(location, "target pattern contains no '%'");
    const said: TargetStatement = {
      doubleColon: separator.endsWith("::"),
      groups: pattern === undefined ? this.#groups(statement, undefined) : NO_GROUPS,
      recipe,
      stem: undefined,
      builtin: statement.builtin ?? false,
      location,
    };
    const targets = haveAnyPercent(statement.targets) ? statement.targets.map(withoutQuotes) : statement.targets;
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i] ?? "";
      this.#add(target, pattern === undefined ? said : { ...said, ...this.#byStem(target, pattern, statement) });
    }
    if (separator.startsWith("&") && recipe !== undefined) this.explicit.group(targets, recipe);
  }

  /** What a static pattern rule says of one of its targets. */
  #byStem(target: string, pattern: Pattern, statement: RuleStatement): Pick<TargetStatement, "groups" | "stem"> {
    const stem = stemOf(pattern, target);
    if (stem !== undefined) return { groups: this.#groups(statement, stem), stem };
    // As GNU make does, it is told and then made without the prerequisites.
    this.#ports.warn(statement.location, `target '${target}' doesn't match the target pattern`);
    return { groups: NO_GROUPS, stem: target };
  }

  #add(target: string, said: TargetStatement): void {
    const isEmpty = said.groups.length === 0;
    if (target === ".SUFFIXES") {
      if (isEmpty) this.explicit.forget(".SUFFIXES");
      if (!said.builtin) this.#suffixesAreBuiltin = false;
    }
    if (isBuiltinSuffixRule(target)) this.#suffixRulesAreBuiltin = false;
    if (target === ".DEFAULT" && isEmpty && said.recipe === undefined) this.explicit.forget(".DEFAULT");
    this.explicit.add(target, said);
  }

  /** The prerequisites of a statement, for the target whose stem is given when it is a static pattern rule's; none if it names none. */
  #groups(statement: RuleStatement, stem: string | undefined): readonly PrerequisiteGroup[] {
    const { prerequisites: text } = statement;
    if (!this.#isDeferred(statement) && !mattersAtOnce(text)) {
      if (!namesAnything(text)) return NO_GROUPS;
      return [new NamedPrerequisites(text, stem === undefined ? this.#lazily : this.#lazilyFor(stem))];
    }
    const group = this.#group(statement, stem, { expandGlobs: true });
    return group.kind === "deferred" || group.names.length > 0 ? [group] : NO_GROUPS;
  }

  #group(
    statement: RuleStatement,
    stem: string | undefined,
    options: { readonly expandGlobs: boolean },
  ): PrerequisiteGroup {
    const { prerequisites: text, location } = statement;
    if (this.#isDeferred(statement)) {
      return { kind: "deferred", text: stem === undefined ? text : substituteStem(text, "$*"), stem, location };
    }
    const split = this.split(text, options);
    if (stem === undefined) return { kind: "names", names: split };
    return { kind: "names", names: forStem(split, stem), ofStem: true };
  }

  #lazilyFor(stem: string): NamedPrerequisitesOptions {
    return { read: (text) => forStem(this.split(text), stem), ofStem: true };
  }

  #isDeferred({ prerequisites, builtin }: RuleStatement): boolean {
    return prerequisites.includes("$") && this.isSpecialSet(".SECONDEXPANSION") && builtin !== true;
  }

  /** Patterns behind a name are complained about one by one, and taken as names. */
  #refuseMixed(statement: RuleStatement, patterns: number): void {
    const first = statement.targets[0];
    if (first !== undefined && isPattern(first))
      throw new MakefileError(statement.location, "mixed implicit and normal rules");
    for (let i = 0; i < patterns; i++)
      this.#ports.warn(statement.location, "*** mixed implicit and normal rules: deprecated syntax");
  }

  #warnOfWait(statement: RuleStatement): void {
    if (trimSpace(statement.prerequisites) !== "") {
      this.#ports.warn(statement.location, ".WAIT should not have prerequisites");
    }
    if (statement.recipe !== undefined) this.#ports.warn(statement.location, ".WAIT should not have commands");
  }
}

/** The prerequisites of a static pattern rule, for one stem. */
function forStem(names: readonly RulePrerequisite[], stem: string): readonly RulePrerequisite[] {
  const substituted = names.map((each) => ({ ...each, name: substituteWord(each.name, stem) }));
  // An empty stem may leave nothing of a name.
  return stem === "" ? substituted.filter(({ name }) => name !== "") : substituted;
}

function haveAnyPercent(names: readonly string[]): boolean {
  for (let i = 0; i < names.length; i++) if (names[i]?.includes("%") === true) return true;
  return false;
}

/** A target name without the backslashes that quote its `%` signs. */
function withoutQuotes(name: string): string {
  if (!name.includes("%")) return name;
  const pattern = parsePattern(name);
  return pattern.wildcard ? name : pattern.prefix;
}
