/** Where the configuration file is, `mpmake.config.json`, and the folder of a standing cluster: in the invocation's directory, above it, or at home. */

import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { toPath } from "../os/bytes.js";
import { errnoOf } from "../os/strerror.js";

const CONFIG_NAME = "mpmake.config.json";
/** Where a standing cluster's folder is unless another one is named. */
export const CLUSTER_FOLDER = ".mpmake/cluster";

export interface ConfigSearch {
  /** The invocation's directory, absolute. */
  readonly directory: string;
  /** `HOME`. */
  readonly home: string | undefined;
  readonly userId: number;
  /** It is for a make in the same process as the make above it: what is in directories above is not asked for anew. */
  readonly isSubMake?: boolean;
}

/** What was found, or not, when the makes of this process looked. */
const looks = new Map<string, Stats | undefined>();
const MOST_LOOKS = 4096;

/**
 * The nearest configuration file: from the directory upwards to the repository's root (where `.git` is) or the home directory,
 * and then the home directory's own. Outside the directory itself only a file of this user's or of root's counts, that
 * nobody puts a configuration above another's work. Costs a few stat calls.
 */
export function findConfigFile(search: ConfigSearch): string | undefined {
  if (search.isSubMake !== true || looks.size > MOST_LOOKS) looks.clear();
  for (const directory of directoriesOf(search)) {
    const path = inDirectory(directory, CONFIG_NAME);
    const stat = directory === search.directory ? find(path) : findOnce(path);
    const isTrusted = directory === search.directory || stat?.uid === search.userId || stat?.uid === 0;
    if (stat?.isFile() === true && isTrusted) return path;
  }
  return undefined;
}

/**
 * The nearest folder of a standing cluster in the same directories that is this user's: what others have put there is none of ours.
 * Costs a stat call for each directory; what `findConfigFile` has just looked for is not looked for again.
 */
export function findClusterFolder(search: ConfigSearch): string | undefined {
  for (const directory of directoriesOf(search)) {
    const path = inDirectory(directory, CLUSTER_FOLDER);
    const nodes = `${path}/nodes`; // what makes it one
    const stat = directory === search.directory ? find(nodes) : findOnce(nodes);
    if (stat?.isDirectory() === true && stat.uid === search.userId) return path;
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

function findOnce(path: string): Stats | undefined {
  const known = looks.get(path);
  if (known !== undefined || looks.has(path)) return known;
  const stat = find(path);
  looks.set(path, stat);
  return stat;
}

function inDirectory(directory: string, name: string): string {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function* directoriesOf({ directory, home }: ConfigSearch): Iterable<string> {
  for (let current = directory; ; current = dirname(current)) {
    yield current;
    if (current === home || current === dirname(current)) break;
    if (findOnce(inDirectory(current, ".git")) !== undefined) break;
  }
  if (home !== undefined && home !== "") yield home;
}
