/** How each message looks as bytes: its number, its largest size, and its fields in order. */

import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import type { Delivery } from "./frame.js";
import { JOIN_CODECS } from "./join-codec.js";
import {
  DATA_PIECE_BYTES,
  MAX_FRAME_BYTES,
  MAX_MUNGE_BYTES,
  MAX_NAME_BYTES,
  MAX_NONCE_BYTES,
  MAX_NOTE_BYTES,
  MAX_PATH_BYTES,
  MAX_TEXT_BYTES,
} from "./limits.js";
import type { ByeCode, Message, MessageOf, MessageType, RefusalCode } from "./message.js";
import type { Codec } from "./message-codec.js";
import { readReceipts, writeReceipts } from "./receipt-codec.js";
import type { SlotWord } from "./slot-leases.js";
import { readLoad, readStatus, writeLoad, writeStatus } from "./status-codec.js";
import { WireError } from "./wire-error.js";

/** Messages that are bytes and nothing else travel beside the codecs: see Endpoint. */
export type RawType = "run-part" | "run" | "stdin" | "stdout" | "stderr" | "terminal" | "fd-data";
export type CodedType = Exclude<MessageType, RawType>;

type BareType = "stdin-end" | "prove-end" | "input-unread" | SlotWord;

const REFUSALS: readonly RefusalCode[] = [
  "busy",
  "directory",
  "envsetter",
  "forbidden",
  "request",
  "system",
  "unseen",
  "descriptor",
];
const BYES: readonly ByeCode[] = ["done", "forbidden", "protocol", "version", "silence", "stopping"];

const SMALL = 64;

/** Number, size and delivery of the messages whose payload is plain bytes. */
const RAW: { readonly [Type in RawType]: Pick<Codec<Type>, "code" | "maxBytes" | "delivery"> } = {
  "run-part": { code: 16, maxBytes: MAX_FRAME_BYTES, delivery: "whole" },
  run: { code: 17, maxBytes: MAX_FRAME_BYTES, delivery: "whole" },
  stdin: { code: 18, maxBytes: DATA_PIECE_BYTES, delivery: "pieces" },
  stdout: { code: 33, maxBytes: DATA_PIECE_BYTES, delivery: "pieces" },
  stderr: { code: 34, maxBytes: DATA_PIECE_BYTES, delivery: "pieces" },
  terminal: { code: 43, maxBytes: DATA_PIECE_BYTES, delivery: "pieces" },
  // The descriptor's number stands before the bytes.
  "fd-data": { code: 7, maxBytes: DATA_PIECE_BYTES + 1, delivery: "whole" },
};

