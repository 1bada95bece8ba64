/** The directory by which launchers find a shell session: its FIFO, and who serves it. */

import { lstatSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../base/user-error.js";
import { makeFifo } from "../os/pipes.js";
import { isRunning, processOf, type ProcessRef } from "../os/process-tree.js";
import { errnoOf } from "../os/strerror.js";

/** @throws UserError unless a directory is ours alone */
export function checkShellDirectory(directory: string, userId: number): void {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true && stat.uid === userId && (stat.mode & 0o077) === 0) return;
  throw new UserError(`${directory} must be a directory that belongs to you and that nobody else may enter`);
}

/**
 * Makes the FIFO, and says that this process, which must be in the directory, serves it: `session` leads to where it is.
 *
 * @returns its path; undefined when another process does
 */
export function claimShellDirectory(directory: string): string | undefined {
  if (isServed(directory)) return undefined;
  const path = join(directory, "in");
  rmSync(path, { force: true });
  makeFifo(path);
  const made = join(directory, "pid.new");
  writeFileSync(made, `${String(process.pid)} ${processOf(process.pid)?.started ?? ""}\n`, { mode: 0o600 });
  renameSync(made, join(directory, "pid"));
  const link = join(directory, "session.new");
  rmSync(link, { force: true });
  symlinkSync(`/proc/${String(process.pid)}/cwd`, link);
  renameSync(link, join(directory, "session"));
  return path;
}

/** No launcher finds it any more; unless another session serves it already. */
export function leaveShellDirectory(directory: string): void {
  if (server(directory)?.pid !== process.pid) return;
  for (const name of ["session", "pid", "in"]) rmSync(join(directory, name), { force: true });
}

function isServed(directory: string): boolean {
  const ref = server(directory);
  return ref !== undefined && isRunning(ref);
}

function server(directory: string): ProcessRef | undefined {
  try {
    const [pid, started = ""] = readFileSync(join(directory, "pid"), "latin1").trim().split(" ");
    return { pid: Number(pid), started };
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return undefined;
  }
}
