/** A target's recipe, expanded and cut into the lines that a shell is to run. */

import type { Location } from "../base/location.js";
import { isBlank, skipSpace, trimSpace } from "../makefile/chars.js";
import type { Recipe } from "../makefile/rule-sink.js";
import type { Shell } from "../makefile/shell-program.js";
import type { RecipeLine } from "./job.js";

/** What else decides how lines run. */
export interface LineOptions {
  /** `.ONESHELL`: all lines are one script; for a Bourne shell the prefixes of each of its lines go away. */
  readonly oneShell: "no" | "bourne" | "other";
  /** `-s`, `.SILENT` */
  readonly silent: boolean;
  /** `-i`, `.IGNORE` */
  readonly ignoreErrors: boolean;
  /** What `.POSIX` asks for; see RecipeLine. */
  readonly plainFlagsIgnoring: boolean;
  /** `-n`, `--trace`: what is silent is shown all the same. */
  readonly showAll: boolean;
}

/** A recipe's lines, expanded. */
export interface Script {
  /** Those that are more than blanks and prefixes. */
  readonly lines: readonly RecipeLine[];
  /** One of the others has no `+`: `-t` touches the target on its behalf. */
  readonly hasIdle: boolean;
  /** One of these that has a prefix stands behind the last line with a `+`. */
  readonly endsIdle: boolean;
  /** Each line of the recipe, of which there is one at least, has a `+` or names `$(MAKE)`, as written or in what it expands to. */
  readonly isRecursive: boolean;
}

/** Expands one line of a recipe in its target's scope. @throws MakefileError */
export type ExpandLine = (text: string, at: Location) => string;

/** The lines of `recipe`. All are expanded before the first one runs. @throws MakefileError */
export function scriptOf(recipe: Recipe, options: LineOptions, expand: ExpandLine): Script {
  const script = { lines: [], hasIdle: false, endsIdle: false, isRecursive: recipe.lines.length > 0 };
  if (options.oneShell === "no") addLines(script, recipe, options, expand);
  else addOneShellLine(script, recipe, options, expand);
  return script;
}

function addLines(script: ScriptDraft, recipe: Recipe, options: LineOptions, expand: ExpandLine): void {
  for (const { text, location } of recipe.lines) {
    const written = prefixOf(text, 0);
    const recursive = written.recursive || namesMake(text);
    const expanded = expand(text, location);
    const parts = splitLines(expanded).map((part) =>
      addLine(script, part, { ...written, recursive }, { ...options, location }),
    );
    script.isRecursive &&= parts.includes(true);
  }
}

/** Whether a recipe has a line that runs under `-n`, `-t` and `-q` as well, as far as its text before expansion tells. */
export function isRecursive(recipe: Recipe): boolean {
  return recipe.lines.some(({ text }) => namesMake(text) || prefixOf(text, 0).recursive);
}

/** Whether a recipe has, as written, a line that is more than blanks and prefixes. */
export function hasAnyText(recipe: Recipe): boolean {
  return recipe.lines.some(({ text }) => prefixOf(text, 0).end < text.length);
}

/** Whether a line, as written, starts another make: it then runs under `-n`, `-t` and `-q` as well. */
function namesMake(text: string): boolean {
  return text.includes("$(MAKE)") || text.includes("${MAKE}");
}

/** `SHELL` and `.SHELLFLAGS` of a scope. */
export function shellOf(valueOf: (name: string) => string | undefined): Shell {
  const shell = trimSpace(valueOf("SHELL") ?? "");
  return { shell: shell === "" ? "/bin/sh" : shell, shellFlags: valueOf(".SHELLFLAGS") ?? "-c" };
}

interface Prefix {
  readonly silent: boolean;
  readonly ignoreErrors: boolean;
  readonly recursive: boolean;
  /** Where the script begins. */
  readonly end: number;
}

interface ScriptDraft extends Script {
  readonly lines: RecipeLine[];
  hasIdle: boolean;
  endsIdle: boolean;
  isRecursive: boolean;
}

/** @returns whether the line is recursive */
function addLine(
  script: ScriptDraft,
  part: string,
  written: Omit<Prefix, "end">,
  options: LineOptions & { readonly location: Location },
): boolean {
  const own = prefixOf(part, 0);
  const text = part.slice(own.end);
  const recursive = written.recursive || own.recursive;
  if (isBlankLine(text)) {
    script.hasIdle ||= !recursive;
    script.endsIdle ||= !recursive && trimSpace(part) !== "";
    return recursive;
  }
  if (recursive) script.endsIdle = false;
  script.lines.push({
    text,
    silent: (written.silent || own.silent || options.silent) && !options.showAll,
    ignoreErrors: written.ignoreErrors || own.ignoreErrors || options.ignoreErrors,
    recursive,
    location: options.location,
    ...((written.ignoreErrors || own.ignoreErrors) && options.plainFlagsIgnoring ? { plainFlags: true } : undefined),
  });
  return recursive;
}

function addOneShellLine(draft: ScriptDraft, recipe: Recipe, options: LineOptions, expand: ExpandLine): void {
  const [first] = recipe.lines;
  if (first === undefined) return;
  const written = recipe.lines.map(({ text }) => text).join("\n");
  const { location } = first;
  const expanded = expand(written, location);
  const [before, after] = [prefixOf(first.text, 0), prefixOf(expanded, 0)];
  const prefix = {
    silent: before.silent || after.silent,
    ignoreErrors: before.ignoreErrors || after.ignoreErrors,
    recursive: before.recursive || after.recursive || namesMake(written),
  };
  const script = options.oneShell === "bourne" ? splitLines(expanded).map(withoutPrefix).join("\n") : expanded;
  draft.isRecursive = addLine(draft, script, prefix, { ...options, location });
}

function withoutPrefix(line: string): string {
  return line.slice(prefixOf(line, 0).end);
}

/** Reads `@`, `-`, `+` and blanks. */
function prefixOf(text: string, start: number): Prefix {
  let silent = false;
  let ignoreErrors = false;
  let recursive = false;
  let end = start;
  for (; end < text.length; end++) {
    const sign = text.charAt(end);
    if (sign === "@") silent = true;
    else if (sign === "-") ignoreErrors = true;
    else if (sign === "+") recursive = true;
    else if (!isBlank(text.charCodeAt(end))) break;
  }
  return { silent, ignoreErrors, recursive, end };
}

/** Cuts at newlines that no backslash quotes. */
function splitLines(text: string): readonly string[] {
  if (!text.includes("\n")) return [text];
  const parts: string[] = [];
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    let slash = at;
    while (slash > start && text.charAt(slash - 1) === "\\") slash--;
    if (((at - slash) & 1) === 1) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

function isBlankLine(text: string): boolean {
  let at = skipSpace(text, 0);
  // A continuation that continues nothing.
  while (text.charAt(at) === "\\" && (at + 1 === text.length || text.charAt(at + 1) === "\n"))
    at = skipSpace(text, at + 1);
  return at === text.length;
}
