/** A make that a recipe's shell has started and that waits to be taken into this process, as /proc shows it. */

import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";
import { nativeLibrary } from "./native.js";
import {
  descriptorPath,
  O_CLOEXEC,
  openFileInfo,
  type OpenFileInfo,
  procPath,
  readProcList,
  statOfDescriptor,
} from "./proc.js";
import { isSameFile } from "./same-file.js";

/** What a launcher says of itself, and for whom it looks; see launcher-script.ts. */
export interface LauncherClaim {
  readonly pid: number;
  /** How many arguments it has. */
  readonly words: number;
  /** The number of the make whose recipe it is. */
  readonly make: number;
}

/** What it was started with; everything is a byte string. */
export interface Launcher {
  readonly argv0: string;
  readonly argv: readonly string[];
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
}

/** Descriptors of ours that may be the launcher's: they are waited for in any case. */
export interface OwnDescriptors {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Its standard descriptors, as ones of ours. */
export interface LauncherDescriptors {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

/** As launcher-script.ts has them. */
export const [OUTPUT_FD, INPUT_FD] = [5, 6];
const [NOTICES_FD, REQUESTS_FD, ANSWER_FD] = [7, 8, 9];
const OWN_FDS: ReadonlySet<number> = new Set([OUTPUT_FD, INPUT_FD, NOTICES_FD, REQUESTS_FD, ANSWER_FD]);

/** @returns undefined for what no launcher says */
export function parseLauncherClaim(text: string): LauncherClaim | undefined {
  const [, pid, words, make] = /^(\d{1,10}) (\d{1,7}) (\d{1,9})$/.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), words: Number(words), make: Number(make) };
}

/**
 * Opens the pipe by which it is answered.
 *
 * @param requests - our descriptor of the FIFO by which it called
 * @returns undefined when it has ended, or is another process
 */
export function openLauncherAnswer({ pid }: LauncherClaim, requests: number): number | undefined {
  return attempt(() => {
    if (!isSameFile(statOfDescriptor(pid, REQUESTS_FD), fstatSync(requests))) return undefined;
    if (!statOfDescriptor(pid, ANSWER_FD).isFIFO()) return undefined;
    return openSync(descriptorPath(pid, ANSWER_FD), constants.O_WRONLY | constants.O_NONBLOCK);
  });
}

/** Opens the pipe by which it passes on its signals, and which ends with it; undefined: it has ended. */
export function openLauncherNotices({ pid }: LauncherClaim): number | undefined {
  return attempt(() => openSync(descriptorPath(pid, NOTICES_FD), constants.O_RDONLY | constants.O_NONBLOCK));
}

/** @returns undefined when it has ended, or is no launcher */
export function readLauncher({ pid, words }: LauncherClaim): Launcher | undefined {
  return attempt(() => {
    const all = readProcList(pid, "cmdline");
    const argv0 = all.at(-words - 1);
    const directory = readlinkSync(procPath(pid, "cwd"), "latin1");
    if (argv0 === undefined || !isSameFile(statSync(toPath(directory)), statSync(procPath(pid, "cwd"))))
      return undefined;
    return { argv0, argv: words === 0 ? [] : all.slice(-words), environment: readProcList(pid, "environ"), directory };
  });
}

/**
 * The numbers of the further descriptors that it was given; undefined: some are not ours.
 *
 * @param ownOf - ours that is to be the same as one of it; the one under the same number unless given
 */
export function furtherOfLauncher(
  { pid }: LauncherClaim,
  ownOf: (fd: number) => number | undefined = (fd) => fd,
): readonly number[] | undefined {
  const given = givenTo(pid);
  const isOurs = ({ fd, info }: Given): boolean => {
    const own = ownOf(fd);
    return own !== undefined && isSameOpenFile({ pid, fd, own }, info);
  };
  return given?.every(isOurs) === true ? given.map(({ fd }) => fd) : undefined;
}

interface Given {
  readonly fd: number;
  readonly info: OpenFileInfo;
}

/** Those above 2; undefined: it has ended. */
function givenTo(pid: number): readonly Given[] | undefined {
  return attempt(() =>
    readdirSync(procPath(pid, "fd")).flatMap((name) => {
      const fd = Number(name);
      if (fd <= 2 || OWN_FDS.has(fd)) return [];
      const info = attempt(() => openFileInfo(pid, fd));
      return info === undefined || (info.flags & O_CLOEXEC) !== 0 ? [] : [{ fd, info }];
    }),
  );
}

/** Whether one of its descriptors and one of ours are the same open file, as far as can be seen: file, position and flags. */
function isSameOpenFile(
  { pid, fd, own }: { readonly pid: number; readonly fd: number; readonly own: number },
  { position, flags }: OpenFileInfo,
): boolean {
  const info = attempt(() => openFileInfo("self", own));
  if (info === undefined || info.position !== position || (info.flags & ~O_CLOEXEC) !== flags) return false;
  return attempt(() => isSameFile(statOfDescriptor(pid, fd), fstatSync(own))) === true;
}

/**
 * Takes its standard descriptors. None whose other end may be waiting for another part of this process: what is read and written here is
 * waited for by all of them.
 *
 * @returns undefined when it keeps them to itself
 */
export function takeLauncherDescriptors(
  { pid }: LauncherClaim,
  { inputs, outputs }: OwnDescriptors,
): LauncherDescriptors | undefined {
  const taken: number[] = [];
  for (const [fd, ours] of [
    [INPUT_FD, inputs],
    [OUTPUT_FD, outputs],
    [2, outputs],
  ] as const) {
    const copy = nativeLibrary()?.takeDescriptor(pid, fd);
    if (copy !== undefined) taken.push(copy);
    if (copy !== undefined && isPatient(fstatSync(copy), ours)) continue;
    for (const one of taken) closeSync(one);
    return undefined;
  }
  const [stdin = -1, stdout = -1, stderr = -1] = taken;
  return { stdin, stdout, stderr };
}

/** Files and devices keep nobody waiting for one of us; pipes and sockets may, but for those that we have anyway. */
function isPatient(stat: Stats, ours: readonly number[]): boolean {
  if (stat.isFile() || stat.isCharacterDevice()) return true;
  return ours.some((fd) => isSameFile(stat, fstatSync(fd)));
}
