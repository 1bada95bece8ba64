/** Drives one side of the protocol over a socket: reads, writes, pings, and notices when the other side is gone. */

import type { Duplex } from "node:stream";
import { printable } from "../base/printable.js";
import { Endpoint, type DataType, type Received, type Sendable } from "../wire/endpoint.js";
import { MAX_UNREAD_BYTES, PING_EVERY_MS } from "../wire/limits.js";
import type { ByeCode, MessageOf } from "../wire/message.js";
import type { Role } from "../wire/phase.js";
import { endPatiently, LINGER_MS } from "./end-patiently.js";
import type { WallClock } from "./node-connection.js";

/** How a connection ended. */
export interface ConnectionEnd {
  /** A phrase, as well as we know. */
  readonly reason: string;
  /**
   * `silence`: the other side may not know of it; `done`: it said that it has answered all that it began, and begins nothing more;
   * `cut`: in any other way.
   */
  readonly kind: "silence" | "done" | "cut";
}

export interface EndpointSocketOptions {
  readonly role: Role;
  readonly clock: WallClock;
  /** The other side is given up after so long without a byte, while jobs run. */
  readonly silenceMs: number;
  readonly onReceived: (received: Received) => void;
  /** The socket is closed. Called once. */
  readonly onClosed: (end: ConnectionEnd) => void;
}

const TICK_MS = PING_EVERY_MS / 2;
/** What is not urgent waits so long for company: a write costs both sides more than all else that a message does. */
const COMPANY_MS = 20;
/** Less than so much is copied to what stands before it: what waits in a socket costs memory and time for each piece. */
const SMALL_BYTES = 4096;

/**
 * The life of a connection:
 *
 *     open ── we say goodbye: close, finish ────────────────────────┐
 *       │ ── its goodbye, its fault, its end ───────────────────────┤
 *       │                                                           ▼
 *       │                leaving: what was said goes out, what comes is thrown away, nothing more can be said
 *       │                                                           │
 *       │                        its end: all has arrived there ────┤
 *       │         it has taken nothing for as long as we wait ──────┤
 *       ▼                                                           ▼
 *     broken, silent, aborted ─────────────────────────────────▶ closed
 *
 * Whoever ends this process waits until it is closed: what has been said may be on its way no farther than our own memory.
 */
export class EndpointSocket {
  readonly #socket: Duplex;
  readonly #endpoint: Endpoint;
  readonly #options: EndpointSocketOptions;
  #flushIsDue = false;
  #company: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #silentTicks = 0;
  #reason: string | undefined;
  #kind: ConnectionEnd["kind"] = "cut";
  readonly #whenClosed: Promise<void>;

