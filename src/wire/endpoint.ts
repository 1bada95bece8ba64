/** One side of a connection without its socket: bytes in, messages and bytes out; phases, streams and credit are kept here. */

import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { frameRulesOf, isRaw, messageTypeOf, readPayload, writePayload, type CodedType } from "./codec.js";
import { ReceiveCredit, SendCredit } from "./credit.js";
import { frameHeader, FrameReader, type Delivery, type Frame, type FrameHeader } from "./frame.js";
import { CONNECTION_WINDOW_BYTES, DATA_PIECE_BYTES, MAX_FRAME_BYTES, MAX_STREAM_ID, MAX_TEXT_BYTES } from "./limits.js";
import type { Message, MessageOf, MessageType, RunRequest } from "./message.js";
import { askForMake, endJob, endMake, refuseMake, takeMake } from "./make-streams.js";
import { entitle, openStream, type OpenStream } from "./open-stream.js";
import { accepts, ON_CONNECTION, streamAccepts, type Phase, type Role, type StreamPhase } from "./phase.js";
import { MAX_RECEIPTS } from "./receipt-codec.js";
import { encodeRequest } from "./request-codec.js";
import { RequestGatherer } from "./request-gatherer.js";
import { WireError } from "./wire-error.js";

/** What came of received bytes. After `fault` or `bye` nothing more comes. */
export type Received =
  | Exclude<Message, { readonly type: "run-part" | "need" }>
  /** A request that means nothing; to be refused. The connection goes on. */
  | { readonly type: "bad-request"; readonly stream: number; readonly text: string }
  /** The other side broke the protocol; a BYE waits to be sent, then the connection is to be closed. */
  | { readonly type: "fault"; readonly text: string };

export type DataType = "stdin" | "stdout" | "stderr" | "terminal";
type DataMessage = MessageOf<DataType | "fd-data">;

/** What `send` takes; data goes through `sendData`, because it needs credit. */
export type Sendable = Exclude<Message, { readonly type: DataType | "fd-data" | "run-part" | "need" }>;

export class Endpoint {
  readonly #role: Role;
  #phase: Phase;
  readonly #streams = new Map<number, OpenStream>();
  #lastStream = 0;
  readonly #sending = new SendCredit(CONNECTION_WINDOW_BYTES);
  readonly #receiving = new ReceiveCredit(CONNECTION_WINDOW_BYTES);
  readonly #frames = new FrameReader((header) => this.#admit(header));
  readonly #requests = new RequestGatherer();
  #output: Uint8Array[] = [];

  constructor(role: Role) {
    this.#role = role;
    this.#phase = role === "node" ? "awaiting-hello" : "awaiting-ack";
  }

  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** Takes bytes that arrived; data in the answer is valid until the next call. Never throws for what they hold. */
  receive(bytes: Uint8Array): readonly Received[] {
    const received: Received[] = [];
    if (this.isOver) return received;
    try {
      this.#frames.push(bytes);
      for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) {
        const message = this.#messageOf(frame.header, frame.payload);
        if (message !== undefined) received.push(message);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      received.push(this.#fault(error.message));
    }
    return received;
  }

  /** Client: the number of a new stream. undefined when all are used up. */
  newStream(): number | undefined {
    if (this.#lastStream >= MAX_STREAM_ID) return undefined;
    this.#lastStream++;
    return this.#lastStream;
  }

  /** Puts a message among the bytes to be written. After the end of the connection it goes nowhere. */
  send(message: Sendable): void {
    if (this.isOver || !this.#isNews(message)) return;
    if (message.type === "run") this.#sendRequest(message.stream, message.request);
    else this.#sendCoded(message);
    this.#afterSending(message);
  }

  /**
   * Puts data among the bytes to be written, as much of it as there is credit for. The bytes are not copied.
   *
   * @returns how many were accepted; all of them when the stream is no longer there to take them
   */
  sendData(type: DataType, stream: number, bytes: Uint8Array): number {
    return this.#sendSome({ type, stream, bytes }, this.#streams.get(stream)?.sending);
  }

  /** The same for a further descriptor. @returns how many were accepted; all of them when nobody wants them */
  sendDescriptorData(stream: number, fd: number, bytes: Uint8Array): number {
    return this.#sendSome({ type: "fd-data", stream, fd, bytes }, this.#streams.get(stream)?.further.of(fd)?.sending);
  }

  /** Received data of a further descriptor was dealt with. */
  takenOf(stream: number, fd: number, bytes: number): void {
    this.#grant(0, this.#receiving.take(bytes));
    const granted = this.#streams.get(stream)?.further.of(fd)?.take(bytes) ?? 0;
    if (granted > 0) this.send({ type: "fd-credit", stream, fd, bytes: granted });
  }

  /** Received data was dealt with: its sender gets credit again. */
  taken(stream: number, bytes: number): void {
    this.#grant(0, this.#receiving.take(bytes));
    const open = this.#streams.get(stream);
    if (open !== undefined) this.#grant(stream, open.receiving.take(bytes));
  }

  /** The bytes to be written, in order; empty when there are none. */
  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    if (output.length > 0) this.#output = [];
    return output;
  }

  // ── receiving ──

  /** Behind the end nothing is looked at any more. */
  #nextFrame(): Frame | undefined {
    return this.isOver ? undefined : this.#frames.next();
  }

  /** Judges a header by the tables, before anything of the payload is kept. */
  #admit(header: FrameHeader): Delivery {
    const type = messageTypeOf(header.code);
    const rules = frameRulesOf(type);
    if (!accepts(this.#phase, type)) throw new WireError(`${type} in the phase ${this.#phase}`);
    if (header.length > rules.maxBytes) throw new WireError(`${type} of ${String(header.length)} bytes`);
    if (header.stream === 0 || type === "hello" || type === "hello-ack") this.#admitOnConnection(type, header.stream);
    else this.#admitOnStream(type, header);
    return rules.delivery;
  }

  #admitOnConnection(type: MessageType, stream: number): void {
    if (stream !== 0 || !ON_CONNECTION.includes(type)) throw new WireError(`${type} on stream ${String(stream)}`);
  }

  #admitOnStream(type: MessageType, { stream, length }: FrameHeader): void {
    const phase = this.#streamPhase(stream);
    if (!streamAccepts(phase, type)) throw new WireError(`${type} on stream ${String(stream)}, which is ${phase}`);
    if (type === "stdin" || type === "stdout" || type === "stderr" || type === "terminal") {
      this.#receiving.expect(length);
      this.#streams.get(stream)?.receiving.expect(length);
    }
    if (type === "fd-data") this.#receiving.expect(Math.max(0, length - 1));
    if (type === "need" || type === "run-part" || type === "run") this.#requests.admit(type, stream, length);
  }

