/** The client's side of an open connection: sorts what a node says to the jobs and questions it is about. */

import type { Readable } from "node:stream";
import { printable } from "../base/printable.js";
import type { Result } from "../base/result.js";
import { ClockOffset } from "../wire/clock-offset.js";
import type { Received } from "../wire/endpoint.js";
import { FENCE_AFTER_END_MS, FENCE_AFTER_SILENCE_MS } from "../wire/limits.js";
import type { LoadReport, MessageOf, RunRequest } from "../wire/message.js";
import type { ConnectionEnd, EndpointSocket } from "./endpoint-socket.js";
import type {
  DirectoryFailure,
  DirectoryProof,
  LoadListener,
  NodeConnection,
  NodeGreeting,
  RemoteJob,
  RemoteJobObserver,
  WallClock,
} from "./node-connection.js";
import { proveDirectory } from "./prove-directory.js";
import { ClientJob, type JobMessage } from "./client-job.js";
import { ClientMakes } from "./client-make.js";

/** A client has no load that a node would want to know. */
const NO_LOAD: LoadReport = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };

/** After so long a node has surely ended what it had not answered; undefined: it has not begun it. */
const FENCE_MS: Readonly<Record<ConnectionEnd["kind"], number | undefined>> = {
  silence: FENCE_AFTER_SILENCE_MS,
  cut: FENCE_AFTER_END_MS,
  done: undefined,
};

/** @see NodeConnection */
export class ClientConnection implements NodeConnection {
  readonly #clock: WallClock;
  readonly #offset = new ClockOffset();
  readonly #jobs = new Map<number, ClientJob>();
  readonly #proofs = new Map<number, (answer: MessageOf<"proof"> | undefined) => void>();
  readonly #makes = new ClientMakes(() => this.#link);
  readonly #loadListeners: LoadListener[] = [];
  readonly #lostListeners: ((reason: string) => void)[] = [];
  #link: EndpointSocket | undefined;
  #node: NodeGreeting = { name: "", slots: 0, uid: 0 };
  #load = NO_LOAD;
  #lostReason: string | undefined;
  #isClosing = false;
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => undefined;

