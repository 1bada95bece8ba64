/** Drives one side of the protocol over a socket: reads, writes, pings, and notices when the other side is gone. */

import type { Duplex } from "node:stream";
import { printable } from "../base/printable.js";
import { Endpoint, type DataType, type Received, type Sendable } from "../wire/endpoint.js";
import { PING_EVERY_MS } from "../wire/limits.js";
import type { ByeCode } from "../wire/message.js";
import type { Role } from "../wire/phase.js";
import type { WallClock } from "./node-connection.js";

export interface EndpointSocketOptions {
  readonly role: Role;
  readonly clock: WallClock;
  /** The other side is given up after so long without a byte, while jobs run. */
  readonly silenceMs: number;
  readonly onReceived: (received: Received) => void;
  /** The socket is closed; `reason` says why, as well as we know, and `silence` that the other side may not know. Called once. */
  readonly onClosed: (reason: string, silence: boolean) => void;
}

const TICK_MS = PING_EVERY_MS / 2;
/** What is not urgent waits so long for company: a write costs both sides more than all else that a message does. */
const COMPANY_MS = 20;
/** After a goodbye the other side gets so long to read it. */
const LINGER_MS = 1000;

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
  #isSilent = false;

  constructor(socket: Duplex, options: EndpointSocketOptions) {
    this.#socket = socket;
    this.#endpoint = new Endpoint(options.role);
    this.#options = options;
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

  /** Says goodbye and closes, at the latest when the other side does not read it. */
  close(code: ByeCode, text: string): void {
    this.#endpoint.send({ type: "bye", stream: 0, code, text });
    this.#end(text);
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
      if (received.type === "bye") this.#end(received.text === "" ? "it said goodbye" : printable(received.text));
    }
  }

  /**
   * Counts half seconds in which we could have heard something. A count, not a clock: when this process was busy for long, one
   * tick passes and not many, and what has arrived meanwhile is read before the next.
   */
  #tick(): void {
    this.#ticks++;
    this.#silentTicks++;
    if (this.#silentTicks * TICK_MS > this.#options.silenceMs) {
      this.#isSilent = true;
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
    for (const bytes of output) this.#socket.write(bytes);
    this.#socket.uncork();
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.setBusy(false);
    if (this.#socket.destroyed) return;
    this.#flush();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }

  #closed(): void {
    this.setBusy(false);
    this.#options.onClosed(this.#reason ?? "it closed the connection", this.#isSilent);
  }
}
