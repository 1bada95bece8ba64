/** Target-specific and pattern-specific variables, and the scopes of targets. */

import type { Location } from "../base/location.js";
import type { AutomaticVariables } from "./expander.js";
import type { Evaluator } from "./evaluator.js";
import { type Expression, Variable, type Flavor, type Origin, type VariableScope } from "./model.js";
import { matches, parsePattern, type Pattern } from "./pattern.js";
import type { Modifiers } from "./statement.js";
import { GlobalScope } from "./scope.js";
import { expandVariableName } from "./variable-name.js";
import type { VariableStore } from "./variable-store.js";
import { inOneGo, inSteps, type Waiting, type Waits } from "./waits.js";

/** A target's own variables, then those of matching patterns, then those of the target that wanted it, then the global ones. */
export class TargetScope implements VariableScope {
  automatic: AutomaticVariables | undefined = undefined;
  variables: Map<string, Variable> | undefined = undefined;
  patterns: PatternScope | undefined = undefined;
  patternsSearched = false;
  /** The search for patterns that has to wait. */
  search: Waiting<void> | undefined = undefined;
  #wantedBy: VariableScope | undefined = undefined;
  #parent: VariableScope | undefined = undefined;
  /** Some other target inherits from this one. */
  #isWanting = false;
  readonly #global: VariableScope;

  constructor(global: VariableScope) {
    this.#global = global;
  }

  own(name: string): Variable | undefined {
    return this.variables?.get(name);
  }

  get next(): VariableScope {
    return this.patterns ?? this.parent;
  }

  get nextIsParent(): boolean {
    return this.patterns === undefined;
  }

  /** The nearest scope behind this one that may hold variables: a long chain of targets without any costs nothing. */
  get parent(): VariableScope {
    this.#parent ??= this.#findParent();
    return this.#parent;
  }

  /** Whether it holds no variables, so that it may be passed over. */
  get isEmpty(): boolean {
    return this.variables === undefined && this.patterns === undefined;
  }

  /** Fixes the target that wanted this one; later ones change nothing, nor does one that this one has led to. */
  inheritFrom(wantedBy: VariableScope): void {
    if (this.#wantedBy !== undefined || ((this.#isWanting || wantedBy === this) && this.#leadsTo(wantedBy))) return;
    this.#wantedBy = wantedBy;
    this.#parent = undefined;
    if (wantedBy instanceof TargetScope) wantedBy.#isWanting = true;
  }

  /** Some target has got its first variable: what was passed over may be so no more. */
  forgetParent(): void {
    this.#parent = undefined;
  }

  #leadsTo(other: VariableScope): boolean {
    let scope: VariableScope | undefined = other;
    while (scope instanceof TargetScope && scope !== this) scope = scope.#wantedBy;
    return scope === this;
  }

  #findParent(): VariableScope {
    let scope: VariableScope | undefined = this.#wantedBy;
    while (scope instanceof TargetScope && scope.isEmpty) scope = scope.#parent ?? scope.#wantedBy;
    return scope ?? this.#global;
  }
}

/** The variables that patterns give one target. */
class PatternScope implements VariableScope {
  automatic: AutomaticVariables | undefined = undefined;
  readonly variables = new Map<string, Variable>();
  readonly nextIsParent = true;
  readonly #target: TargetScope;

  constructor(target: TargetScope) {
    this.#target = target;
  }

  own(name: string): Variable | undefined {
    return this.variables.get(name);
  }

  get next(): VariableScope {
    return this.#target.parent;
  }
}

/** How a target's assignment sees variables while it is read: its own, then those of the text being read. */
class DefinitionScope implements VariableScope {
  automatic: AutomaticVariables | undefined = undefined;
  readonly next: VariableScope;
  readonly nextIsParent = true;
  readonly #target: TargetScope;

  constructor(target: TargetScope, next: VariableScope) {
    this.#target = target;
    this.next = next;
  }

  own(name: string): Variable | undefined {
    return this.#target.own(name);
  }
}

