/** Until when a key may be used: its certificates say it, so that both sides see it and nobody can put it off. */

import { X509Certificate } from "node:crypto";
import { formatMoment } from "../base/moment.js";
import { fail, ok, type Result } from "../base/result.js";
import type { KeyFile } from "../wire/key-file.js";

/**
 * Two clocks may differ by so much. A certificate is valid that much longer than its key is said to be: whoever judges by a clock that
 * is ahead, within the limit, refuses no key that is good.
 */
const TOLERANCE_MS = 2000;

/** The end of a certificate that has none (RFC 5280, 4.1.2.5). */
const NO_END = Date.parse("9999-12-31T23:59:59Z");

/** No key can be said to expire later. */
export const LAST_EXPIRY_MS = Date.parse("9999-01-01T00:00:00Z");

/** When a certificate ends whose key expires then. */
export function certificateEnd(expiresMs: number | undefined): Date {
  return new Date(expiresMs === undefined ? NO_END : expiresMs + TOLERANCE_MS);
}

/** When the key of a certificate (DER) expires, in milliseconds since the epoch; undefined: never. The failure is a phrase. */
export function expiryOfCertificate(der: Uint8Array): Result<number | undefined, string> {
  const endMs = endOf(der);
  if (endMs === undefined) return fail("what should be a certificate is none");
  return ok(endMs === NO_END ? undefined : endMs - TOLERANCE_MS);
}

function endOf(der: Uint8Array): number | undefined {
  try {
    return Date.parse(new X509Certificate(der).validTo);
  } catch {
    return undefined; // whatever OpenSSL finds in these bytes, it is no certificate
  }
}

/** When a key file expires: with the first of its certificates. A relay's has none. The failure is a phrase. */
export function expiryOfKey(key: KeyFile): Result<number | undefined, string> {
  if (key.kind === "relay") return ok(undefined);
  const worker = expiryOfCertificate(key.workerCertificate);
  const client = expiryOfCertificate(key.clientCertificate);
  if (!worker.ok) return worker;
  if (!client.ok) return client;
  return ok(earlier(worker.value, client.value));
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** What is wrong with a key that expires then; undefined: it may be used. A phrase that fits behind the key's name. */
export function expiryFault(expiresMs: number | undefined, nowMs: number): string | undefined {
  if (expiresMs === undefined || nowMs < expiresMs + TOLERANCE_MS) return undefined;
  return `expired on ${formatMoment(expiresMs)}`;
}
