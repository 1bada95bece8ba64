/** A process of ours that waits to be told what became of its line, as /proc shows it: what it was given, and what it has open. */

import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { attempt } from "./attempt.js";
import { type ProcessRef, processOf } from "./process-tree.js";
import { descriptorPath, openFileInfo, procPath, readProcList, statOfDescriptor } from "./proc.js";
import { isSameFile } from "./same-file.js";
import { errnoOf } from "./strerror.js";

/** Everything is a byte string. */
export interface ShellCaller extends ProcessRef {
  /** Behind the launcher's own name. */
  readonly words: readonly string[];
  /** Complete, `NAME=value` each. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly umask: number;
  /** Who waits for it: a make. */
  readonly parent: ProcessRef | undefined;
  /** How that was called: `$(MAKE)`. */
  readonly parentProgram: string;
  /** Under which number it has its standard error. */
  readonly errors: number;
}

/** What a launcher says of itself. */
export interface CallerClaim {
  readonly pid: number;
  readonly errors: number;
}

/** @returns undefined for what no launcher says */
export function parseCallerClaim(text: string): CallerClaim | undefined {
  const [, pid, errors = "2"] = /^(\d{1,10})(?: (5))?$/.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), errors: Number(errors) };
}

/**
 * Reads what a process is.
 *
 * @param launcher - the name of the script that it must run
 * @returns undefined when it has ended, is another user's, or is something else
 */
export function readCaller({ pid, errors }: CallerClaim, launcher: string): ShellCaller | undefined {
  try {
    const ref = processOf(pid);
    if (ref === undefined || statSync(procPath(pid, "")).uid !== process.getuid?.()) return undefined;
    const [, script = "", ...words] = readProcList(pid, "cmdline");
    if (basename(script) !== launcher) return undefined;
    const status = readFileSync(procPath(pid, "status"), "latin1");
    const [, umask = "22"] = /^Umask:\s*([0-7]+)$/m.exec(status) ?? [];
    const [, parentPid = "0"] = /^PPid:\s*(\d+)$/m.exec(status) ?? [];
    const parent = processOf(Number(parentPid));
    return {
      ...ref,
      words,
      environment: readProcList(pid, "environ"),
      directory: readlinkSync(procPath(pid, "cwd"), "latin1"),
      umask: parseInt(umask, 8),
      parent,
      parentProgram: parent === undefined ? "" : (readProcList(parent.pid, "cmdline")[0] ?? ""),
      errors,
    };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** A descriptor of a caller's. */
export type CallerDescriptor =
  | { readonly kind: "open"; readonly fd: number }
  /** Nothing to read, nowhere to write. */
  | { readonly kind: "none" }
  /** It cannot be opened a second time so that both mean the same: a socket, a file with a position that is shared. */
  | { readonly kind: "unshareable" };

/** Opens where a caller reads from; a terminal and an empty device count as nothing. */
export function openCallerInput({ pid }: ShellCaller): CallerDescriptor {
  const opened = openAnew(pid, INPUT_FD, constants.O_RDONLY);
  if (opened.kind !== "open") return opened;
  const stat = fstatSync(opened.fd);
  if (stat.isFIFO()) return opened;
  if (stat.isFile() && openFileInfo(pid, INPUT_FD).position === 0) return opened;
  closeSync(opened.fd);
  return stat.isFile() ? { kind: "unshareable" } : { kind: "none" };
}

/** Opens where a caller writes to, without waiting for who reads it. */
export function openCallerOutput({ pid, errors }: ShellCaller, fd: 1 | 2): CallerDescriptor {
  const held = fd === 1 ? OUTPUT_FD : errors;
  const opened = openAnew(pid, held, constants.O_WRONLY | constants.O_APPEND);
  if (
    opened.kind !== "open" ||
    !fstatSync(opened.fd).isFile() ||
    (openFileInfo(pid, held).flags & constants.O_APPEND) !== 0
  )
    return opened;
  closeSync(opened.fd);
  return { kind: "unshareable" };
}

/** Whether a caller's two outputs lead to one place, so that the order of what is written to them counts. */
export function hasOneOutput({ pid, errors }: ShellCaller): boolean {
  try {
    return isSameFile(statOfDescriptor(pid, OUTPUT_FD), statOfDescriptor(pid, errors));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false; // one is closed
  }
}

/**
 * Opens the pipe by which a caller is answered.
 *
 * @param requests - our descriptor of the FIFO by which it called
 * @returns undefined when there is none, or when the caller has turned to another session by now
 */
export function openAnswer(pid: number, requests: number): number | undefined {
  const opened = openAnew(pid, ANSWER_FD, constants.O_WRONLY);
  if (opened.kind !== "open") return undefined;
  // in this order: a caller that turns away gives up this pipe before the FIFO
  if (attempt(() => isSameFile(statOfDescriptor(pid, REQUESTS_FD), fstatSync(requests))) === true) return opened.fd;
  closeSync(opened.fd);
  return undefined;
}

/** As src/cli/mpsh.sh has them. */
const OUTPUT_FD = 6;
const INPUT_FD = 7;
const REQUESTS_FD = 8;
const ANSWER_FD = 9;

function openAnew(pid: number, fd: number, flags: number): CallerDescriptor {
  try {
    return {
      kind: "open",
      fd: openSync(descriptorPath(pid, fd), flags | constants.O_NONBLOCK | constants.O_NOCTTY),
    };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno === "ENOENT" ? { kind: "none" } : { kind: "unshareable" };
  }
}
