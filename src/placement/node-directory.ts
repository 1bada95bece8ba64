/** Where listed nodes are: numbers and names looked up in the configuration's map, or made by its host pattern. */

import { LOCAL_NODE, nodeId, type NodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import type { ListedNode, NodeListError } from "./node-list.js";

/** What the configuration knows of nodes. */
export interface NodeDirectory {
  /** By number or name, as NODES names them. */
  readonly nodes: Readonly<Record<string, ConfiguredNode>>;
  /** `n%02d.cluster:7070`: the host of a number that `nodes` does not hold. */
  readonly hostPattern?: string | undefined;
  readonly defaultPort: number;
}

export interface ConfiguredNode {
  readonly host: string;
  readonly port?: number | undefined;
  readonly slots?: number | undefined;
  readonly speed?: number | undefined;
}

/** A node that can be reached, or this machine. */
export type NodeAddress = LocalAddress | RemoteAddress;

export interface LocalAddress {
  readonly kind: "local";
  readonly node: NodeId;
  readonly slots: number | undefined;
  readonly speed: number;
}

export interface RemoteAddress {
  readonly kind: "remote";
  readonly node: NodeId;
  readonly host: string;
  readonly port: number;
  /** undefined: as many as the node offers. */
  readonly slots: number | undefined;
  readonly speed: number;
}

/** A node that nobody has listed: it has called us. */
export interface FoundAddress {
  readonly kind: "found";
  readonly node: NodeId;
  /** Where it is, as far as can be seen from here. */
  readonly host: string;
  readonly speed: number;
}

/** Finds every listed node's address; refuses what is unknown and what leads to one address twice. */
export function resolveNodes(
  listed: readonly ListedNode[],
  directory: NodeDirectory,
): Result<readonly NodeAddress[], NodeListError> {
  const addresses: NodeAddress[] = [];
  const taken = new Map<string, NodeId>();
  for (const node of listed) {
    const found = resolveNode(node, directory);
    if (!found.ok) return fail({ element: node.from, message: found.error });
    const key = addressKey(found.value);
    const other = taken.get(key);
    if (other !== undefined)
      return fail({ element: node.from, message: `node ${node.name} and node ${other} are both ${key}` });
    taken.set(key, found.value.node);
    addresses.push(found.value);
  }
  return ok(addresses);
}

/** One name for a place, however NODES wrote it: `host:port`, `[v6]:port` or `local`; `name@host` for one that was found. */
export function addressKey(address: NodeAddress | FoundAddress): string {
  switch (address.kind) {
    case "local":
      return "local";
    case "remote":
      return formatEndpoint(address.host, address.port);
    case "found":
      return `${address.node}@${address.host}`;
  }
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatEndpoint(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

const NUMBER_MARK = /%(?:0?(\d{1,2}))?d/;

/** What is wrong with a `hostPattern`; undefined when it is good. */
export function hostPatternComplaint(pattern: string): string | undefined {
  const parts = pattern.split(NUMBER_MARK);
  if (parts.length !== 3) return "one %d or %02d stands for the node's number";
  if (pattern.replace(NUMBER_MARK, "").includes("%")) return "nothing but one %d or %02d begins with %";
  return splitEndpoint(expandHostPattern(pattern, 1)) === undefined ? "HOST or HOST:PORT is expected" : undefined;
}

function expandHostPattern(pattern: string, number: number): string {
  return pattern.replace(NUMBER_MARK, (_, width: string | undefined) =>
    String(number).padStart(Number(width ?? 0), "0"),
  );
}

function splitEndpoint(text: string): { readonly host: string; readonly port: number | undefined } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  return { host, port: match?.[3] === undefined ? undefined : Number(match[3]) };
}

function resolveNode(listed: ListedNode, directory: NodeDirectory): Result<NodeAddress, string> {
  const { where } = listed;
  if (where.kind === "local") return ok({ kind: "local", node: LOCAL_NODE, slots: listed.slots, speed: 1 });
  const configured = Object.hasOwn(directory.nodes, listed.name) ? directory.nodes[listed.name] : undefined;
  if (configured !== undefined) return ok(fromConfiguration(listed, configured, directory));
  switch (where.kind) {
    case "host":
      return ok(remote(listed, where.host, where.port ?? directory.defaultPort));
    case "number":
      return fromPattern(listed, where.number, directory);
  }
}

function fromConfiguration(listed: ListedNode, node: ConfiguredNode, directory: NodeDirectory): RemoteAddress {
  const address = remote(listed, node.host, node.port ?? directory.defaultPort);
  return { ...address, slots: listed.slots ?? node.slots, speed: node.speed ?? 1 };
}

function fromPattern(listed: ListedNode, number: number, directory: NodeDirectory): Result<NodeAddress, string> {
  if (directory.hostPattern === undefined)
    return fail(
      `node ${listed.name} is unknown: the configuration's "nodes" does not hold it and there is no "hostPattern"`,
    );
  const endpoint = splitEndpoint(expandHostPattern(directory.hostPattern, number));
  if (endpoint === undefined) return fail(`node ${listed.name}: the configuration's "hostPattern" gives no host`);
  return ok(remote(listed, endpoint.host, endpoint.port ?? directory.defaultPort));
}

function remote(listed: ListedNode, host: string, port: number): RemoteAddress {
  return { kind: "remote", node: nodeId(listed.name), host, port, slots: listed.slots, speed: 1 };
}
