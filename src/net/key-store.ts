/** Key files on disk: read only when nobody else could have read or written them, written so that nothing is ever half there. */

import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { fromBytes, toBytes } from "../base/latin1.js";
import { formatMoment } from "../base/moment.js";
import { fail, ok, type Result } from "../base/result.js";
import { readTrustedFile, type TrustedFileFailure } from "../os/trusted-file.js";
import {
  type ClientKeyFile,
  formatKeyFile,
  type KeyFile,
  MAX_KEY_FILE_BYTES,
  parseKeyFile,
  type WorkerKeyFile,
} from "../wire/key-file.js";
import { expiryFault, expiryOfKey } from "./key-expiry.js";

/** Why a key file cannot be used. */
export interface KeyFileFailure {
  readonly kind: "missing" | "unreadable" | "unsafe" | "invalid" | "expired";
  /** A whole sentence without full stop, naming the file. */
  readonly text: string;
}

/** Reads a key file. It must be a file of this user's that nobody else may read or write, and must not have expired. */
export function readKeyFile(path: string, nowMs = Date.now()): Result<KeyFile, KeyFileFailure> {
  const bytes = readTrustedFile(path, { kind: "secret", maxBytes: MAX_KEY_FILE_BYTES });
  if (!bytes.ok) return fail(failureOf(path, bytes.error));
  const key = parseKeyFile(fromBytes(bytes.value));
  return key.ok ? unexpired(path, key.value, nowMs) : fail({ kind: "invalid", text: `${path} ${key.error}` });
}

function unexpired(path: string, key: KeyFile, nowMs: number): Result<KeyFile, KeyFileFailure> {
  const expires = expiryOfKey(key);
  if (!expires.ok) return fail({ kind: "invalid", text: `${path} is damaged: ${expires.error}` });
  const fault = expiryFault(expires.value, nowMs);
  if (fault === undefined) return ok(key);
  const text = `${path} ${fault}, and here it is ${formatMoment(nowMs)}; make a new key with ckeygen`;
  return fail({ kind: "expired", text });
}

/** Reads either half of a key pair. */
export function readHalf(path: string): Result<WorkerKeyFile | ClientKeyFile, KeyFileFailure> {
  const key = readKeyFile(path);
  if (!key.ok) return key;
  return key.value.kind === "relay"
    ? fail({ kind: "invalid", text: `${path} is no half of a key pair` })
    : ok(key.value);
}

/** Reads a key file that must be of one kind. */
export function readKeyFileOf<Kind extends KeyFile["kind"]>(
  path: string,
  kind: Kind,
): Result<Extract<KeyFile, { readonly kind: Kind }>, KeyFileFailure> {
  const key = readKeyFile(path);
  if (!key.ok) return key;
  if (isOfKind(key.value, kind)) return ok(key.value);
  const what = key.value.kind === "relay" ? "a relay's key" : `the ${key.value.kind}'s half of a key pair`;
  return fail({ kind: "invalid", text: `${path} is ${what}; ${HINTS[kind]}` });
}

const HINTS = {
  worker: "workers take the file without .pub",
  client: "clients take the file with .pub",
  relay: "relays take the file that ckeygen --relay writes",
} as const;

function isOfKind<Kind extends KeyFile["kind"]>(
  key: KeyFile,
  kind: Kind,
): key is Extract<KeyFile, { readonly kind: Kind }> {
  return key.kind === kind;
}

/** Writes a key file that must not exist yet. @throws ErrnoException, EEXIST when it does */
export function createKeyFile(path: string, key: KeyFile): void {
  const temporary = writeBeside(path, key);
  try {
    linkSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Writes a key file, in place of one that may exist. @throws ErrnoException */
export function replaceKeyFile(path: string, key: KeyFile): void {
  const temporary = writeBeside(path, key);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeBeside(path: string, key: KeyFile): string {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    fchmodSync(fd, 0o600); // a umask may have taken our own rights, too
    writeFileSync(fd, toBytes(formatKeyFile(key)));
    fsyncSync(fd);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return temporary;
}

function failureOf(path: string, { kind, text }: TrustedFileFailure): KeyFileFailure {
  return { kind, text: kind === "missing" ? `there is no key file ${path}` : `${path} ${text}` };
}