const CODECS: { readonly [Type in CodedType]: Codec<Type> } = {
  hello: {
    code: 1,
    maxBytes: 1024,
    delivery: "whole",
    write: (w, m) => {
      w.u16(m.version).text(m.name).u32(m.uid).time(m.askedMs);
      if (m.munge !== undefined) w.text(m.munge);
    },
    read: (r) => ({
      type: "hello",
      stream: 0,
      version: r.u16(),
      name: r.text(MAX_NAME_BYTES),
      uid: r.u32(),
      askedMs: r.time(),
      ...(!r.isAtEnd && { munge: r.text(MAX_MUNGE_BYTES) }),
    }),
  },
  "hello-ack": {
    code: 2,
    maxBytes: 1024,
    delivery: "whole",
    write: (w, m) => {
      w.u16(m.version).text(m.name).u32(m.slots).u32(m.uid);
      writeLoad(w, m.load);
      w.time(m.askedMs).time(m.receivedMs).time(m.answeredMs);
    },
    read: (r) => ({
      type: "hello-ack",
      stream: 0,
      version: r.u16(),
      name: r.text(MAX_NAME_BYTES),
      slots: r.u32(),
      uid: r.u32(),
      load: readLoad(r),
      askedMs: r.time(),
      receivedMs: r.time(),
      answeredMs: r.time(),
    }),
  },
  ping: {
    code: 3,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.time(m.askedMs),
    read: (r) => ({ type: "ping", stream: 0, askedMs: r.time() }),
  },
  pong: {
    code: 4,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => {
      writeLoad(w, m.load);
      w.time(m.askedMs).time(m.receivedMs).time(m.answeredMs);
    },
    read: (r) => ({
      type: "pong",
      stream: 0,
      load: readLoad(r),
      askedMs: r.time(),
      receivedMs: r.time(),
      answeredMs: r.time(),
    }),
  },
  bye: {
    code: 5,
    maxBytes: MAX_TEXT_BYTES + SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(BYES.indexOf(m.code)).text(m.text),
    read: (r) => ({ type: "bye", stream: 0, code: oneOf(BYES, r.u8()), text: r.text(MAX_TEXT_BYTES) }),
  },
  credit: {
    code: 6,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u32(m.bytes),
    read: (r, stream) => ({ type: "credit", stream, bytes: r.u32() }),
  },
  "fd-end": {
    code: 8,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.fd),
    read: (r, stream) => ({ type: "fd-end", stream, fd: r.u8() }),
  },
  "fd-unread": {
    code: 9,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.fd),
    read: (r, stream) => ({ type: "fd-unread", stream, fd: r.u8() }),
  },
  "fd-credit": {
    code: 10,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.fd).u32(m.bytes),
    read: (r, stream) => ({ type: "fd-credit", stream, fd: r.u8(), bytes: r.u32() }),
  },
  "stdin-end": bare("stdin-end", 19),
  cancel: {
    code: 20,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.signal),
    read: (r, stream) => ({ type: "cancel", stream, signal: signalNumber(r.u8()) }),
  },
  need: {
    code: 23,
    maxBytes: MAX_FRAME_BYTES,
    delivery: "whole",
    write: (w, m) => writeReceipts(w, m.files),
    read: (r, stream) => ({ type: "need", stream, files: readReceipts(r) }),
  },
  signal: {
    code: 24,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.signal),
    read: (r, stream) => ({ type: "signal", stream, signal: signalNumber(r.u8()) }),
  },
  resize: {
    code: 25,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u16(m.rows).u16(m.columns),
    read: (r, stream) => ({ type: "resize", stream, rows: r.u16(), columns: r.u16() }),
  },
  unread: {
    code: 26,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.fd),
    read: (r, stream) => ({ type: "unread", stream, fd: outputNumber(r.u8()) }),
  },
  slot: bare("slot", 27),
  prove: {
    code: 21,
    maxBytes: 2 * MAX_PATH_BYTES,
    delivery: "whole",
    write: (w, m) => w.text(m.directory).text(m.file),
    read: (r, stream) => ({
      type: "prove",
      stream,
      directory: absolute(r.cString(MAX_PATH_BYTES)),
      file: plainName(r.cString(MAX_NAME_BYTES)),
    }),
  },
  "prove-end": bare("prove-end", 22),
  line: {
    code: 32,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u32(m.index),
    read: (r, stream) => ({ type: "line", stream, index: r.u32() }),
  },
  written: {
    code: 40,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u8(m.fd),
    read: (r, stream) => ({ type: "written", stream, fd: outputNumber(r.u8()) }),
  },
  "input-unread": bare("input-unread", 41),
  "input-offset": {
    code: 44,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => {
      w.count(m.offset);
      if (m.fd !== undefined) w.u8(m.fd);
    },
    read: (r, stream) => ({
      type: "input-offset",
      stream,
      offset: r.count(),
      ...(!r.isAtEnd && { fd: r.u8() }),
    }),
  },
  swept: {
    code: 42,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u32(m.ended).u32(m.left),
    read: (r, stream) => ({ type: "swept", stream, ended: r.u32(), left: r.u32() }),
  },
  ...JOIN_CODECS,
  "slot-wanted": bare("slot-wanted", 45),
  "slot-back": bare("slot-back", 46),
  "line-failed": {
    code: 35,
    maxBytes: 2 * MAX_PATH_BYTES,
    delivery: "whole",
    write: (w, m) => {
      w.u32(m.index);
      writeStatus(w, m.status);
    },
    read: (r, stream) => ({ type: "line-failed", stream, index: r.u32(), status: readStatus(r) }),
  },
  note: {
    code: 36,
    maxBytes: MAX_NOTE_BYTES + SMALL,
    delivery: "whole",
    write: (w, m) => w.text(m.text),
    read: (r, stream) => ({ type: "note", stream, text: r.text(MAX_NOTE_BYTES) }),
  },
  exit: {
    code: 37,
    maxBytes: MAX_FRAME_BYTES,
    delivery: "whole",
    write: (w, m) => {
      writeStatus(w, m.status);
      writeReceipts(w, m.receipts);
      w.time(m.startedMs).time(m.endedMs);
      writeLoad(w, m.load);
    },
    read: (r, stream) => ({
      type: "exit",
      stream,
      status: readStatus(r),
      receipts: readReceipts(r),
      startedMs: r.time(),
      endedMs: r.time(),
      load: readLoad(r),
    }),
  },
  refuse: {
    code: 38,
    maxBytes: 2 * MAX_TEXT_BYTES,
    delivery: "whole",
    write: (w, m) => w.u8(REFUSALS.indexOf(m.code)).text(m.errno).text(m.text),
    read: (r, stream) => ({
      type: "refuse",
      stream,
      code: oneOf(REFUSALS, r.u8()),
      errno: r.text(MAX_NAME_BYTES),
      text: r.text(MAX_TEXT_BYTES),
    }),
  },
  proof: {
    code: 39,
    maxBytes: 1024,
    delivery: "whole",
    write: (w, m) => {
      w.text(m.errno).bool(m.isDirectory).u64(m.ino).i64(m.mtimeNs).text(m.seen).text(m.written);
    },
    read: (r, stream) => ({
      type: "proof",
      stream,
      errno: r.text(MAX_NAME_BYTES),
      isDirectory: r.bool(),
      ino: r.u64(),
      mtimeNs: r.i64(),
      seen: r.text(MAX_NONCE_BYTES),
      written: r.text(MAX_NONCE_BYTES),
    }),
  },
};

