/** What `ckeygen` does: writes the files of a key pair, never over a key that exists. */

import { randomBytes } from "node:crypto";
import { formatMoment } from "../base/moment.js";
import { fail, ok, type Result } from "../base/result.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { KeyFile, WorkerKeyFile } from "../wire/key-file.js";
import { expiryOfKey } from "./key-expiry.js";
import { type KeyPair, makeKeyPair, SEED_BYTES, seedOfText } from "./key-pair.js";
import { createKeyFile, readKeyFile, readKeyFileOf, replaceKeyFile } from "./key-store.js";

export interface GenerateKeysRequest {
  /** The worker's file. */
  readonly name: string;
  /** The client's file. */
  readonly pub: string;
  /** What the keys are to be made of; random ones unless given. */
  readonly text: Uint8Array | undefined;
  /** When they expire, in milliseconds since the epoch. undefined: as the key that is there, or never. */
  readonly expiresMs?: number | undefined;
}

/** Exit statuses; the original tool's. */
export const KEYGEN_STATUS = {
  done: 0,
  badPrivateKey: 101,
  cannotWritePub: 102,
  cannotWriteKey: 103,
  otherKey: 104,
  temporary: 111,
} as const;

interface KeygenFailure {
  readonly status: number;
  readonly message: string;
}

export interface GenerateKeysResult {
  readonly status: number;
  /** To be said on standard error. */
  readonly messages: readonly string[];
}

/** A text shorter than this is too easily guessed to go without a word. */
const SHORT_TEXT_BYTES = 24;

export async function generateKeys(request: GenerateKeysRequest): Promise<GenerateKeysResult> {
  const isGuessable = request.text !== undefined && request.text.length < SHORT_TEXT_BYTES;
  const warnings = isGuessable ? ["the text is short; whoever guesses it has the keys"] : [];
  const seed = request.text === undefined ? undefined : await seedOfText(request.text);
  const pair = await keyPairAt(request, seed);
  if (!pair.ok) return { status: pair.error.status, messages: [...warnings, pair.error.message] };
  const failure = writePub(request.pub, pair.value);
  return {
    status: failure?.status ?? KEYGEN_STATUS.done,
    messages: [...warnings, ...(failure === undefined ? [] : [failure.message])],
  };
}

/** The pair of the key at NAME, which is made if there is none. */
async function keyPairAt(
  { name, expiresMs }: GenerateKeysRequest,
  seed: Uint8Array | undefined,
): Promise<Result<KeyPair, KeygenFailure>> {
  const existing = readKeyFileOf(name, "worker");
  if (existing.ok) return existingPair(existing.value, { name, seed, expiresMs });
  if (existing.error.kind !== "missing")
    return fail({ status: KEYGEN_STATUS.badPrivateKey, message: existing.error.text });
  const pair = await makeKeyPair(seed ?? new Uint8Array(randomBytes(SEED_BYTES)), expiresMs);
  try {
    createKeyFile(name, pair.worker);
    return ok(pair);
  } catch (error) {
    return fail(writeFailure(name, error, KEYGEN_STATUS.cannotWriteKey));
  }
}

interface Asked {
  readonly name: string;
  readonly seed: Uint8Array | undefined;
  readonly expiresMs: number | undefined;
}

async function existingPair(
  key: WorkerKeyFile,
  { name, seed, expiresMs }: Asked,
): Promise<Result<KeyPair, KeygenFailure>> {
  if (key.seed.length !== SEED_BYTES)
    return fail({ status: KEYGEN_STATUS.badPrivateKey, message: `${name} holds no seed` });
  if (seed !== undefined && !equal(seed, key.seed)) {
    return fail({
      status: KEYGEN_STATUS.otherKey,
      message: `${name} holds another key than the text makes; it is left as it is`,
    });
  }
  const endMs = expiryOf(key);
  const other = otherExpiry(name, endMs, expiresMs);
  return other === undefined ? ok(await makeKeyPair(key.seed, endMs)) : fail(other);
}

/** What a key that was read already says of its end. */
export function expiryOf(key: KeyFile): number | undefined {
  const expires = expiryOfKey(key);
  if (!expires.ok) throw new Error(`internal error: ${expires.error}`);
  return expires.value;
}

/** A key's end cannot be put off, nor brought forward: it is left as it is. undefined: it is as asked for, or nothing was asked. */
export function otherExpiry(
  file: string,
  endMs: number | undefined,
  asked: number | undefined,
): KeygenFailure | undefined {
  if (asked === undefined || asked === endMs) return undefined;
  const end = endMs === undefined ? "does not expire" : `expires on ${formatMoment(endMs)}`;
  return { status: KEYGEN_STATUS.otherKey, message: `${file} ${end}; it is left as it is` };
}

/** A NAME.pub of another pair is not written over: nobody could make it again. */
function writePub(pub: string, pair: KeyPair): KeygenFailure | undefined {
  const existing = readKeyFile(pub);
  if (existing.ok && !isOfPair(existing.value, pair)) {
    return { status: KEYGEN_STATUS.cannotWritePub, message: `${pub} belongs to another key pair; remove it first` };
  }
  if (!existing.ok && existing.error.kind !== "missing") {
    return { status: KEYGEN_STATUS.cannotWritePub, message: `${existing.error.text}; it is left as it is` };
  }
  try {
    replaceKeyFile(pub, pair.client);
    return undefined;
  } catch (error) {
    return writeFailure(pub, error, KEYGEN_STATUS.cannotWritePub);
  }
}

function isOfPair(key: KeyFile, pair: KeyPair): boolean {
  return key.kind === "client" && equal(key.workerCertificate, pair.client.workerCertificate);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const PASSING_ERRORS = new Set(["EAGAIN", "EINTR", "EMFILE", "ENFILE", "ENOMEM", "EIO"]);

export function writeFailure(path: string, error: unknown, status: number): KeygenFailure {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  const message = `${path} cannot be written (${strerror(errno)})`;
  return { status: PASSING_ERRORS.has(errno) ? KEYGEN_STATUS.temporary : status, message };
}
