/** Functions on file names as texts: dir, notdir, suffix, basename, addsuffix, addprefix, join. */

import { DOT, SLASH } from "../chars.js";
import type { BuiltinFunction } from "../model.js";
import { mapWords, wordsOf } from "../words.js";

export const FILE_NAME_FUNCTIONS: readonly BuiltinFunction[] = [
  { name: "dir", minimum: 0, maximum: 1, kind: "text", run: ([names = ""]) => mapWords(names, directoryPart) },
  { name: "notdir", minimum: 0, maximum: 1, kind: "text", run: ([names = ""]) => notdir(names) },
  { name: "suffix", minimum: 0, maximum: 1, kind: "text", run: ([names = ""]) => mapWords(names, suffixOf) },
  { name: "basename", minimum: 0, maximum: 1, kind: "text", run: ([names = ""]) => mapWords(names, withoutSuffix) },
  {
    name: "addsuffix",
    minimum: 2,
    maximum: 2,
    kind: "text",
    run: ([suffix = "", names = ""]) => mapWords(names, (name) => name + suffix),
  },
  {
    name: "addprefix",
    minimum: 2,
    maximum: 2,
    kind: "text",
    run: ([prefix = "", names = ""]) => mapWords(names, (name) => prefix + name),
  },
  { name: "join", minimum: 2, maximum: 2, kind: "text", run: ([first = "", second = ""]) => join(first, second) },
];

/** The name up to and with its last slash, `./` when it has none. */
function directoryPart(name: string): string {
  const slash = name.lastIndexOf("/");
  return slash < 0 ? "./" : name.slice(0, slash + 1);
}

function notdir(names: string): string {
  return mapWords(names, (name) => name.slice(name.lastIndexOf("/") + 1));
}

function suffixOf(name: string): string | undefined {
  const dot = lastDot(name);
  return dot < 0 ? undefined : name.slice(dot);
}

function withoutSuffix(name: string): string {
  const dot = lastDot(name);
  return dot < 0 ? name : name.slice(0, dot);
}

/** Where the last dot of the name's last part stands; -1 when there is none. */
function lastDot(name: string): number {
  for (let i = name.length - 1; i >= 0; i--) {
    const code = name.charCodeAt(i);
    if (code === DOT) return i;
    if (code === SLASH) return -1;
  }
  return -1;
}

function join(first: string, second: string): string {
  const left = wordsOf(first);
  const right = wordsOf(second);
  let out = "";
  for (let i = 0; i < left.length || i < right.length; i++)
    out += (i > 0 ? " " : "") + (left[i] ?? "") + (right[i] ?? "");
  return out;
}
