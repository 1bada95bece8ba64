/** Where listed nodes are: numbers and names looked up in the configuration's map, or made by its host pattern. */

import { LOCAL_NODE, nodeId, type NodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import type { ListedNode, NodeListError, Way } from "./node-list.js";

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
export type NodeAddress = LocalAddress | ReachedAddress;

/** A node on another machine. */
export type ReachedAddress = RemoteAddress | StandingAddress | LaunchedAddress;

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

/** A node of a standing cluster, which has said itself where it is. */
export interface StandingAddress {
  readonly kind: "standing";
  /** As it calls itself: another worker that answers there is not meant. */
  readonly node: NodeId;
  /** Addresses of one machine, the best first; at least one. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly slots: number | undefined;
  readonly speed: number;
}

/** A node on which a build starts a worker of its own. */
export interface LaunchedAddress {
  readonly kind: "launched";
  readonly node: NodeId;
  /** What starts it. */
  readonly way: Exclude<Way, "mexecd">;
  readonly host: string;
  /** Of what leads there, such as sshd's; undefined: as that has it. */
  readonly port: number | undefined;
  readonly user: string | undefined;
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

/**
 * One name for a place, however NODES wrote it: `host:port`, `[v6]:port` or `local`; `name@host` for one that was found, and
 * `name@host:port` for one of a standing cluster.
 */
export function addressKey(address: NodeAddress | FoundAddress): string {
  switch (address.kind) {
    case "local":
      return "local";
    case "remote":
      return formatEndpoint(address.host, address.port);
    case "standing":
      return `${address.node}@${formatEndpoint(address.hosts[0] ?? "", address.port)}`;
    case "launched":
      return launchedKey(address);
    case "found":
      return `${address.node}@${address.host}`;
  }
}

/** `ssh:user@host:port`, as far as they are known. */
function launchedKey({ way, host, port, user }: LaunchedAddress): string {
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return `${way}:${user === undefined ? "" : `${user}@`}${bracketed}${port === undefined ? "" : `:${String(port)}`}`;
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
  const { where, slots } = listed;
  if (where.kind === "local") return ok({ kind: "local", node: LOCAL_NODE, slots, speed: 1 });
  const name = listed.user === undefined ? listed.name : listed.name.slice(listed.user.length + 1);
  const configured = Object.hasOwn(directory.nodes, name) ? directory.nodes[name] : undefined;
  if (configured !== undefined) return ok(fromConfiguration(listed, configured, directory));
  switch (where.kind) {
    case "host":
      return ok(reached(listed, where, directory));
    case "number":
      return fromPattern(listed, where.number, directory);
  }
}

function fromConfiguration(listed: ListedNode, node: ConfiguredNode, directory: NodeDirectory): ReachedAddress {
  // The port that it names is mexecd's.
  const { host, port } = listed.way === "mexecd" ? node : { host: node.host, port: undefined };
  const address = reached(listed, { host, port }, directory);
  return { ...address, slots: listed.slots ?? node.slots, speed: node.speed ?? 1 };
}

function fromPattern(listed: ListedNode, number: number, directory: NodeDirectory): Result<NodeAddress, string> {
  if (directory.hostPattern === undefined)
    return fail(
      `node ${listed.name} is unknown: the configuration's "nodes" does not hold it and there is no "hostPattern"`,
    );
  const endpoint = splitEndpoint(expandHostPattern(directory.hostPattern, number));
  if (endpoint === undefined) return fail(`node ${listed.name}: the configuration's "hostPattern" gives no host`);
  const { host, port } = endpoint;
  return ok(reached(listed, { host, port: listed.way === "mexecd" ? port : undefined }, directory));
}

interface Endpoint {
  readonly host: string;
  readonly port?: number | undefined;
}

function reached(
  { name, way, user, slots }: ListedNode,
  { host, port }: Endpoint,
  directory: NodeDirectory,
): ReachedAddress {
  const common = { node: nodeId(name), host, slots, speed: 1 };
  return way === "mexecd"
    ? { kind: "remote", ...common, port: port ?? directory.defaultPort }
    : { kind: "launched", ...common, way, user, port };
}
