/** Evaluation as the rooms above the language see it: expand a text in a scope. Real: makefile/language.ts. */

import type { Location } from "../base/location.js";
import type { Waiting } from "./waits.js";

/** Automatic variables of the target whose recipe or prerequisites are being expanded, by name (`@`, `<D`, `^F` …); undefined: not set. */
export type AutomaticVariables = (name: string) => string | undefined;

/**
 * A chain of variable sets: a target's own, its pattern-specific ones, those of the target that wanted it …, the global one.
 * Opaque above this room but for what stands here.
 */
export interface Scope {
  /** Set while a target's prerequisites (second expansion) or recipe are expanded; shadows everything else. */
  automatic: AutomaticVariables | undefined;
}

export interface Expander {
  readonly globalScope: Scope;
  /**
   * The scope of a target. `wantedBy` is the scope of the first target that wanted it: the first call that gives one fixes it,
   * as the variables of a target are inherited by its prerequisites. Pattern-specific variables are looked up once.
   */
  targetScope(target: string, wantedBy?: Scope): Scope;
  /** Whether the target or a pattern gives it any variable of its own. */
  hasOwnVariables(target: string): boolean;
  /** Expands `text`; `at` is where messages point. @throws MakefileError */
  expand(text: string, scope: Scope, at: Location | undefined): string;
  /** Does something that expands; commands are waited for in between, where others use this process. */
  inSteps<T>(act: () => T): Waiting<T>;
  /** Does something once, however often what it is a part of is broken off and carried out again. */
  once<T>(act: () => T): T;
  /** A variable's expanded value; undefined when it is not set. `at` is where messages point. */
  valueOf(name: string, scope: Scope, at?: Location): string | undefined;
  /** Whether it has the value that make itself gave it. */
  isDefault(name: string, scope: Scope): boolean;
  /** Its value as written. */
  rawValueOf(name: string, scope: Scope): string | undefined;
  /** The environment of a recipe's processes, `NAME=value` each: exported variables, MAKELEVEL, MAKEFLAGS. @throws MakefileError */
  environment(scope: Scope): readonly string[];
}
