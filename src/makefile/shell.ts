/** `$(shell …)` and `!=`: running a command for its output. */

import { trimSpace } from "./chars.js";
import type { Evaluator } from "./evaluator.js";
import type { VariableScope } from "./model.js";
import type { VariableStore } from "./variable-store.js";

/** The variable that tells how the last command ended. */
const SHELL_STATUS = ".SHELLSTATUS";

export interface ShellContext {
  readonly evaluator: Evaluator;
  readonly store: VariableStore;
  environment(scope: VariableScope): readonly string[];
}

/** Runs `script`, sets `.SHELLSTATUS`, and returns what it printed. */
export function runShell(script: string, scope: VariableScope, context: ShellContext): string {
  if (trimSpace(script) === "") return "";
  const { evaluator, store } = context;
  const request = evaluator.once(() => ({
    shell: valueOf("SHELL", scope, evaluator) ?? "/bin/sh",
    shellFlags: valueOf(".SHELLFLAGS", scope, evaluator) ?? "-c",
    script,
    environment: context.environment(scope),
  }));
  const result = evaluator.host.shell(request);
  if (result.error !== undefined) evaluator.warn(undefined, `${result.error.program}: ${result.error.message}`);
  store.define(SHELL_STATUS, String(result.status), { origin: "override", recursive: false });
  return result.stdout;
}

function valueOf(name: string, scope: VariableScope, evaluator: Evaluator): string | undefined {
  const variable = evaluator.lookup(name, scope);
  return variable === undefined ? undefined : evaluator.valueOf(variable, scope);
}
