/** The prerequisites of a rule, from their text after expansion. */

import { cutUnquoted } from "./unquoted.js";
import { parseFileNames, type FileNameHost, type ListedName } from "./file-name-list.js";

/** A prerequisite as written; `lib(member)` for archive members. */
export type Prerequisite = ListedName;

export interface SplitPrerequisites {
  readonly normal: readonly Prerequisite[];
  readonly orderOnly: readonly Prerequisite[];
}

export interface SplitOptions {
  readonly host: FileNameHost;
  /** Wildcards are replaced by the names that match (default); pattern rules keep them. */
  readonly expandGlobs?: boolean;
}

/** Splits prerequisites into names: normal ones, and order-only ones behind the first `|`. */
export function splitPrerequisites(text: string, options: SplitOptions): SplitPrerequisites {
  const list = { host: options.host, expandGlobs: options.expandGlobs ?? true, stripDotSlash: true, waits: true };
  if (!text.includes("|")) return { normal: parseFileNames(text, list), orderOnly: [] };
  const cut = cutUnquoted(text, "|", false);
  return { normal: parseFileNames(cut.head, list), orderOnly: parseFileNames(text.slice(cut.end + 1), list) };
}
