/** `-C`: the directory in which make works. */

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { MakefileError } from "../base/location.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { hostError } from "../os/strerror.js";

/** Where a chain of -C options leads, absolute and without links. @throws MakefileError when one leads nowhere */
export function changeDirectory(start: string, names: readonly string[], home: string | undefined): string {
  let directory = start;
  for (const name of names) directory = enter(directory, expandHome(name, home));
  return directory;
}

function enter(directory: string, name: string): string {
  try {
    const path = realpathSync.native(toPath(resolveIn(directory, name)), { encoding: "latin1" });
    if (statSync(toPath(path)).isDirectory()) {
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
