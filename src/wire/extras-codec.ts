/** What may stand behind a request's fixed fields: each with a tag and a length, in the order of the tags, at most once. */

import { type ProcessSettings, type ResourceLimit } from "../base/process-settings.js";
import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import type { FurtherDescriptor, OpenMode, RequestedDescriptor, Terminal } from "./descriptor.js";
import {
  MAX_ARGUMENTS,
  MAX_DESCRIPTOR,
  MAX_FURTHER_DESCRIPTORS,
  MAX_PATH_BYTES,
  MAX_REQUEST_BYTES,
  MAX_STRING_BYTES,
} from "./limits.js";
import type { RunRequest } from "./message.js";
import { WireError } from "./wire-error.js";

/** The fields of a request that stand there. */
export type RequestExtras = Pick<
  RunRequest,
  "argv" | "settings" | "descriptors" | "terminal" | "further" | "sharesSlots" | "takesMakes"
>;

interface ExtraCodec<Name extends keyof RequestExtras> {
  readonly tag: number;
  readonly write: (writer: ByteWriter, value: NonNullable<RequestExtras[Name]>) => void;
  readonly read: (reader: ByteReader) => NonNullable<RequestExtras[Name]>;
}

/** Devices that every machine has and that are the same on all. */
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
const NICE_BIAS = 20;
const OOM_BIAS = 1000;
const LAST_RESOURCE = 15;
const MAX_DESCRIPTORS = 3;
const MAX_CHARACTERS = 32;
const MODES: readonly OpenMode[] = ["read", "write", "both"];

const EXTRAS: { readonly [Name in keyof RequestExtras]-?: ExtraCodec<Name> } = {
  argv: {
    tag: 1,
    write: (w, argv) => w.list(argv, (word) => w.text(word)),
    read: (r) => r.list(MAX_ARGUMENTS, () => r.cString(MAX_STRING_BYTES)),
  },
  settings: { tag: 2, write: writeSettings, read: readSettings },
  descriptors: {
    tag: 3,
    write: (w, descriptors) => w.list(descriptors, (descriptor) => writeDescriptor(w, descriptor)),
    read: (r) => r.list(MAX_DESCRIPTORS, () => readDescriptor(r)),
  },
  terminal: { tag: 4, write: writeTerminal, read: readTerminal },
  further: {
    tag: 5,
    write: (w, further) => w.list(further, (descriptor) => writeFurther(w, descriptor)),
    read: (r) => r.list(MAX_FURTHER_DESCRIPTORS, () => readFurther(r)),
  },
  sharesSlots: { tag: 6, write: () => undefined, read: () => true },
  takesMakes: { tag: 7, write: () => undefined, read: () => true },
};

const NAMES = Object.keys(EXTRAS) as (keyof RequestExtras)[];

export function writeExtras(writer: ByteWriter, extras: RequestExtras): void {
  for (const name of NAMES) {
    const value = extras[name];
    if (value === undefined) continue;
    const codec = EXTRAS[name] as ExtraCodec<typeof name>;
    const content = new ByteWriter();
    codec.write(content, value);
    writer.u8(codec.tag).bytes(content.take());
  }
}

/** Reads to the end. @throws WireError */
export function readExtras(reader: ByteReader): RequestExtras {
  const extras: Partial<Record<keyof RequestExtras, unknown>> = {};
  let last = 0;
  while (!reader.isAtEnd) {
    const tag = reader.u8();
    const name = NAMES.find((one) => EXTRAS[one].tag === tag);
    if (name === undefined || tag <= last) throw new WireError(`the extra ${String(tag)}`);
    last = tag;
    const content = new ByteReader(reader.bytes(MAX_REQUEST_BYTES));
    extras[name] = EXTRAS[name].read(content);
    content.end();
  }
  return extras as RequestExtras;
}

/** What no length shows: which descriptors make no sense. */
export function extrasFault(extras: RequestExtras): string | undefined {
  const { argv, descriptors = [], terminal } = extras;
  if (argv?.length === 0) return "a program without a name";
  for (const [i, descriptor] of descriptors.entries()) {
    if (descriptor.fd > 2 || (i > 0 && descriptor.fd <= (descriptors[i - 1]?.fd ?? 0)))
      return "descriptors out of order";
    if (descriptor.kind === "same" && descriptor.as >= descriptor.fd) return "a descriptor that is like a later one";
    if (descriptor.kind === "file" && descriptor.fd !== 0) return "a file to be written";
    if (descriptor.kind === "terminal" && terminal === undefined) return "a terminal that is not described";
    if (descriptor.kind === "file" && !descriptor.path.startsWith("/")) return "a file that is not absolute";
    if (descriptor.kind === "device" && !DEVICES.includes(descriptor.path)) return "a device that is not everywhere";
  }
  return furtherFault(extras);
}

