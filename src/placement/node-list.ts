/**
 * The text of NODES: `1-3,5,8-11`, names, `host:port`, `[v6]:port`, `n[01-16,20]`, `@group`, `local`, each with `*slots`; `ssh:` before an
 * element says how it and those behind it are reached. Or, alone, `cluster:FOLDER`.
 */

import { fail, ok, type Result } from "../base/result.js";

/**
 * How a node is reached: by its mexecd, which stands; or by a worker that a build starts there, through ssh or a command of the user's, or
 * through the scheduler whose node it is.
 */
export type Way = "mexecd" | "ssh" | "exec" | "srun" | "qrsh";

/** One node of the list, not yet looked up. */
export interface ListedNode {
  /** As the user named it, ranges taken apart: `3`, `n07`, `host:7070`, `user@host`, `local`. */
  readonly name: string;
  readonly where: NodeReference;
  readonly way: Way;
  /** Whom a worker that is started there is to be; undefined: as ssh has it. */
  readonly user?: string | undefined;
  /** From `*slots`; undefined: as many as the node offers. */
  readonly slots: number | undefined;
  /** The place in the list it came from. */
  readonly from: ListElement;
}

export type NodeReference =
  | { readonly kind: "local" }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "host"; readonly host: string; readonly port: number | undefined };

/** A part of the list between two commas. */
export interface ListElement {
  readonly text: string;
  /** Which element, counted from 1. */
  readonly position: number;
  /** Where it begins in the text, counted from 1. */
  readonly column: number;
}

/** What is wrong with which element; `formatNodeListError` makes one line of it. */
export interface NodeListError {
  readonly element: ListElement;
  readonly message: string;
}

/** One list names at most so many nodes, that a slip such as `1-1000000` is refused and not obeyed. */
export const MAX_NODES = 4096;
/** The most slots that can be asked of one node. */
const MAX_SLOTS = 4096;
/** Groups within groups. */
const MAX_DEPTH = 16;

export interface NodeListOptions {
  /** How nodes are reached of which the list does not say it; by their mexecd unless given. */
  readonly way?: Way;
  /** What `@name` stands for. Without it every group is good, and has no nodes. */
  readonly groups?: Readonly<Record<string, string>> | undefined;
}

/**
 * Reads NODES. Blanks around elements are ignored; an empty text is an empty list.
 *
 * @returns the nodes in the order listed, no name twice, or the first mistake
 */
export function parseNodeList(
  text: string,
  options: NodeListOptions = {},
): Result<readonly ListedNode[], NodeListError> {
  return parseList(text, { way: options.way ?? "mexecd", groups: options.groups, depth: 0 });
}

interface Reading {
  /** Of what follows. */
  way: Way;
  readonly groups: Readonly<Record<string, string>> | undefined;
  readonly depth: number;
}

function parseList(text: string, reading: Reading): Result<readonly ListedNode[], NodeListError> {
  if (text.trim() === "") return ok([]);
  const nodes: ListedNode[] = [];
  const seen = new Map<string, ListElement>();
  for (const element of splitElements(text)) {
    const parsed = parseElement(element, reading);
    if (!parsed.ok) return fail({ element, message: parsed.error });
    for (const node of parsed.value) {
      const earlier = seen.get(node.name);
      if (earlier !== undefined) return fail({ element, message: duplicateMessage(node.name, earlier, element) });
      seen.set(node.name, element);
      nodes.push(node);
    }
    if (nodes.length > MAX_NODES) return fail({ element, message: TOO_MANY });
  }
  return ok(nodes);
}

/** `cluster:FOLDER`, which is all of NODES where it stands: the nodes that have joined there. A folder's name holds a slash, a port does not. */
export function readStandingCluster(text: string): string | undefined {
  return /^cluster:(.*\/.*)$/s.exec(text.trim())?.[1];
}

const CLUSTER_ALONE =
  'a standing cluster stands alone, as NODES=cluster:FOLDER; in the configuration file it is "cluster": "FOLDER"';

/** One line for the user: which element, where, why. */
export function formatNodeListError(error: NodeListError): string {
  const { text, position, column } = error.element;
  return `NODES: element ${String(position)} ("${text}", column ${String(column)}): ${error.message}`;
}

const TOO_MANY = `more than ${String(MAX_NODES)} nodes`;

function duplicateMessage(name: string, earlier: ListElement, now: ListElement): string {
  if (earlier === now) return `node ${name} is named twice`;
  return `node ${name} is named already by element ${String(earlier.position)} ("${earlier.text}")`;
}

