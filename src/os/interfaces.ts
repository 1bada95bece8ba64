/** This machine's addresses. */

import { networkInterfaces } from "node:os";

export interface InterfaceAddress {
  readonly device: string;
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
}

/** All that others can be told: an address of one link alone means nothing without its interface, which is another's affair. */
export function interfaceAddresses(): readonly InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) =>
    addresses
      .filter((one) => one.family === "IPv4" || one.scopeid === 0)
      .map(({ address, family }) => ({ device, address, family })),
  );
}
