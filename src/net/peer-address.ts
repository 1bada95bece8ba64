/** Where a connection comes from. */

import type { Socket } from "node:net";

/** The other side's address; an IPv4 address that came through an IPv6 socket is given as what it is. */
export function peerAddress({ remoteAddress = "unknown" }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
