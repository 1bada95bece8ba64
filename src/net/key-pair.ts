/** Key pairs: both halves of one, made of a seed of 32 bytes, always the same from the same seed. */

import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, scrypt, webcrypto } from "node:crypto";
import type { ClientKeyFile, WorkerKeyFile } from "../wire/key-file.js";

export const SEED_BYTES = 32;

export interface KeyPair {
  readonly worker: WorkerKeyFile;
  readonly client: ClientKeyFile;
}

/**
 * Both halves. Keys are Ed25519, each derived from the seed under a label of its own (HKDF-SHA256); certificates sign
 * themselves and are valid from 2000 to the end of 9999, because a node whose clock is wrong must still be told so in words.
 */
export async function makeKeyPair(seed: Uint8Array): Promise<KeyPair> {
  if (seed.length !== SEED_BYTES) throw new Error("internal error: a seed of the wrong length");
  const [worker, client] = [deriveKey(seed, "worker"), deriveKey(seed, "client")];
  const certificates = {
    workerCertificate: await makeCertificate(worker, "mpmake worker"),
    clientCertificate: await makeCertificate(client, "mpmake client"),
  };
  return {
    worker: { kind: "worker", seed, privateKey: pkcs8(worker), ...certificates },
    client: { kind: "client", privateKey: pkcs8(client), ...certificates, announceKey: derive(seed, "announce") },
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

async function makeCertificate(key: KeyObject, name: string): Promise<Uint8Array> {
  // The certificate library asks for it, and a build never comes here.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      serialNumber: "01",
      notBefore: new Date("2000-01-01T00:00:00Z"),
      notAfter: new Date("9999-12-31T23:59:59Z"),
      signingAlgorithm: { name: "Ed25519" },
      keys: await webKeys(key),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  return new Uint8Array(certificate.rawData);
}

async function webKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey("pkcs8", pkcs8(key), "Ed25519", true, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, "Ed25519", true, ["verify"]),
  };
}
