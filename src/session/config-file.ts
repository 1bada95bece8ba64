/** Where the configuration file is: `mpmake.config.json` in the invocation's directory or above it. */

import { statSync } from "node:fs";
import { dirname, join } from "node:path";

export const CONFIG_NAME = "mpmake.config.json";

export interface ConfigSearch {
  /** The invocation's directory, absolute. */
  readonly directory: string;
  /** `HOME`: the search does not leave it. */
  readonly home: string | undefined;
  readonly userId: number;
}

/**
 * The nearest configuration file, from the directory upwards to the repository's root (where `.git` is), the home directory
 * or the file system's root, whichever comes first. Above the directory itself only a file of this user's or of root's
 * counts, that nobody puts a configuration above another's work. Costs a few stat calls.
 */
export function findConfigFile(search: ConfigSearch): string | undefined {
  for (let directory = search.directory; ; directory = dirname(directory)) {
    const path = join(directory, CONFIG_NAME);
    const stat = statSync(path, { throwIfNoEntry: false });
    const trusted = directory === search.directory || stat?.uid === search.userId || stat?.uid === 0;
    if (stat?.isFile() === true && trusted) return path;
    if (isBoundary(directory, search)) return undefined;
  }
}

function isBoundary(directory: string, search: ConfigSearch): boolean {
  if (directory === search.home || directory === dirname(directory)) return true;
  return statSync(join(directory, ".git"), { throwIfNoEntry: false }) !== undefined;
}
