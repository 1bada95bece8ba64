/** The rule database of one make invocation: filled while makefiles are read, closed by `finishReading`, asked by the graph. */

import { MakefileError, type Location } from "../base/location.js";
import type { FileNameHost } from "../makefile/file-name-list.js";
import type { Warn } from "../makefile/host.js";
import { isPattern, parsePattern, stemOf } from "../makefile/pattern.js";
import type { Recipe, RuleSink, RuleStatement } from "../makefile/rule-sink.js";
import { splitPrerequisites } from "../makefile/split-prerequisites.js";
import {
  BUILTIN_PATTERN_RULES,
  BUILTIN_SUFFIX_RULES,
  BUILTIN_SUFFIXES,
  type BuiltinPatternRule,
} from "./builtin-rules.js";
import { ExplicitRules } from "./explicit-rules.js";
import { PatternRules } from "./pattern-rules.js";
import { substituteStem, substituteWord } from "./prerequisite-words.js";
import {
  namesOf,
  patternPrerequisites,
  targetPattern,
  type PatternRule,
  type PrerequisiteGroup,
  type RulePrerequisite,
} from "./rule.js";
import { SearchPath } from "./search-path.js";
import { SpecialTargets } from "./special-targets.js";
import { addSuffixRules } from "./suffix-rules.js";

export interface RuleBookPorts {
  readonly host: FileNameHost;
  readonly warn: Warn;
}

export interface FinishOptions {
  /** `-r`, by now: it may have come from a makefile's MAKEFLAGS. */
  readonly noBuiltinRules: boolean;
  /** The values of these variables. */
  readonly vpath: string;
  readonly gpath: string;
  readonly libraryPatterns: string;
  /** Whether `.EXTRA_PREREQS` gives a target prerequisites. */
  readonly hasExtraPrerequisites: (target: string) => boolean;
}

const BUILTIN_LOCATION: Location = { file: "<builtin>", line: 0 };

/** Takes rules while makefiles are read; afterwards answers what the graph asks. */
export class RuleBook implements RuleSink {
  readonly explicit: ExplicitRules;
  readonly patterns = new PatternRules();
  readonly searchPath = new SearchPath();
  readonly #ports: RuleBookPorts;
  #special = new SpecialTargets(() => undefined);
  #libraryPatterns = "";
  /** `.SUFFIXES` still holds the built-in suffixes. */
  #suffixesAreBuiltin = false;

  constructor(ports: RuleBookPorts) {
    this.#ports = ports;
    this.explicit = new ExplicitRules(ports.warn);
  }

  /** The built-in suffixes and suffix rules; to be called before makefiles are read, unless `-r` is given by then. */
  addBuiltinSuffixRules(): void {
    this.#add(".SUFFIXES", { separator: ":", groups: [names(BUILTIN_SUFFIXES)], recipe: undefined, builtin: true });
    this.#suffixesAreBuiltin = true;
    for (const [target, ...lines] of BUILTIN_SUFFIX_RULES) {
      this.#add(target, { separator: ":", groups: [], recipe: builtinRecipe(lines), builtin: true });
    }
  }

