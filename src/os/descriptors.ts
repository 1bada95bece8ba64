/** What a descriptor of ours is, as far as a program could tell. */

import { fstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { isatty } from "node:tty";
import type {
  DescriptorKind,
  FurtherDescriptor,
  FurtherKind,
  OpenMode,
  RequestedDescriptor,
} from "../wire/descriptor.js";
import { offsetOf } from "./file-offset.js";
import { attempt } from "./attempt.js";
import { flagsOf, isOneOpenFile } from "./open-file.js";
import { isStreamSocket } from "./socket-pair.js";

/** Linux's devices that every machine has, by their minor numbers, with the major number 1; see null(4), full(4), random(4). */
const MEMORY_DEVICES = new Map([
  [3, "/dev/null"],
  [5, "/dev/zero"],
  [7, "/dev/full"],
  [8, "/dev/random"],
  [9, "/dev/urandom"],
]);
const O_APPEND = 0o2000;
const O_PATH = 0o10000000;
const MODES: readonly OpenMode[] = ["read", "write", "both"];

/** Reading from it fails, as it does from what cannot be read here, and who does not read from it never knows. */
const UNREADABLE: DescriptorKind = { kind: "device", path: "/dev/null", mode: "write" };

/**
 * The kind of an open descriptor that is read from. A file without a name that leads to it is a pipe: its bytes can be sent. What
 * cannot be read (a directory, what is open for writing alone) cannot be read there either.
 */
export function describeDescriptor(fd: number): DescriptorKind {
  const stat = fstatSync(fd);
  const flags = flagsOf(fd) ?? 0;
  if (stat.isDirectory() || MODES[flags & 3] === "write" || (flags & O_PATH) !== 0) return UNREADABLE;
  if (stat.isFile()) return describeFile(fd) ?? { kind: "pipe" };
  return describeOther(fd, stat);
}

/**
 * Our standard output and standard error. A file is a pipe to whoever writes from afar: two nodes that write one file would
 * overwrite each other, while what arrives here goes to its end.
 */
export function describeOutputs(closed: readonly number[]): readonly RequestedDescriptor[] {
  return [1, 2].map((fd) => {
    if (closed.includes(fd)) return { fd, kind: "closed" };
    const like = [0, 1].find((other) => other < fd && !closed.includes(other) && isShared(other, fd));
    if (like !== undefined) return { fd, kind: "same", as: like };
    return { fd, ...describeOther(fd, fstatSync(fd)) };
  });
}

/** What goes with descriptors above 2. */
export interface FurtherContext {
  /** Our own standard descriptors that the program has too. */
  readonly standard: readonly number[];
  /** Which of them is the program's terminal. */
  readonly terminal: number | undefined;
  /** Files, and devices that give anything, are bytes that we send. */
  readonly plain: boolean;
  /** Many programs have them at once; all of them must be shareable. */
  readonly forMany?: boolean;
}

/**
 * Whether many programs elsewhere can have one like a descriptor of ours: nothing is read for one of them that another may want, and
 * none writes over what another has written.
 *
 * @param standard - our own outputs that they write to
 */
export function isShareable(fd: number, standard: readonly number[]): boolean {
  if (whyOnlyHere(fd) !== undefined) return false;
  if (standard.some((other) => isLike(other, fd))) return true;
  const stat = fstatSync(fd);
  const mode = modeOf(fd);
  if (stat.isSocket()) return false;
  if (stat.isFile()) return mode !== "both";
  return mode === "write" || (stat.isCharacterDevice() && describeOther(fd, stat).kind !== "pipe");
}

/** Our descriptors above 2. One that only this machine can have (a directory, an event counter, a datagram socket) is left out. */
export function describeFurther(numbers: readonly number[], context: FurtherContext): readonly FurtherDescriptor[] {
  const further: FurtherDescriptor[] = [];
  for (const fd of numbers) {
    const kind = furtherKind(fd, context);
    const isPlain = kind?.kind !== "device" && kind?.kind !== "terminal";
    const like = [...context.standard, ...further.map((one) => one.fd)].find((other) => isPlain && isLike(other, fd));
    if (kind !== undefined) further.push(like === undefined ? { fd, ...kind } : { fd, kind: "same", as: like });
  }
  return further;
}

/** Why there is nothing to be had by a descriptor. */
export function whyNone(fd: number): string | undefined {
  return attempt(() => fstatSync(fd)) === undefined ? "it is not open" : undefined;
}

/** Why nobody on another machine can have one like a descriptor of ours; undefined: he can. */
export function whyOnlyHere(fd: number): string | undefined {
  const stat = attempt(() => fstatSync(fd));
  if (stat === undefined) return whyNone(fd);
  if (((flagsOf(fd) ?? 0) & O_PATH) !== 0) return "it is open as a name alone";
  const name = attempt(() => readlinkSync(`/proc/self/fd/${String(fd)}`)) ?? "";
  if (name.startsWith("anon_inode:")) return `it is this machine's own (${name})`;
  if (stat.isDirectory()) return "it is a directory";
  if (stat.isBlockDevice()) return "it is a disk";
  return stat.isSocket() && !isStreamSocket(fd) ? "it is a socket, but no stream" : undefined;
}

function furtherKind(fd: number, { terminal, plain, forMany }: FurtherContext): FurtherKind | undefined {
  if (whyOnlyHere(fd) !== undefined) return undefined;
  const stat = fstatSync(fd);
  const flags = flagsOf(fd) ?? 0;
  if (stat.isSocket()) return { kind: "socket" };
  const mode = MODES[flags & 3] ?? "both";
  const bytes: FurtherKind = mode === "both" && forMany !== true ? { kind: "socket" } : pipeOf(mode);
  if (stat.isFIFO()) return bytes;
  if (stat.isFile()) {
    const file = plain || mode === "write" || (flags & O_APPEND) !== 0 ? undefined : describeFile(fd);
    return file === undefined || mode === "write" ? bytes : { ...file, mode };
  }
  if (isatty(fd) && terminal !== undefined && fstatSync(terminal).rdev === stat.rdev) return { kind: "terminal" };
  const other = describeOther(fd, stat);
  return other.kind === "device" && (!plain || other.path === "/dev/null") ? other : bytes;
}

/** What is typed at a terminal is not sent. */
function pipeOf(mode: OpenMode): FurtherKind {
  return { kind: "pipe", mode: mode === "read" ? "read" : "write" };
}

/** Whether a program could tell them from one descriptor and its copy. */
function isLike(one: number, other: number): boolean {
  if (isOneOpenFile(one, other)) return true;
  const [a, b] = [fstatSync(one), fstatSync(other)];
  if (a.dev !== b.dev || a.ino !== b.ino) return false;
  return a.isSocket() || (a.isFIFO() && modeOf(one) === modeOf(other));
}

/** Whether both lead to one place that is more than a name. */
function isShared(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  if (a.dev !== b.dev || a.ino !== b.ino) return false;
  return a.isSocket() || (one > 0 && (a.isFIFO() || a.isFile()));
}

function describeOther(fd: number, stat: Stats): DescriptorKind {
  if (stat.isSocket()) return { kind: "socket" };
  if (!stat.isCharacterDevice()) return { kind: "pipe" };
  if (isatty(fd)) return { kind: "terminal" };
  const path = stat.rdev >> 8 === 1 ? MEMORY_DEVICES.get(stat.rdev & 0xff) : undefined;
  return path === undefined ? { kind: "pipe" } : { kind: "device", path, mode: modeOf(fd) };
}

function modeOf(fd: number): OpenMode {
  return MODES[(flagsOf(fd) ?? 2) & 3] ?? "both";
}

function describeFile(fd: number): Extract<DescriptorKind, { kind: "file" }> | undefined {
  // Refused when it was removed or renamed
  return attempt(() => {
    const path = readlinkSync(`/proc/self/fd/${String(fd)}`, "buffer");
    const [named, open] = [statSync(path, { bigint: true }), fstatSync(fd, { bigint: true })];
    const offset = offsetOf(fd);
    if (named.ino !== open.ino || named.dev !== open.dev || offset === undefined) return undefined;
    const { size, mtimeNs, ino } = open;
    return { kind: "file", path: path.toString("latin1"), offset, sizeBytes: Number(size), mtimeNs, ino };
  });
}
