/** How one make invocation ends. */

/** How an invocation ended; a signal is to end the process too. */
export type MakeOutcome =
  { readonly kind: "exited"; readonly code: number } | { readonly kind: "signalled"; readonly signal: number };
