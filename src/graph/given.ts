/** What a recipe's processes are given: their shell, and their environment. */

import { MakefileError, type Location } from "../base/location.js";
import { fail, ok, type Result } from "../base/result.js";
import type { Printed } from "../events/event.js";
import type { Expander, Scope } from "../makefile/expander.js";
import { isNothing, type Shell } from "../makefile/shell-program.js";
import type { RecipeLine } from "./job.js";
import type { Plan } from "./plan.js";
import { shellOf } from "./recipe.js";
import type { Target } from "./target.js";

/** It is expanded before they start; what is wrong about it is told when they are to. */
export interface Given {
  readonly shell: Result<Shell, MakefileError>;
  /** undefined: it is known from earlier lines, or none of these starts a process. */
  readonly environment: Result<readonly string[], MakefileError> | undefined;
  /** What expanding the environment printed. */
  readonly printed: readonly Printed[];
}

/** A recipe, ready to run. */
export interface Prepared {
  /** undefined: the target is only touched. */
  readonly plan: Plan | undefined;
  /** For the first lines that run. */
  readonly given: Given | undefined;
}

export interface Receiver {
  readonly target: Target;
  readonly scope: Scope;
  /** From earlier lines. */
  readonly environment?: readonly string[] | undefined;
  /** What is printed is added here, as it may be asked for in steps. */
  readonly printed: Printed[];
}

interface GivingPorts {
  readonly expander: Expander;
  readonly aside: <T>(act: () => T, printed: Printed[]) => T;
}

/** Expands what some lines of a recipe are given. */
export function giveTo(
  lines: readonly RecipeLine[],
  { target, scope, environment, printed }: Receiver,
  { aside, expander }: GivingPorts,
): Given {
  const shell = resultOf(() => shellFor(target, scope, expander, lines[0]?.location));
  if (!shell.ok || environment !== undefined || firstProcess(lines, shell.value) < 0)
    return { shell, environment: undefined, printed };
  return { shell, environment: aside(() => resultOf(() => expander.environment(scope)), printed), printed };
}

/** @throws MakefileError */
export function shellFor(target: Target, scope: Scope, expander: Expander, at?: Location): Shell {
  return shellOf((name) => expander.valueOf(name, scope, at ?? target.recipe?.location));
}

/** The first line for which a process is started; -1: there is none. */
export function firstProcess(lines: readonly RecipeLine[], shell: Shell): number {
  return lines.findIndex(({ text }) => !isNothing(text, shell));
}

function resultOf<T>(act: () => T): Result<T, MakefileError> {
  try {
    return ok(act());
  } catch (error) {
    if (error instanceof MakefileError) return fail(error);
    throw error;
  }
}