/** Splits at the commas that stand outside brackets. */
function splitElements(text: string): readonly ListElement[] {
  const elements: ListElement[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i];
    if (char === "[") depth++;
    else if (char === "]") depth--;
    else if (char === undefined || (char === "," && depth <= 0)) {
      elements.push(elementAt(text, { start, end: i, position: elements.length + 1 }));
      start = i + 1;
    }
  }
  return elements;
}

function elementAt(text: string, at: { start: number; end: number; position: number }): ListElement {
  const raw = text.slice(at.start, at.end);
  const lead = raw.length - raw.trimStart().length;
  const column = raw.trim() === "" ? at.start + 1 : at.start + lead + 1;
  return { text: raw.trim(), position: at.position, column };
}

type Parsed<T> = Result<T, string>;

function parseElement(element: ListElement, reading: Reading): Parsed<readonly ListedNode[]> {
  if (element.text === "") return fail("a node is missing between the commas");
  if (readStandingCluster(element.text) !== undefined) return fail(CLUSTER_ALONE);
  const prefix = /^(ssh|mexecd):(?=(.*)$)/.exec(element.text);
  if (prefix !== null) reading.way = prefix[1] === "ssh" ? "ssh" : "mexecd";
  const text = element.text.slice(prefix?.[0].length ?? 0);
  if (text === "" || text === "//") return fail(`a node stands behind "${prefix?.[0] ?? ""}"`);
  const split = splitSlots(text, reading.way);
  if (!split.ok) return split;
  const { base, slots } = split.value;
  if (base.startsWith("@"))
    return parseGroup(base.slice(1), { ...reading, depth: reading.depth + 1 }, { element, slots });
  const names = parseBase(base, reading.way);
  if (!names.ok) return names;
  return ok(names.value.map((named) => ({ ...named, way: reading.way, slots, from: element })));
}

/** Its nodes are reached as the list says in its place, unless the group itself says how. */
function parseGroup(
  name: string,
  reading: Reading,
  { element, slots }: { readonly element: ListElement; readonly slots: number | undefined },
): Parsed<readonly ListedNode[]> {
  const { groups, depth } = reading;
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return fail(`"@${name}" is not the name of a group`);
  if (groups === undefined) return ok([]);
  const text = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (text === undefined) return fail(`there is no group ${name}: the configuration's "groups" does not hold it`);
  if (depth > MAX_DEPTH) return fail(`group ${name} holds itself`);
  const parsed = parseList(text, reading);
  if (parsed.ok) return ok(parsed.value.map((node) => ({ ...node, slots: node.slots ?? slots, from: element })));
  const { message, element: inner } = parsed.error;
  return fail(`in group ${name}: element ${String(inner.position)} ("${inner.text}"): ${message}`);
}

/** Behind what may be a number of slots, as other tools write it, and also a port of sshd's: these two are ports. */
const SSH_PORTS: readonly string[] = ["22", "443"];
/** A larger number is a port. */
const MAX_COLON_SLOTS = 512;

/** `*N` says slots; for ssh so does `:N` when it cannot be meant as a port. */
function splitSlots(text: string, way: Way): Parsed<{ base: string; slots: number | undefined }> {
  const star = text.indexOf("*");
  const colon = way === "mexecd" || text.startsWith("//") ? null : /^(.*[^:]):(\d{1,3})$/.exec(text);
  const [, before = "", number = ""] = colon ?? [];
  if (star < 0 && colon !== null && Number(number) <= MAX_COLON_SLOTS && !SSH_PORTS.includes(number))
    return withSlots(before, number);
  if (star < 0) return ok({ base: text, slots: undefined });
  return withSlots(text.slice(0, star), text.slice(star + 1));
}

function withSlots(base: string, count: string): Parsed<{ base: string; slots: number }> {
  if (!/^\d+$/.test(count)) return fail('"*" is followed by a number of slots, such as n1*4');
  const slots = Number(count);
  if (slots === 0) return fail("a node with no slots runs nothing: leave it out");
  if (slots > MAX_SLOTS) return fail(`more than ${String(MAX_SLOTS)} slots`);
  return ok({ base, slots });
}

type NamedReference = Pick<ListedNode, "name" | "where" | "user">;

