/** What a descriptor of ours is, as far as a program could tell. */

import { fstatSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { isatty } from "node:tty";
import type { DescriptorKind, OpenMode, RequestedDescriptor } from "../wire/descriptor.js";
import { offsetOf } from "./file-offset.js";
import { attempt } from "./attempt.js";

/** Linux's devices that every machine has, by their minor numbers, with the major number 1; see null(4), full(4), random(4). */
const MEMORY_DEVICES = new Map([
  [3, "/dev/null"],
  [5, "/dev/zero"],
  [7, "/dev/full"],
  [8, "/dev/random"],
  [9, "/dev/urandom"],
]);
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
  const [, flags = "2"] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, "latin1")) ?? [];
  return MODES[parseInt(flags, 8) & 3] ?? "both";
}

function describeFile(fd: number): DescriptorKind | undefined {
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
