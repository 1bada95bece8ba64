/** MAKEFLAGS, both ways: from its text to words as on a command line, and from the options in force to GNU make 4.4's layout. */

import { LONG_IN_MAKEFLAGS, OPTION_KEYS, type OptionKey, optionSpec } from "./option-table.js";
import { displayName } from "./parse-arguments.js";
import type { Switches } from "./switches.js";

/**
 * The words of an expanded MAKEFLAGS or GNUMAKEFLAGS. Blanks part them, a backslash keeps the next char. The first word may be
 * letters without their `-`, unless it begins with a blank or is an assignment.
 */
export function makeflagsWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (isBlank(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "\\" && i + 1 < text.length) word = (word ?? "") + text.charAt(++i);
    else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  const first = words[0];
  if (first !== undefined && !first.startsWith("-") && !first.includes("=")) words[0] = `-${first}`;
  return words;
}

/** The two variables' texts, unexpanded. */
export interface RenderedFlags {
  readonly makeflags: string;
  readonly mflags: string;
}

/** What MAKEFLAGS refers to beside the options themselves. */
export interface RenderOptions {
  /** Whether MAKEOVERRIDES has anything: MAKEFLAGS then ends in a reference to it. */
  readonly hasOverrides: boolean;
}

/** The values of MAKEFLAGS and MFLAGS: letters, options with values, long ones; in MAKEFLAGS then --eval and the assignments. */
export function renderFlags(switches: Switches, { hasOverrides }: RenderOptions): RenderedFlags {
  const letters = renderLetters(switches);
  const options = renderOptions(switches);
  const mflags = letters === "" ? options.slice(1) : `-${letters}${options}`;
  let makeflags = letters + options;
  if (switches.list("evaluate").length > 0) makeflags += ` $(${EVAL_FLAGS})`;
  if (hasOverrides) makeflags += " -- $(MAKEOVERRIDES)";
  return { makeflags, mflags };
}

/** The variable that holds the `--eval` options of MAKEFLAGS. */
export const EVAL_FLAGS = "-*-eval-flags-*-";
/** The variable that holds the command line's assignments. */
export const COMMAND_VARIABLES = "-*-command-variables-*-";

/** The value of `-*-eval-flags-*-`: it is not expanded again, so its dollars are doubled for the make that reads it. */
export function renderEvals(texts: readonly string[]): string {
  return texts.map((text) => `--eval=${quoteWord(text)}`).join(" ");
}

/** A variable of the command line as sub-makes are to set it. */
export interface CommandVariable {
  readonly name: string;
  /** Its value is not expanded again: `:=`. */
  readonly isSimple: boolean;
  readonly value: string;
}

/** The value of `-*-command-variables-*-`. */
export function renderOverrides(variables: readonly CommandVariable[]): string {
  return variables.map(({ name, isSimple, value }) => quoteWord(`${name}${isSimple ? ":=" : "="}${value}`)).join(" ");
}

/** Passed-down flags that have a letter. */
const FLAGS = OPTION_KEYS.filter((key) => {
  const { kind, letters, isPassedDown } = optionSpec(key);
  return kind === "flag" && letters !== "" && isPassedDown;
});

/** Options with a letter and a value, then those without a letter. */
const OTHERS = [
  ...OPTION_KEYS.filter((key) => {
    const { kind, letters, isPassedDown } = optionSpec(key);
    return kind !== "flag" && letters !== "" && isPassedDown && key !== "evaluate";
  }),
  ...LONG_IN_MAKEFLAGS,
];

function renderLetters(switches: Switches): string {
  let letters = "";
  for (const key of FLAGS) if (switches.has(key)) letters += optionSpec(key).letters.charAt(0);
  return letters;
}

/** Each behind a blank. */
function renderOptions(switches: Switches): string {
  let text = "";
  for (const key of OTHERS) text += renderOption(switches, key);
  return text;
}

function renderOption(switches: Switches, key: OptionKey): string {
  if (!switches.isGiven(key)) return "";
  const spec = optionSpec(key);
  const name = displayName(spec);
  const assign = spec.letters === "" ? "=" : "";
  switch (spec.kind) {
    case "flag":
      return switches.has(key) ? ` ${name}` : "";
    case "list":
      return switches
        .list(key)
        .map((value) => ` ${name}${assign}${quoteWord(value)}`)
        .join("");
    case "last": {
      const value = switches.value(key);
      return value === undefined ? "" : ` ${name}${assign}${quoteWord(value)}`;
    }
    case "count":
      return switches.jobs === undefined ? "" : ` ${name}${switches.jobs === "infinite" ? "" : String(switches.jobs)}`;
    case "load":
      return switches.loadLimit === undefined ? "" : ` ${name}${formatLoad(switches.loadLimit)}`;
  }
}

/** C's %g. */
function formatLoad(limit: number): string {
  return String(Number(limit.toPrecision(6)));
}

/** Blanks and backslashes escaped, dollars doubled. */
function quoteWord(text: string): string {
  if (!/[$\\ \t]/.test(text)) return text;
  let quoted = "";
  for (const char of text) {
    if (char === "$") quoted += "$$";
    else if (char === "\\" || isBlank(char)) quoted += `\\${char}`;
    else quoted += char;
  }
  return quoted;
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t";
}
