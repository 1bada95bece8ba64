/** One job at a node, from the client's side: its request, its input, its output in order, and its one outcome. */

import { printable } from "../base/printable.js";
import type { Readable } from "node:stream";
import type { DescriptorMessage, MessageOf, RunRequest } from "../wire/message.js";
import { requestFault } from "../wire/request-codec.js";
import type { ClientMakes } from "./client-make.js";
import type { EndpointSocket } from "./endpoint-socket.js";
import { FurtherStreams } from "./further-streams.js";
import { InputSender } from "./input-sender.js";
import type { OutputStream, RemoteJob, RemoteJobObserver, RemoteOutcome } from "./node-connection.js";

/** What a node says of a job. */
export type JobMessage =
  | DescriptorMessage
  | MessageOf<
      | OutputStream
      | (
          | "line"
          | "written"
          | "input-unread"
          | "input-offset"
          | "line-failed"
          | "note"
          | "swept"
          | "slot-wanted"
          | "slot-back"
          | "join"
          | "exit"
          | "refuse"
        )
    >;

export interface ClientJobOptions {
  readonly request: RunRequest;
  readonly on: RemoteJobObserver;
  readonly input: Readable | undefined;
  readonly toOurTime: (nodeMs: number) => number;
  readonly makes: ClientMakes;
}

export class ClientJob implements RemoteJob {
  readonly outcome: Promise<RemoteOutcome>;
  readonly #link: EndpointSocket;
  readonly #stream: number;
  readonly #options: ClientJobOptions;
  readonly #input: InputSender;
  readonly #further: FurtherStreams | undefined;
  #settle: (outcome: RemoteOutcome) => void = () => undefined;
  #hasStarted = false;
  #isOver = false;
  #swept: { readonly ended: number; readonly left: number } | undefined;

  constructor(link: EndpointSocket, stream: number, options: ClientJobOptions) {
    this.#link = link;
    this.#stream = stream;
    this.#options = options;
    this.#input = new InputSender({
      send: (bytes) => link.sendData("stdin", stream, bytes),
      end: () => link.send({ type: "stdin-end", stream }),
      failed: (errno) => options.on.inputFailed?.(errno),
    });
    const { request, on } = options;
    if (request.further !== undefined && on.further !== undefined)
      this.#further = new FurtherStreams(link, { stream, further: request.further, ends: on.further });
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Sends the request. */
  start(): void {
    const { request } = this.#options;
    const fault = requestFault(request);
    if (fault !== undefined) {
      this.#end({ kind: "refused", code: "request", errno: "E2BIG", text: `cannot be asked for this job: ${fault}` });
      return;
    }
    this.#link.send({ type: "run", stream: this.#stream, request });
  }

  cancel(signal: number): void {
    this.#link.send({ type: "cancel", stream: this.#stream, signal });
  }

  signal(signal: number): void {
    this.#link.send({ type: "signal", stream: this.#stream, signal });
  }

  resize({ rows, columns }: { readonly rows: number; readonly columns: number }): void {
    this.#link.send({ type: "resize", stream: this.#stream, rows, columns });
  }

  unread(fd: number): void {
    this.#link.send({ type: "unread", stream: this.#stream, fd });
  }

  slot(): void {
    this.#link.send({ type: "slot", stream: this.#stream });
  }

  credit(): void {
    this.#input.credit();
    this.#further?.credit();
  }

  received(message: JobMessage): void {
    const { on } = this.#options;
    switch (message.type) {
      case "line":
        this.#started();
        on.line(message.index);
        return;
      case "stdout":
      case "stderr":
      case "terminal":
        this.#output(message.type, message.bytes);
        return;
      case "written":
        on.written?.(message.fd);
        return;
      case "input-unread":
        this.#input.stop();
        on.inputUnread?.();
        return;
      case "input-offset":
        if (message.fd === undefined) on.inputOffset?.(message.offset);
        else this.#further?.readUpTo(message.fd, message.offset);
        return;
      case "fd-data":
      case "fd-end":
      case "fd-unread":
      case "fd-credit":
        this.#further?.received(message);
        return;
      case "swept":
        this.#swept = { ended: message.ended, left: message.left };
        return;
      case "slot-wanted":
        on.slotWanted?.();
        return;
      case "slot-back":
        on.slotBack?.();
        return;
      case "join":
        void this.#join(message); // it does not reject
        return;
      case "line-failed":
        on.lineFailed(message.index, message.status);
        return;
      case "note":
        on.note(message.text);
        return;
      case "exit":
        this.#end(this.#ended(message));
        return;
      case "refuse":
        this.#end({ kind: "refused", code: message.code, errno: message.errno, text: printable(message.text) });
        return;
    }
  }

  /**
   * The connection is gone. The request was sent, so nobody knows how far the job came.
   *
   * @param fenceMs - undefined: the node has said that it has not begun it
   */
  lost(reason: string, fenceMs: number | undefined): void {
    this.#end({ kind: "lost", started: fenceMs !== undefined, reason, fenceMs: fenceMs ?? 0 });
  }

  /** A make asks, and is answered. */
  async #join({ stream, join, wish }: MessageOf<"join">): Promise<void> {
    const make = await this.#options.on.makeWanted?.(wish);
    if (this.#isOver) make?.dispose();
    else if (make === undefined || !this.#options.makes.start({ job: stream, join }, make))
      this.#link.send({ type: "join-refused", stream, join });
  }

  /** The node may send as much again once it has been dealt with. */
  #output(type: OutputStream, bytes: Uint8Array): void {
    const done = this.#options.on.data(type, bytes);
    const taken = (): void => this.#link.taken(this.#stream, bytes.length);
    if (done === undefined) taken();
    else void done.then(taken); // it does not reject
  }

  #ended({ status, receipts, startedMs, endedMs }: MessageOf<"exit">): RemoteOutcome {
    const { toOurTime } = this.#options;
    return {
      kind: "ended",
      status,
      receipts,
      swept: this.#swept,
      startedMs: toOurTime(startedMs),
      endedMs: toOurTime(endedMs),
    };
  }

  #end(outcome: RemoteOutcome): void {
    this.#isOver = true;
    this.#input.drop();
    this.#further?.drop();
    this.#settle(outcome);
  }

  /** Input is sent from here on: a job that is refused has not had any of it, and may be run elsewhere. */
  #started(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { input } = this.#options;
    if (input !== undefined) this.#input.start(input);
    this.#further?.start();
  }
}
