/** The decoders of what strangers send: what each is fed first, how an input is made to reach deep, and what must hold of any. */

import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { fromBytes, toBytes } from "../../src/base/latin1.js";
import { DatagramJudge } from "../../src/net/datagram-judge.js";
import { crc32 } from "../../src/wire/crc32.js";
import {
  formatDatagram,
  formatRelayed,
  openEnvelope,
  parseDatagram,
  parseRelayed,
  PROOF_BYTES,
} from "../../src/wire/datagram.js";
import type { Received } from "../../src/wire/endpoint.js";
import { frameHeader } from "../../src/wire/frame.js";
import { HEADER_BYTES } from "../../src/wire/limits.js";
import { formatKeyFile, parseKeyFile } from "../../src/wire/key-file.js";
import { decodeRequest, encodeRequest, requestFault } from "../../src/wire/request-codec.js";
import { parseVectorText, readVectors, told } from "../rig/vector-text.js";
import { type Half, HEARD_AT_MS, KEYS } from "../rig/vector-keys.js";
import { parseVector, replay, type Vector } from "../wire/vector.js";

export interface Sample<State> {
  readonly bytes: Uint8Array;
  /** In what state the decoder is when it hears them. */
  readonly state: State;
}

/** Changes bytes in one way or another. */
export type Change = (bytes: Uint8Array) => Uint8Array;

export interface Target<State> {
  readonly name: string;
  /** Of a hundred inputs. */
  readonly share: number;
  readonly samples: readonly Sample<State>[];
  /** A changed sample whose lengths, sums or proofs are right again. `how` says which. */
  readonly repaired: (sample: Sample<State>, change: Change, how: number) => Uint8Array;
  /** @returns what came of them, in words that tell one way through the decoder from another. @throws whatever must not be */
  readonly check: (sample: Sample<State>, how: number) => string;
}

const MAX_SAMPLE_BYTES = 4096;

// ── frames ──

const frames: Target<Omit<Vector, "bytes">> = {
  name: "frames",
  share: 60,
  samples: readVectors("").flatMap(([, text]) => {
    const { bytes, ...state } = parseVector(text);
    return bytes.length <= MAX_SAMPLE_BYTES ? [{ bytes, state }] : [];
  }),
  repaired: ({ bytes }, change, how) => {
    const cut = framesOf(bytes);
    if (cut.length === 0) return change(bytes);
    const at = how % cut.length;
    return Buffer.concat(cut.map(({ head, payload }, i) => framed(head, i === at ? change(payload) : payload)));
  },
  check: ({ bytes, state }, how) => {
    const vector = { ...state, bytes };
    const whole = replay(vector);
    assert.deepEqual(
      replay(vector, [how % (bytes.length + 1)]).map(told),
      whole.map(told),
      "it matters where it is cut",
    );
    for (const received of whole) if (received.type === "run") checkRequest(received);
    const [last, before] = [...whole].reverse();
    return `${nameOf(before)} ${nameOf(last)}`;
  },
};

