/** Certificates that sign themselves; only `ckeygen` makes any, everyone else finds them in the key files. */

// The certificate library asks for this polyfill, and for being loaded after it.
import "reflect-metadata";
import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } from "@peculiar/x509";

/** The certificate of an Ed25519 private key, in DER; always the same for the same key, name and end. */
export async function makeCertificate(key: KeyObject, name: string, notAfter: Date): Promise<Uint8Array> {
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      serialNumber: "01",
      notBefore: new Date("2000-01-01T00:00:00Z"),
      notAfter,
      signingAlgorithm: { name: "Ed25519" },
      keys: await webKeys(key),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  return new Uint8Array(certificate.rawData);
}

async function webKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = key.export({ format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, "Ed25519", true, ["verify"]),
  };
}
