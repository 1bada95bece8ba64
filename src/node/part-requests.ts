/**
 * What the parts of a worker that root started may ask of its monitor, and what they are told: a line each, one table for each part.
 * The monitor takes nothing else from them, and nothing at all from the network.
 */

import { MAX_PART_LINE_CHARS } from "./line-channel.js";

const ID = String.raw`(\d{1,12})`;

/** From the network part. A line that is not here ends it. */
const NETWORK_REQUESTS = {
  /** It listens there. */
  listening: /^(\S{1,255}) (\d{1,5})$/,
  /** It cannot listen: a phrase. */
  failed: /^(.{1,500})$/,
  /**
   * A client with this certificate, from this address, claims this user number: who is to serve it? It may show a credential of MUNGE,
   * which stands behind the number of its connection.
   */
  open: new RegExp(
    String.raw`^${ID} ([0-9a-f]{64}) (\d{1,10}) ([0-9a-fA-F.:]{2,45})(?: ([0-9a-f]{64}) ([!-~]{1,700}))?$`,
  ),
  /** That connection is over. */
  closed: new RegExp(`^${ID}$`),
  log: /^(\{.*\})$/,
  debug: /^(.*)$/,
} as const;

/** From a user part. */
const USER_REQUESTS = {
  /** It is its user now, and can be reached. */
  ready: /^$/,
  /** So many jobs run. */
  running: /^(\d{1,6})$/,
  log: NETWORK_REQUESTS.log,
  debug: NETWORK_REQUESTS.debug,
} as const;

type Table = Readonly<Record<string, RegExp>>;

export interface PartRequest<T extends Table> {
  readonly name: keyof T;
  readonly words: readonly string[];
}

export type NetworkRequest = PartRequest<typeof NETWORK_REQUESTS>;
export type UserRequest = PartRequest<typeof USER_REQUESTS>;

/** undefined: there is no such request. */
export function parseNetworkRequest(line: string): NetworkRequest | undefined {
  return parse(NETWORK_REQUESTS, line);
}

/** undefined: there is no such request. */
export function parseUserRequest(line: string): UserRequest | undefined {
  return parse(USER_REQUESTS, line);
}

function parse<T extends Table>(table: T, line: string): PartRequest<T> | undefined {
  if (line.length > MAX_PART_LINE_CHARS) return undefined;
  const at = line.indexOf(" ");
  const name = at < 0 ? line : line.slice(0, at);
  const pattern = Object.hasOwn(table, name) ? table[name] : undefined;
  const match = pattern?.exec(at < 0 ? "" : line.slice(at + 1)) ?? undefined;
  return match && { name, words: match.slice(1).filter((word: string | undefined) => word !== undefined) };
}
