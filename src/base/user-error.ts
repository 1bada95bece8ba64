/** The mistake of a user outside any makefile: an option, NODES, the configuration, a key. */

/**
 * Printed once, at the top of `cli/`, as `mpmake: MESSAGE` and, when there is one, a second line `mpmake: hint: HINT`;
 * exit status 2. The message holds neither prefix nor full stop.
 */
export class UserError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, options?: { readonly hint?: string | undefined; readonly cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = "UserError";
    this.hint = options?.hint;
  }
}
