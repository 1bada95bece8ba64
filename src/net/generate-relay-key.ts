/** What `ckeygen --relay` does: writes the key by which a relay proves that a datagram came through it. */

import { toBytes } from "../base/latin1.js";
import { applicationKeyOf, relayKeyOf } from "./datagram-proof.js";
import { equal, type GenerateKeysResult, KEYGEN_STATUS, writeFailure } from "./generate-keys.js";
import { createKeyFile, readKeyFile, readKeyFileOf } from "./key-store.js";

export interface GenerateRelayKeyRequest {
  /** The worker's file. */
  readonly name: string;
  readonly file: string;
}

/** A key that exists is left as it is. */
export function generateRelayKey({ name, file }: GenerateRelayKeyRequest): GenerateKeysResult {
  const worker = readKeyFileOf(name, "worker");
  if (!worker.ok) return { status: KEYGEN_STATUS.badPrivateKey, messages: [worker.error.text] };
  const relayKey = relayKeyOf(worker.value.seed);
  const existing = readKeyFile(file);
  if (existing.ok) {
    if (existing.value.kind === "relay" && equal(existing.value.relayKey, relayKey)) return DONE;
    return { status: KEYGEN_STATUS.cannotWritePub, messages: [`${file} belongs to another key pair; remove it first`] };
  }
  if (existing.error.kind !== "missing")
    return { status: KEYGEN_STATUS.cannotWritePub, messages: [existing.error.text] };
  const application = toBytes(applicationKeyOf(worker.value).application);
  try {
    createKeyFile(file, { kind: "relay", application, relayKey });
    return DONE;
  } catch (error) {
    const { status, message } = writeFailure(file, error, KEYGEN_STATUS.cannotWritePub);
    return { status, messages: [message] };
  }
}

const DONE: GenerateKeysResult = { status: KEYGEN_STATUS.done, messages: [] };
