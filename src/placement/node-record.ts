/** What a node of a standing cluster says of itself in the cluster's folder: a word and its value a line, bounded, checked by who reads it. */

import { fail, ok, type Result } from "../base/result.js";

export interface NodeRecord {
  /** The name that it gives itself; the file has it, too. */
  readonly name: string;
  /** Of this one start of its worker, that it is not taken for another: 16 hexadecimal digits. */
  readonly id: string;
  /** Where its worker listens: one or more addresses of one machine, the best first. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly slots: number;
  readonly pid: number;
  /** When it joined, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Since when it takes no more jobs; undefined: it does. */
  readonly drainingMs: number | undefined;
}

/** No record is longer. */
export const MAX_RECORD_BYTES = 4096;
/** A machine with more addresses says these. */
export const MAX_ADDRESSES = 8;
export const MAX_NODE_SLOTS = 65_535;

/** What clients and builds are told of a node that drains; they say it behind its name. */
export const DRAINING = "it is being drained";

const FIRST_LINE = "mpmake node 1";
const NODE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/;

/** Whether a node may have this name: that of a host, which is a file's name, too, and no word of NODES. */
export function isNodeName(name: string): boolean {
  return NODE_NAME.test(name) && name !== "local";
}

export function formatNodeRecord(record: NodeRecord): string {
  const { name, id, addresses, port, slots, pid, sinceMs, drainingMs } = record;
  const lines = [
    FIRST_LINE,
    `name ${name}`,
    `id ${id}`,
    ...addresses.map((address) => `address ${address}`),
    `port ${String(port)}`,
    `slots ${String(slots)}`,
    `pid ${String(pid)}`,
    `since ${String(sinceMs)}`,
    ...(drainingMs === undefined ? [] : [`draining ${String(drainingMs)}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Reads a record. The failure is a phrase that fits behind the file's name. */
export function parseNodeRecord(text: string): Result<NodeRecord, string> {
  if (text.length > MAX_RECORD_BYTES) return fail("is too long for a node's record");
  if (!text.endsWith("\n")) return fail("is cut off");
  const [first, ...lines] = text.slice(0, -1).split("\n");
  if (first !== FIRST_LINE) return fail(`is no node's record: it does not begin with "${FIRST_LINE}"`);
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [, word = "", value = ""] = /^([a-z]+) ([!-~]+)$/.exec(line) ?? [];
    if (!WORDS.has(word)) return fail(`holds a line that is none of a node's record`);
    values.set(word, [...(values.get(word) ?? []), value]);
  }
  return recordOf(values);
}

const WORDS: ReadonlySet<string> = new Set(["name", "id", "address", "port", "slots", "pid", "since", "draining"]);

function recordOf(values: ReadonlyMap<string, readonly string[]>): Result<NodeRecord, string> {
  for (const [word, { length }] of values)
    if (length > (word === "address" ? MAX_ADDRESSES : 1)) return fail(`says ${word} too often`);
  const one = (word: string): string => values.get(word)?.[0] ?? "";
  const addresses = values.get("address") ?? [];
  const [name, id] = [one("name"), one("id")];
  if (!isNodeName(name)) return fail("has no good name");
  if (!/^[0-9a-f]{16}$/.test(id)) return fail("has no good id");
  if (addresses.length === 0 || !addresses.every((address) => /^[0-9A-Fa-f:.]{2,45}$/.test(address)))
    return fail("has no good address");
  const port = numberIn(one("port"), 1, 65_535);
  const slots = numberIn(one("slots"), 1, MAX_NODE_SLOTS);
  const pid = numberIn(one("pid"), 1, 2 ** 31 - 1);
  const sinceMs = numberIn(one("since"), 0, Number.MAX_SAFE_INTEGER);
  if (port === undefined) return fail("has no good port");
  if (slots === undefined) return fail("has no good number of slots");
  if (pid === undefined) return fail("has no good pid");
  if (sinceMs === undefined) return fail("does not say well since when");
  const drainingMs = values.has("draining") ? numberIn(one("draining"), 0, Number.MAX_SAFE_INTEGER) : undefined;
  if (values.has("draining") && drainingMs === undefined) return fail("does not say well since when it drains");
  return ok({ name, id, addresses, port, slots, pid, sinceMs, drainingMs });
}

function numberIn(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return number >= least && number <= most ? number : undefined;
}
