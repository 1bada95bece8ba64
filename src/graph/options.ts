/** What an invocation's command line means to the update. */

import type { InvocationId } from "../base/ids.js";
import type { DebugLevel } from "../events/event.js";

/** `--shuffle`: the order in which prerequisites are looked at. */
export type Shuffle = { readonly kind: "reverse" } | { readonly kind: "random"; readonly seed: number };

export interface UpdateOptions {
  readonly invocation: InvocationId;
  /** Absolute; where recipes run. */
  readonly directory: string;
  /** `-B` */
  readonly alwaysMake: boolean;
  /** `-k` */
  readonly keepGoing: boolean;
  /** `-i` */
  readonly ignoreErrors: boolean;
  /** `-n` */
  readonly justPrint: boolean;
  /** `-q` */
  readonly question: boolean;
  /** `-t` */
  readonly touch: boolean;
  /** `-s`, `.SILENT` alone */
  readonly silent: boolean;
  /** `-L` */
  readonly checkSymlinks: boolean;
  /** `-o` */
  readonly oldFiles: readonly string[];
  /** `-W` */
  readonly newFiles: readonly string[];
  /** make has started over: what `-B` and `-W` make be remade among the makefiles is remade by now, so they are for the goals alone. */
  readonly restarted: boolean;
  /** `-j`: 1 makes one target after the other; Infinity: no limit. */
  readonly slots: number;
  /** Recipes run on several machines: jobs are told what must be seen where they run. */
  readonly isSpread: boolean;
  readonly shuffle: Shuffle | undefined;
  readonly debug: ReadonlySet<DebugLevel>;
}