function furtherFault({ descriptors = [], further = [] }: RequestExtras): string | undefined {
  if (further.length > MAX_FURTHER_DESCRIPTORS)
    return `${String(further.length)} descriptors above 2, of which ${String(MAX_FURTHER_DESCRIPTORS)} can be had`;
  for (const [i, descriptor] of further.entries()) {
    const { fd, kind } = descriptor;
    if (fd > MAX_DESCRIPTOR || fd <= (further[i - 1]?.fd ?? 2)) return "descriptors out of order";
    if (kind === "same" && !isOpen(descriptor.as, { descriptors, further: further.slice(0, i) }))
      return "a descriptor that is like one that is not there";
    if (kind === "terminal" && !descriptors.some((one) => one.kind === "terminal"))
      return "a terminal that no standard descriptor is";
    if (kind === "file" && !descriptor.path.startsWith("/")) return "a file that is not absolute";
    if (kind === "device" && !DEVICES.includes(descriptor.path)) return "a device that is not everywhere";
  }
  return undefined;
}

function isOpen(fd: number, { descriptors = [], further = [] }: RequestExtras): boolean {
  if (fd <= 2) return !descriptors.some((one) => one.fd === fd && one.kind === "closed");
  return further.some((one) => one.fd === fd);
}

function writeSettings(w: ByteWriter, settings: ProcessSettings): void {
  w.list(settings.limits, ({ resource, soft, hard }) => w.u8(resource).u64(soft).u64(hard));
  w.u8(settings.nice + NICE_BIAS).u16(settings.oomScoreAdjust + OOM_BIAS);
  w.u64(settings.ignoredSignals).u64(settings.blockedSignals);
}

function readSettings(r: ByteReader): ProcessSettings {
  const limits = r.list(LAST_RESOURCE + 1, () => readLimit(r));
  const nice = r.u8() - NICE_BIAS;
  const oomScoreAdjust = r.u16() - OOM_BIAS;
  if (nice > 19 || oomScoreAdjust > 1000) throw new WireError("a priority out of range");
  return { limits, nice, oomScoreAdjust, ignoredSignals: r.u64(), blockedSignals: r.u64() };
}

function readLimit(r: ByteReader): ResourceLimit {
  const limit = { resource: r.u8(), soft: r.u64(), hard: r.u64() };
  if (limit.resource > LAST_RESOURCE || limit.soft > limit.hard) throw new WireError("a limit out of range");
  return limit;
}

const KINDS: readonly RequestedDescriptor["kind"][] = [
  "closed",
  "device",
  "pipe",
  "file",
  "socket",
  "terminal",
  "same",
];

function writeDescriptor(w: ByteWriter, descriptor: RequestedDescriptor): void {
  w.u8(descriptor.fd).u8(KINDS.indexOf(descriptor.kind));
  switch (descriptor.kind) {
    case "device":
      w.text(descriptor.path).u8(MODES.indexOf(descriptor.mode));
      return;
    case "file":
      w.text(descriptor.path).count(descriptor.offset).count(descriptor.sizeBytes);
      w.i64(descriptor.mtimeNs).u64(descriptor.ino);
      return;
    case "same":
      w.u8(descriptor.as);
      return;
    case "closed":
    case "pipe":
    case "socket":
    case "terminal":
      return;
  }
}

function readDescriptor(r: ByteReader): RequestedDescriptor {
  const fd = r.u8();
  const kind = KINDS[r.u8()];
  if (kind === undefined) throw new WireError("a descriptor of an unknown kind");
  switch (kind) {
    case "device":
      return { fd, kind, path: r.cString(MAX_PATH_BYTES), mode: modeOf(r.u8()) };
    case "file": {
      const [path, offset, sizeBytes] = [r.cString(MAX_PATH_BYTES), r.count(), r.count()];
      return { fd, kind, path, offset, sizeBytes, mtimeNs: r.i64(), ino: r.u64() };
    }
    case "same":
      return { fd, kind, as: r.u8() };
    case "closed":
    case "pipe":
    case "socket":
    case "terminal":
      return { fd, kind };
  }
}

function writeFurther(w: ByteWriter, descriptor: FurtherDescriptor): void {
  if (descriptor.kind !== "pipe") writeDescriptor(w, descriptor);
  else w.u8(descriptor.fd).u8(KINDS.indexOf("pipe"));
  if (descriptor.kind === "pipe" || descriptor.kind === "file") w.u8(MODES.indexOf(descriptor.mode));
}

function readFurther(r: ByteReader): FurtherDescriptor {
  const descriptor = readDescriptor(r);
  switch (descriptor.kind) {
    case "closed":
      throw new WireError("a further descriptor that is closed");
    case "pipe": {
      const mode = modeOf(r.u8());
      if (mode === "both") throw new WireError("a pipe of both ways");
      return { ...descriptor, mode };
    }
    case "file": {
      const mode = modeOf(r.u8());
      if (mode === "write") throw new WireError("a file to be written");
      return { ...descriptor, mode };
    }
    case "device":
    case "socket":
    case "terminal":
    case "same":
      return descriptor;
  }
}

function modeOf(code: number): OpenMode {
  const mode = MODES[code];
  if (mode === undefined) throw new WireError("a device that is open in no known way");
  return mode;
}

function writeTerminal(w: ByteWriter, { rows, columns, flags, characters }: Terminal): void {
  w.u16(rows).u16(columns);
  for (const word of flags) w.u32(word);
  w.text(characters);
}

function readTerminal(r: ByteReader): Terminal {
  const [rows, columns] = [r.u16(), r.u16()];
  return { rows, columns, flags: [r.u32(), r.u32(), r.u32(), r.u32()], characters: r.text(MAX_CHARACTERS) };
}
