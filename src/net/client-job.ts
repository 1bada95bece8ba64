/** One job at a node, from the client's side: its request, its input, its output in order, and its one outcome. */

import type { Readable } from "node:stream";
import type { MessageOf, RunRequest } from "../wire/message.js";
import { requestFault } from "../wire/request-codec.js";
import { DataPump } from "./data-pump.js";
import type { EndpointSocket } from "./endpoint-socket.js";
import type { RemoteJob, RemoteJobObserver, RemoteOutcome } from "./node-connection.js";

/** What a node says of a job. */
export type JobMessage = MessageOf<"line" | "stdout" | "stderr" | "line-failed" | "note" | "exit" | "refuse">;

export interface ClientJobOptions {
  readonly request: RunRequest;
  readonly on: RemoteJobObserver;
  readonly input: Readable | undefined;
  readonly toOurTime: (nodeMs: number) => number;
}

export class ClientJob implements RemoteJob {
  readonly outcome: Promise<RemoteOutcome>;
  readonly #link: EndpointSocket;
  readonly #stream: number;
  readonly #options: ClientJobOptions;
  readonly #input: DataPump;
  #settle: (outcome: RemoteOutcome) => void = () => undefined;
  #stopInput: () => void = () => undefined;

  constructor(link: EndpointSocket, stream: number, options: ClientJobOptions) {
    this.#link = link;
    this.#stream = stream;
    this.#options = options;
    this.#input = new DataPump((bytes) => link.sendData("stdin", stream, bytes));
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Sends the request, then the input as it comes. */
  start(): void {
    const { request, input } = this.#options;
    const fault = requestFault(request);
    if (fault !== undefined) {
      this.#end({ kind: "refused", code: "request", errno: "E2BIG", text: `cannot be asked for this job: ${fault}` });
      return;
    }
    this.#link.send({ type: "run", stream: this.#stream, request });
    if (input !== undefined) this.#sendInput(input);
  }

  cancel(signal: number): void {
    this.#link.send({ type: "cancel", stream: this.#stream, signal });
  }

  credit(): void {
    this.#input.credit();
  }

  received(message: JobMessage): void {
    const { on } = this.#options;
    switch (message.type) {
      case "line":
        on.line(message.index);
        return;
      case "stdout":
      case "stderr":
        on.data(message.type, message.bytes);
        this.#link.taken(this.#stream, message.bytes.length);
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
        this.#end({ kind: "refused", code: message.code, errno: message.errno, text: message.text });
        return;
    }
  }

  /** The connection is gone. The request was sent, so nobody knows how far the job came. */
  lost(reason: string, fenceMs: number): void {
    this.#end({ kind: "lost", started: true, reason, fenceMs });
  }

  #ended({ status, receipts, startedMs, endedMs }: MessageOf<"exit">): RemoteOutcome {
    const { toOurTime } = this.#options;
    return { kind: "ended", status, receipts, startedMs: toOurTime(startedMs), endedMs: toOurTime(endedMs) };
  }

  #end(outcome: RemoteOutcome): void {
    this.#stopInput();
    this.#input.drop();
    this.#settle(outcome);
  }

  #sendInput(input: Readable): void {
    this.#input.attach(input);
    const push = (bytes: Buffer): void => this.#input.push(bytes);
    const end = (): void =>
      void this.#input.idle().then(() => this.#link.send({ type: "stdin-end", stream: this.#stream }));
    this.#stopInput = () => {
      input.off("data", push).off("end", end).off("error", end).pause();
    };
    // Input that cannot be read any more ends for the recipe, as it would for a program here.
    input.on("data", push).once("end", end).once("error", end);
  }
}
