/** What /proc tells of processes and of what they have open; see proc(5). Linux alone. */

import { readFileSync, type Stats, statSync } from "node:fs";
import { readIfPossible } from "./attempt.js";

/** A process's number, or this one. */
export type ProcessId = number | "self";

/** Flags as open(2) has them, with O_CLOEXEC, which is the descriptor's own. */
export interface OpenFileInfo {
  readonly position: number;
  readonly flags: number;
}

export const O_CLOEXEC = 0o2000000;

export function procPath(pid: ProcessId, name: string): string {
  return `/proc/${String(pid)}/${name}`;
}

/** A file of a process, as a byte string; undefined: the process has ended, or is another user's. */
export function readProcFile(pid: ProcessId, name: string): string | undefined {
  return readIfPossible(procPath(pid, name));
}

/** The path that leads to what a process has open under a number. */
export function descriptorPath(pid: ProcessId, fd: number): string {
  return procPath(pid, `fd/${String(fd)}`);
}

/** Entries that end with NULs, as those of `environ` and `cmdline`; byte strings. @throws ErrnoException */
export function readProcList(pid: ProcessId, name: string): readonly string[] {
  const text = readFileSync(procPath(pid, name), "latin1");
  return text === "" ? [] : text.replace(/\0$/, "").split("\0");
}

/** What a descriptor leads to. @throws ErrnoException */
export function statOfDescriptor(pid: ProcessId, fd: number): Stats {
  return statSync(descriptorPath(pid, fd));
}

/** @throws ErrnoException when it is not open */
export function openFileInfo(pid: ProcessId, fd: number): OpenFileInfo {
  const text = readFileSync(procPath(pid, `fdinfo/${String(fd)}`), "latin1");
  const [, position = "0"] = /^pos:\s*(\d+)$/m.exec(text) ?? [];
  const [, flags = "0"] = /^flags:\s*([0-7]+)$/m.exec(text) ?? [];
  return { position: Number(position), flags: parseInt(flags, 8) };
}
