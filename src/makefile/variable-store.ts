/** Setting variables: what each flavor of assignment does, and whose word counts. */

import type { Location } from "../base/location.js";
import type { Evaluator } from "./evaluator.js";
import { foldInnerNewlines } from "./fold-newlines.js";
import {
  Variable,
  type ExportState,
  type Flavor,
  type Origin,
  type VariableOptions,
  type VariableScope,
} from "./model.js";
import { GlobalScope } from "./scope.js";

/** The set an assignment changes; undefined members: the global set. */
export interface TargetSet {
  readonly variables: Map<string, Variable>;
  /** The chain that begins with that set. */
  readonly scope: VariableScope;
}

export interface AssignmentRequest {
  readonly name: string;
  /** The value as written. */
  readonly text: string;
  readonly flavor: Flavor;
  readonly origin: Origin;
  readonly location: Location | undefined;
  /** Where the value is expanded, when it is. */
  readonly scope: VariableScope;
  /** A target-specific assignment. */
  readonly target?: TargetSet;
}

export interface StoreOptions {
  readonly evaluator: Evaluator;
  environmentOverrides(): boolean;
  /** A variable of the global set has a new value. */
  changed(variable: Variable): void;
}

export class VariableStore {
  readonly global = new GlobalScope();
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Does what an assignment says. @returns the variable, changed or not. */
  assign(request: AssignmentRequest): Variable {
    const { flavor, scope } = request;
    const { evaluator } = this.#options;
    switch (flavor) {
      case "recursive":
        return this.#set(request, request.text, true);
      case "simple":
        return this.#set(request, evaluator.expand(request.text, scope), false);
      case "immediate":
        return this.#set(request, evaluator.expand(request.text, scope).replaceAll("$", "$$$$"), true);
      case "shell":
        return this.#set(request, this.#output(request), true);
      case "conditional":
        return evaluator.lookup(request.name, scope) ?? this.#set(request, request.text, true);
      case "append":
        return request.target === undefined ? this.#append(request) : this.#appendToTarget(request, request.target);
    }
  }

  /** Sets a variable of the global set to a ready value, unless a stronger origin has set it. */
  define(name: string, value: string, options: DefineOptions): Variable {
    const { origin, recursive, exported, location } = options;
    const variable = this.#put(this.global.variables, { name, value, recursive, origin, location });
    if (exported !== undefined) variable.exported = exported;
    return variable;
  }

  /** Sets variables of names that the global set does not have yet. */
  begin(variables: readonly VariableOptions[]): void {
    for (const given of variables) this.global.variables.set(given.name, new Variable(given));
  }

  /** `undefine`: forgets a variable of the global set, unless a stronger origin has set it. */
  undefine(name: string, origin: Origin): void {
    const variable = this.global.variables.get(name);
    if (variable !== undefined && mayReplace(origin, this.#originOf(variable))) this.global.variables.delete(name);
  }

  #output({ text, scope }: AssignmentRequest): string {
    const { evaluator } = this.#options;
    return foldInnerNewlines(evaluator.runShell(evaluator.expand(text, scope), scope));
  }

  #append(request: AssignmentRequest): Variable {
    const { evaluator } = this.#options;
    const current = evaluator.lookup(request.name, request.scope);
    if (current === undefined) return this.#set(request, request.text, true);
    // It stays what it was before its text was expanded.
    const recursive = evaluator.once(() => current.recursive);
    const added = recursive ? request.text : evaluator.expand(request.text, request.scope);
    if (added === "") return current;
    return this.#set(request, joined(appendBase(current), added), recursive);
  }

  #appendToTarget(request: AssignmentRequest, target: TargetSet): Variable {
    const { evaluator } = this.#options;
    const { current, appends, recursive } = evaluator.once(() => {
      const known = target.variables.get(request.name);
      return { current: known, appends: known?.appends === true, recursive: known?.recursive === true };
    });
    if (current === undefined) {
      const variable = this.#set(request, request.text, true);
      variable.appends = true;
      return variable;
    }
    const added = recursive ? request.text : evaluator.expand(request.text, request.scope);
    const variable = this.#set(request, joined(current.value, added), recursive);
    variable.appends = appends;
    return variable;
  }

  #set(request: AssignmentRequest, value: string, recursive: boolean): Variable {
    const { name, origin, location, target } = request;
    const given = { name, value, recursive, origin, location };
    if (target !== undefined) return this.#put(target.variables, given);
    const variable = this.#options.evaluator.once(() => this.#put(this.global.variables, given));
    this.#options.changed(variable); // that of MAKEFLAGS is expanded
    return variable;
  }

  #put(table: Map<string, Variable>, given: VariableOptions): Variable {
    const { name, value, recursive, origin, location } = given;
    const known = table.get(name);
    if (known === undefined) {
      const variable = new Variable(given);
      table.set(name, variable);
      return variable;
    }
    known.origin = this.#originOf(known);
    if (!mayReplace(origin, known.origin)) return known;
    known.value = value;
    known.recursive = recursive;
    known.origin = origin;
    known.location = location;
    known.appends = false;
    known.compiled = undefined;
    return known;
  }

  /** A variable's origin as assignments meet it: with `-e` the environment's word counts more. */
  #originOf(variable: Variable): Origin {
    return variable.origin === "environment" && this.#options.environmentOverrides()
      ? "environment override"
      : variable.origin;
  }
}

export interface DefineOptions {
  readonly origin: Origin;
  readonly recursive: boolean;
  readonly exported?: ExportState | undefined;
  readonly location?: Location | undefined;
}

const RANKS: Readonly<Record<Origin, number>> = {
  default: 0,
  environment: 1,
  file: 2,
  "environment override": 3,
  "command line": 4,
  override: 5,
  automatic: 6,
};

/** Whether an assignment of origin `by` changes a variable of origin `of`. */
function mayReplace(by: Origin, of: Origin): boolean {
  return RANKS[by] >= RANKS[of];
}

function joined(old: string, added: string): string {
  return old === "" ? added : added === "" ? old : `${old} ${added}`;
}

/** What `+=` adds to. The command-line variables at the end of MAKEFLAGS are no part of it: they are put there again. */
function appendBase(variable: Variable): string {
  if (variable.name !== "MAKEFLAGS") return variable.value;
  const tail = variable.value.indexOf(" -- ");
  return tail < 0 ? variable.value : variable.value.slice(0, tail);
}
