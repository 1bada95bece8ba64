/** What TLS is told, so that each side believes the other half of its own key pair and nothing else. */

import { constants, createHash } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import type { ClientKeyFile, WorkerKeyFile } from "../wire/key-file.js";
import { ALPN } from "../wire/limits.js";

/** What TLS needs of a key file. */
export type TlsCredential = Pick<
  WorkerKeyFile | ClientKeyFile,
  "kind" | "privateKey" | "workerCertificate" | "clientCertificate"
>;

/**
 * Options of a socket that shows our certificate and trusts one other: the peer's own. Only TLS 1.3, and no session is ever resumed:
 * a resumed one would skip the certificates.
 */
export function secureOptionsOf(key: TlsCredential): SecureContextOptions {
  const isWorker = key.kind === "worker";
  return {
    key: pem("PRIVATE KEY", key.privateKey),
    cert: pem("CERTIFICATE", isWorker ? key.workerCertificate : key.clientCertificate),
    ca: pem("CERTIFICATE", isWorker ? key.clientCertificate : key.workerCertificate),
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

const contexts = new WeakMap<TlsCredential, SecureContext>();

/** The same, read once for all connections by one credential: to more than a few nodes that is most of what connecting costs. */
export function secureContextOf(key: TlsCredential): SecureContext {
  const made = contexts.get(key) ?? createSecureContext(secureOptionsOf(key));
  contexts.set(key, made);
  return made;
}

/** What is wrong with a connection on which the handshake has succeeded; undefined when nothing is. */
export function handshakeFault(socket: TLSSocket, isTrusted = socket.authorized): string | undefined {
  if (!isTrusted) return `a certificate that is not trusted (${fingerprintOf(socket) || "none"})`;
  if (socket.isSessionReused()) return "a resumed session";
  if (socket.alpnProtocol !== ALPN) return "another protocol";
  return undefined;
}

/** The SHA-256 of a certificate, in 64 hexadecimal digits: by it a credential is named where it is told what it may do. */
export function fingerprintOfCertificate(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}

/** The fingerprint of the other side's certificate; empty when it showed none. */
export function fingerprintOf(socket: TLSSocket): string {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? "" : fingerprintOfCertificate(certificate.raw);
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
