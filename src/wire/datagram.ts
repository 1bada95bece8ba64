/**
 * The datagrams by which clients find workers without knowing them, and tell of them afterwards: their layout, not their proof, which
 * `net/datagram-proof.ts` adds and checks. docs/protocol.md, "Announcements", is the same in words.
 */

import { fromBytes, toBytes } from "../base/latin1.js";
import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import type { ToldStatus } from "./message.js";
import { readStatus, writeStatus } from "./status-codec.js";
import { WireError } from "./wire-error.js";

/** One datagram, whatever it says, whole. */
export const MAX_DATAGRAM_BYTES = 512;
/** Names the application: the first bytes of the SHA-256 of its worker's certificate. */
export const APPLICATION_BYTES = 8;
export const REQUEST_ID_BYTES = 16;
/** The first bytes of an id, the same in all requests of one client while it runs. */
export const CLIENT_BYTES = 8;
/** The proof at the end of each datagram. */
export const PROOF_BYTES = 16;
/** An announcement may be answered for so long at most. */
export const MAX_LIFETIME_MS = 30_000;
/** How far the clocks of both sides may be apart. */
export const MAX_SKEW_MS = 30_000;
const MAX_ADDRESSES = 4;
/** Relays between a client and a worker. */
export const MAX_HOPS = 8;

/** What kind of worker is looked for: one that runs its own program, or one that runs what it is told. */
export type Wanted = "service" | "node";

interface Common {
  /** Of `APPLICATION_BYTES`. */
  readonly application: string;
  /** Of the request that it is, or is about; of `REQUEST_ID_BYTES`, and never used again. */
  readonly id: string;
  /** On its sender's clock, in milliseconds since the epoch. */
  readonly sentMs: number;
}

/** A client waits for workers at these addresses, and this port. */
export interface Announcement extends Common {
  readonly type: "request";
  readonly wanted: Wanted;
  readonly lifetimeMs: number;
  readonly port: number;
  /** As text; a worker tries them in order. They are part of what is proved, unlike the address that the datagram comes from. */
  readonly addresses: readonly string[];
}

/** A worker was found: the others need not answer any more. */
export interface Answered extends Common {
  readonly type: "answered";
}

/** A worker has failed its client; `reason` is for people. */
export interface Complaint extends Common {
  readonly type: "complaint";
  readonly worker: string;
  /** As the client sees it. */
  readonly address: string;
  readonly reason: string;
}

/** How a program ended, which is all that the group is told. */
export type CompletedStatus = Exclude<ToldStatus, { readonly kind: "unstarted" }>;

/** A worker has done its work, whatever became of that. */
export interface Completion extends Common {
  readonly type: "completed";
  readonly worker: string;
  readonly address: string;
  readonly status: CompletedStatus;
}

export type Datagram = Announcement | Answered | Complaint | Completion;

/** A datagram handed on between networks, as it came; workers reach its client through the relay. */
export interface Relayed {
  readonly type: "relayed";
  readonly application: string;
  readonly sentMs: number;
  /** Relays that may still hand it on. */
  readonly hops: number;
  readonly port: number;
  readonly address: string;
  readonly inner: Uint8Array;
}

/** What can be seen of a datagram before its proof is checked. */
export interface Envelope {
  readonly isRelayed: boolean;
  readonly application: string;
  /** What the proof is about. */
  readonly proved: Uint8Array;
  readonly proof: Uint8Array;
}

/** "CXA" and the version of this layout. */
const MAGIC = 0x4358_4101;
const LENGTH_AT = 6;
const MAX_ADDRESS_BYTES = 45;
const MAX_WORKER_BYTES = 64;
const MAX_REASON_BYTES = 120;

const TYPES = { request: 1, answered: 2, complaint: 3, completed: 4, relayed: 5 } as const;
const WANTED = { service: 1, node: 2 } as const;

/** Which client a request is of. */
export function clientOf(id: string): string {
  return id.slice(0, CLIENT_BYTES);
}

/** Why a datagram is not of now, on our clock; undefined: it is. One that was sent so long ago may be another's who has heard it. */
export function skewFault(sentMs: number, nowMs: number): string | undefined {
  const aheadMs = sentMs - nowMs;
  if (Math.abs(aheadMs) <= MAX_SKEW_MS) return undefined;
  const seconds = String(Math.round(Math.abs(aheadMs) / 1000));
  return `a datagram of ${seconds} s ${aheadMs > 0 ? "ahead" : "ago"}, by our clock`;
}

/** The bytes before the proof. */
export function formatDatagram(datagram: Datagram): Uint8Array {
  const writer = headed(datagram);
  writer.raw(toBytes(datagram.id));
  switch (datagram.type) {
    case "request":
      writer.u8(WANTED[datagram.wanted]).u32(datagram.lifetimeMs).u16(datagram.port);
      writer.list(datagram.addresses, (address) => writer.text(address));
      break;
    case "answered":
      break;
    case "complaint":
      writeWorker(writer, datagram);
      writer.text(datagram.reason.slice(0, MAX_REASON_BYTES));
      break;
    case "completed":
      writeWorker(writer, datagram);
      writeStatus(writer, datagram.status);
      break;
  }
  return measured(writer);
}

