/** Open files, to which several descriptors may lead: fcntl(2). */

import { constants, openSync } from "node:fs";
import { HostError } from "../makefile/host.js";
import { attempt } from "./attempt.js";
import { nativeLibrary } from "./native.js";
import { descriptorPath, openFileInfo } from "./proc.js";
import { errnoName, strerror } from "./strerror.js";

const F_DUPFD_CLOEXEC = 1030;
/** Linux 6.10 and later. */
const F_DUPFD_QUERY = 1027;
const FIRST_FREE = 3;

/** As open(2) has them, and O_CLOEXEC; undefined: it is not open, or there is no way to tell. */
export function flagsOf(fd: number): number | undefined {
  return attempt(() => openFileInfo("self", fd).flags);
}

/** The same pipe or device of ours, with flags of its own; it becomes nobody's terminal. @throws ErrnoException */
export function openAnew(fd: number, flags: number): number {
  return openSync(descriptorPath("self", fd), flags | constants.O_NOCTTY);
}

/** Another descriptor of the same open file, closed on exec. @throws HostError, also where there is no koffi */
export function duplicate(fd: number): number {
  const library = nativeLibrary();
  const copy = library?.calls.fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE) ?? -1;
  if (copy >= 0) return copy;
  const errno = library === undefined ? "ENOSYS" : errnoName(library.errno());
  throw new HostError(errno, "dup", strerror(errno));
}

/** Whether two descriptors are one open file, with one offset; false also where the system cannot tell. */
export function isOneOpenFile(one: number, other: number): boolean {
  return nativeLibrary()?.calls.fcntl(one, F_DUPFD_QUERY, other) === 1;
}
