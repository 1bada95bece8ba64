/** The shapes that evaluation works on: variables, the scopes that hold them, compiled expressions, functions. */

import type { Location } from "../base/location.js";
import type { Scope } from "./expander.js";
import type { Host, Warn } from "./host.js";

/** Where a variable's value came from, weakest first; `$(origin)` tells it in these words. */
export type Origin =
  "default" | "environment" | "file" | "environment override" | "command line" | "override" | "automatic";

/** The kinds of assignment: `=`, `:=` and `::=`, `:::=`, `?=`, `+=`, `!=`. */
export type Flavor = "recursive" | "simple" | "immediate" | "conditional" | "append" | "shell";

/** Whether recipes see a variable: as its origin says, always, never, or (`ifset`) unless it is a default. */
export type ExportState = "default" | "export" | "noexport" | "ifset";

/** A variable. Only assignment changes it. */
export class Variable {
  readonly name: string;
  /** As written when recursive, final otherwise. */
  value: string;
  recursive: boolean;
  origin: Origin;
  location: Location | undefined;
  exported: ExportState = "default";
  isPrivate = false;
  /** A target's `+=`: its value goes behind the one that the next scope gives. */
  appends = false;
  /** The value as a tree, made when it is first needed. */
  compiled: Expression | undefined = undefined;
  /** How many expansions of it are under way. */
  expanding = 0;
  /** `$(call)` is running it, so that it may come upon itself. */
  mayRecur = false;

  constructor(options: VariableOptions) {
    this.name = options.name;
    this.value = options.value;
    this.recursive = options.recursive;
    this.origin = options.origin;
    this.location = options.location;
  }
}

export interface VariableOptions {
  readonly name: string;
  readonly value: string;
  readonly recursive: boolean;
  readonly origin: Origin;
  readonly location?: Location | undefined;
}

/** One set of variables and the way to the next one. */
export interface VariableScope extends Scope {
  /** The variable of that name in this very set. */
  own(name: string): Variable | undefined;
  readonly next: VariableScope | undefined;
  /** The next set belongs to another target or to all: its private variables are not seen from here. */
  readonly nextIsParent: boolean;
}

/** A text to expand, compiled; a plain string stands for itself. */
export type Expression =
  | string
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "reference"; readonly name: string }
  /** `$(name:pattern=replacement)`, all known. */
  | { readonly kind: "substitution"; readonly name: string; readonly from: string; readonly to: string }
  /** The text between the parentheses has references of its own. */
  | { readonly kind: "computed"; readonly inner: Expression }
  | { readonly kind: "call"; readonly target: BuiltinFunction; readonly args: readonly Expression[] }
  /** What cannot be read; an error only once it is evaluated. */
  | { readonly kind: "malformed"; readonly message: string };

interface FunctionShape {
  readonly name: string;
  readonly minimum: number;
  /** Commas beyond it belong to the last argument; `Infinity`: no limit. */
  readonly maximum: number;
}

/** A built-in function. `text`: a pure function of its arguments; `lazy`: it expands them itself. */
export type BuiltinFunction =
  | (FunctionShape & { readonly kind: "text"; readonly run: (args: readonly string[]) => string })
  | (FunctionShape & { readonly kind: "call"; readonly run: (args: readonly string[], call: FunctionCall) => string })
  | (FunctionShape & {
      readonly kind: "lazy";
      readonly run: (args: readonly Expression[], call: FunctionCall) => string;
    });

/** What a function that looks around, or may refuse its arguments, is given. */
export interface FunctionCall {
  readonly scope: VariableScope;
  readonly language: Interpreter;
}

/** What functions may ask of the language. */
export interface Interpreter {
  readonly host: Host;
  readonly warn: Warn;
  /** The place being read or run; what `$(error)` and `$(warning)` point at. */
  readonly location: Location | undefined;
  evaluate(expression: Expression, scope: VariableScope): string;
  expand(text: string, scope: VariableScope): string;
  lookup(name: string, scope: VariableScope): Variable | undefined;
  /** The expanded value. */
  valueOf(variable: Variable, scope: VariableScope): string;
  /** Says so when undefined variables are to be warned of. */
  noteUndefined(name: string): void;
  /** Reads `text` as makefile text; its expansions are made in `scope`. */
  readText(text: string, scope: VariableScope): void;
  /** Runs a command for `$(shell)` and sets `.SHELLSTATUS`. @returns what it printed */
  runShell(script: string, scope: VariableScope): string;
  /** The value of a built-in function called by name with ready arguments; undefined when there is none of that name. */
  callBuiltin(name: string, args: readonly string[], scope: VariableScope): string | undefined;
  /** @throws MakefileError at the place being expanded: the variable's, while one is. */
  fail(message: string): never;
}
