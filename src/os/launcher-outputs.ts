/** A launcher's standard descriptors, for who writes to them in the name of a make that runs on another machine. */

import { closeSync, constants } from "node:fs";
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
  /** Both are one open file, as far as can be seen: the order of what is written to them counts. */
  readonly isOne: boolean;
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

/** @returns undefined when it keeps them to itself, or one is a terminal: programs far away would see that theirs is none */
export function takeLauncherOutputs({ pid }: LauncherClaim): LauncherOutputs | undefined {
  const library = nativeLibrary();
  const isOne = attempt(() => isOneFile(pid));
  if (library === undefined || isOne === undefined) return undefined;
  const taken = [OUTPUT_FD, ERRORS_FD].map((fd) => library.takeDescriptor(pid, fd));
  const [stdout, stderr] = taken;
  if (stdout !== undefined && stderr !== undefined && isWritable(pid) && !isatty(stdout) && !isatty(stderr)) {
    for (const fd of [stdout, stderr]) appendToFile(fd);
    return { stdout, stderr, isOne };
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
function isOneFile(pid: number): boolean {
  const [out, err] = [OUTPUT_FD, ERRORS_FD].map((fd) => ({
    stat: statOfDescriptor(pid, fd),
    info: openFileInfo(pid, fd),
  }));
  if (out === undefined || err === undefined || !isSameFile(out.stat, err.stat)) return false;
  return !out.stat.isFile() || out.info.position === err.info.position;
}