function parseBase(text: string, way: Way): Parsed<readonly NamedReference[]> {
  if (text === "") return fail('a node stands before "*"');
  const base = text.replace(/^\/\//, ""); // ssh://host
  const at = base.indexOf("@");
  if (at >= 0) return parseUser(base.slice(0, at), base.slice(at + 1), way);
  if (base === "local") return ok([{ name: base, where: { kind: "local" } }]);
  if (/^[\d-]+$/.test(base)) return parseNumbers(base);
  if (base.startsWith("[")) return parseIpv6(base);
  const expanded = expandBrackets(base);
  return expanded.ok ? parseEach(expanded.value) : expanded;
}

function parseUser(user: string, base: string, way: Way): Parsed<readonly NamedReference[]> {
  if (way === "mexecd") return fail('"USER@" is for machines that are reached by ssh: write ssh:USER@HOST');
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(user)) return fail(`"${user}" is not the name of a user`);
  if (base === "" || base.includes("@")) return fail('a host stands behind "@"');
  const names = parseBase(base, way);
  if (!names.ok) return names;
  return ok(names.value.map(({ name, where }) => ({ name: `${user}@${name}`, where, user })));
}

function parseNumbers(base: string): Parsed<readonly NamedReference[]> {
  const range = parseRange(base);
  if (!range.ok) return range;
  const { first, last } = range.value;
  return ok(counted(first, last).map((number) => ({ name: String(number), where: { kind: "number", number } })));
}

function parseRange(text: string): Parsed<{ first: number; last: number; width: number }> {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  const from = match?.[1];
  if (from === undefined) return fail(`"${text}" is not a number or a range: write 3 or 1-3`);
  const first = Number(from);
  const last = Number(match?.[2] ?? from);
  if (last < first) return fail(`the range runs backwards: write ${String(last)}-${String(first)}`);
  if (last - first >= MAX_NODES) return fail(TOO_MANY);
  return ok({ first, last, width: from.length });
}

function counted(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function parseIpv6(base: string): Parsed<readonly NamedReference[]> {
  const match = /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?)\](?::(.*))?$/.exec(base);
  const host = match?.[1];
  if (host === undefined) return fail("an IPv6 address is written [ADDRESS] or [ADDRESS]:PORT");
  const port = match?.[2] === undefined ? ok(undefined) : parsePort(match[2]);
  return port.ok ? ok([{ name: base, where: { kind: "host", host, port: port.value } }]) : port;
}

function parsePort(text: string): Parsed<number> {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? ok(port) : fail(`"${text}" is not a port: 1 to 65535`);
}

/** `r[1-2]n[01-04,09]` → every combination, in order; a range keeps the width of its first number. */
function expandBrackets(base: string): Parsed<readonly string[]> {
  let names: readonly string[] = [""];
  for (const part of base.split(/(\[[^\][]*\])/)) {
    if (part.startsWith("[") && part.endsWith("]")) {
      const inside = expandGroup(part.slice(1, -1));
      if (!inside.ok) return inside;
      if (names.length * inside.value.length > MAX_NODES) return fail(TOO_MANY);
      names = names.flatMap((name) => inside.value.map((number) => name + number));
    } else if (/[\][]/.test(part)) return fail('"[" and "]" do not match');
    else names = names.map((name) => name + part);
  }
  return ok(names);
}

function expandGroup(group: string): Parsed<readonly string[]> {
  const numbers: string[] = [];
  for (const text of group.split(",")) {
    const range = parseRange(text);
    if (!range.ok) return range;
    const { first, last, width } = range.value;
    numbers.push(...counted(first, last).map((n) => String(n).padStart(width, "0")));
    if (numbers.length > MAX_NODES) return fail(TOO_MANY);
  }
  return ok(numbers);
}

function parseEach(names: readonly string[]): Parsed<readonly NamedReference[]> {
  const parsed: NamedReference[] = [];
  for (const name of names) {
    const where = parseHost(name);
    if (!where.ok) return where;
    parsed.push({ name, where: where.value });
  }
  return ok(parsed);
}

function parseHost(name: string): Parsed<NodeReference> {
  const [host = "", portText, ...more] = name.split(":");
  if (more.length > 0) return fail("an IPv6 address stands in brackets: [ADDRESS]:PORT");
  const complaint = hostComplaint(host);
  if (complaint !== undefined) return fail(complaint);
  if (portText === undefined) return ok({ kind: "host", host, port: undefined });
  const port = parsePort(portText);
  return port.ok ? ok({ kind: "host", host, port: port.value }) : port;
}

function hostComplaint(host: string): string | undefined {
  if (host === "") return "a host name is missing before the colon";
  if (/^[\d.-]+$/.test(host)) return isIpv4(host) ? undefined : `"${host}" is not an IPv4 address`;
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(host)) return `"${host}" is not a host name`;
  return undefined;
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
