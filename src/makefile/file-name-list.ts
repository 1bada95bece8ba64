/** Lists of file names in a makefile: words with quoting, `~`, wildcards, archive members, `.WAIT`. */

import { BACKSLASH, backslashesBefore, isBlank, SLASH, skipSpace, trimSpaceAtEnd } from "./chars.js";
import type { Host } from "./host.js";
import { wordsOf } from "./words.js";

/** What a list needs from outside. */
export type FileNameHost = Pick<Host, "glob" | "homeDirectory">;

/** One name of a list. */
export interface ListedName {
  readonly name: string;
  /** `.WAIT` stood before it. */
  readonly waitBefore: boolean;
}

export interface ListOptions {
  readonly host: FileNameHost;
  /** Wildcards are replaced by the names that match. */
  readonly expandGlobs: boolean;
  /** `./` at the front of names goes away. */
  readonly stripDotSlash: boolean;
  /** `.WAIT` is no name but a barrier. */
  readonly waits: boolean;
}

/** What makes more of a list than its words: quoting, archives, wildcards, `~`, `./`, `.WAIT`; a newline parts no words. */
const NOT_PLAIN = /[\\(*?[~\n]|\.\/|\.WAIT/;

/** The names in `text`, in order. */
export function parseFileNames(text: string, options: ListOptions): ListedName[] {
  const names: ListedName[] = [];
  if (!NOT_PLAIN.test(text)) {
    for (const name of wordsOf(text)) names.push({ name, waitBefore: false });
    return names;
  }
  let waitBefore = false;
  for (const word of joinArchiveGroups(quotedWords(text))) {
    if (options.waits && word === ".WAIT") {
      waitBefore = true;
      continue;
    }
    const stripped = options.stripDotSlash ? stripDotSlash(word) : word;
    const name = expandTilde(stripped, options.host);
    for (const found of options.expandGlobs && hasWildcard(name) ? matchesOf(name, options.host) : [name]) {
      names.push({ name: found, waitBefore });
      waitBefore = false;
    }
  }
  return names;
}

/** The names of the targets in `text`. */
export function parseTargetNames(text: string, host: FileNameHost): readonly string[] {
  if (!NOT_PLAIN.test(text)) return wordsOf(text);
  const options = { host, expandGlobs: true, stripDotSlash: true, waits: false };
  return parseFileNames(text, options).map(({ name }) => name);
}

/** The names that match; the pattern itself when none does. */
function matchesOf(pattern: string, host: FileNameHost): readonly string[] {
  const found = host.glob(pattern);
  return found.length === 0 ? [pattern] : found;
}

/** `$(wildcard)`: the existing names that match each pattern, the patterns in order; a backslash quotes a blank. */
export function expandWildcard(patterns: string, host: FileNameHost): string {
  const words = NOT_PLAIN.test(patterns) ? joinArchiveGroups(quotedWords(patterns)) : wordsOf(patterns);
  let out = "";
  for (const word of words) {
    for (const name of existingNames(expandTilde(word, host), host)) out += (out === "" ? "" : " ") + name;
  }
  return out;
}

/** The names that match; of an archive's member the archive's name counts. */
function existingNames(pattern: string, host: FileNameHost): readonly string[] {
  const open = pattern.endsWith(")") ? pattern.indexOf("(") : -1;
  if (open <= 0) return host.glob(pattern);
  return host.glob(pattern.slice(0, open)).map((archive) => archive + pattern.slice(open));
}

/** Whether a name has a sign that `Host.glob` gives a meaning. */
export function hasWildcard(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 42 || code === 63 || code === 91) return true;
  }
  return false;
}

/** `~` and `~user` at the front replaced by the home directory, when it is known. */
export function expandTilde(name: string, host: FileNameHost): string {
  if (!name.startsWith("~")) return name;
  const slash = name.indexOf("/");
  const user = slash < 0 ? name.slice(1) : name.slice(1, slash);
  const home = host.homeDirectory(user);
  return home === undefined ? name : home + (slash < 0 ? "" : name.slice(slash));
}

/**
 * Words parted by blanks that no backslash quotes; the backslashes that quote are dropped. A newline, which an expansion may
 * hold, counts as a blank before a word and at the end of all, but within a word is part of it.
 */
function quotedWords(list: string): string[] {
  const words: string[] = [];
  const quoting = list.includes("\\");
  const text = list.includes("\n") ? trimSpaceAtEnd(list) : list;
  for (let start = skipSpace(text, 0); start < text.length;) {
    let end = start;
    while (end < text.length && !(isBlank(text.charCodeAt(end)) && !isQuoted(text, end, start))) end++;
    const word = text.slice(start, end);
    words.push(quoting ? unquoteWord(word, end < text.length) : word);
    start = skipSpace(text, end);
  }
  return words;
}

/** Drops quoting backslashes; those at the end of a word stand before a blank when something `follows`. */
function unquoteWord(word: string, follows: boolean): string {
  const trailing = follows ? backslashesBefore(word, word.length, 0) : 0;
  return unquote(word.slice(0, word.length - (trailing >> 1)), isBlank);
}

function isQuoted(text: string, at: number, from: number): boolean {
  return at > from && text.charCodeAt(at - 1) === BACKSLASH && (backslashesBefore(text, at, from) & 1) === 1;
}

/** Halves the backslashes before every sign that `special` names, and drops the odd one. */
export function unquote(text: string, special: (code: number) => boolean): string {
  let out = "";
  let from = 0;
  for (let i = text.indexOf("\\"); i >= 0; i = text.indexOf("\\", i)) {
    let end = i;
    while (text.charCodeAt(end) === BACKSLASH) end++;
    if (end < text.length && special(text.charCodeAt(end))) {
      out += text.slice(from, i) + "\\".repeat((end - i) >> 1);
      from = end;
      end++;
    }
    i = end;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** `lib(a b)` comes as the words `lib(a` and `b)`: one archive, one word per member. */
function joinArchiveGroups(words: readonly string[]): readonly string[] {
  if (!words.some(hasOpening)) return words;
  const out: string[] = [];
  let archive: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (archive === undefined) {
      const open = word.indexOf("(");
      if (open > 0 && !word.endsWith(")") && groupCloses(words, i + 1)) {
        archive = word.slice(0, open);
        if (open + 1 < word.length) out.push(`${word})`);
      } else out.push(word);
    } else if (word.endsWith(")")) {
      if (word !== ")") out.push(`${archive}(${word}`);
      archive = undefined;
    } else out.push(`${archive}(${word})`);
  }
  return out;
}

function hasOpening(word: string): boolean {
  return word.includes("(");
}

function groupCloses(words: readonly string[], from: number): boolean {
  for (let i = from; i < words.length; i++) if (words[i]?.endsWith(")") === true) return true;
  return false;
}

/** The name without `./` before it; a name that is nothing else stays `./`. */
export function stripDotSlash(name: string): string {
  let start = 0;
  while (name.startsWith("./", start)) {
    let next = start + 2;
    while (name.charCodeAt(next) === SLASH) next++;
    if (next >= name.length) return "./";
    start = next;
  }
  return start === 0 ? name : name.slice(start);
}
