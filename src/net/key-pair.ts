/** Key pairs: both halves of one, made of a seed of 32 bytes, always the same from the same seed. */

import { createPrivateKey, generateKeyPairSync, hkdfSync, type KeyObject, scrypt } from "node:crypto";
import { announceKeyOf } from "./datagram-proof.js";
import { certificateEnd } from "./key-expiry.js";
import type { ClientKeyFile, WorkerKeyFile } from "../wire/key-file.js";

export const SEED_BYTES = 32;

export interface KeyPair {
  readonly worker: WorkerKeyFile;
  readonly client: ClientKeyFile;
}

/**
 * Both halves. Keys are Ed25519, each derived from the seed under a label of its own (HKDF-SHA256); certificates sign
 * themselves and are valid from 2000 on, because a node whose clock is wrong must still be told so in words.
 *
 * @param expiresMs - until when they may be used, in milliseconds since the epoch; undefined: for ever
 */
export async function makeKeyPair(seed: Uint8Array, expiresMs?: number): Promise<KeyPair> {
  if (seed.length !== SEED_BYTES) throw new Error("internal error: a seed of the wrong length");
  const [worker, client] = [deriveKey(seed, "worker"), deriveKey(seed, "client")];
  // Loaded here: the certificate library is large.
  const { makeCertificate } = await import("./certificate.js");
  const end = certificateEnd(expiresMs);
  const certificates = {
    workerCertificate: await makeCertificate(worker, "mpmake worker", end),
    clientCertificate: await makeCertificate(client, "mpmake client", end),
  };
  return {
    worker: { kind: "worker", seed, privateKey: pkcs8(worker), ...certificates },
    client: { kind: "client", privateKey: pkcs8(client), ...certificates, announceKey: announceKeyOf(seed) },
  };
}

/**
 * A client's credential of its own, for workers of the same pair that are told whom they may serve. Its key follows from nothing: who
 * holds the pair cannot make it. It expires with the pair at the latest.
 */
export async function makeUserCredential(
  user: string,
  pair: WorkerKeyFile | ClientKeyFile,
  expiresMs?: number,
): Promise<ClientKeyFile> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { makeCertificate } = await import("./certificate.js");
  return {
    kind: "client",
    privateKey: pkcs8(privateKey),
    workerCertificate: pair.workerCertificate,
    clientCertificate: await makeCertificate(privateKey, `mpmake client ${user}`, certificateEnd(expiresMs)),
    announceKey: pair.kind === "client" ? pair.announceKey : announceKeyOf(pair.seed),
  };
}

/** A seed made of a text that people keep. Whoever guesses the text has the keys. */
export function seedOfText(text: Uint8Array): Promise<Uint8Array> {
  const cost = { N: 2 ** 16, r: 8, p: 1, maxmem: 2 ** 27 };
  return new Promise((resolve, reject) => {
    scrypt(text, "mpmake ckeygen", SEED_BYTES, cost, (error, seed) => {
      if (error === null) resolve(new Uint8Array(seed));
      else reject(error);
    });
  });
}

function derive(seed: Uint8Array, label: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", seed, "", `mpmake/1 ${label}`, 32));
}

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

function deriveKey(seed: Uint8Array, label: string): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, derive(seed, label)]), format: "der", type: "pkcs8" });
}

function pkcs8(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
}
