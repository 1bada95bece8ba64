/** The switches as the update understands them. */

import type { InvocationId } from "../base/ids.js";
import { MakefileError } from "../base/location.js";
import type { Shuffle, UpdateOptions } from "../graph/options.js";
import type { Switches } from "./switches.js";

export interface UpdateOptionsRequest {
  readonly switches: Switches;
  /** `.SILENT` alone. */
  readonly silent: boolean;
  readonly invocation: InvocationId;
  /** Absolute. */
  readonly directory: string;
  /** Infinity for no limit. */
  readonly slots: number;
  readonly restarted: boolean;
  readonly isSpread: boolean;
}

/** @throws MakefileError for a shuffle mode that does not exist */
export function updateOptions(request: UpdateOptionsRequest): UpdateOptions {
  const { switches, silent } = request;
  return {
    invocation: request.invocation,
    directory: request.directory,
    slots: request.slots,
    restarted: request.restarted,
    isSpread: request.isSpread,
    alwaysMake: switches.has("alwaysMake"),
    keepGoing: switches.has("keepGoing"),
    ignoreErrors: switches.has("ignoreErrors"),
    justPrint: switches.has("justPrint"),
    question: switches.has("question"),
    touch: switches.has("touch"),
    silent: silent || switches.has("silent"),
    checkSymlinks: switches.has("checkSymlinks"),
    oldFiles: switches.list("oldFile"),
    newFiles: switches.list("newFile"),
    shuffle: shuffleOf(switches.value("shuffle")),
    debug: switches.debugLevels,
  };
}

/** `--shuffle`'s value. @throws MakefileError */
function shuffleOf(mode: string | undefined): Shuffle | undefined {
  if (mode === undefined || mode === "none" || mode === "identity") return undefined;
  if (mode === "reverse") return { kind: "reverse" };
  if (/^\d+$/.test(mode)) return { kind: "random", seed: Number(mode) };
  throw new MakefileError(undefined, `invalid shuffle mode: Invalid value: '${mode}'`);
}
