/**
 * From a recipe's script to the program to execute: without a shell where GNU make does without, which is visible in its error
 * texts and in its speed.
 */

import { hasUsualFlags, isBourneShell, isNothing, type Shell } from "../makefile/shell-program.js";
import { quote } from "./quote.js";

export interface Script extends Shell {
  readonly text: string;
  /** Decides, by its IFS, whether words can be told apart here. */
  readonly environment: readonly string[];
}

export type Command =
  /** Nothing to do: an empty script, or `:` alone. */
  { readonly kind: "nothing" } | { readonly kind: "run"; readonly argv: readonly [string, ...string[]] };

const DEFAULT_SHELL = "/bin/sh";
/** Characters that mean something to a shell when they are not quoted. */
const SHELL_CHARACTERS = new Set('#;"*?[]&|<>(){}$`^~!\n');
/** First words that only a shell can run, or runs better. */
const SHELL_COMMANDS = new Set(
  (
    ". : [ alias bg break case cd command continue eval exec exit export fc fg for getopts hash if jobs login logout read " +
    "readonly return set shift test times trap type ulimit umask unalias unset wait while"
  ).split(" "),
);
/** Longest string that Linux takes as one argument, its final NUL not counted. */
const MAX_ARGUMENT = 128 * 1024 - 1;

/** How to run a script as GNU make would. */
export function planCommand(script: Script): Command {
  if (isNothing(script.text, script)) return { kind: "nothing" };
  const words = isPlainShell(script) ? splitSimple(script.text) : undefined;
  if (words === undefined) return { kind: "run", argv: throughShell(script) };
  const [first, ...rest] = words;
  if (first === undefined) return { kind: "nothing" };
  return { kind: "run", argv: [first, ...rest] };
}

/** Whether the words of a script would be the same without its shell. */
function isPlainShell(script: Script): boolean {
  if (script.shell !== DEFAULT_SHELL || !hasUsualFlags(script)) return false;
  return !script.environment.some((entry) => entry.startsWith("IFS=") && /[^ \t\n]/.test(entry.slice(4)));
}

/** The words of a simple command; undefined when only a shell can tell. Empty: there is nothing to run. */
function splitSimple(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === " " || c === "\t") {
      if (word !== undefined && !endWord(words, word)) return undefined;
      word = undefined;
    } else if (c === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) return undefined;
      word = (word ?? "") + text.slice(i + 1, end);
      i = end;
    } else if (c === "\\") {
      i++;
      if (text.charAt(i) !== "\n") word = (word ?? "") + text.charAt(i);
    } else if (SHELL_CHARACTERS.has(c) || (c === "=" && words.length === 0)) {
      return undefined;
    } else {
      word = (word ?? "") + c;
    }
  }
  if (word !== undefined && !endWord(words, word)) return undefined;
  return words;
}

/** @returns false when the command is one for a shell */
function endWord(words: string[], word: string): boolean {
  words.push(word);
  return words.length > 1 || !SHELL_COMMANDS.has(word);
}

/** Shell, flags and script are one simple command, whose quotes count; one that is not so simple is left to the default shell. */
function throughShell({ text, shell, shellFlags }: Script): readonly [string, ...string[]] {
  const start = splitSimple(`${shell} ${shellFlags}`);
  if (start === undefined) return [DEFAULT_SHELL, "-c", `${shell} ${shellFlags} ${quote(text)}`];
  const [program = text] = start;
  if (text.length <= MAX_ARGUMENT || !isBourneShell(program)) {
    return [program, ...start.slice(1), text];
  }
  const parts: string[] = [];
  for (let i = 0; i < text.length; i += MAX_ARGUMENT) parts.push(text.slice(i, i + MAX_ARGUMENT));
  const joined = parts.map((_, i) => `\${${String(i + 1)}}`).join("");
  return [program, ...start.slice(1), `eval "set --;${joined}"`, program, ...parts];
}
