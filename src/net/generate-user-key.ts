/** What `ckeygen -c USER` does: makes a credential for one client, and says how workers are told of it. */

import { fingerprintOfCertificate } from "./credential.js";
import { equal, type GenerateKeysResult, KEYGEN_STATUS, writeFailure } from "./generate-keys.js";
import { makeUserCredential } from "./key-pair.js";
import { createKeyFile, readHalf, readKeyFile } from "./key-store.js";

export interface GenerateUserKeyRequest {
  /** Either half of the pair that the workers hold. */
  readonly name: string;
  /** Where the credential goes. */
  readonly file: string;
  readonly user: string;
}

export interface GenerateUserKeyResult extends GenerateKeysResult {
  /** The line for the workers' file of who is authorized. */
  readonly line?: string;
}

/** A credential that exists is left as it is, and its line is told again. */
export async function generateUserKey({ name, file, user }: GenerateUserKeyRequest): Promise<GenerateUserKeyResult> {
  const pair = readHalf(name);
  if (!pair.ok) return { status: KEYGEN_STATUS.badPrivateKey, messages: [pair.error.text] };
  const existing = readKeyFile(file);
  if (existing.ok) {
    const key = existing.value;
    if (key.kind === "client" && equal(key.workerCertificate, pair.value.workerCertificate))
      return done(key.clientCertificate, user);
    return { status: KEYGEN_STATUS.cannotWritePub, messages: [`${file} belongs to another key pair; remove it first`] };
  }
  if (existing.error.kind !== "missing")
    return { status: KEYGEN_STATUS.cannotWritePub, messages: [existing.error.text] };
  const credential = await makeUserCredential(user, pair.value);
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
