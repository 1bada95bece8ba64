/** Names of files that match a shell pattern with slashes, as glob(3) finds them. */

import { resolveIn } from "./bytes.js";
import { type DirectoryCache, existsItself } from "./directory-cache.js";
import { hasWildcard, type Matcher, unescape, wildcardMatcher } from "./wildcard.js";

/** Where relative patterns start, and what is known of directories. */
export interface GlobPlace {
  /** Absolute. */
  readonly directory: string;
  readonly cache: DirectoryCache;
}

/** Matching names, sorted by their bytes. A pattern without wildcards matches itself when it exists. */
export function globNames(pattern: string, place: GlobPlace): readonly string[] {
  if (!hasWildcard(pattern)) return literalName(unescape(pattern), place);
  let found: readonly string[] = [""];
  let isChecked = true;
  for (const part of pattern.split(/(?<=\/)/)) {
    const name = part.replace(/\/$/, "");
    const slash = part.slice(name.length);
    isChecked = hasWildcard(name) && slash === "";
    if (!hasWildcard(name)) found = found.map((start) => start + unescape(name) + slash);
    else found = matchNames(found, wildcardMatcher(name), { place, withHidden: name.startsWith("."), slash });
  }
  return (isChecked ? [...found] : found.filter((name) => exists(name, place))).sort(byBytes);
}

interface PartOptions {
  readonly place: GlobPlace;
  readonly withHidden: boolean;
  readonly slash: string;
}

function matchNames(starts: readonly string[], matches: Matcher, { place, withHidden, slash }: PartOptions): string[] {
  const found: string[] = [];
  for (const start of starts) {
    const names = place.cache.list(start);
    for (const name of names)
      if ((withHidden || !name.startsWith(".")) && matches(name)) found.push(start + name + slash);
    if (!withHidden) continue;
    for (const name of [".", ".."]) if (matches(name) && exists(start + name, place)) found.push(start + name + slash);
  }
  return found;
}

function literalName(name: string, place: GlobPlace): readonly string[] {
  if (exists(name, place)) return [name];
  // As GNU make: a file's name with a slash behind it stands for the file.
  const bare = name.replace(/\/+$/, "");
  return bare !== name && bare !== "" && exists(bare, place) ? [bare] : [];
}

function exists(name: string, { directory }: GlobPlace): boolean {
  return name !== "" && existsItself(resolveIn(directory, name));
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