/** An assignment for a target or a pattern. */
export interface SpecificAssignment {
  /** Expanded for each target apart: it may depend on the target's own variables. */
  readonly name: Expression;
  readonly text: string;
  readonly flavor: Flavor;
  readonly modifiers: Modifiers;
  readonly location: Location | undefined;
}

/** The same with its name known. */
type NamedAssignment = Omit<SpecificAssignment, "name"> & { readonly name: string };

interface PatternAssignment extends NamedAssignment {
  readonly pattern: Pattern;
  readonly length: number;
}

export class TargetVariables {
  readonly #store: VariableStore;
  readonly #evaluator: Evaluator;
  readonly #scopes = new Map<string, TargetScope>();
  /** The least specific first, so that later ones win. */
  readonly #patterns: PatternAssignment[] = [];
  /** Updating has begun. */
  #parentsKnown = false;

  readonly #waits: Waits | undefined;

  /** @param waits - how what patterns say waits for commands; undefined: with the whole process */
  constructor(store: VariableStore, evaluator: Evaluator, waits: Waits | undefined) {
    this.#store = store;
    this.#evaluator = evaluator;
    this.#waits = waits;
  }

  /** The scope of a target while it is updated. */
  scopeOf(target: string, wantedBy: VariableScope | undefined): TargetScope {
    const scope = this.#scope(target);
    if (wantedBy !== undefined) scope.inheritFrom(wantedBy);
    this.#parentsKnown = true;
    if (!scope.patternsSearched) this.#searchPatterns(target, scope);
    return scope;
  }

  hasOwn(target: string): boolean {
    const variables = this.#scopes.get(target)?.variables;
    if (variables !== undefined && variables.size > 0) return true;
    return this.#patterns.some((given) => fits(given.pattern, target));
  }

