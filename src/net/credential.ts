/** What TLS is told, so that each side believes the other half of its own key pair and nothing else. */

import { constants } from "node:crypto";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import type { KeyFile } from "../wire/key-file.js";
import { ALPN } from "../wire/limits.js";

/**
 * Options of a socket that shows our certificate and trusts one other: the peer's own. Only TLS 1.3, and no session is ever resumed:
 * a resumed one would skip the certificates.
 */
export function secureOptionsOf(key: KeyFile): SecureContextOptions {
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

/** What is wrong with a connection on which the handshake has succeeded; undefined when nothing is. */
export function handshakeFault(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return "the certificate is not the other half's";
  if (socket.isSessionReused()) return "a resumed session";
  if (socket.alpnProtocol !== ALPN) return "another protocol";
  return undefined;
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
