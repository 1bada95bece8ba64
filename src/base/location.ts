/** A place in a makefile, and the error of a user whose makefile cannot mean anything. */

export interface Location {
  /** As GNU make would print it: relative as given by the user. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** `FILE:LINE`, the prefix of GNU make's located messages. */
export function formatLocation(at: Location): string {
  return `${at.file}:${String(at.line)}`;
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
