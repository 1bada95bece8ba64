/** The two ends of a connection; an IPv4 address that goes through an IPv6 socket is given as what it is. */

import type { Socket } from "node:net";

/** The other side's. */
export function peerAddress({ remoteAddress }: Socket): string {
  return plain(remoteAddress);
}

/** Ours. */
export function ownAddress({ localAddress }: Socket): string {
  return plain(localAddress);
}

function plain(address = "unknown"): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
