/** Datagrams that nobody is to be moved by, and what a tool that hears them says. */

import { createHash, createHmac, randomBytes } from "node:crypto";
import { type ApplicationKey, applicationKeyOf, sealDatagram, sealRelayed } from "../../src/net/datagram-proof.js";
import type { Announcement, Datagram, Wanted } from "../../src/wire/datagram.js";
import type { AttackKeys } from "./client-attacks.js";

/** What an attack is made of. */
export interface DatagramKit {
  readonly keys: AttackKeys;
  readonly wanted: Wanted;
  /** Where whoever believes it would call. */
  readonly port: number;
}

export interface DatagramAttack {
  readonly title: string;
  /** undefined: it is of another application, of which nothing is said. */
  readonly reason: RegExp | undefined;
  readonly make: (kit: DatagramKit) => Uint8Array;
}

const NO_PROOF = /^a datagram without proof of the key$/;
const NO_RELAY = /^a relay without proof of the key$/;
const NOT_RELAYED = /^a relayed datagram without proof of the key$/;
const OTHER_KIND = /^a datagram of another kind$/;
const SOON = /^a message that ends too soon$/;

export const DATAGRAM_ATTACKS: readonly DatagramAttack[] = [
  changed("with another address", (bytes) => flip(bytes, -17), NO_PROOF),
  changed("with another port", (bytes) => flip(bytes, 45), NO_PROOF),
  changed("with another time", (bytes) => flip(bytes, 23), NO_PROOF),
  changed("with another id", (bytes) => flip(bytes, 30), NO_PROOF),
  changed("with one bit of its proof changed", (bytes) => flip(bytes, -1), NO_PROOF),
  changed("without proof", (bytes) => Buffer.concat([bytes.subarray(0, -16), Buffer.alloc(16)]), NO_PROOF),
  sealedBy("by another application's key", ({ keys }) => applicationKeyOf(keys.other.client).announceKey, NO_PROOF),
  sealedBy("by what a worker shows of itself", ({ keys }) => hash(keys.client.workerCertificate), NO_PROOF),
  sealedBy("by what every datagram shows", ({ keys }) => Buffer.from(ours(keys).application, "latin1"), NO_PROOF),
  sealedBy("by a relay's key", ({ keys }) => relayKeyOf(keys), NO_PROOF),
  sealedBy("by no key at all", () => Buffer.alloc(0), NO_PROOF),
  made(
    "by the right key with another application's name",
    (kit) => ({ ...good(kit), application: "another!" }),
    undefined,
  ),
  { title: "as the model of these tools made them", reason: OTHER_KIND, make: modelAnnouncement },
  changed("of an older version", (bytes) => withByte(bytes, 3, 0), OTHER_KIND),
  changed("of a later version", (bytes) => withByte(bytes, 3, 2), OTHER_KIND),
  changed("with flags that nobody knows", (bytes) => withByte(bytes, 5, 1), /^a datagram with unknown flags$/),
  changed("that is cut off", (bytes) => bytes.subarray(0, -1), /^a datagram that is not as long as it says$/),
  changed("that is cut off in its head", (bytes) => bytes.subarray(0, 7), SOON),
  changed(
    "with a byte more",
    (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
    /^a datagram that is not as long as it says$/,
  ),
  { title: "of 513 bytes", reason: /^a datagram of 513 bytes$/, make: () => Buffer.alloc(513, 0x43) },
  { title: "of 8000 bytes", reason: /^a datagram of 8000 bytes$/, make: () => Buffer.alloc(8000, 0x43) },
  {
    title: "of nothing but noise",
    reason: OTHER_KIND,
    make: () => Buffer.concat([Buffer.alloc(1, 1), randomBytes(300)]),
  },
  made(
    "of half a minute ago, and a second",
    (kit) => ({ ...good(kit), sentMs: Date.now() - 31_000 }),
    /^a datagram of 31 s ago, by our clock$/,
  ),
  made(
    "of half a minute ahead, and some",
    (kit) => ({ ...good(kit), sentMs: Date.now() + 33_000 }),
    /^a datagram of 3\d s ahead, by our clock$/,
  ),
  made(
    "with a name for an address",
    (kit) => ({ ...good(kit), addresses: ["localhost"] }),
    /^an address that is none$/,
  ),
  made("with no address", (kit) => ({ ...good(kit), addresses: [] }), /^an announcement without an address$/),
  made(
    "with five addresses",
    (kit) => ({ ...good(kit), addresses: Array<string>(5).fill("127.0.0.1") }),
    /^a list of 5, 4 are allowed$/,
  ),
  made("with port 0", (kit) => ({ ...good(kit), port: 0 }), /^port 0$/),
  made(
    "that is to hold for a minute",
    (kit) => ({ ...good(kit), lifetimeMs: 60_000 }),
    /^an announcement for 60000 ms$/,
  ),
  relayedBy("handed on by a stranger", () => randomBytes(32), NO_RELAY),
  relayedBy("handed on by who holds NAME.pub", ({ keys }) => ours(keys).announceKey, NO_RELAY),
  {
    title: "that a relay has changed",
    reason: NOT_RELAYED,
    make: (kit) => relayed(kit, { key: relayKeyOf(kit.keys), inner: flip(sealed(kit), 50) }),
  },
  {
    title: "that a relay has made itself",
    reason: NOT_RELAYED,
    make: (kit) => relayed(kit, { key: relayKeyOf(kit.keys), inner: sealed(kit, relayKeyOf(kit.keys)) }),
  },
  {
    title: "that went round twice",
    reason: NOT_RELAYED,
    make: (kit) => relayed(kit, { key: relayKeyOf(kit.keys), inner: relayed(kit, { key: relayKeyOf(kit.keys) }) }),
  },
  {
    title: "that asks for more hops than there are",
    reason: /^9 hops$/,
    make: (kit) => relayed(kit, { key: relayKeyOf(kit.keys), hops: 9 }),
  },
  {
    title: "that is a forged complaint",
    reason: NO_PROOF,
    make: (kit) => sealDatagram(alert(kit, "complaint"), randomBytes(32)),
  },
  {
    title: "that is a forged completion",
    reason: NO_PROOF,
    make: (kit) => sealDatagram(alert(kit, "completed"), randomBytes(32)),
  },
];

/** An announcement that is to be believed. */
export function good({ keys, wanted, port }: DatagramKit): Announcement {
  const { application } = ours(keys);
  const id = randomBytes(16).toString("latin1");
  return {
    ...{ type: "request", application, id, sentMs: Date.now(), wanted, lifetimeMs: 30_000 },
    ...{ port, addresses: ["127.0.0.1"] },
  };
}

export function sealed(kit: DatagramKit, key = ours(kit.keys).announceKey): Uint8Array {
  return sealDatagram(good(kit), key);
}

export function relayed(
  kit: DatagramKit,
  {
    key,
    inner = sealed(kit),
    hops = 7,
  }: { readonly key: Uint8Array; readonly inner?: Uint8Array; readonly hops?: number },
): Uint8Array {
  const { application } = ours(kit.keys);
  const way = { hops, port: kit.port, address: "127.0.0.1" };
  return sealRelayed({ type: "relayed", application, sentMs: Date.now(), ...way, inner }, key);
}

/** As who holds NAME knows it. */
function ours({ worker }: AttackKeys): ApplicationKey {
  return applicationKeyOf(worker);
}

export function relayKeyOf(keys: AttackKeys): Uint8Array {
  return ours(keys).relayKey ?? new Uint8Array(0);
}

function alert({ keys }: DatagramKit, type: "complaint" | "completed"): Datagram {
  const { application } = ours(keys);
  const common = {
    application,
    id: randomBytes(16).toString("latin1"),
    sentMs: Date.now(),
    worker: "w",
    address: "127.0.0.1",
  };
  if (type === "complaint") return { type, ...common, reason: "forged" };
  return { type, ...common, status: { kind: "exited", code: 0 } };
}

function changed(title: string, change: (bytes: Uint8Array) => Uint8Array, reason: RegExp): DatagramAttack {
  return { title, reason, make: (kit) => change(sealed(kit)) };
}

function sealedBy(title: string, key: (kit: DatagramKit) => Uint8Array, reason: RegExp): DatagramAttack {
  return { title, reason, make: (kit) => sealed(kit, key(kit)) };
}

function made(
  title: string,
  announcement: (kit: DatagramKit) => Announcement,
  reason: RegExp | undefined,
): DatagramAttack {
  return { title, reason, make: (kit) => sealDatagram(announcement(kit), ours(kit.keys).announceKey) };
}

function relayedBy(title: string, key: (kit: DatagramKit) => Uint8Array, reason: RegExp): DatagramAttack {
  return { title, reason, make: (kit) => relayed(kit, { key: key(kit) }) };
}

/** A nonce, a port, a number of descriptors, and a sum that anybody can make. */
function modelAnnouncement({ port, keys }: DatagramKit): Uint8Array {
  const head = Buffer.alloc(40, 0x31);
  head.writeUInt16BE(port, 32);
  head.writeUInt16LE(3, 34);
  createHmac("sha256", hash(keys.client.workerCertificate)).update(head.subarray(0, 36)).digest().copy(head, 36, 0, 4);
  return Buffer.concat([head, Buffer.from("A=b\0\0", "latin1")]);
}

function hash(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const place = at < 0 ? bytes.length + at : at;
  return withByte(bytes, place, (bytes[place] ?? 0) ^ 1);
}

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = byte;
  return copy;
}