  #streamPhase(stream: number): StreamPhase {
    const open = this.#streams.get(stream);
    if (open !== undefined) return open.phase;
    if (this.#role === "client") return "client-ended";
    return stream <= this.#lastStream ? "node-ended" : "new";
  }

  #messageOf({ code, stream }: FrameHeader, payload: Uint8Array): Received | undefined {
    const type = messageTypeOf(code);
    if (!isRaw(type)) return this.#afterReceiving(readPayload(type, new ByteReader(payload), stream));
    switch (type) {
      case "run-part":
      case "run":
        return this.#gatherRequest(type, stream, payload);
      case "stdin":
      case "stdout":
      case "stderr":
      case "terminal":
        return this.#receivedData(type, stream, payload);
      case "fd-data":
        return this.#receivedDescriptorData(stream, payload);
    }
  }

  #receivedDescriptorData(stream: number, payload: Uint8Array): Received | undefined {
    const [fd] = payload;
    if (fd === undefined) throw new WireError("data of no descriptor");
    const bytes = payload.subarray(1);
    const isWanted = this.#streams.get(stream)?.further.known(fd).taking(bytes.length) === true;
    if (isWanted && bytes.length > 0) return { type: "fd-data", stream, fd, bytes };
    this.takenOf(stream, fd, bytes.length);
    return undefined;
  }

  #receivedData(type: DataType, stream: number, bytes: Uint8Array): Received | undefined {
    if (this.#streams.has(stream)) return bytes.length === 0 ? undefined : { type, stream, bytes };
    this.taken(stream, bytes.length);
    return undefined;
  }

  #gatherRequest(type: "run-part" | "run", stream: number, payload: Uint8Array): Received | undefined {
    const open = this.#open(stream, "requesting");
    this.#requests.addPart(stream, payload);
    return type === "run-part" ? undefined : this.#requested(open, stream);
  }

  #requested(open: OpenStream, stream: number): Received {
    try {
      const request = this.#requests.finish(stream);
      open.phase = request.input ? "fed-job" : "job";
      entitle(open, request, this.#role);
      return { type: "run", stream, request };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      open.phase = "job";
      return { type: "bad-request", stream, text: error.message };
    }
  }

  /** Moves the tables on after a message, and keeps back what means nothing any more. */
  #afterReceiving(message: Message): Received | undefined {
    const open = message.stream === 0 ? undefined : this.#streams.get(message.stream);
    switch (message.type) {
      case "hello":
        this.#phase = "node-open";
        return message;
      case "hello-ack":
        this.#phase = "client-open";
        return message;
      case "bye":
        this.#phase = "over";
        return message;
      case "credit":
        return this.#credited(message, open);
      case "stdin-end":
      case "cancel":
      case "signal":
      case "resize":
      case "unread":
      case "prove-end":
        if (open === undefined) return undefined;
        if (message.type === "stdin-end") open.phase = "job";
        if (message.type === "prove-end") this.#streams.delete(message.stream);
        return message;
      case "slot":
      case "slot-wanted":
      case "slot-back":
        if (open === undefined) return undefined;
        open.slots.received(message.type);
        return message;
      case "fd-end":
      case "fd-unread":
      case "fd-credit":
        if (open === undefined) return undefined;
        open.further.received(message);
        return message;
      case "prove":
        this.#open(message.stream, "node-proof");
        return message;
      case "exit":
      case "refuse":
        endJob(this.#streams, message.stream);
        return message;
      case "proof":
        this.#streams.delete(message.stream);
        return message;
      case "line":
        open?.joins.start();
        return message;
      case "join":
      case "join-refused":
        if (open === undefined) return undefined;
        open.joins.received(message);
        return message;
      case "joined":
        this.#openMake(message, "node-make");
        return message;
      case "made":
        endMake(this.#streams, message.stream);
        this.#streams.delete(message.stream);
        return message;
      case "need":
        this.#open(message.stream, "requesting");
        this.#requests.addNeeds(message.stream, message.files);
        return undefined;
      case "run-part":
        throw new Error("internal error: a part of a request as a message");
      case "ping":
      case "pong":
      case "run":
      case "stdin":
      case "stdout":
      case "stderr":
      case "terminal":
      case "fd-data":
      case "written":
      case "input-unread":
      case "input-offset":
      case "line-failed":
      case "note":
      case "swept":
        return message;
    }
  }

  #credited(message: MessageOf<"credit">, open: OpenStream | undefined): Received | undefined {
    if (message.stream === 0) this.#sending.grant(message.bytes);
    else if (open === undefined) return undefined;
    else open.sending.grant(message.bytes);
    return message;
  }

  #fault(text: string): Received {
    this.send({ type: "bye", stream: 0, code: "protocol", text: text.slice(0, MAX_TEXT_BYTES) });
    return { type: "fault", text };
  }

  // ── sending ──

  /** What was said of a further descriptor, or can be said no more, is not said; nor what makes no sense of slots. */
  #isNews(message: Sendable): boolean {
    switch (message.type) {
      case "fd-end":
      case "fd-unread":
        return this.#streams.get(message.stream)?.further.isNews(message) === true;
      case "slot":
      case "slot-wanted":
      case "slot-back":
        return this.#streams.get(message.stream)?.slots.isNews(message.type) === true;
      case "join":
        return askForMake(this.#streams, message);
      case "join-refused":
        return refuseMake(this.#streams, message);
      case "made":
        return endMake(this.#streams, message.stream);
      default:
        return true;
    }
  }

  #sendSome(data: DataMessage, credit: SendCredit | undefined): number {
    const { type, stream, bytes } = data;
    if (this.isOver || credit === undefined) return bytes.length;
    const allowed = Math.min(bytes.length, credit.left, this.#sending.left);
    for (let at = 0; at < allowed; at += DATA_PIECE_BYTES) {
      const before = data.type === "fd-data" ? Uint8Array.of(data.fd) : undefined;
      this.#push(type, stream, bytes.subarray(at, Math.min(at + DATA_PIECE_BYTES, allowed)), before);
    }
    credit.spend(allowed);
    this.#sending.spend(allowed);
    return allowed;
  }

  #sendCoded(message: Extract<Message, { readonly type: CodedType }>): void {
    const writer = new ByteWriter();
    writePayload(writer, message);
    this.#push(message.type, message.stream, writer.take());
  }

  #sendRequest(stream: number, request: RunRequest): void {
    const { needs = [] } = request;
    for (let at = 0; at < needs.length; at += MAX_RECEIPTS)
      this.#sendCoded({ type: "need", stream, files: needs.slice(at, at + MAX_RECEIPTS) });
    const bytes = encodeRequest(request);
    const lastAt = Math.floor(Math.max(0, bytes.length - 1) / MAX_FRAME_BYTES) * MAX_FRAME_BYTES;
    for (let at = 0; at < lastAt; at += MAX_FRAME_BYTES)
      this.#push("run-part", stream, bytes.subarray(at, at + MAX_FRAME_BYTES));
    this.#push("run", stream, bytes.subarray(lastAt));
  }

  /** Most of what is said moves nothing. */
  #afterSending(message: Sendable): void {
    const { type, stream } = message;
    if (type === "run") entitle(this.#open(stream, "answer"), message.request, this.#role);
    else if (type === "prove") this.#open(stream, "client-proof");
    else if (type === "joined") this.#openMake(message, "client-make");
    else if (type === "line") this.#streams.get(stream)?.joins.start();
    else if (type === "exit" || type === "refuse") this.#streams.delete(stream);
    else if (type === "bye") this.#phase = "over";
  }

  #open(stream: number, phase: StreamPhase): OpenStream {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const opened = openStream(phase);
    this.#streams.set(stream, opened);
    this.#lastStream = Math.max(this.#lastStream, stream);
    return opened;
  }

  /** @throws WireError for one that has not asked */
  #openMake(message: MessageOf<"joined">, phase: StreamPhase): void {
    takeMake(this.#streams, message);
    this.#open(message.stream, phase).job = message.job;
  }

  #grant(stream: number, bytes: number): void {
    if (bytes > 0) this.send({ type: "credit", stream, bytes });
  }

  /** @param before - bytes of the payload that stand before the others */
  #push(type: MessageType, stream: number, payload: Uint8Array, before?: Uint8Array): void {
    const length = payload.length + (before?.length ?? 0);
    this.#output.push(frameHeader({ length, code: frameRulesOf(type).code, stream }));
    if (before !== undefined) this.#output.push(before);
    if (payload.length > 0) this.#output.push(payload);
  }
}
