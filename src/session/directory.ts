/** `-C`: the directory in which make works. */

import { accessSync, constants, lstatSync, realpathSync, statSync } from "node:fs";
import { MakefileError } from "../base/location.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { hostError } from "../os/strerror.js";

export interface ChangeOptions {
  /** `HOME`. */
  readonly home: string | undefined;
  /** The start is known to have no links, as where a make works has none. */
  readonly hasNoLinks: boolean;
}

/** Where a chain of -C options leads, absolute and without links. @throws MakefileError when one leads nowhere */
export function changeDirectory(start: string, names: readonly string[], options: ChangeOptions): string {
  let directory = start;
  let { hasNoLinks } = options;
  for (const name of names) {
    directory = enter(directory, expandHome(name, options.home), hasNoLinks);
    hasNoLinks = true;
  }
  return directory;
}

const PLAIN_NAME = /^(?!\.\.?$)[^/]+$/;

function enter(directory: string, name: string, hasNoLinks: boolean): string {
  try {
    const below = hasNoLinks && PLAIN_NAME.test(name) ? resolveIn(directory, name) : undefined;
    const isBelow = below !== undefined && lstatSync(toPath(below)).isDirectory();
    const path = isBelow ? below : realpathSync.native(toPath(resolveIn(directory, name)), { encoding: "latin1" });
    if (isBelow || statSync(toPath(path)).isDirectory()) {
      accessSync(toPath(path), constants.X_OK);
      return path;
    }
  } catch (error) {
    throw new MakefileError(undefined, `${name}: ${hostError(error, name).message}`, { cause: error });
  }
  throw new MakefileError(undefined, `${name}: Not a directory`);
}

function expandHome(name: string, home: string | undefined): string {
  return home !== undefined && (name === "~" || name.startsWith("~/")) ? home + name.slice(1) : name;
}
