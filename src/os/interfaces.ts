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

/** Whether an address is one of this machine's. */
export function isOwnAddress(address: string): boolean {
  return interfaceAddresses().some((own) => own.address === address);
}

/** Where others may find this machine: IPv4 first, as most networks have it. A machine without a network is found by itself. */
export function addressesForOthers(): readonly string[] {
  const all = interfaceAddresses().toSorted((a, b) => a.family.localeCompare(b.family));
  const others = all.filter(({ address }) => !/^(127\.|::1$|169\.254\.)/.test(address));
  return (others.length > 0 ? others : all).map(({ address }) => address);
}
