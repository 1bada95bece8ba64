/** Where short-lived files go: MAKE_TMPDIR, TMPDIR, or /tmp. */

import { statSync } from "node:fs";
import { resolveIn, toPath } from "../os/bytes.js";
import { hostError } from "../os/strerror.js";
import { environmentValue } from "./context.js";

export interface TemporaryDirectory {
  /** Absolute. */
  readonly path: string;
  /** As the user named it, which is how sub-makes hear of it. */
  readonly name: string;
  /** What is wrong with those that were named and cannot be used, to be said as make's own messages. */
  readonly troubles: readonly string[];
}

const DEFAULT = "/tmp";

/** The first one named that is a directory. `directory` is where relative ones start. */
export function findTemporaryDirectory(environment: readonly string[], directory: string): TemporaryDirectory {
  const troubles: string[] = [];
  for (const variable of ["MAKE_TMPDIR", "TMPDIR"]) {
    const name = environmentValue(environment, variable) ?? "";
    if (name === "") continue;
    const path = resolveIn(directory, name);
    const trouble = whyUnusable(path);
    if (trouble === undefined) return { path, name, troubles };
    troubles.push(`${variable} value ${name}: ${trouble}`);
  }
  if (troubles.length > 0) troubles.push(`using default temporary directory '${DEFAULT}'`);
  return { path: DEFAULT, name: DEFAULT, troubles };
}

function whyUnusable(path: string): string | undefined {
  try {
    return statSync(toPath(path)).isDirectory() ? undefined : "not a directory";
  } catch (error) {
    return hostError(error, path).message;
  }
}
