/** Files that decide who may do what: read only when nobody else could have written them, or, of secrets, read them. */

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { fail, ok, type Result } from "../base/result.js";

export interface TrustedFileRules {
  /** `secret`: its owner alone may read it. `public`: its owner alone may change it, and every directory above it. */
  readonly kind: "secret" | "public";
  /** Longer files are cut one byte behind it, so that whoever reads them sees that they are too long. */
  readonly maxBytes: number;
}

/** Why a file cannot be used. */
export interface TrustedFileFailure {
  readonly kind: "missing" | "unreadable" | "unsafe";
  /** A phrase that fits behind the file's name. */
  readonly text: string;
}

/** Reads a plain file of root's or of this process's user's, never through a symbolic link. */
export function readTrustedFile(path: string, rules: TrustedFileRules): Result<Uint8Array, TrustedFileFailure> {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const fault = fileFault(fstatSync(fd), rules.kind) ?? (rules.kind === "public" ? parentFault(path) : undefined);
      if (fault !== undefined) return fail({ kind: "unsafe", text: fault });
      const bytes = new Uint8Array(rules.maxBytes + 1);
      return ok(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return fail(readFailure(error));
  }
}

function fileFault(stat: Stats, kind: TrustedFileRules["kind"]): string | undefined {
  if (!stat.isFile()) return "is not a plain file";
  if (!isOurs(stat)) return "belongs to another user";
  const mode = `(mode ${(stat.mode & 0o777).toString(8)})`;
  if (kind === "secret" && (stat.mode & 0o077) !== 0) return `may be read or written by others ${mode}; use chmod 600`;
  return (stat.mode & 0o022) === 0 ? undefined : `may be written by others ${mode}; use chmod go-w`;
}

/** Whoever may write in a directory above it could put another file in its place; not so where only owners may remove. */
function parentFault(path: string): string | undefined {
  for (let at = dirname(realpathSync(path)); ; at = dirname(at)) {
    const stat = statSync(at);
    if (!isOurs(stat) || ((stat.mode & 0o022) !== 0 && !isSticky(stat))) return `lies in ${at}, where others may write`;
    if (at === dirname(at)) return undefined;
  }
}

function isSticky(stat: Stats): boolean {
  return (stat.mode & 0o1000) !== 0;
}

function isOurs({ uid }: Stats): boolean {
  return uid === 0 || uid === process.getuid?.();
}

function readFailure(error: unknown): TrustedFileFailure {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === "ENOENT") return { kind: "missing", text: "is not there" };
  if (code === "ELOOP") return { kind: "unsafe", text: "is a symbolic link" };
  return { kind: "unreadable", text: `cannot be read (${code})` };
}
