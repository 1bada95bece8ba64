/** The name of a variable being set, as its expansion gives it. */

import { MakefileError, type Location } from "../base/location.js";
import { trimSpace } from "./chars.js";
import type { Evaluator } from "./evaluator.js";
import type { Expression, VariableScope } from "./model.js";

export interface NameContext {
  readonly evaluator: Evaluator;
  readonly scope: VariableScope;
  readonly location: Location | undefined;
}

/** Expands a name. @throws MakefileError when nothing is left of it */
export function expandVariableName(name: Expression, { evaluator, scope, location }: NameContext): string {
  const expanded = trimSpace(evaluator.evaluate(name, scope));
  if (expanded === "") throw new MakefileError(location, "empty variable name");
  return expanded;
}