/** The bytes before the proof. */
export function formatRelayed(relayed: Relayed): Uint8Array {
  const writer = headed(relayed);
  writer.u8(relayed.hops).u16(relayed.port).text(relayed.address).bytes(relayed.inner);
  return measured(writer);
}

/** Takes a datagram apart as far as that costs nothing. @throws WireError */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_DATAGRAM_BYTES) throw new WireError(`a datagram of ${String(bytes.length)} bytes`);
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw new WireError("a datagram of another kind");
  const type = reader.u8();
  if (reader.u8() !== 0) throw new WireError("a datagram with unknown flags");
  const length = reader.u16();
  if (length !== bytes.length) throw new WireError("a datagram that is not as long as it says");
  const application = fromBytes(reader.raw(APPLICATION_BYTES));
  const end = length - PROOF_BYTES;
  return {
    isRelayed: type === TYPES.relayed,
    application,
    proved: bytes.subarray(0, Math.max(0, end)),
    proof: bytes.subarray(Math.max(0, end)),
  };
}

/** Reads what was proved, which is not relayed. @throws WireError */
export function parseDatagram({ proved, application }: Envelope): Datagram {
  const reader = new ByteReader(proved);
  const { type, sentMs } = readHead(reader);
  const common = { application, sentMs, id: fromBytes(reader.raw(REQUEST_ID_BYTES)) };
  const datagram = parseBody(type, reader, common);
  reader.end();
  return datagram;
}

/** Reads what was proved, which is relayed. @throws WireError */
export function parseRelayed({ proved, application }: Envelope): Relayed {
  const reader = new ByteReader(proved);
  const { sentMs } = readHead(reader);
  const hops = reader.u8();
  if (hops > MAX_HOPS) throw new WireError(`${String(hops)} hops`);
  const port = readPort(reader);
  const address = readAddress(reader);
  const inner = reader.bytes(MAX_DATAGRAM_BYTES);
  reader.end();
  return { type: "relayed", application, sentMs, hops, port, address, inner };
}

function headed({ type, application, sentMs }: Datagram | Relayed): ByteWriter {
  return new ByteWriter().u32(MAGIC).u8(TYPES[type]).u8(0).u16(0).raw(toBytes(application)).time(sentMs);
}

function readHead(reader: ByteReader): { readonly type: number; readonly sentMs: number } {
  reader.u32();
  const type = reader.u8();
  reader.raw(LENGTH_AT + 2 - 5 + APPLICATION_BYTES);
  return { type, sentMs: reader.time() };
}

/** Says how long the whole is to be. */
function measured(writer: ByteWriter): Uint8Array {
  const bytes = writer.take();
  const length = bytes.length + PROOF_BYTES;
  if (length > MAX_DATAGRAM_BYTES) throw new Error("internal error: a datagram that is too long");
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(LENGTH_AT, length);
  return bytes;
}

function parseBody(type: number, reader: ByteReader, common: Common): Datagram {
  switch (type) {
    case TYPES.request:
      return readRequest(reader, common);
    case TYPES.answered:
      return { type: "answered", ...common };
    case TYPES.complaint:
      return { type: "complaint", ...common, ...readWorker(reader), reason: reader.text(MAX_REASON_BYTES) };
    case TYPES.completed:
      return { type: "completed", ...common, ...readWorker(reader), status: readCompleted(reader) };
    default:
      throw new WireError(`a datagram of type ${String(type)}`);
  }
}

function readRequest(reader: ByteReader, common: Common): Announcement {
  const code = reader.u8();
  const wanted = code === WANTED.service ? "service" : code === WANTED.node ? "node" : undefined;
  if (wanted === undefined) throw new WireError("an announcement that wants something unknown");
  const lifetimeMs = reader.u32();
  if (lifetimeMs > MAX_LIFETIME_MS) throw new WireError(`an announcement for ${String(lifetimeMs)} ms`);
  const port = readPort(reader);
  const addresses = reader.list(MAX_ADDRESSES, () => readAddress(reader));
  if (addresses.length === 0) throw new WireError("an announcement without an address");
  return { type: "request", ...common, wanted, lifetimeMs, port, addresses };
}

function writeWorker(writer: ByteWriter, { worker, address }: Complaint | Completion): void {
  writer.text(worker.slice(0, MAX_WORKER_BYTES)).text(address);
}

function readWorker(reader: ByteReader): { readonly worker: string; readonly address: string } {
  return { worker: reader.text(MAX_WORKER_BYTES), address: readAddress(reader) };
}

function readCompleted(reader: ByteReader): CompletedStatus {
  const status = readStatus(reader);
  if (status.kind === "unstarted") throw new WireError("a completion of what never started");
  return status;
}

function readPort(reader: ByteReader): number {
  const port = reader.u16();
  if (port === 0) throw new WireError("port 0");
  return port;
}

/** Only signs that an address can have; what it means is for the system to say. */
function readAddress(reader: ByteReader): string {
  const address = reader.text(MAX_ADDRESS_BYTES);
  if (!/^[0-9a-fA-F:.]+$/.test(address)) throw new WireError("an address that is none");
  return address;
}
