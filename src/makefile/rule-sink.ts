/** What the language hands on: rules and search paths, with everything expanded that is expanded on reading. Real: rules/rule-book.ts. */

import type { Location } from "../base/location.js";

/** A recipe as written: unexpanded, its lines joined as GNU make keeps them, the recipe prefix of each removed. */
export interface Recipe {
  /** One entry per logical recipe line; backslash-newlines are kept inside. An empty recipe (`target: ;`) has no lines. */
  readonly lines: readonly RecipeText[];
  /** Where the recipe begins. */
  readonly location: Location;
}

export interface RecipeText {
  readonly text: string;
  readonly location: Location;
}

/**
 * One rule statement, reported when GNU make would record it: once its recipe is known to be complete.
 *
 * `prerequisites` is the text after the first expansion; rules/ splits it with `splitPrerequisites` at once, or keeps it for
 * a second expansion when `.SECONDEXPANSION` is in force.
 */
export interface RuleStatement {
  readonly location: Location;
  /** Expanded, globbed and split; archive members as `lib(member)`. Patterns keep their `%`. */
  readonly targets: readonly string[];
  readonly separator: ":" | "::" | "&:" | "&::";
  /** A static pattern rule's target pattern. */
  readonly targetPattern: string | undefined;
  /** Both kinds; `|` parts them. */
  readonly prerequisites: string;
  /** undefined: the statement has no recipe at all (it then only adds prerequisites). */
  readonly recipe: Recipe | undefined;
  /** Read from the built-in rules, not from a makefile. */
  readonly builtin?: boolean;
}

export interface RuleSink {
  /** @throws MakefileError for what GNU make refuses (mixed rules, empty patterns, …). */
  rule(statement: RuleStatement): void;
  /** `vpath PATTERN DIRS`; no directories: forget the pattern; no pattern: forget all. */
  vpath(pattern: string | undefined, directories: readonly string[]): void;
  /** `.SECONDEXPANSION`, `.POSIX`, `.ONESHELL`, … seen as a target so far. */
  isSpecialSet(name: string): boolean;
}
