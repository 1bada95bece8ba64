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

/** The kind of an open descriptor that is read from. A file without a name that leads to it is a pipe: its bytes can be sent. */
export function describeDescriptor(fd: number): DescriptorKind {
  const stat = fstatSync(fd);
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

function furtherKind(fd: number, { terminal, plain }: FurtherContext): FurtherKind | undefined {
  const stat = attempt(() => fstatSync(fd));
  const flags = flagsOf(fd) ?? 0;
  const name = attempt(() => readlinkSync(`/proc/self/fd/${String(fd)}`)) ?? "";
  if (stat === undefined || (flags & O_PATH) !== 0 || name.startsWith("anon_inode:")) return undefined;
  if (stat.isSocket()) return isStreamSocket(fd) ? { kind: "socket" } : undefined;
  const mode = MODES[flags & 3] ?? "both";
  const bytes: FurtherKind = mode === "both" ? { kind: "socket" } : { kind: "pipe", mode };
  if (stat.isFIFO()) return bytes;
  if (stat.isFile()) {
    const file = plain || mode === "write" || (flags & O_APPEND) !== 0 ? undefined : describeFile(fd);
    return file === undefined || mode === "write" ? bytes : { ...file, mode };
  }
  if (!stat.isCharacterDevice()) return undefined;
  if (isatty(fd) && terminal !== undefined && fstatSync(terminal).rdev === stat.rdev) return { kind: "terminal" };
  const other = describeOther(fd, stat);
  return other.kind === "device" && (!plain || other.path === "/dev/null") ? other : bytes;
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