  constructor(socket: Duplex, options: EndpointSocketOptions) {
    this.#socket = socket;
    this.#endpoint = new Endpoint(options.role);
    this.#options = options;
    this.#whenClosed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("end", () => this.#end("it closed the connection"));
    socket.on(
      "error",
      (error) => (this.#reason ??= `the connection broke (${(error as NodeJS.ErrnoException).code ?? error.message})`),
    );
    socket.on("close", () => this.#closed());
  }

  /** Whether anything sent may still arrive. */
  get isOpen(): boolean {
    return !this.#endpoint.isOver && !this.#socket.destroyed && this.#reason === undefined;
  }

  newStream(): number | undefined {
    return this.#endpoint.newStream();
  }

  send(message: Sendable): void {
    this.#endpoint.send(message);
    this.#flushSoon();
  }

  /** Sends it with whatever is sent next, or alone after a moment that nobody notices. */
  sendInCompany(message: Sendable): void {
    this.#endpoint.send(message);
    this.#company ??= setTimeout(() => this.#flush(), COMPANY_MS);
  }

  /** @returns how many bytes were accepted; see Endpoint.sendData */
  sendData(type: DataType, stream: number, bytes: Uint8Array): number {
    const accepted = this.#endpoint.sendData(type, stream, bytes);
    this.#flushSoon();
    return accepted;
  }

  /** @returns how many bytes were accepted; see Endpoint.sendDescriptorData */
  sendDescriptorData(stream: number, fd: number, bytes: Uint8Array): number {
    const accepted = this.#endpoint.sendDescriptorData(stream, fd, bytes);
    this.#flushSoon();
    return accepted;
  }

  taken(stream: number, bytes: number): void {
    this.#endpoint.taken(stream, bytes);
    this.#flushSoon();
  }

  takenOf(stream: number, fd: number, bytes: number): void {
    this.#endpoint.takenOf(stream, fd, bytes);
    this.#flushSoon();
  }

  /** While busy, pings go out and silence is an end. */
  setBusy(busy: boolean): void {
    if (busy === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#silentTicks = 0;
    this.#timer = busy ? setInterval(() => this.#tick(), TICK_MS) : undefined;
  }

  /** Says goodbye and closes; resolves when it is closed, which is soon when the other side does not read it. */
  close(code: ByeCode, text: string): Promise<void> {
    return this.#sayGoodbye(code, text, LINGER_MS);
  }

  /** The same, but waits for the other side as long as it may be silent: what was said last is to arrive there. */
  finish(code: ByeCode, text: string): Promise<void> {
    return this.#sayGoodbye(code, text, this.#options.silenceMs);
  }

  /** Closes without a word. */
  abort(reason: string): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    this.#silentTicks = 0;
    for (const received of this.#endpoint.receive(bytes)) {
      if (this.#reason !== undefined) return;
      this.#options.onReceived(received);
      if (received.type === "fault") this.#end(`it broke the protocol: ${received.text}`);
      if (received.type === "bye") this.#dismissed(received);
    }
  }

  #dismissed({ code, text }: MessageOf<"bye">): void {
    if (code === "done") this.#kind = "done";
    this.#end(text === "" ? "it said goodbye" : printable(text));
  }

  #sayGoodbye(code: ByeCode, text: string, patienceMs: number): Promise<void> {
    this.#endpoint.send({ type: "bye", stream: 0, code, text });
    this.#end(text, patienceMs);
    return this.#whenClosed;
  }

  /**
   * Counts half seconds in which we could have heard something. A count, not a clock: when this process was busy for long, one
   * tick passes and not many, and what has arrived meanwhile is read before the next.
   */
  #tick(): void {
    this.#ticks++;
    this.#silentTicks++;
    if (this.#silentTicks * TICK_MS > this.#options.silenceMs) {
      this.#kind = "silence";
      this.abort(`no sign of life for ${String(this.#options.silenceMs / 1000)} s`);
    } else if (this.#ticks * TICK_MS >= PING_EVERY_MS) {
      this.#ticks = 0;
      this.send({ type: "ping", stream: 0, askedMs: this.#options.clock.nowMs() });
    }
  }

  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushIsDue = false;
    clearTimeout(this.#company);
    this.#company = undefined;
    if (!this.#socket.writable) return;
    const output = this.#endpoint.takeOutput();
    if (output.length === 0) return;
    this.#socket.cork();
    for (const bytes of gathered(output)) this.#socket.write(bytes);
    this.#socket.uncork();
    if (this.#options.role === "node" && this.#socket.writableLength > MAX_UNREAD_BYTES) this.#overflown();
  }

  /** A client can ask for answers without end: one that does not read them has to go. */
  #overflown(): void {
    if (this.#reason !== undefined) return;
    const text = `${String(MAX_UNREAD_BYTES / 1024 / 1024)} MiB wait for it to read them`;
    this.#options.onReceived({ type: "fault", text });
    this.abort(`it broke the protocol: ${text}`);
  }

  #end(reason: string, patienceMs = LINGER_MS): void {
    this.#reason ??= reason;
    this.setBusy(false);
    if (this.#socket.destroyed) return;
    this.#flush();
    endPatiently(this.#socket, patienceMs);
  }

  #closed(): void {
    this.setBusy(false);
    this.#options.onClosed({ reason: this.#reason ?? "it closed the connection", kind: this.#kind });
  }
}

/** The same bytes in fewer pieces. */
function gathered(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const larger: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = (): void => {
    if (small.length > 0) larger.push(Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < SMALL_BYTES) {
      small.push(piece);
      continue;
    }
    join();
    larger.push(piece);
  }
  join();
  return larger;
}
