/** One side of the line between a build and a worker that it has started: says and hears messages, and carries connections. */

import { Duplex, type Readable, type Writable } from "node:stream";
import { formatTalk, MAX_BLOCK_BYTES, type TalkMessage, TalkReader, type TalkSide } from "../wire/launch-talk.js";
import { WireError } from "../wire/wire-error.js";

/** What is left when the connections themselves have been seen to. */
export type LineMessage = Exclude<TalkMessage, { readonly type: "data" | "end" | "close" }>;

export interface LaunchLineOptions {
  /** Who we are. */
  readonly side: TalkSide;
  readonly onMessage: (message: LineMessage) => void;
  /** Nothing more comes. Called once, with a phrase. */
  readonly onEnd: (reason: string) => void;
}

/** Memory is bounded by what goes over the connections that are carried: each grants its sender so much, and no more. */
export class LaunchLine {
  readonly #output: Writable;
  readonly #options: LaunchLineOptions;
  readonly #reader: TalkReader;
  readonly #channels = new Map<number, Channel>();
  #isOver = false;

  constructor(input: Readable, output: Writable, options: LaunchLineOptions) {
    this.#output = output;
    this.#options = options;
    this.#reader = new TalkReader(options.side === "build" ? "worker" : "build");
    input.on("data", (bytes: Buffer) => this.#receive(bytes));
    input.on("end", () => this.#over("its line has ended"));
    input.on("error", (error) => this.#over(`its line broke (${error.message})`));
    input.on("close", () => this.#over("its line has ended"));
    output.on("error", (error) => this.#over(`its line broke (${error.message})`));
  }

  /** What is said when all is over goes nowhere. @param done - called when it has gone out */
  say(message: TalkMessage, done?: () => void): void {
    if (this.#isOver || !this.#output.writable) done?.();
    else this.#output.write(formatTalk(message), () => done?.());
  }

  /** Our end of a connection over this line. */
  channel(number: number): Duplex {
    const channel = new Channel(number, {
      say: (message, done) => this.say(message, done),
      gone: () => this.#channels.delete(number),
    });
    if (this.#isOver) channel.destroy();
    else this.#channels.set(number, channel);
    return channel;
  }

  /** Says no more; the other side sees the end. */
  end(): void {
    this.#output.end();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      for (const message of this.#reader.receive(bytes)) this.#hear(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#over(`it said ${error.message}`);
    }
  }

  #hear(message: TalkMessage): void {
    switch (message.type) {
      case "data":
        this.#channels.get(message.channel)?.hand(message.bytes);
        return;
      case "end":
        this.#channels.get(message.channel)?.hand(null);
        return;
      case "close":
        this.#channels.get(message.channel)?.gone();
        return;
      default:
        this.#options.onMessage(message);
    }
  }

  #over(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const channel of this.#channels.values()) channel.destroy();
    this.#options.onEnd(reason);
  }
}

interface ChannelOwner {
  readonly say: (message: TalkMessage, done?: () => void) => void;
  readonly gone: () => void;
}

/** What the other side sends is taken however much it is: the connection within has a limit of its own. */
class Channel extends Duplex {
  readonly #number: number;
  readonly #owner: ChannelOwner;
  #hasEnded = false;
  #isGoneThere = false;

  constructor(number: number, owner: ChannelOwner) {
    super({ allowHalfOpen: true });
    this.#number = number;
    this.#owner = owner;
  }

  /** What the other side has sent; null: nothing more. */
  hand(bytes: Uint8Array | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = bytes === null;
    this.push(bytes);
  }

  /** The other side has closed it. What it sent before is still to be read. */
  gone(): void {
    this.#isGoneThere = true;
    this.hand(null);
    if (this.readableEnded) this.destroy();
    else this.once("end", () => this.destroy());
  }

  override _read(): void {
    // it comes when it comes
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    let sent = 0;
    while (chunk.length - sent > MAX_BLOCK_BYTES) {
      this.#owner.say(this.#data(chunk.subarray(sent, sent + MAX_BLOCK_BYTES)));
      sent += MAX_BLOCK_BYTES;
    }
    if (sent < chunk.length) this.#owner.say(this.#data(chunk.subarray(sent)), done);
    else done();
  }

  override _final(done: () => void): void {
    this.#owner.say({ type: "end", channel: this.#number });
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#isGoneThere) this.#owner.say({ type: "close", channel: this.#number });
    this.#owner.gone();
    done(error);
  }

  #data(bytes: Uint8Array): TalkMessage {
    return { type: "data", channel: this.#number, bytes };
  }
}