  rule(statement: RuleStatement): void {
    const { targets, location, separator, recipe } = statement;
    if (targets.length === 0) return;
    if (targets.length === 1 && targets[0] === ".WAIT") this.#warnOfWait(statement);
    const patterns = targets.filter(isPattern).length;
    if (statement.targetPattern !== undefined) {
      if (patterns > 0) throw new MakefileError(location, "mixed implicit and static pattern rules");
    } else if (patterns === targets.length) {
      this.#addPatternRule(statement);
      return;
    } else if (patterns > 0) this.#refuseMixed(statement);
    if (separator.startsWith("&") && recipe === undefined) {
      throw new MakefileError(location, "grouped targets must provide a recipe");
    }
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
    if (options.noBuiltinRules && this.#suffixesAreBuiltin) this.explicit.forget(".SUFFIXES");
    addSuffixRules(this.explicit, this.patterns, {
      suffixes: this.suffixes,
      posix: this.isSpecialSet(".POSIX"),
      withoutBuiltin: options.noBuiltinRules,
      hasExtraPrerequisites: options.hasExtraPrerequisites,
      warn: this.#ports.warn,
    });
    if (!options.noBuiltinRules) {
      for (const rule of BUILTIN_PATTERN_RULES) this.patterns.addUnlessKnown(builtinPatternRule(rule));
    }
    this.#special = new SpecialTargets((name) => (this.explicit.has(name) ? this.#prerequisitesOf(name) : undefined));
    this.searchPath.setVariables(options.vpath, options.gpath);
    this.#libraryPatterns = options.libraryPatterns;
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
    return [
      ...normal.map((each) => ({ ...each, orderOnly: false })),
      ...orderOnly.map((each) => ({ ...each, orderOnly: true })),
    ];
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
    const { separator, recipe } = statement;
    const builtin = statement.builtin ?? false;
    const pattern = statement.targetPattern === undefined ? undefined : parsePattern(statement.targetPattern);
    if (pattern?.wildcard === false) throw new MakefileError(statement.location, "target pattern contains no '%'");
    const targets = statement.targets.map(withoutQuotes);
    const shared = pattern === undefined ? [this.#group(statement, undefined)] : [];
    for (const target of targets) {
      const stem = pattern === undefined ? undefined : stemOf(pattern, target);
      if (pattern !== undefined && stem === undefined) {
        // As GNU make does, it is told and then made without the prerequisites.
        this.#ports.warn(statement.location, `target '${target}' doesn't match the target pattern`);
      }
      const groups = stem === undefined ? shared : [this.#group(statement, stem)];
      const said = { separator, groups, recipe, builtin, location: statement.location };
      this.#add(target, { ...said, stem: pattern === undefined ? undefined : (stem ?? target) });
    }
    if (separator.startsWith("&") && recipe !== undefined) this.explicit.group(targets, recipe);
  }

  #add(target: string, said: Said): void {
    const groups = said.groups.filter((group) => group.kind === "deferred" || group.names.length > 0);
    const doubleColon = said.separator.endsWith("::");
    if (target === ".SUFFIXES") {
      if (groups.length === 0) this.explicit.forget(".SUFFIXES");
      if (!said.builtin) this.#suffixesAreBuiltin = false;
    }
    if (target === ".DEFAULT" && groups.length === 0 && said.recipe === undefined) this.explicit.forget(".DEFAULT");
    this.explicit.add(target, {
      doubleColon,
      groups,
      recipe: said.recipe,
      stem: said.stem,
      builtin: said.builtin,
      location: said.location ?? BUILTIN_LOCATION,
    });
  }

  /** The prerequisites of a statement, for the target whose stem is given when it is a static pattern rule's. */
  #group(statement: RuleStatement, stem: string | undefined, options = { expandGlobs: true }): PrerequisiteGroup {
    const { prerequisites: text, location } = statement;
    if (text.includes("$") && this.isSpecialSet(".SECONDEXPANSION") && statement.builtin !== true) {
      return { kind: "deferred", text: stem === undefined ? text : substituteStem(text, "$*"), stem, location };
    }
    const split = this.split(text, options);
    if (stem === undefined) return { kind: "names", names: split };
    return { kind: "names", names: split.map((each) => ({ ...each, name: substituteWord(each.name, stem) })) };
  }

  #refuseMixed(statement: RuleStatement): void {
    const first = statement.targets[0];
    if (first !== undefined && isPattern(first))
      throw new MakefileError(statement.location, "mixed implicit and normal rules");
    this.#ports.warn(statement.location, "*** mixed implicit and normal rules: deprecated syntax");
  }

  #warnOfWait(statement: RuleStatement): void {
    if (statement.prerequisites.trim() !== "") {
      this.#ports.warn(statement.location, ".WAIT should not have prerequisites");
    }
    if (statement.recipe !== undefined) this.#ports.warn(statement.location, ".WAIT should not have commands");
  }
}

interface Said {
  readonly separator: RuleStatement["separator"];
  readonly groups: readonly PrerequisiteGroup[];
  readonly recipe: Recipe | undefined;
  readonly builtin: boolean;
  readonly stem?: string | undefined;
  readonly location?: Location;
}

function names(list: readonly string[]): PrerequisiteGroup {
  return { kind: "names", names: list.map((name) => ({ name, orderOnly: false, waitBefore: false })) };
}

function builtinRecipe(lines: readonly string[]): Recipe {
  return { lines: lines.map((text) => ({ text, location: BUILTIN_LOCATION })), location: BUILTIN_LOCATION };
}

function builtinPatternRule(rule: BuiltinPatternRule): PatternRule {
  return {
    targets: [targetPattern(rule.target)],
    prerequisites: patternPrerequisites(names(rule.prerequisites.split(" "))),
    terminal: rule.separator === "::",
    recipe: builtinRecipe(rule.recipe),
    builtin: true,
  };
}

/** A target name without the backslashes that quote its `%` signs. */
function withoutQuotes(name: string): string {
  if (!name.includes("%")) return name;
  const pattern = parsePattern(name);
  return pattern.wildcard ? name : pattern.prefix;
}
