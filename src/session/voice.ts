/** Who speaks for an invocation, and where to. */

import type { TextOutput } from "./text-output.js";

export interface Voice {
  readonly output: TextOutput;
  /** MAKELEVEL. */
  readonly level: number;
  /** What messages begin with: `make`, `make[1]`. */
  readonly program: string;
}
