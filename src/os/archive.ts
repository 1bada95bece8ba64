/** The members of `ar` archives: the common format, with the long names of GNU and of BSD. See ar(5). */

import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { errnoOf } from "./strerror.js";

/** A file in an archive. */
export interface MemberEntry {
  readonly name: string;
  readonly mtimeSeconds: number;
  /** Where its header begins. */
  readonly offset: number;
}

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;
const TIME_FIELD = { start: 16, length: 12 };
const SIZE_FIELD = { start: 48, length: 10 };
/** Names of tables of symbols, which are no files. */
const SYMBOL_TABLES = new Set(["/", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED", "__.SYMDEF_64"]);
const END_OF_HEADER = "`\n";

/** The members in their order, the index tables left out; undefined when the file is missing or no archive. */
export function readIndex(path: string | Buffer): readonly MemberEntry[] | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
  try {
    return readText(fd, 0, MAGIC.length) === MAGIC ? readMembers(fd) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Sets a member's time; nothing happens when archive or member is missing. */
export function touchMemberEntry(path: string | Buffer, member: string, mtimeSeconds: number): void {
  const entry = readIndex(path)?.find(({ name }) => name === member);
  if (entry === undefined) return;
  const fd = openSync(path, "r+");
  try {
    const field = Buffer.from(String(mtimeSeconds).padEnd(TIME_FIELD.length), "latin1");
    writeSync(fd, field, 0, TIME_FIELD.length, entry.offset + TIME_FIELD.start);
  } finally {
    closeSync(fd);
  }
}

function readMembers(fd: number): readonly MemberEntry[] {
  const members: MemberEntry[] = [];
  let longNames = "";
  for (let offset = MAGIC.length; ;) {
    const header = readText(fd, offset, HEADER_BYTES);
    if (header.length < HEADER_BYTES || !header.endsWith(END_OF_HEADER)) return members;
    const size = numberIn(header, SIZE_FIELD);
    const field = header.slice(0, TIME_FIELD.start).trimEnd();
    if (field === "//") longNames = readText(fd, offset + HEADER_BYTES, size);
    else if (!SYMBOL_TABLES.has(field)) {
      const name = memberName(field, longNames, (length) => readText(fd, offset + HEADER_BYTES, length));
      if (!SYMBOL_TABLES.has(name)) members.push({ name, mtimeSeconds: numberIn(header, TIME_FIELD), offset });
    }
    offset += HEADER_BYTES + size + (size % 2);
  }
}

/** `name/` (GNU), `/123` (its place among the long names), `#1/20` (BSD: before the contents), or bare. */
function memberName(field: string, longNames: string, readContents: (length: number) => string): string {
  if (/^\/\d+$/.test(field)) {
    const start = Number(field.slice(1));
    const end = longNames.indexOf("\n", start);
    return longNames.slice(start, end < 0 ? undefined : end).replace(/\/$/, "");
  }
  if (field.startsWith("#1/")) return readContents(Number(field.slice(3))).replace(/\0+$/, "");
  return field.replace(/\/$/, "");
}

function numberIn(header: string, { start, length }: { readonly start: number; readonly length: number }): number {
  const value = Number.parseInt(header.slice(start, start + length), 10);
  return Number.isNaN(value) ? 0 : value;
}

function readText(fd: number, position: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString("latin1", 0, readSync(fd, buffer, 0, length, position));
}
