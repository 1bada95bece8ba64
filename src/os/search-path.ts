/** Finding a program as `execvp` does, in the PATH of the environment that it will run in. */

import { accessSync, constants, statSync } from "node:fs";
import type { ExitStatus } from "../base/exit-status.js";
import { resolveIn, toPath } from "./bytes.js";
import { errnoOf } from "./strerror.js";

/** Where programs are when the environment has no PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";

export type Found =
  | {
      readonly ok: true;
      /** As it is to be executed: relative to `directory` when PATH or the name is. */ readonly path: string;
    }
  | { readonly ok: false; readonly errno: string };

export interface SearchPlace {
  readonly environment: readonly string[];
  /** Absolute: where relative names start. */
  readonly directory: string;
}

/** The file to execute for `program`; names with a slash stand for themselves and are not looked at here. */
export function findProgram(program: string, { environment, directory }: SearchPlace): Found {
  if (program.includes("/")) return { ok: true, path: program };
  if (program === "") return { ok: false, errno: "EACCES" }; // GNU make's word for a command of two quotes
  let errno = "ENOENT";
  for (const folder of (variable(environment, "PATH") ?? DEFAULT_PATH).split(":")) {
    const path = folder === "" ? program : `${folder}/${program}`;
    const trouble = executability(resolveIn(directory, path));
    if (trouble === undefined) return { ok: true, path: folder === "" ? `./${program}` : path };
    if (trouble === "EACCES") errno = "EACCES";
  }
  return { ok: false, errno };
}

/** The value of a variable in a list of `NAME=value`; the first one counts. */
function variable(environment: readonly string[], name: string): string | undefined {
  const start = `${name}=`;
  return environment.find((entry) => entry.startsWith(start))?.slice(start.length);
}

/** @returns undefined when the file can be executed, else why not */
function executability(path: string): string | undefined {
  try {
    const stat = statSync(toPath(path), { throwIfNoEntry: false });
    if (stat === undefined) return "ENOENT";
    return stat.isDirectory() || (stat.mode & 0o111) === 0 ? "EACCES" : programTrouble(path);
  } catch (error) {
    return errnoOf(error) ?? "EACCES";
  }
}

/** Why the file of this absolute name cannot be executed, as the system would say; undefined when it looks as if it could. */
export function programTrouble(path: string): string | undefined {
  try {
    accessSync(toPath(path), constants.X_OK);
    return statSync(toPath(path)).isDirectory() ? "EACCES" : undefined;
  } catch (error) {
    return errnoOf(error) ?? "EACCES";
  }
}

/** The status of a program that could not be executed for the reason `errno`. */
export function unstarted(program: string, errno: string): ExitStatus {
  return { kind: "unstarted", errno, program, code: errno === "ENOENT" || errno === "ENOTDIR" ? 127 : 126 };
}

/** Why nothing can run in `directory`; undefined when that is not the trouble. */
export function directoryTrouble(directory: string): string | undefined {
  try {
    if (!statSync(toPath(directory)).isDirectory()) return "ENOTDIR";
    accessSync(toPath(directory), constants.X_OK);
    return undefined;
  } catch (error) {
    return errnoOf(error);
  }
}

/** A tool of the system in the standard places, whatever anybody's PATH is; undefined: it is not installed. */
export function executableIn(name: string): string | undefined {
  return ["/usr/bin", "/bin"].map((folder) => `${folder}/${name}`).find((path) => programTrouble(path) === undefined);
}
