/** The environment of the processes that make starts: which variables are exported, and with what value. */

import { inVariableOrder } from "../base/hash-order.js";
import type { Evaluator } from "./evaluator.js";
import type { ExportState, Variable, VariableScope } from "./model.js";
import { GlobalScope } from "./scope.js";

export interface EnvironmentOptions {
  readonly evaluator: Evaluator;
  /** `export` alone, or `.EXPORT_ALL_VARIABLES`. */
  readonly exportAll: boolean;
  /** How deep this make is: that of its programs is one more, whatever becomes of MAKELEVEL in makefiles. */
  readonly level: number;
  /** SHELL as it was in the environment: what children get unless the makefile exports its own. */
  readonly originalShell: string | undefined;
  /** Messages point to where each variable was set, not to the place that is being read. */
  readonly blamesVariables: boolean;
}

const LEVEL = "MAKELEVEL";

/** `NAME=value` of every exported variable that `scope` sees. @throws MakefileError from the values' expansion */
export function exportedEnvironment(scope: VariableScope, options: EnvironmentOptions): readonly string[] {
  const { originalShell } = options;
  const given = options.evaluator.once(() => givenOf(scope, options));
  const entries = given.map(
    ({ name, value }) => `${name}=${typeof value === "string" ? value : expanded(value, scope, options)}`,
  );
  if (originalShell !== undefined && !given.some(({ name }) => name === "SHELL")) {
    entries.push(`SHELL=${originalShell}`);
  }
  return entries;
}

/** An entry of the environment. */
interface Entry {
  readonly name: string;
  /** What came of the environment goes back as it came; all else is expanded. */
  readonly value: string | Variable;
}

/** In order. */
function givenOf(scope: VariableScope, options: EnvironmentOptions): readonly Entry[] {
  const entries: Entry[] = exportedVariables(scope, options).map((variable) => ({
    name: variable.name,
    value: goesAsItIs(variable) ? variable.value : variable,
  }));
  entries.push({ name: LEVEL, value: String(options.level + 1) });
  return inVariableOrder(entries, nameOf);
}

/** All but the level. */
function exportedVariables(scope: VariableScope, options: EnvironmentOptions): Variable[] {
  const exported: Variable[] = [];
  const first = firstWithVariables(scope);
  if (first instanceof GlobalScope) {
    for (const variable of first.variables.values()) {
      if (variable.isPrivate && first !== scope) continue;
      if (variable.name !== LEVEL && isGiven(variable, variable.exported, options)) exported.push(variable);
    }
    return exported;
  }
  for (const { variable, state } of candidates(scope, first)) {
    if (variable.name !== LEVEL && isGiven(variable, state, options)) exported.push(variable);
  }
  return exported;
}

function nameOf({ name }: Entry): string {
  return name;
}

function isGiven(
  variable: Variable,
  state: ExportState,
  { exportAll, originalShell }: Pick<EnvironmentOptions, "exportAll" | "originalShell">,
): boolean {
  if (variable.name === "SHELL" && originalShell !== undefined) return state === "export";
  return isExported(variable, state, exportAll);
}

function goesAsItIs(variable: Variable): boolean {
  return !variable.appends && (!variable.recursive || isOfEnvironment(variable));
}

function expanded(
  variable: Variable,
  scope: VariableScope,
  { evaluator, blamesVariables }: EnvironmentOptions,
): string {
  return evaluator.valueAt(variable, scope, blamesVariables ? variable.location : evaluator.location);
}

/** Its value came from our own environment and goes on as it is. MAKEFLAGS is ours to write, whatever its origin. */
function isOfEnvironment({ name, origin }: Variable): boolean {
  if (name === "MAKEFLAGS") return false;
  return origin === "environment" || origin === "environment override";
}

/** A variable that is seen, and what was said about exporting it. */
interface Candidate {
  readonly variable: Variable;
  state: ExportState;
}

/**
 * The nearest variable of each name. What was said about exporting a farther one holds where nothing was said nearer.
 * Private variables count in the first set only, not even in a pattern's.
 */
function candidates(scope: VariableScope, first: VariableScope): Iterable<Candidate> {
  const visible = new Map<string, Candidate>();
  for (let level: VariableScope | undefined = first; level !== undefined; level = level.next) {
    for (const [name, variable] of tableOf(level)) {
      if (variable.isPrivate && level !== scope) continue;
      const nearer = visible.get(name);
      if (nearer === undefined) visible.set(name, { variable, state: variable.exported });
      else if (nearer.state === "default") nearer.state = variable.exported;
    }
  }
  return visible.values();
}

function firstWithVariables(scope: VariableScope): VariableScope {
  let level = scope;
  while (level.next !== undefined && tableOf(level).size === 0) level = level.next;
  return level;
}

const NO_VARIABLES: ReadonlyMap<string, Variable> = new Map();

function tableOf(
  level: VariableScope & { readonly variables?: ReadonlyMap<string, Variable> | undefined },
): ReadonlyMap<string, Variable> {
  return level.variables ?? NO_VARIABLES;
}

function isExported(variable: Variable, state: ExportState, exportAll: boolean): boolean {
  switch (state) {
    case "export":
      return true;
    case "noexport":
      return false;
    case "ifset":
      return variable.origin !== "default";
    case "default":
      return isExportedByDefault(variable, exportAll);
  }
}

function isExportedByDefault({ name, origin }: Variable, exportAll: boolean): boolean {
  if (origin === "default" || origin === "automatic" || !isShellName(name)) return false;
  return exportAll || origin === "command line" || origin === "environment" || origin === "environment override";
}

function isShellName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
    if (!isLetter && !(i > 0 && code >= 48 && code <= 57)) return false;
  }
  return name !== "";
}

/** The values of `NAME=value` entries. */
export function byName(entries: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals > 0) values.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return values;
}
