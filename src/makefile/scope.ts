/** The kinds of scopes: all variables, a target's, a function call's, a loop's. */

import type { AutomaticVariables } from "./expander.js";
import { Variable, type VariableScope } from "./model.js";

/** The global set, at the end of every chain. */
export class GlobalScope implements VariableScope {
  automatic: AutomaticVariables | undefined = undefined;
  readonly next = undefined;
  readonly nextIsParent = false;
  readonly variables = new Map<string, Variable>();

  own(name: string): Variable | undefined {
    return this.variables.get(name);
  }
}

/** A table of variables in front of another scope: a loop's, or a pattern's before a target's parents. */
export class TableScope implements VariableScope {
  automatic: AutomaticVariables | undefined = undefined;
  readonly next: VariableScope;
  readonly nextIsParent: boolean;
  readonly variables = new Map<string, Variable>();

  constructor(next: VariableScope, nextIsParent: boolean) {
    this.next = next;
    this.nextIsParent = nextIsParent;
  }

  own(name: string): Variable | undefined {
    return this.variables.get(name);
  }

  /** Sets a loop's variable. */
  bind(name: string, value: string): void {
    const bound = this.variables.get(name);
    if (bound === undefined)
      this.variables.set(name, new Variable({ name, value, recursive: false, origin: "automatic" }));
    else bound.value = value;
  }
}

/** The arguments of a `$(call)`: `$(0)`, `$(1)` …; those that an enclosing call has beyond ours are empty. */
export class CallScope implements VariableScope {
  automatic: AutomaticVariables | undefined = undefined;
  readonly next: VariableScope;
  readonly nextIsParent = false;
  readonly #args: readonly string[];
  /** How many arguments this call or any around it has. */
  readonly width: number;

  constructor(args: readonly string[], next: VariableScope, enclosingWidth: number) {
    this.#args = args;
    this.next = next;
    this.width = Math.max(args.length, enclosingWidth);
  }

  own(name: string): Variable | undefined {
    const first = name.charCodeAt(0);
    if (!(first >= 48 && first <= 57)) return undefined;
    const index = argumentIndex(name);
    if (index === undefined || index >= this.width) return undefined;
    return new Variable({ name, value: this.#args[index] ?? "", recursive: false, origin: "automatic" });
  }

  /** The value of `$(name)` when it is an argument; spares the variable. */
  argument(name: string): string | undefined {
    const index = argumentIndex(name);
    if (index === undefined || index >= this.width) return undefined;
    return this.#args[index] ?? "";
  }
}

const AUTOMATIC_NAMES = "@%<?^+|*";

/** Whether a name is an automatic variable's: one of the signs, or one of them with `D` or `F`. */
function isAutomaticName(name: string): boolean {
  if (name.length === 0 || name.length > 2 || !AUTOMATIC_NAMES.includes(name.charAt(0))) return false;
  return name.length === 1 || name.charCodeAt(1) === 68 || name.charCodeAt(1) === 70;
}

/** The variable that `name` means in `scope`, the nearest first; private ones of parents are passed over. */
export function lookup(name: string, scope: VariableScope): Variable | undefined {
  let inherited = false;
  for (let level: VariableScope | undefined = scope; level !== undefined; level = level.next) {
    if (level.automatic !== undefined && !inherited && isAutomaticName(name)) {
      const value = level.automatic(name);
      if (value !== undefined) return new Variable({ name, value, recursive: false, origin: "automatic" });
    }
    const found = level.own(name);
    if (found !== undefined && !(inherited && found.isPrivate)) return found;
    inherited ||= level.nextIsParent;
  }
  return undefined;
}

function argumentIndex(name: string): number | undefined {
  if (name === "") return undefined;
  const first = name.charCodeAt(0);
  if (name.length === 1) return first >= 48 && first <= 57 ? first - 48 : undefined;
  if (first === 48) return undefined;
  let index = 0;
  for (let i = 0; i < name.length; i++) {
    const digit = name.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    index = index * 10 + digit;
  }
  return index;
}
