/** The environment of the processes that make starts: which variables are exported, and with what value. */

import type { Evaluator } from "./evaluator.js";
import type { Variable, VariableScope } from "./model.js";
import { GlobalScope } from "./scope.js";

export interface EnvironmentOptions {
  readonly evaluator: Evaluator;
  readonly global: GlobalScope;
  /** `export` alone, or `.EXPORT_ALL_VARIABLES`. */
  readonly exportAll: boolean;
  /** SHELL as it was in the environment: what children get unless the makefile exports its own. */
  readonly originalShell: string | undefined;
}

/** `NAME=value` of every exported variable that `scope` sees. @throws MakefileError from the values' expansion */
export function exportedEnvironment(scope: VariableScope, options: EnvironmentOptions): readonly string[] {
  const entries: string[] = [];
  for (const variable of visibleVariables(scope).values()) {
    const { name } = variable;
    if (name === "SHELL" && exportStateOf(variable, options.global) !== "export") continue;
    if (!isExported(variable, options)) continue;
    if (name === "MAKELEVEL") continue;
    entries.push(`${name}=${options.evaluator.valueOf(variable, scope)}`);
  }
  const shell = options.global.own("SHELL");
  const ownShell = shell !== undefined && shell.exported === "export";
  if (!ownShell && options.originalShell !== undefined) entries.push(`SHELL=${options.originalShell}`);
  const level = options.global.own("MAKELEVEL");
  if (level !== undefined && level.exported !== "noexport") entries.push(`MAKELEVEL=${String(nextLevel(level.value))}`);
  return entries;
}

/** The nearest of each name. Private variables are exported from the first set only, not even from a pattern's. */
function visibleVariables(scope: VariableScope): ReadonlyMap<string, Variable> {
  if (scope instanceof GlobalScope) return scope.variables;
  const visible = new Map<string, Variable>();
  for (let level: VariableScope | undefined = scope; level !== undefined; level = level.next) {
    for (const [name, variable] of tableOf(level)) {
      if (!visible.has(name) && !(variable.isPrivate && level !== scope)) visible.set(name, variable);
    }
  }
  return visible;
}

function tableOf(
  level: VariableScope & { readonly variables?: ReadonlyMap<string, Variable> | undefined },
): Iterable<[string, Variable]> {
  return level.variables ?? [];
}

/** What was said about exporting a variable; a target's own takes it from the global one of that name. */
function exportStateOf(variable: Variable, global: GlobalScope): Variable["exported"] {
  return variable.exported === "default" ? (global.own(variable.name)?.exported ?? "default") : variable.exported;
}

function isExported(variable: Variable, options: EnvironmentOptions): boolean {
  switch (exportStateOf(variable, options.global)) {
    case "export":
      return true;
    case "noexport":
      return false;
    case "ifset":
      return variable.origin !== "default";
    case "default":
      return isExportedByDefault(variable, options.exportAll);
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

function nextLevel(value: string): number {
  const level = Number.parseInt(value, 10);
  return Number.isNaN(level) ? 1 : level + 1;
}