  /** The targets that have variables of their own, patterns left out. */
  *targets(): Iterable<string> {
    for (const [target, { variables }] of this.#scopes) if (variables !== undefined && variables.size > 0) yield target;
  }

  /** The variables set for the target itself, in the order of their first setting. */
  ownOf(target: string): Iterable<Variable> {
    return this.#scopes.get(target)?.variables?.values() ?? [];
  }

  /** The variables that patterns give, the least specific pattern first. */
  *patternVariables(): Iterable<{ readonly pattern: string; readonly variable: Variable }> {
    for (const { pattern, name, text, flavor, modifiers, location } of this.#patterns) {
      const origin: Origin = modifiers.isOverride ? "override" : "file";
      const variable = new Variable({ name, value: text, recursive: flavor !== "simple", origin, location });
      variable.isPrivate = modifiers.isPrivate;
      variable.appends = flavor === "append";
      yield { pattern: `${pattern.prefix}%${pattern.suffix}`, variable };
    }
  }

  /** Does what `TARGET: NAME = VALUE` says; the target may be a pattern. `within`: the scope of the text being read. */
  assign(target: string, given: SpecificAssignment, within: VariableScope): void {
    const pattern = parsePattern(target);
    if (pattern.wildcard) this.#assignToPattern(target, pattern, { ...given, name: this.#name(given, within) }, within);
    else this.#assignToTarget(this.#scope(target), given, within);
  }

  #name({ name, location }: SpecificAssignment, scope: VariableScope): string {
    return expandVariableName(name, { evaluator: this.#evaluator, scope, location });
  }

  #scope(target: string): TargetScope {
    let scope = this.#scopes.get(target);
    if (scope === undefined) {
      scope = new TargetScope(this.#store.global);
      this.#scopes.set(target, scope);
    }
    return scope;
  }

  #assignToTarget(target: TargetScope, given: SpecificAssignment, within: VariableScope): void {
    if (target.variables === undefined && this.#parentsKnown)
      for (const one of this.#scopes.values()) one.forgetParent();
    const scope = within instanceof GlobalScope ? target : new DefinitionScope(target, within);
    const variables = (target.variables ??= new Map<string, Variable>());
    this.#assignIn({ variables, scope }, this.#name(given, scope), given);
  }

  #assignIn(
    target: { readonly variables: Map<string, Variable>; readonly scope: VariableScope },
    name: string,
    given: Omit<SpecificAssignment, "name">,
  ): void {
    const { text, flavor, modifiers, location } = given;
    const origin: Origin = modifiers.isOverride ? "override" : "file";
    const variable = this.#store.assign({ name, text, flavor, origin, location, scope: target.scope, target });
    // As GNU make has it, what `?=` finds set elsewhere takes on the modifiers all the same.
    if (target.variables.get(name) !== variable && flavor !== "conditional") return;
    variable.isPrivate = modifiers.isPrivate;
    if (modifiers.exported !== undefined) variable.exported = modifiers.exported;
    if (target.variables.get(name) === variable && variable.origin !== "override") this.#yieldToCommandLine(variable);
  }

  /** What the command line sets, or the environment with `-e`, wins over what a target is given. */
  #yieldToCommandLine(variable: Variable): void {
    const strong = this.#strongerThanMakefiles(variable.name);
    if (strong === undefined) return;
    variable.value = strong.value;
    variable.recursive = strong.recursive;
    variable.origin = strong.origin;
    variable.appends = false;
    variable.compiled = undefined;
  }

  #assignToPattern(target: string, pattern: Pattern, given: NamedAssignment, within: VariableScope): void {
    const ready = given.flavor === "simple" ? this.#evaluator.expand(given.text, within) : given.text;
    const text = given.flavor === "simple" ? ready.replaceAll("$", "$$$$") : ready;
    let at = this.#patterns.length;
    while (at > 0 && (this.#patterns[at - 1]?.length ?? 0) > target.length) at--;
    this.#patterns.splice(at, 0, { ...given, text, pattern, length: target.length });
  }

  #searchPatterns(target: string, scope: TargetScope): void {
    const matching = this.#patterns.filter((given) => fits(given.pattern, target));
    if (matching.length > 0) {
      if (this.#waits === undefined) inOneGo(this.#assignByPatterns(scope, matching));
      else this.#waits.goOn((scope.search ??= this.#assignByPatterns(scope, matching)));
    }
    scope.patternsSearched = true;
    scope.search = undefined;
  }

  *#assignByPatterns(scope: TargetScope, matching: readonly PatternAssignment[]): Waiting<void> {
    const patterns = new PatternScope(scope);
    scope.patterns = patterns;
    for (const given of matching) yield* inSteps(this.#waits, () => this.#assignByPattern(patterns, given));
  }

  /**
   * As GNU make has it, a pattern that sets what the command line, or the environment with `-e`, has set too assigns the value
   * from there, and a pattern's `+=` so doubles it.
   */
  #assignByPattern(patterns: PatternScope, given: PatternAssignment): void {
    const target = { variables: patterns.variables, scope: patterns };
    const strong = this.#strongerThanMakefiles(given.name);
    if (strong === undefined || given.modifiers.isOverride || given.flavor === "conditional") {
      this.#assignIn(target, given.name, given);
      return;
    }
    const flavor = given.flavor === "simple" || given.flavor === "append" ? given.flavor : "recursive";
    const text = flavor === "simple" ? strong.value.replaceAll("$", "$$$$") : strong.value;
    const { name, location, modifiers } = given;
    const variable = this.#store.assign({
      name,
      text,
      flavor,
      origin: strong.origin,
      location,
      scope: patterns,
      target,
    });
    variable.isPrivate = modifiers.isPrivate;
    if (modifiers.exported !== undefined) variable.exported = modifiers.exported;
  }

  #strongerThanMakefiles(name: string): Variable | undefined {
    const global = this.#store.global.own(name);
    return global?.origin === "command line" || global?.origin === "environment override" ? global : undefined;
  }
}

/** Whether a pattern gives a target its variables: the stem must not be empty. */
function fits(pattern: Pattern, target: string): boolean {
  return target.length > pattern.prefix.length + pattern.suffix.length && matches(pattern, target);
}
