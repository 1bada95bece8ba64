/** The line between a build and a worker that it has started, over the standard streams of the command that started it: words and blocks. */

import { fromBytes, toBytes } from "../base/latin1.js";
import { GrowingBytes } from "./growing-bytes.js";
import { DATA_PIECE_BYTES } from "./limits.js";
import { WireError } from "./wire-error.js";

/** What either side says. Channels are numbered by the build, each number is used once. */
export type TalkMessage =
  /** The worker's key file. */
  | { readonly type: "key"; readonly bytes: Uint8Array }
  /** Jobs that it is to offer at once. */
  | { readonly type: "slots"; readonly count: number }
  /** What happens there is to be said on its standard error. */
  | { readonly type: "debug" }
  /** The order is complete. */
  | { readonly type: "begin" }
  /** The worker is there. */
  | { readonly type: "up" }
  /** Make a connection to one of these addresses, and greet with this id. */
  | {
      readonly type: "call";
      readonly channel: number;
      readonly port: number;
      /** In hexadecimal. */
      readonly id: string;
      readonly addresses: readonly string[];
    }
  /** None of them can be reached. */
  | { readonly type: "failed"; readonly channel: number; readonly text: string }
  /** A connection over this line itself begins. */
  | { readonly type: "open"; readonly channel: number }
  | { readonly type: "data"; readonly channel: number; readonly bytes: Uint8Array }
  /** No more data of it comes from here. */
  | { readonly type: "end"; readonly channel: number }
  /** It is gone. */
  | { readonly type: "close"; readonly channel: number }
  /** The build is there; so is the worker, which answers it. */
  | { readonly type: "beat" }
  /** It is about to be stopped, and will be silent until it beats again. */
  | { readonly type: "rest" }
  /** The worker ends, and why. */
  | { readonly type: "fault"; readonly text: string };

export type TalkSide = "build" | "worker";

/** What each side may say. */
const SAYS = {
  build: ["key", "slots", "debug", "begin", "call", "open", "data", "end", "close", "beat", "rest"],
  worker: ["up", "failed", "data", "end", "close", "beat", "fault"],
} as const satisfies Record<TalkSide, readonly TalkMessage["type"][]>;

/** BEAT goes out this often. */
export const BEAT_EVERY_MS = 5_000;
/** A worker that has heard nothing for so long ends: longer than its jobs' client may be silent. */
export const LINE_SILENCE_MS = 20_000;
/** The same after REST. */
export const REST_MS = 3_600_000;

const MAX_LINE_BYTES = 8_192;
/** What is carried at once. */
export const MAX_BLOCK_BYTES = DATA_PIECE_BYTES;
const NEWLINE = 10;

/** What goes over the line for a message. */
export function formatTalk(message: TalkMessage): Uint8Array {
  switch (message.type) {
    case "key":
      return withBlock(`key ${String(message.bytes.length)}`, message.bytes);
    case "data":
      return withBlock(`data ${String(message.channel)} ${String(message.bytes.length)}`, message.bytes);
    case "slots":
      return line(`slots ${String(message.count)}`);
    case "call": {
      const { channel, port, id, addresses } = message;
      return line(`call ${String(channel)} ${String(port)} ${id} ${addresses.join(" ")}`);
    }
    case "failed":
      return line(`failed ${String(message.channel)} ${oneLine(message.text)}`);
    case "fault":
      return line(`fault ${oneLine(message.text)}`);
    case "open":
    case "end":
    case "close":
      return line(`${message.type} ${String(message.channel)}`);
    case "debug":
    case "begin":
    case "up":
    case "beat":
    case "rest":
      return line(message.type);
  }
}

/** Takes what the other side sends apart, however it is cut. */
export class TalkReader {
  readonly #side: TalkSide;
  readonly #held = new GrowingBytes();
  /** A message whose block is yet to come. */
  #awaited: { readonly length: number; readonly finish: (bytes: Uint8Array) => TalkMessage } | undefined;

  /** @param side - who speaks */
  constructor(side: TalkSide) {
    this.#side = side;
  }

  /** @throws WireError when it is not what this side says */
  receive(bytes: Uint8Array): readonly TalkMessage[] {
    const messages: TalkMessage[] = [];
    let rest = bytes;
    while (rest.length > 0)
      rest = this.#awaited === undefined ? this.#line(rest, messages) : this.#block(rest, messages);
    return messages;
  }

  #line(bytes: Uint8Array, messages: TalkMessage[]): Uint8Array {
    const end = bytes.indexOf(NEWLINE);
    const piece = end < 0 ? bytes : bytes.subarray(0, end);
    if (this.#held.length + piece.length > MAX_LINE_BYTES) throw new WireError("a line that is too long");
    this.#held.add(piece, MAX_LINE_BYTES);
    if (end < 0) return bytes.subarray(bytes.length);
    const [type = "", ...words] = fromBytes(this.#held.take()).split(" ");
    if (!SAYS[this.#side].some((known) => known === type)) throw new WireError("a word that is not for here");
    const message = parse(type, words);
    if ("finish" in message) this.#awaited = message;
    else messages.push(message);
    return bytes.subarray(end + 1);
  }

  #block(bytes: Uint8Array, messages: TalkMessage[]): Uint8Array {
    if (this.#awaited === undefined) return bytes;
    const { length, finish } = this.#awaited;
    const piece = bytes.subarray(0, length - this.#held.length);
    this.#held.add(piece, length);
    if (this.#held.length < length) return bytes.subarray(bytes.length);
    this.#awaited = undefined;
    messages.push(finish(this.#held.take()));
    return bytes.subarray(piece.length);
  }
}

interface Awaited {
  readonly length: number;
  readonly finish: (bytes: Uint8Array) => TalkMessage;
}

function parse(type: string, words: readonly string[]): TalkMessage | Awaited {
  const [first, second, third] = words;
  switch (type) {
    case "key":
      return { length: lengthOf(first), finish: (bytes) => ({ type, bytes }) };
    case "data": {
      const channel = numberOf(first);
      return { length: lengthOf(second), finish: (bytes) => ({ type, channel, bytes }) };
    }
    case "slots":
      return { type, count: numberOf(first) };
    case "call": {
      if (third === undefined || !/^([0-9a-f]{2})+$/.test(third)) throw new WireError("an id that is none");
      return { type, channel: numberOf(first), port: numberOf(second), id: third, addresses: words.slice(3) };
    }
    case "failed":
      return { type, channel: numberOf(first), text: words.slice(1).join(" ") };
    case "fault":
      return { type, text: words.join(" ") };
    case "open":
    case "end":
    case "close":
      return { type, channel: numberOf(first) };
    case "debug":
    case "begin":
    case "up":
    case "beat":
    case "rest":
      return { type };
    default:
      throw new WireError("a word that is not known");
  }
}

function numberOf(word: string | undefined): number {
  if (word === undefined || !/^\d{1,9}$/.test(word)) throw new WireError("a number that is none");
  return Number(word);
}

/** Of a block, which is never empty. */
function lengthOf(word: string | undefined): number {
  const length = numberOf(word);
  if (length === 0 || length > MAX_BLOCK_BYTES) throw new WireError("a block of no such length");
  return length;
}

function line(text: string): Uint8Array {
  return toBytes(`${text}\n`);
}

function oneLine(text: string): string {
  return text.replace(/[^ -~]+/g, " ").slice(0, MAX_LINE_BYTES / 2);
}

function withBlock(head: string, block: Uint8Array): Uint8Array {
  const start = line(head);
  const bytes = new Uint8Array(start.length + block.length);
  bytes.set(start);
  bytes.set(block, start.length);
  return bytes;
}
