/** One side of a connection without its socket: bytes in, messages and bytes out; phases, streams and credit are kept here. */

import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { frameRulesOf, isRaw, messageTypeOf, readPayload, writePayload, type CodedType } from "./codec.js";
import { ReceiveCredit, SendCredit } from "./credit.js";
import { frameHeader, FrameReader, type Delivery, type Frame, type FrameHeader } from "./frame.js";
import { GrowingBytes } from "./growing-bytes.js";
import {
  CONNECTION_WINDOW_BYTES,
  DATA_PIECE_BYTES,
  MAX_FRAME_BYTES,
  MAX_NEEDS_BYTES,
  MAX_REQUEST_BYTES,
  MAX_STREAM_ID,
  MAX_TEXT_BYTES,
  STREAM_WINDOW_BYTES,
} from "./limits.js";
import type { FileReceipt, Message, MessageOf, MessageType, RunRequest } from "./message.js";
import { accepts, ON_CONNECTION, streamAccepts, type Phase, type Role, type StreamPhase } from "./phase.js";
import { MAX_RECEIPTS } from "./receipt-codec.js";
import { decodeRequest, encodeRequest, withNeeds } from "./request-codec.js";
import { WireError } from "./wire-error.js";

/** What came of received bytes. After `fault` or `bye` nothing more comes. */
export type Received =
  | Exclude<Message, { readonly type: "run-part" | "need" }>
  /** A request that means nothing; to be refused. The connection goes on. */
  | { readonly type: "bad-request"; readonly stream: number; readonly text: string }
  /** The other side broke the protocol; a BYE waits to be sent, then the connection is to be closed. */
  | { readonly type: "fault"; readonly text: string };

export type DataType = "stdin" | "stdout" | "stderr" | "terminal";

/** What `send` takes; data goes through `sendData`, because it needs credit. */
export type Sendable = Exclude<Message, { readonly type: DataType | "run-part" | "need" }>;

interface Stream {
  phase: StreamPhase;
  readonly sending: SendCredit;
  readonly receiving: ReceiveCredit;
}

/** A request that is not whole yet. */
interface Gathered {
  readonly stream: number;
  readonly bytes: GrowingBytes;
  readonly needs: FileReceipt[];
  needsBytes: number;
}

export class Endpoint {
  readonly #role: Role;
  #phase: Phase;
  readonly #streams = new Map<number, Stream>();
  #lastStream = 0;
  readonly #sending = new SendCredit(CONNECTION_WINDOW_BYTES);
  readonly #receiving = new ReceiveCredit(CONNECTION_WINDOW_BYTES);
  readonly #frames = new FrameReader((header) => this.#admit(header));
  #request: Gathered | undefined;
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
    if (this.isOver) return;
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
    const open = this.#streams.get(stream);
    if (this.isOver || open === undefined) return bytes.length;
    const allowed = Math.min(bytes.length, open.sending.left, this.#sending.left);
    for (let at = 0; at < allowed; at += DATA_PIECE_BYTES) {
      this.#push(type, stream, bytes.subarray(at, Math.min(at + DATA_PIECE_BYTES, allowed)));
    }
    open.sending.spend(allowed);
    this.#sending.spend(allowed);
    return allowed;
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
    if (type === "need" || type === "run-part" || type === "run") this.#admitRequest(type, stream, length);
  }

  /** One request is gathered at a time, so that no client can make a node hold many. */
  #admitRequest(type: "need" | "run-part" | "run", stream: number, length: number): void {
    const { stream: gathered = stream, bytes, needsBytes = 0 } = this.#request ?? {};
    if (gathered !== stream) throw new WireError(`${type} within another request`);
    const gatheredBytes = bytes?.length ?? 0;
    const isTooLarge =
      type === "need" ? needsBytes + length > MAX_NEEDS_BYTES : gatheredBytes + length > MAX_REQUEST_BYTES;
    if (isTooLarge) throw new WireError("a request that is too large");
    if (type === "need" && this.#request !== undefined) this.#request.needsBytes += length;
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
    }
  }

  #receivedData(type: DataType, stream: number, bytes: Uint8Array): Received | undefined {
    if (this.#streams.has(stream)) return bytes.length === 0 ? undefined : { type, stream, bytes };
    this.taken(stream, bytes.length);
    return undefined;
  }

  #gatherRequest(type: "run-part" | "run", stream: number, payload: Uint8Array): Received | undefined {
    const gathered = this.#gathered(stream);
    gathered.bytes.add(payload, MAX_REQUEST_BYTES);
    if (type === "run-part") return undefined;
    this.#request = undefined;
    return this.#decodedRequest(this.#open(stream, "requesting"), gathered);
  }

  #gathered(stream: number): Gathered {
    this.#open(stream, "requesting");
    return (this.#request ??= { stream, bytes: new GrowingBytes(), needs: [], needsBytes: 0 });
  }

  #decodedRequest(open: Stream, { stream, bytes, needs }: Gathered): Received {
    try {
      const plain = decodeRequest(bytes.take());
      const request = needs.length === 0 ? plain : withNeeds(plain, needs);
      open.phase = request.input ? "fed-job" : "job";
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
      case "prove":
        this.#open(message.stream, "node-proof");
        return message;
      case "exit":
      case "refuse":
      case "proof":
        this.#streams.delete(message.stream);
        return message;
      case "need":
        this.#gathered(message.stream).needs.push(...message.files);
        return undefined;
      case "run-part":
        throw new Error("internal error: a part of a request as a message");
      case "ping":
      case "pong":
      case "run":
      case "stdin":
      case "line":
      case "stdout":
      case "stderr":
      case "terminal":
      case "written":
      case "input-unread":
      case "input-offset":
      case "line-failed":
      case "note":
      case "swept":
        return message;
    }
  }

  #credited(message: MessageOf<"credit">, open: Stream | undefined): Received | undefined {
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

  #afterSending(message: Sendable): void {
    switch (message.type) {
      case "run":
        this.#open(message.stream, "answer");
        return;
      case "prove":
        this.#open(message.stream, "client-proof");
        return;
      case "exit":
      case "refuse":
        this.#streams.delete(message.stream);
        return;
      case "bye":
        this.#phase = "over";
        return;
      case "hello":
      case "hello-ack":
      case "ping":
      case "pong":
      case "credit":
      case "stdin-end":
      case "cancel":
      case "signal":
      case "resize":
      case "unread":
      case "prove-end":
      case "line":
      case "written":
      case "input-unread":
      case "input-offset":
      case "line-failed":
      case "note":
      case "swept":
      case "proof":
        return;
    }
  }

  #open(stream: number, phase: StreamPhase): Stream {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const opened: Stream = {
      phase,
      sending: new SendCredit(STREAM_WINDOW_BYTES),
      receiving: new ReceiveCredit(STREAM_WINDOW_BYTES),
    };
    this.#streams.set(stream, opened);
    this.#lastStream = Math.max(this.#lastStream, stream);
    return opened;
  }

  #grant(stream: number, bytes: number): void {
    if (bytes > 0) this.send({ type: "credit", stream, bytes });
  }

  #push(type: MessageType, stream: number, payload: Uint8Array): void {
    this.#output.push(frameHeader({ length: payload.length, code: frameRulesOf(type).code, stream }));
    if (payload.length > 0) this.#output.push(payload);
  }
}