function framesOf(bytes: Uint8Array): readonly { readonly head: Uint8Array; readonly payload: Uint8Array }[] {
  const cut = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const head = bytes.subarray(at, at + HEADER_BYTES);
    const end = at + HEADER_BYTES + Buffer.from(head).readUInt32BE(0);
    cut.push({ head, payload: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return cut;
}

function framed(head: Uint8Array, payload: Uint8Array): Uint8Array {
  const [code = 0] = head.subarray(4);
  const header = frameHeader({ length: payload.length, code, stream: Buffer.from(head).readUIntBE(5, 3) });
  return Buffer.concat([header, payload]);
}

/** What a node takes, a client could have sent. */
function checkRequest({ request: { needs, ...request } }: Extract<Received, { readonly type: "run" }>): void {
  assert.equal(requestFault(request), undefined);
  assert.deepEqual(decodeRequest(encodeRequest(request)), request);
  assert.ok(needs === undefined || needs.length > 0);
}

function nameOf(received: Received | undefined): string {
  if (received === undefined) return "-";
  const why = received.type === "fault" || received.type === "bad-request" ? `: ${received.text}` : "";
  return withoutNumbers(received.type + why);
}

// ── datagrams ──

/** Long-lived, as in a worker: what it keeps of sources is bounded. */
const judges: Readonly<Record<Half, { readonly judge: DatagramJudge; reason: string; heard: number }>> = {
  worker: listening("worker"),
  client: listening("client"),
};

function listening(half: Half) {
  const judging = { judge: judgeOf(half, (reason) => (judging.reason = reason)), reason: "", heard: 0 };
  return judging;
}

function judgeOf(half: Half, onRejected: (reason: string) => void): DatagramJudge {
  const clock = { nowMs: () => HEARD_AT_MS };
  return new DatagramJudge({ keys: [KEYS[half]], clock, onRejected: (_, reason) => onRejected(reason) });
}

const datagrams: Target<Half> = {
  name: "datagrams",
  share: 25,
  samples: readVectors("datagrams/").map(([, text]) => {
    const { bytes, valuesOf } = parseVectorText(text);
    return { bytes, state: valuesOf("key")[0] === "client" ? "client" : "worker" };
  }),
  repaired: ({ bytes }, change, how) => {
    const one = proved(change(unproved(bytes)));
    return how % 3 === 0 ? relayed(one) : one;
  },
  check: ({ bytes, state }) => {
    const judging = judges[state];
    judging.reason = "";
    const datagram = judging.judge.judge(bytes, `source ${String(judging.heard++)}`);
    if (datagram === undefined) return withoutNumbers(judging.reason);
    const envelope = openEnvelope(bytes);
    // There is one way to say a thing.
    const again = envelope.isRelayed ? formatRelayed(parseRelayed(envelope)) : formatDatagram(parseDatagram(envelope));
    assert.deepEqual(Buffer.from(again), Buffer.from(envelope.proved));
    return `${envelope.isRelayed ? "relayed " : ""}${datagram.type}`;
  },
};

const unproved = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.max(0, bytes.length - PROOF_BYTES));
const LENGTH_AT = 6;
const RELAYED = 5;

/** With its own length, and the proof that its type asks for. */
function proved(bytes: Uint8Array): Uint8Array {
  const whole = Buffer.from(bytes);
  if (whole.length >= LENGTH_AT + 2) whole.writeUInt16BE((whole.length + PROOF_BYTES) & 0xffff, LENGTH_AT);
  const { announceKey, relayKey = announceKey } = KEYS.worker;
  const key = whole[4] === RELAYED ? relayKey : announceKey;
  return Buffer.concat([whole, createHmac("sha256", key).update(whole).digest().subarray(0, PROOF_BYTES)]);
}

function relayed(inner: Uint8Array): Uint8Array {
  const { application } = KEYS.worker;
  const head = Buffer.from([...toBytes("CXA"), 1, RELAYED, 0, 0, 0, ...toBytes(application)]);
  const rest = Buffer.alloc(8 + 1 + 2 + 4 + 7 + 4);
  rest.writeBigInt64BE(BigInt(HEARD_AT_MS) * 1000n, 0);
  rest.writeUInt8(7, 8);
  rest.writeUInt16BE(4001, 9);
  rest.writeUInt32BE(7, 11);
  rest.write("1.2.3.4", 15, "latin1");
  rest.writeUInt32BE(inner.length, 22);
  return proved(Buffer.concat([head, rest, inner]));
}

// ── key files ──

const keyFiles: Target<undefined> = {
  name: "key files",
  share: 15,
  samples: readVectors("key-files/").flatMap(([, text]) => {
    const { bytes } = parseVectorText(text);
    return bytes.length <= MAX_SAMPLE_BYTES ? [{ bytes, state: undefined }] : [];
  }),
  repaired: ({ bytes }, change) => {
    const text = fromBytes(bytes);
    const body = fromBytes(change(toBytes(text.slice(0, Math.max(0, text.lastIndexOf("checksum "))))));
    return toBytes(`${body}checksum ${crc32(body)}\n`);
  },
  check: ({ bytes }) => {
    const text = fromBytes(bytes);
    const key = parseKeyFile(text);
    if (!key.ok) return key.error;
    assert.equal(formatKeyFile(key.value), text);
    return key.value.kind;
  },
};

/** All, with states that only they know of. */
export const TARGETS = [frames, datagrams, keyFiles] as readonly Target<unknown>[];

function withoutNumbers(text: string): string {
  return text.replace(/-?\d+(\.\d+)?/g, "N");
}
