/** The sockets behind `GROUP`: hearing what is sent to it, and sending to it from every address that we have. */

import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { fail, ok, type Result } from "../base/result.js";
import { type InterfaceAddress, interfaceAddresses, isOwnAddress } from "../os/interfaces.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { GroupAddress } from "../wire/group.js";

/** Routers that a datagram to many may pass. */
const MULTICAST_HOPS = 31;
const BROADCAST = "255.255.255.255";

/** A datagram, and where it says that it comes from. */
export type OnDatagram = (bytes: Uint8Array, source: string) => void;

export interface GroupListener {
  close(): void;
}

/** Hears what is sent to a group. The failure is a phrase: "cannot listen on 0.0.0.0:3010 (Address already in use)". */
export async function listenToGroup(
  group: readonly GroupAddress[],
  onDatagram: OnDatagram,
): Promise<Result<GroupListener, string>> {
  const fault = deviceFault(group);
  if (fault !== undefined) return fail(fault);
  const sockets = new Map<string, Socket>();
  const close = (): void => {
    for (const socket of sockets.values()) socket.close();
  };
  for (const one of group) {
    const at = hearingAddress(one);
    const where = `${at}:${String(one.port)}`;
    const known = sockets.get(where);
    const bound = known === undefined ? await bind(at, one.port) : ok(known);
    if (!bound.ok) {
      close();
      return fail(`cannot listen on ${where} (${bound.error})`);
    }
    const socket = bound.value;
    if (known === undefined) socket.on("message", (bytes, { address }) => onDatagram(bytes, plainAddress(address)));
    sockets.set(where, socket);
    if (isMulticast(one.address) && !join(socket, one)) {
      close();
      return fail(`no interface takes part in ${one.address}`);
    }
  }
  return ok({ close });
}

/** Which interface that is asked for is not there, or takes part in no network. */
function deviceFault(group: readonly GroupAddress[]): string | undefined {
  const devices = new Set(interfaceAddresses().map(({ device }) => device));
  const absent = group.find(({ device }) => device !== undefined && !devices.has(device))?.device;
  return absent === undefined ? undefined : `no network interface ${absent} with an address is here`;
}

/** What goes to many, or to another machine, is heard on any address. */
function hearingAddress({ address }: GroupAddress): string {
  if (isOwnAddress(address)) return address;
  return isIPv4(address) ? "0.0.0.0" : "::";
}

/** @returns whether any interface could */
function join(socket: Socket, { address, device }: GroupAddress): boolean {
  let joined = 0;
  for (const own of interfacesFor(address, device)) {
    try {
      socket.addMembership(address, isIPv4(address) ? own.address : `::%${own.device}`);
      joined++;
    } catch (error) {
      // EADDRINUSE: this interface has another address too; the others can do no such thing
      if (errnoOf(error) === "EADDRINUSE") joined++;
      else if (errnoOf(error) === undefined) throw error;
    }
  }
  return joined > 0;
}

/** Sends to a group. */
export class GroupSender {
  readonly #ways: readonly Way[];

  private constructor(ways: readonly Way[]) {
    this.#ways = ways;
  }

  /** Opens a socket for each address of ours from which a place of the group can be reached. The failure is a phrase. */
  static async open(group: readonly GroupAddress[]): Promise<Result<GroupSender, string>> {
    const fault = deviceFault(group);
    if (fault !== undefined) return fail(fault);
    const ways = await Promise.all(group.map(waysTo));
    return ok(new GroupSender(ways.flat()));
  }

  /**
   * Sends what `datagramFrom` makes for each address of ours. What cannot be sent one way may reach the group another.
   *
   * @returns ways by which it went out
   */
  async send(datagramFrom: (address: string) => Uint8Array): Promise<number> {
    const sent = await Promise.all(this.#ways.map((way) => sendBy(way, datagramFrom(way.from))));
    return sent.filter(Boolean).length;
  }

  close(): void {
    for (const { socket } of this.#ways) socket.close();
  }
}

/** From one of our addresses to one place of the group. */
interface Way {
  readonly socket: Socket;
  readonly from: string;
  readonly to: GroupAddress;
}

async function waysTo(to: GroupAddress): Promise<readonly Way[]> {
  const isToMany = to.address === BROADCAST || isMulticast(to.address);
  const sources = isToMany
    ? interfacesFor(to.address, to.device).map(({ address }) => address)
    : await sourceFor(to).then((source) => (source === undefined ? [] : [source]));
  const ways: Way[] = [];
  for (const from of new Set(sources)) {
    const bound = await bind(from, 0);
    if (!bound.ok) continue; // the address went away
    const socket = bound.value;
    if (isIPv4(to.address)) socket.setBroadcast(true);
    if (isMulticast(to.address)) sendFrom(socket, from);
    ways.push({ socket, from, to });
  }
  return ways;
}

function sendFrom(socket: Socket, from: string): void {
  socket.setMulticastTTL(MULTICAST_HOPS);
  const device = interfaceAddresses().find(({ address }) => address === from)?.device ?? "";
  socket.setMulticastInterface(isIPv4(from) ? from : `::%${device}`);
}

/** The address of ours that leads to one machine, or to all of one network; undefined: none does. */
async function sourceFor({ address, port }: GroupAddress): Promise<string | undefined> {
  const bound = await bind(isIPv4(address) ? "0.0.0.0" : "::", 0);
  if (!bound.ok) return undefined;
  const socket = bound.value;
  if (isIPv4(address)) socket.setBroadcast(true);
  return new Promise((resolve) => {
    const settle = (source: string | undefined): void => {
      socket.close();
      resolve(source);
    };
    socket.once("error", () => settle(undefined));
    socket.once("connect", () => settle(socket.address().address));
    socket.connect(port, address);
  });
}

/** A refusal of an earlier datagram may be told here: nobody listens there, which is no fault. */
function sendBy({ socket, to }: Way, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    socket.send(bytes, to.port, to.address, (error) => resolve(error === null));
  });
}

function bind(address: string, port: number): Promise<Result<Socket, string>> {
  const isV4 = isIPv4(address);
  const socket = createSocket({
    type: isV4 ? "udp4" : "udp6",
    reuseAddr: port !== 0,
    ...(!isV4 && { ipv6Only: true }),
  });
  return new Promise((resolve) => {
    socket.once("error", (error) => {
      const errno = errnoOf(error);
      socket.close();
      resolve(fail(errno === undefined ? error.message : strerror(errno)));
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners("error");
      socket.on("error", () => undefined); // a datagram could not be delivered: it was one that may be lost
      resolve(ok(socket));
    });
  });
}

function interfacesFor(address: string, device: string | undefined): readonly InterfaceAddress[] {
  const family = isIPv4(address) ? "IPv4" : "IPv6";
  return interfaceAddresses().filter((own) => own.family === family && (device === undefined || own.device === device));
}

function isMulticast(address: string): boolean {
  if (!isIPv4(address)) return address.toLowerCase().startsWith("ff");
  const first = Number(address.split(".")[0]);
  return first >= 224 && first <= 239;
}

/** Without the interface that an address of one link alone carries. */
function plainAddress(address: string): string {
  return address.replace(/%.*$/, "");
}
