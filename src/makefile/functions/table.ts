/** All built-in functions by name. */

import type { BuiltinFunction } from "../model.js";
import { CONTROL_FUNCTIONS } from "./control.js";
import { FILE_NAME_FUNCTIONS } from "./file-names.js";
import { MESSAGE_FUNCTIONS } from "./messages.js";
import { OUTSIDE_FUNCTIONS } from "./outside.js";
import { TEXT_FUNCTIONS } from "./text.js";
import { VARIABLE_FUNCTIONS } from "./variables.js";
import { WORD_FUNCTIONS } from "./word.js";

const FUNCTIONS: ReadonlyMap<string, BuiltinFunction> = new Map(
  [
    ...TEXT_FUNCTIONS,
    ...WORD_FUNCTIONS,
    ...FILE_NAME_FUNCTIONS,
    ...CONTROL_FUNCTIONS,
    ...VARIABLE_FUNCTIONS,
    ...OUTSIDE_FUNCTIONS,
    ...MESSAGE_FUNCTIONS,
  ].map((entry) => [entry.name, entry]),
);

/** The built-in function of that name. */
export function findFunction(name: string): BuiltinFunction | undefined {
  return FUNCTIONS.get(name);
}
