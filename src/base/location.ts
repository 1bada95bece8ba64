/** A place in a makefile, and the error of a user whose makefile cannot mean anything. */

export interface Location {
  /** As GNU make would print it: relative as given by the user. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Where stands what no makefile says: built-in rules, `--eval`. */
export const BUILTIN_LOCATION: Location = { file: "<builtin>", line: 0 };

/** `FILE:LINE`; of what no makefile says `<builtin>`. */
export function formatLocation(at: Location): string {
  return at.line === 0 ? at.file : `${at.file}:${String(at.line)}`;
}

/** The prefix of GNU make's messages: the place in the makefile, or the program's name when there is none. */
export function messagePrefix(at: Location | undefined, program: string): string {
  return at === undefined || at.line === 0 ? program : formatLocation(at);
}

/**
 * A fatal mistake of the user. Printed once, at the top of `cli/`, with exit status 2, in GNU make's words:
 * `FILE:LINE: *** MESSAGE.  Stop.`, or `make: *** MESSAGE.  Stop.` when no place is known.
 * The message holds neither the prefix nor the final `.  Stop.`.
 */
export class MakefileError extends Error {
  readonly location: Location | undefined;

  constructor(location: Location | undefined, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "MakefileError";
    this.location = location;
  }
}
