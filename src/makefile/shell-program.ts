/** What make knows of the shell that runs recipes and `$(shell)`. */

import { skipSpace, trimSpace } from "./chars.js";

/** `SHELL` and `.SHELLFLAGS` of a scope. */
export interface Shell {
  readonly shell: string;
  /** As written; quoted words in it are understood. */
  readonly shellFlags: string;
}

const BOURNE_SHELLS = new Set(["sh", "bash", "dash", "ash", "ksh", "rksh", "zsh"]);

/** Whether a shell takes the script of the Bourne shell: `.ONESHELL` then drops the prefixes of every line. */
export function isBourneShell(shell: string): boolean {
  return BOURNE_SHELLS.has(shell.slice(shell.lastIndexOf("/") + 1));
}

/** Whether a shell is told nothing but that a script follows. */
export function hasUsualFlags({ shellFlags }: Shell): boolean {
  const flags = trimSpace(shellFlags);
  return flags === "-c" || flags === "-ec";
}

/** Whether a line is `:` alone, which is over before any process is started. */
export function isNothing(text: string, shell: Shell): boolean {
  return text.slice(skipSpace(text, 0)) === ":" && isBourneShell(shell.shell) && hasUsualFlags(shell);
}
