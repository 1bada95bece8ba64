/** Functions that choose what to expand: if, or, and, intcmp, foreach, let, call. */

import { skipSpace, trimSpace, trimSpaceAtEnd } from "../chars.js";
import type { BuiltinFunction, Expression, FunctionCall, VariableScope } from "../model.js";
import { CallScope, TableScope } from "../scope.js";
import { WordScanner, wordsOf } from "../words.js";

export const CONTROL_FUNCTIONS: readonly BuiltinFunction[] = [
  { name: "if", minimum: 2, maximum: 3, kind: "lazy", run: chooseIf },
  { name: "or", minimum: 1, maximum: Infinity, kind: "lazy", run: firstTrue },
  { name: "and", minimum: 1, maximum: Infinity, kind: "lazy", run: lastIfAllTrue },
  { name: "intcmp", minimum: 2, maximum: 5, kind: "lazy", run: compareIntegers },
  { name: "foreach", minimum: 3, maximum: 3, kind: "lazy", run: forEachWord },
  { name: "let", minimum: 3, maximum: 3, kind: "lazy", run: letWords },
  { name: "call", minimum: 1, maximum: Infinity, kind: "call", run: callVariable },
];

function chooseIf([condition = "", yes = "", no = ""]: readonly Expression[], call: FunctionCall): string {
  const chosen = conditionOf(condition, call) === "" ? no : yes;
  return call.language.evaluate(chosen, call.scope);
}

function firstTrue(conditions: readonly Expression[], call: FunctionCall): string {
  for (const condition of conditions) {
    const value = conditionOf(condition, call);
    if (value !== "") return value;
  }
  return "";
}

function lastIfAllTrue(conditions: readonly Expression[], call: FunctionCall): string {
  let value = "";
  for (const condition of conditions) {
    value = conditionOf(condition, call);
    if (value === "") return "";
  }
  return value;
}

/** A condition's value: white space around the text as written does not count, that of its expansion does. */
function conditionOf(condition: Expression, { language, scope }: FunctionCall): string {
  if (typeof condition === "string") return trimSpace(condition);
  if (condition.kind !== "sequence") return language.evaluate(condition, scope);
  const { parts } = condition;
  let value = "";
  for (let i = 0; i < parts.length; i++) {
    let part = parts[i] ?? "";
    if (typeof part === "string") {
      if (i === 0) part = part.slice(skipSpace(part, 0));
      if (i === parts.length - 1) part = trimSpaceAtEnd(part);
      value += part;
    } else value += language.evaluate(part, scope);
  }
  return value;
}

function compareIntegers(args: readonly Expression[], call: FunctionCall): string {
  const { language, scope } = call;
  const [left = "", right = "", less = "", equal = "", greater = equal] = args;
  const [first, second] = [language.evaluate(left, scope), language.evaluate(right, scope)];
  const a = parseInteger(first, "non-numeric first argument to 'intcmp' function", call);
  const b = parseInteger(second, "non-numeric second argument to 'intcmp' function", call);
  if (args.length === 2) return a === b ? String(a) : "";
  return language.evaluate(a === b ? equal : isLess(a, b) ? less : greater, scope);
}

/** Two negative numbers are compared without their signs, as GNU make 4.4.1 does. */
function isLess(a: bigint, b: bigint): boolean {
  return a < 0n && b < 0n ? a > b : a < b;
}

function parseInteger(text: string, message: string, call: FunctionCall): bigint {
  const digits = trimSpace(text);
  if (digits === "") call.language.fail(`${message}: empty value`);
  if (!/^[-+]?[0-9]+$/.test(digits)) call.language.fail(`${message}: '${text}'`);
  return BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
}

function forEachWord(
  [variable = "", list = "", body = ""]: readonly Expression[],
  { language, scope }: FunctionCall,
): string {
  const [name = ""] = wordsOf(language.evaluate(variable, scope));
  const words = language.evaluate(list, scope);
  const loop = new TableScope(scope, false);
  let out = "";
  let first = true;
  for (const scan = new WordScanner(words); scan.next();) {
    loop.bind(name, scan.word);
    if (first) first = false;
    else out += " ";
    out += language.evaluate(body, loop);
  }
  return out;
}

/** Each name gets a word, the last one all that is left. */
function letWords(
  [variables = "", list = "", body = ""]: readonly Expression[],
  { language, scope }: FunctionCall,
): string {
  const names = wordsOf(language.evaluate(variables, scope));
  const scan = new WordScanner(language.evaluate(list, scope));
  const bound = new TableScope(scope, false);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? "";
    if (i < names.length - 1) bound.bind(name, scan.next() ? scan.word : "");
    else bound.bind(name, scan.text.slice(skipSpace(scan.text, scan.end)));
  }
  return language.evaluate(body, bound);
}

function callVariable(args: readonly string[], { language, scope }: FunctionCall): string {
  const name = trimSpace(args[0] ?? "");
  if (name === "") return "";
  const builtin = language.callBuiltin(name, args.slice(1), scope);
  if (builtin !== undefined) return builtin;
  const variable = language.lookup(name, scope);
  if (variable === undefined) {
    language.noteUndefined(name);
    return "";
  }
  const frame = new CallScope([name, ...args.slice(1)], scope, enclosingWidth(scope));
  const mayRecur = variable.mayRecur;
  variable.mayRecur = true;
  try {
    return language.valueOf(variable, frame);
  } finally {
    variable.mayRecur = mayRecur;
  }
}

function enclosingWidth(scope: VariableScope): number {
  for (let level: VariableScope | undefined = scope; level !== undefined; level = level.next) {
    if (level instanceof CallScope) return level.width;
  }
  return 0;
}