  constructor(clock: WallClock) {
    this.#clock = clock;
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  get node(): NodeGreeting {
    return this.#node;
  }

  get load(): LoadReport {
    return this.#load;
  }

  get clockOffsetMs(): number {
    return this.#offset.offsetMs;
  }

  get roundTripMs(): number {
    return this.#offset.roundTripMs;
  }

  get isOpen(): boolean {
    return !this.#isClosing && this.#link?.isOpen === true;
  }

  onLoad(listener: LoadListener): void {
    this.#loadListeners.push(listener);
  }

  onLost(listener: (reason: string) => void): void {
    if (this.#lostReason === undefined) this.#lostListeners.push(listener);
    else listener(this.#lostReason);
  }

  proveDirectory(directory: string): Promise<Result<DirectoryProof, DirectoryFailure>> {
    return proveDirectory(directory, (file) => this.#askProof(directory, file));
  }

  run(request: RunRequest, on: RemoteJobObserver, input?: Readable): RemoteJob {
    const stream = this.isOpen ? this.#link?.newStream() : undefined;
    if (this.#link === undefined || stream === undefined) return notRun(this.#lostReason ?? "the connection is closed");
    const toOurTime = (ms: number): number => ms - this.clockOffsetMs;
    const job = new ClientJob(this.#link, stream, { request, on, input, toOurTime, makes: this.#makes });
    this.#jobs.set(stream, job);
    this.#watchSilence();
    job.start();
    return job;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    void this.#link?.close("done", "");
    await this.#closed;
  }

  // ── called by the socket's side ──

  /** The node has let us in. */
  open(link: EndpointSocket, ack: MessageOf<"hello-ack">): void {
    this.#link = link;
    this.#node = { name: printable(ack.name), slots: ack.slots, uid: ack.uid };
    this.#exchanged(ack);
  }

  received(received: Received): void {
    switch (received.type) {
      case "pong":
        this.#exchanged(received);
        return;
      case "ping":
        this.#answerPing(received.askedMs);
        return;
      case "credit":
        this.#credited(received.stream);
        return;
      case "proof":
        this.#proofs.get(received.stream)?.(received);
        return;
      case "line":
      case "stdout":
      case "stderr":
      case "terminal":
      case "written":
      case "fd-data":
      case "fd-end":
      case "fd-unread":
      case "fd-credit":
      case "input-unread":
      case "input-offset":
      case "line-failed":
      case "note":
      case "swept":
      case "slot-wanted":
      case "slot-back":
      case "join":
        this.#jobs.get(received.stream)?.received(received);
        return;
      case "signal":
      case "cancel":
      case "unread":
        this.#makes.received(received);
        return;
      case "exit":
        this.#loaded(received.load, received.endedMs);
        this.#ended(received);
        return;
      case "refuse":
        this.#ended(received);
        return;
      // The socket ends on these two by itself; the others are not for clients, and the tables keep them out.
      case "fault":
      case "bye":
      case "bad-request":
      case "hello":
      case "hello-ack":
      case "run":
      case "stdin":
      case "stdin-end":
      case "resize":
      case "slot":
      case "prove":
      case "prove-end":
      case "joined":
      case "join-refused":
      case "made":
        return;
    }
  }

  closed({ reason, kind }: ConnectionEnd): void {
    this.#lostReason = reason;
    for (const job of this.#jobs.values()) job.lost(reason, FENCE_MS[kind]);
    this.#makes.lost();
    this.#jobs.clear();
    for (const settle of this.#proofs.values()) settle(undefined);
    this.#proofs.clear();
    this.#resolveClosed();
    if (!this.#isClosing) for (const listener of this.#lostListeners) listener(reason);
  }

  #exchanged(message: MessageOf<"hello-ack" | "pong">): void {
    const { askedMs, receivedMs, answeredMs } = message;
    this.#offset.add({ askedMs, receivedMs, answeredMs, gotMs: this.#clock.nowMs() });
    this.#loaded(message.load, answeredMs);
  }

  #answerPing(askedMs: number): void {
    const receivedMs = this.#clock.nowMs();
    this.#link?.send({ type: "pong", stream: 0, askedMs, receivedMs, answeredMs: receivedMs, load: NO_LOAD });
  }

  #credited(stream: number): void {
    this.#makes.credited(stream);
    if (stream !== 0) this.#jobs.get(stream)?.credit();
    else for (const job of this.#jobs.values()) job.credit();
  }

  /** @param takenMs - on its clock */
  #loaded(load: LoadReport, takenMs: number): void {
    this.#load = load;
    for (const listener of this.#loadListeners) listener(load, takenMs - this.clockOffsetMs);
  }

  #ended(message: JobMessage): void {
    this.#jobs.get(message.stream)?.received(message);
    this.#jobs.delete(message.stream);
    this.#watchSilence();
  }

  /** undefined: the connection ended without an answer. */
  async #askProof(
    directory: string,
    file: string,
  ): Promise<{ readonly proof: MessageOf<"proof">; done(): void } | undefined> {
    const stream = this.isOpen ? this.#link?.newStream() : undefined;
    if (stream === undefined) return undefined;
    const answered = new Promise<MessageOf<"proof"> | undefined>((resolve) => this.#proofs.set(stream, resolve));
    this.#link?.send({ type: "prove", stream, directory, file });
    this.#watchSilence();
    const proof = await answered;
    this.#proofs.delete(stream);
    this.#watchSilence();
    return proof && { proof, done: () => this.#link?.send({ type: "prove-end", stream }) };
  }

  /** Only while an answer is awaited does silence mean anything. */
  #watchSilence(): void {
    this.#link?.setBusy(this.#jobs.size + this.#proofs.size > 0);
  }
}

function notRun(reason: string): RemoteJob {
  const nothing = (): void => undefined;
  const outcome = Promise.resolve({ kind: "lost", started: false, reason, fenceMs: 0 } as const);
  return { outcome, cancel: nothing, signal: nothing, resize: nothing, unread: nothing, slot: nothing };
}
