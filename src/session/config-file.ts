/** Where the configuration file is: `mpmake.config.json` in the invocation's directory, above it, or at home. */

import { type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { toPath } from "../os/bytes.js";
import { errnoOf } from "../os/strerror.js";

const CONFIG_NAME = "mpmake.config.json";

export interface ConfigSearch {
  /** The invocation's directory, absolute. */
  readonly directory: string;
  /** `HOME`. */
  readonly home: string | undefined;
  readonly userId: number;
}

/**
 * The nearest configuration file: from the directory upwards to the repository's root (where `.git` is) or the home directory,
 * and then the home directory's own. Outside the directory itself only a file of this user's or of root's counts, that
 * nobody puts a configuration above another's work. Costs a few stat calls.
 */
export function findConfigFile(search: ConfigSearch): string | undefined {
  for (const directory of directoriesOf(search)) {
    const path = join(directory, CONFIG_NAME);
    const stat = find(path);
    const isTrusted = directory === search.directory || stat?.uid === search.userId || stat?.uid === 0;
    if (stat?.isFile() === true && isTrusted) return path;
  }
  return undefined;
}

/** What may not be looked at is as good as not there: a home that is another user's, a directory above that is closed. */
function find(path: string): Stats | undefined {
  try {
    return statSync(toPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function* directoriesOf({ directory, home }: ConfigSearch): Iterable<string> {
  for (let current = directory; ; current = dirname(current)) {
    yield current;
    if (current === home || current === dirname(current)) break;
    if (find(join(current, ".git")) !== undefined) break;
  }
  if (home !== undefined && home !== "") yield home;
}
