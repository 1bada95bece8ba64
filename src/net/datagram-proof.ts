/** Proves datagrams, and checks their proof: HMAC-SHA256 under a key of the application's, cut to half. */

import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { fromBytes } from "../base/latin1.js";
import {
  APPLICATION_BYTES,
  type Datagram,
  type Envelope,
  formatDatagram,
  formatRelayed,
  PROOF_BYTES,
  type Relayed,
} from "../wire/datagram.js";
import type { ClientKeyFile, WorkerKeyFile } from "../wire/key-file.js";

/** What it takes to announce an application, and to believe who announces it. */
export interface ApplicationKey {
  /** Names the application in each datagram. */
  readonly application: string;
  readonly announceKey: Uint8Array;
  /** For those who believe relays. */
  readonly relayKey?: Uint8Array;
}

/** Of either half of a key pair. */
export function applicationKeyOf(key: ClientKeyFile | WorkerKeyFile): ApplicationKey {
  const hash = createHash("sha256").update(key.workerCertificate).digest();
  const application = fromBytes(hash.subarray(0, APPLICATION_BYTES));
  if (key.kind === "client") return { application, announceKey: key.announceKey };
  return { application, announceKey: announceKeyOf(key.seed), relayKey: relayKeyOf(key.seed) };
}

/** Follows from a pair's seed. */
export function announceKeyOf(seed: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", seed, "", "mpmake/1 announce", 32));
}

/** What a relay holds of a pair: it follows from the seed, and nothing follows from it. */
export function relayKeyOf(seed: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", seed, "", "mpmake/1 relay", 32));
}

/** The whole datagram, ready to be sent. */
export function sealDatagram(datagram: Datagram, key: Uint8Array): Uint8Array {
  return sealed(formatDatagram(datagram), key);
}

export function sealRelayed(relayed: Relayed, key: Uint8Array): Uint8Array {
  return sealed(formatRelayed(relayed), key);
}

/** Whether whoever made it holds the key. */
export function isProved({ proved, proof }: Envelope, key: Uint8Array): boolean {
  return proof.length === PROOF_BYTES && timingSafeEqual(proof, proofOf(proved, key));
}

function sealed(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, proofOf(bytes, key)]);
}

function proofOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(bytes).digest().subarray(0, PROOF_BYTES);
}
