/** A job's descriptors above 2 from the client's side: what is read here goes there, what is written there goes here. */

import { type FurtherDescriptor, waysOf } from "../wire/descriptor.js";
import type { DescriptorMessage } from "../wire/message.js";
import type { EndpointSocket } from "./endpoint-socket.js";
import { InputSender } from "./input-sender.js";
import type { FurtherEnds } from "./node-connection.js";

export interface FurtherStreamsOptions {
  readonly stream: number;
  readonly further: readonly FurtherDescriptor[];
  readonly ends: FurtherEnds;
}

export class FurtherStreams {
  readonly #link: EndpointSocket;
  readonly #options: FurtherStreamsOptions;
  readonly #inputs = new Map<number, InputSender>();

  constructor(link: EndpointSocket, options: FurtherStreamsOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** The job has started: input is sent from here on. */
  start(): void {
    const { stream, further, ends } = this.#options;
    for (const one of further) {
      if (!waysOf(one).toNode) continue;
      const { fd } = one;
      const input = new InputSender({
        send: (bytes) => this.#link.sendDescriptorData(stream, fd, bytes),
        end: () => this.#link.send({ type: "fd-end", stream, fd }),
        failed: (errno) => ends.failed(fd, errno),
      });
      this.#inputs.set(fd, input);
      input.start(ends.input(fd));
    }
  }

  received(message: DescriptorMessage): void {
    const { fd } = message;
    switch (message.type) {
      case "fd-data":
        void this.#write(fd, message.bytes); // it does not reject
        return;
      case "fd-end":
        this.#options.ends.written(fd);
        return;
      case "fd-unread":
        this.#inputs.get(fd)?.drop();
        this.#link.send({ type: "fd-end", stream: this.#options.stream, fd });
        this.#options.ends.unread(fd);
        return;
      case "fd-credit":
        this.#inputs.get(fd)?.credit();
        return;
    }
  }

  /** There may be credit again, for any. */
  credit(): void {
    for (const input of this.#inputs.values()) input.credit();
  }

  /** How far a file was read that the node has opened itself. */
  readUpTo(fd: number, offset: number): void {
    this.#options.ends.readUpTo(fd, offset);
  }

  /** The job is over. */
  drop(): void {
    for (const input of this.#inputs.values()) input.drop();
  }

  async #write(fd: number, bytes: Uint8Array): Promise<void> {
    const { stream, ends } = this.#options;
    const count = bytes.length;
    if (!(await ends.write(fd, bytes))) this.#link.send({ type: "fd-unread", stream, fd });
    this.#link.takenOf(stream, fd, count);
  }
}
