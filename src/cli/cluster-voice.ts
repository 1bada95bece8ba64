/** How the commands of a standing cluster speak. */

import { fromUnicode, toUnicode } from "../os/bytes.js";
import { writeAll } from "../os/output.js";
import { quote } from "../os/quote.js";
import { describeFailure } from "../session/failure.js";

/** A word as it can be said to a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : quote(word);
}

export function slotsOf(count: number): string {
  return count === 1 ? "1 slot" : `${String(count)} slots`;
}

/** What is printed is text as node: has it; errors are byte strings, as make's are. */
function print(fd: 1 | 2, text: string): void {
  writeAll(fd, fromUnicode(text));
}

/** A word of the command line as node: has it. */
export function unicode(text: string): string {
  return toUnicode(text) ?? text;
}

/** What goes on beside an answer. */
export function say(text: string): void {
  print(2, `mpmake: ${text}\n`);
}

/** The answer. */
export function tellUser(text: string): void {
  print(1, `${text}\n`);
}

/** What the user has caused, or the file system; anything else is a fault of ours, and thrown on. */
export function complain(error: unknown, command: string): void {
  const text = describeFailure(error, "mpmake") ?? systemFailure(error, command);
  if (text === undefined) throw error;
  writeAll(2, text);
}

/** The folder could not be read or written. */
function systemFailure(error: unknown, command: string): string | undefined {
  const isOfSystem = error instanceof Error && "syscall" in error && "code" in error;
  return isOfSystem ? `mpmake: ${command}: ${error.message}\n` : undefined;
}
