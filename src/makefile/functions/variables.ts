/** Functions about variables: value, origin, flavor, eval. */

import { trimSpace } from "../chars.js";
import type { BuiltinFunction } from "../model.js";

export const VARIABLE_FUNCTIONS: readonly BuiltinFunction[] = [
  {
    name: "value",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([name = ""], { language, scope }) => language.lookup(name, scope)?.value ?? "",
  },
  {
    name: "origin",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([name = ""], { language, scope }) => language.lookup(name, scope)?.origin ?? "undefined",
  },
  {
    name: "flavor",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([name = ""], { language, scope }) => {
      const variable = language.lookup(name, scope);
      if (variable === undefined) return "undefined";
      return variable.recursive ? "recursive" : "simple";
    },
  },
  {
    name: "eval",
    minimum: 0,
    maximum: 1,
    kind: "call",
    run: ([text = ""], { language, scope }) => {
      if (trimSpace(text) !== "") language.readText(text, scope);
      return "";
    },
  },
];