const TYPE_OF_CODE: ReadonlyMap<number, MessageType> = new Map(
  [...Object.entries(CODECS), ...Object.entries(RAW)].map(([type, { code }]) => [code, type as MessageType]),
);

/** @throws WireError for a number that no message has */
export function messageTypeOf(code: number): MessageType {
  const type = TYPE_OF_CODE.get(code);
  if (type === undefined) throw new WireError(`the unknown message ${String(code)}`);
  return type;
}

export function isRaw(type: MessageType): type is RawType {
  return Object.hasOwn(RAW, type);
}

/** What the frame's header needs to know of a type. */
export function frameRulesOf(type: MessageType): {
  readonly code: number;
  readonly maxBytes: number;
  readonly delivery: Delivery;
} {
  return isRaw(type) ? RAW[type] : CODECS[type];
}

/** Writes the payload of a message that is not plain bytes. */
export function writePayload(writer: ByteWriter, message: Extract<Message, { readonly type: CodedType }>): void {
  const codec = CODECS[message.type] as Codec<CodedType>;
  codec.write(writer, message);
}

/** Reads a payload, all of it. @throws WireError */
export function readPayload(type: CodedType, reader: ByteReader, stream: number): Message {
  const message = CODECS[type].read(reader, stream);
  reader.end();
  return message;
}

/** The form of a message that says no more than its type. */
function bare<Type extends BareType>(type: Type, code: number): Codec<Type> {
  const read = (_: ByteReader, stream: number): MessageOf<Type> => ({ type, stream }) as MessageOf<Type>;
  return { code, maxBytes: 0, delivery: "whole", write: () => undefined, read };
}

function oneOf<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new WireError(`the unknown code ${String(index)}`);
  return value;
}

function signalNumber(value: number): number {
  if (value < 1 || value > 64) throw new WireError(`the signal ${String(value)}`);
  return value;
}

function outputNumber(value: number): number {
  if (value !== 1 && value !== 2) throw new WireError(`the output ${String(value)}`);
  return value;
}

function absolute(path: string): string {
  if (!path.startsWith("/")) throw new WireError("a directory that is not absolute");
  return path;
}

function plainName(name: string): string {
  if (name.includes("/") || name === "." || name === "..") throw new WireError("a file name with a directory in it");
  return name;
}
