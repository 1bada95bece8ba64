/** Evaluation: expressions and variables in a scope become text. */

import { MakefileError, type Location } from "../base/location.js";
import { compile, compileCached, namedReference } from "./compile.js";
import { findFunction } from "./functions/table.js";
import { patternSubstitute, substitutionOf } from "./functions/text.js";
import type { Host, Warn } from "./host.js";
import type { BuiltinFunction, Expression, Interpreter, Variable, VariableScope } from "./model.js";
import { CallScope, lookup } from "./scope.js";
import type { Waits } from "./waits.js";

/** What evaluation leaves to the rest of the language. */
export interface EvaluationHooks {
  readonly host: Host;
  readonly warn: Warn;
  /** How what is expanded may be broken off; undefined: it never is. */
  readonly waits: Waits | undefined;
  warnsUndefined(): boolean;
  readText(text: string, scope: VariableScope): void;
  runShell(script: string, scope: VariableScope): string;
  /** The value of `$(.VARIABLES)`. */
  variableNames(): string;
}

/** What a variable's value comes of: itself, an expression, or the parts that `+=` joins, the farthest first. */
type Form = Expression | readonly Expression[];

/** Names that are known although nothing may have set them: no warning. */
const NEVER_UNDEFINED: ReadonlySet<string> = new Set([
  "MAKECMDGOALS",
  "MAKE_RESTARTS",
  "MAKE_TERMOUT",
  "MAKE_TERMERR",
  "MAKEOVERRIDES",
  ".DEFAULT",
  "-*-command-variables-*-",
  "-*-eval-flags-*-",
  "VPATH",
  "GPATH",
]);

export class Evaluator implements Interpreter {
  location: Location | undefined = undefined;
  readonly host: Host;
  readonly warn: Warn;
  readonly #hooks: EvaluationHooks;
  readonly #waits: Waits | undefined;
  /** The innermost variable being expanded of which it is known where it was set; its own expansion may set it anew. */
  #expanding: Variable | undefined = undefined;
  /** The environment of a `$(shell)` is being made: a variable that needs itself falls back instead of failing. */
  #fallback: ((variable: Variable) => string) | undefined = undefined;

  constructor(hooks: EvaluationHooks) {
    this.#hooks = hooks;
    this.#waits = hooks.waits;
    this.host = hooks.host;
    this.warn = hooks.warn;
  }

  evaluate(expression: Expression, scope: VariableScope): string {
    if (typeof expression === "string") return expression;
    const trail = this.#waits?.trail;
    if (trail === undefined) return this.#evaluate(expression, scope);
    return trail.enter() ? (trail.known as string) : trail.leave(this.#evaluate(expression, scope));
  }

  #evaluate(expression: Exclude<Expression, string>, scope: VariableScope): string {
    switch (expression.kind) {
      case "sequence": {
        const { parts } = expression;
        let out = "";
        for (let i = 0; i < parts.length; i++) out += this.evaluate(parts[i] ?? "", scope);
        return out;
      }
      case "reference":
        return this.#reference(expression.name, scope);
      case "substitution":
        return this.#substitution(expression, scope);
      case "computed":
        return this.evaluate(namedReference(this.evaluate(expression.inner, scope)), scope);
      case "call":
        return this.#call(expression.target, expression.args, scope);
      case "malformed":
        return this.fail(expression.message);
    }
  }

  expand(text: string, scope: VariableScope): string {
    return text.includes("$") ? this.evaluate(compile(text), scope) : text;
  }

  /** Evaluates with messages pointing at `at`. */
  expandAt(text: string, scope: VariableScope, at: Location | undefined): string {
    const location = this.location;
    this.location = at;
    try {
      return this.evaluate(compileCached(text), scope);
    } finally {
      this.location = location;
    }
  }

  /** The same for a variable's value. */
  valueAt(variable: Variable, scope: VariableScope, at: Location | undefined): string {
    const location = this.location;
    this.location = at;
    try {
      return this.valueOf(variable, scope);
    } finally {
      this.location = location;
    }
  }

