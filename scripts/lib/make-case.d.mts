/** Types of make-case.mjs, for the tests. */

export interface MakeCase {
  readonly text: string;
  readonly commands: readonly { readonly kind: "args" | "run"; readonly text: string }[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export interface RunOptions {
  /** Where the case's folder is made; the system's temporary directory by default. */
  readonly scratch?: string;
  readonly timeoutMs?: number;
}

/** Reads the directives of a case. Text is latin1: one char a byte. */
export function parseCase(text: string): MakeCase;

/** Words of a command line: blanks part them, quotes and backslashes hold them together as in a shell. */
export function splitWords(text: string): string[];

/** Runs a case in a fresh folder and returns its transcript as a byte string. */
export function runCase(testCase: MakeCase, make: string, options?: RunOptions): Promise<string>;
