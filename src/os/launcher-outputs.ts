/** A launcher's standard descriptors, for who writes to them in the name of a make that runs on another machine. */

import { closeSync, constants, statSync } from "node:fs";
import { isatty } from "node:tty";
import { attempt } from "./attempt.js";
import { INPUT_FD, type LauncherClaim, OUTPUT_FD } from "./launcher.js";
import { nativeLibrary } from "./native.js";
import { appendToFile } from "./output.js";
import { openFileInfo, statOfDescriptor } from "./proc.js";
import { isSameFile } from "./same-file.js";

/** As descriptors of ours, to be closed. */
export interface LauncherOutputs {
  readonly stdout: number;
  readonly stderr: number;
  /** `one`: one open file, as far as can be seen, so that the order of what is written to them counts; `terminal`: the job's. */
  readonly kind: "two" | "one" | "terminal";
}

/** The number of /dev/null; see null(4). */
const NULL_DEVICE = 0x103;
const ERRORS_FD = 2;

/** Whether there is nothing to be read from its standard input: it is /dev/null. */
export function readsNothing({ pid }: LauncherClaim): boolean {
  return (
    attempt(() => {
      const stat = statOfDescriptor(pid, INPUT_FD);
      return stat.isCharacterDevice() && stat.rdev === NULL_DEVICE;
    }) === true
  );
}

/**
 * @param terminal - the path of its job's terminal, if there is one
 * @returns undefined when it keeps them to itself; when one alone is a terminal, or it is another: programs far away would see that theirs
 *   is none; or when one is a socket: that we do not wait for it would be so for all who share it
 */
export function takeLauncherOutputs({ pid }: LauncherClaim, terminal: string | undefined): LauncherOutputs | undefined {
  const library = nativeLibrary();
  const kind = attempt(() => kindOf(pid, terminal));
  if (library === undefined || kind === undefined) return undefined;
  const taken = [OUTPUT_FD, ERRORS_FD].map((fd) => library.takeDescriptor(pid, fd));
  const [stdout, stderr] = taken;
  if (stdout !== undefined && stderr !== undefined && isWritable(pid)) {
    const isTerminal = isatty(stdout) || isatty(stderr);
    if (isTerminal === (kind === "terminal")) {
      for (const fd of [stdout, stderr]) appendToFile(fd);
      return { stdout, stderr, kind };
    }
  }
  for (const fd of taken) if (fd !== undefined) closeSync(fd);
  return undefined;
}

function isWritable(pid: number): boolean {
  return [OUTPUT_FD, ERRORS_FD].every((fd) => {
    const flags = attempt(() => openFileInfo(pid, fd).flags);
    return flags !== undefined && (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0;
  });
}

/** @throws ErrnoException */
function kindOf(pid: number, terminal: string | undefined): LauncherOutputs["kind"] | undefined {
  const [out, err] = [OUTPUT_FD, ERRORS_FD].map((fd) => ({
    stat: statOfDescriptor(pid, fd),
    info: openFileInfo(pid, fd),
  }));
  if (out === undefined || err === undefined || out.stat.isSocket() || err.stat.isSocket()) return undefined;
  const device = terminal === undefined ? undefined : statSync(terminal).rdev;
  if (device !== undefined && [out, err].every(({ stat }) => stat.isCharacterDevice() && stat.rdev === device))
    return "terminal";
  const isOne = isSameFile(out.stat, err.stat) && (!out.stat.isFile() || out.info.position === err.info.position);
  return isOne ? "one" : "two";
}