  lookup(name: string, scope: VariableScope): Variable | undefined {
    const trail = this.#waits?.trail;
    if (trail === undefined) return this.#lookup(name, scope);
    return trail.enter() ? (trail.known as Variable | undefined) : trail.leave(this.#lookup(name, scope));
  }

  /** Does something once, though what it is a part of may be broken off and carried out again. It may expand. */
  once<T>(act: () => T): T {
    return this.#waits === undefined ? act() : this.#waits.step(act);
  }

  valueOf(variable: Variable, scope: VariableScope): string {
    const form = this.#formOf(variable, scope);
    if (typeof form === "string") return form;
    if (variable.expanding > 0 && !variable.mayRecur) {
      if (this.#fallback !== undefined) return this.#fallback(variable);
      this.#failAt(variable.location, `Recursive variable '${variable.name}' references itself (eventually)`);
    }
    const outer = this.#expanding;
    if (variable.location !== undefined) this.#expanding = variable;
    variable.expanding++;
    try {
      return isList(form) ? this.#joined(form, scope) : this.evaluate(form, scope);
    } finally {
      variable.expanding--;
      this.#expanding = outer;
    }
  }

  /** Runs `action` with `fallback` for variables that need themselves. */
  withFallback<T>(fallback: (variable: Variable) => string, action: () => T): T {
    const outer = this.#fallback;
    this.#fallback = fallback;
    try {
      return action();
    } finally {
      this.#fallback = outer;
    }
  }

  noteUndefined(name: string): void {
    if (!this.#hooks.warnsUndefined() || NEVER_UNDEFINED.has(name)) return;
    this.warn(this.location, `warning: undefined variable '${name}'`);
  }

  readText(text: string, scope: VariableScope): void {
    this.#hooks.readText(text, scope);
  }

  runShell(script: string, scope: VariableScope): string {
    return this.#hooks.runShell(script, scope);
  }

  callBuiltin(name: string, args: readonly string[], scope: VariableScope): string | undefined {
    const target = findFunction(name);
    if (target === undefined) return undefined;
    const expressions = target.kind === "lazy" ? args.map((arg) => compile(arg)) : args;
    return this.#run(target, expressions, scope);
  }

  fail(message: string): never {
    this.#failAt(undefined, message);
  }

  #failAt(at: Location | undefined, message: string): never {
    throw new MakefileError(at ?? this.#expanding?.location ?? this.location, message);
  }

  #reference(name: string, scope: VariableScope): string {
    if (scope instanceof CallScope) {
      const argument = scope.argument(name);
      if (argument !== undefined) return argument;
    }
    const variable = this.lookup(name, scope);
    if (variable !== undefined) return this.valueOf(variable, scope);
    this.noteUndefined(name);
    return "";
  }

  #substitution(expression: Extract<Expression, { readonly kind: "substitution" }>, scope: VariableScope): string {
    const variable = this.lookup(expression.name, scope);
    if (variable === undefined) {
      this.noteUndefined(expression.name);
      return "";
    }
    const { pattern, replacement } = substitutionOf(expression.from, expression.to);
    return patternSubstitute(this.valueOf(variable, scope), pattern, replacement);
  }

  #call(target: BuiltinFunction, args: readonly Expression[], scope: VariableScope): string {
    if (target.kind === "lazy") return this.#run(target, args, scope);
    const values = args.slice();
    for (let i = 0; i < values.length; i++) values[i] = this.evaluate(values[i] ?? "", scope);
    return this.#run(target, values, scope);
  }

  #run(target: BuiltinFunction, args: readonly Expression[], scope: VariableScope): string {
    if (args.length < target.minimum) {
      this.fail(`insufficient number of arguments (${String(args.length)}) to function '${target.name}'`);
    }
    switch (target.kind) {
      case "text":
        return target.run(args as readonly string[]);
      case "call":
        return target.run(args as readonly string[], { scope, language: this });
      case "lazy":
        return target.run(args, { scope, language: this });
    }
  }

  #lookup(name: string, scope: VariableScope): Variable | undefined {
    const variable = lookup(name, scope);
    if (variable !== undefined && name === ".VARIABLES") variable.value = this.#hooks.variableNames();
    return variable;
  }

  /** It stays as it is while it is expanded, whatever that sets. */
  #formOf(variable: Variable, scope: VariableScope): Form {
    const trail = this.#waits?.trail;
    if (trail === undefined) return formOf(variable, scope);
    return trail.enter() ? (trail.known as Form) : trail.leave(formOf(variable, scope));
  }

  #joined(parts: readonly Expression[], scope: VariableScope): string {
    let text = "";
    for (const part of parts) text += (text === "" ? "" : " ") + this.evaluate(part, scope);
    return text;
  }
}

function formOf(variable: Variable, scope: VariableScope): Form {
  return variable.appends ? appendedIn(variable.name, scope) : ownForm(variable);
}

function ownForm(variable: Variable): Expression {
  return variable.recursive ? (variable.compiled ??= compile(variable.value)) : variable.value;
}

/** What a target's `+=` joins: its values and those of the scopes behind it, the farthest first. */
function appendedIn(name: string, scope: VariableScope): readonly Expression[] {
  const parts: Expression[] = [];
  let inherited = false;
  for (let level: VariableScope | undefined = scope; level !== undefined; level = level.next) {
    const variable = level.own(name);
    if (variable !== undefined && !(inherited && variable.isPrivate)) {
      parts.push(ownForm(variable));
      if (!variable.appends) break;
    }
    inherited ||= level.nextIsParent;
  }
  return parts.reverse();
}

function isList(form: Exclude<Form, string>): form is readonly Expression[] {
  return Array.isArray(form);
}
