/** What `ckeygen -c USER` does: makes a credential for one client, and says how workers are told of it. */

import { formatMoment } from "../base/moment.js";
import { fingerprintOfCertificate } from "./credential.js";
import { equal, expiryOf, type GenerateKeysResult, KEYGEN_STATUS, otherExpiry, writeFailure } from "./generate-keys.js";
import { makeUserCredential } from "./key-pair.js";
import { createKeyFile, readHalf, readKeyFile } from "./key-store.js";

export interface GenerateUserKeyRequest {
  /** Either half of the pair that the workers hold. */
  readonly name: string;
  /** Where the credential goes. */
  readonly file: string;
  readonly user: string;
  /** When it expires, in milliseconds since the epoch; with the pair unless given. */
  readonly expiresMs?: number | undefined;
}

export interface GenerateUserKeyResult extends GenerateKeysResult {
  /** The line for the workers' file of who is authorized. */
  readonly line?: string;
}

/** A credential that exists is left as it is, and its line is told again. */
export async function generateUserKey({
  name,
  file,
  user,
  expiresMs,
}: GenerateUserKeyRequest): Promise<GenerateUserKeyResult> {
  const pair = readHalf(name);
  if (!pair.ok) return { status: KEYGEN_STATUS.badPrivateKey, messages: [pair.error.text] };
  const existing = readKeyFile(file);
  if (existing.ok) {
    const key = existing.value;
    if (key.kind === "client" && equal(key.workerCertificate, pair.value.workerCertificate)) {
      const other = otherExpiry(file, expiryOf(key), expiresMs);
      return other === undefined ? done(key.clientCertificate, user) : { ...other, messages: [other.message] };
    }
    return { status: KEYGEN_STATUS.cannotWritePub, messages: [`${file} belongs to another key pair; remove it first`] };
  }
  if (existing.error.kind !== "missing")
    return { status: KEYGEN_STATUS.cannotWritePub, messages: [existing.error.text] };
  const pairMs = expiryOf(pair.value);
  if (pairMs !== undefined && expiresMs !== undefined && expiresMs > pairMs)
    return { status: KEYGEN_STATUS.badPrivateKey, messages: [`${name} itself expires on ${formatMoment(pairMs)}`] };
  const credential = await makeUserCredential(user, pair.value, expiresMs);
  try {
    createKeyFile(file, credential);
  } catch (error) {
    const { status, message } = writeFailure(file, error, KEYGEN_STATUS.cannotWritePub);
    return { status, messages: [message] };
  }
  return done(credential.clientCertificate, user);
}

function done(certificate: Uint8Array, user: string): GenerateUserKeyResult {
  return { status: KEYGEN_STATUS.done, messages: [], line: `${fingerprintOfCertificate(certificate)} user=${user}` };
}
