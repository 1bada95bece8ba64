/** One make that runs here for a program of a job there: a stream of its own, and its one end. */

import { MAX_JOINS_AT_ONCE } from "../wire/limits.js";
import type { MessageOf } from "../wire/message.js";
import type { EndpointSocket } from "./endpoint-socket.js";
import type { FarMake, FarMakeRun } from "./node-connection.js";

/** What a node says of one. */
type ToMake = MessageOf<"signal" | "cancel" | "unread">;

const SIGHUP = 1;

/** Those of one connection, by their streams: so few that what waits for their readers leaves room for all else that we send. */
export class ClientMakes {
  readonly #link: () => EndpointSocket | undefined;
  readonly #makes = new Map<number, FarMakeRun>();

  constructor(link: () => EndpointSocket | undefined) {
    this.#link = link;
  }

  /** Starts one for a job that has asked. @returns whether it is taken in */
  start(asked: { readonly job: number; readonly join: number }, make: FarMake): boolean {
    const link = this.#link();
    const stream = this.#makes.size < MAX_JOINS_AT_ONCE ? link?.newStream() : undefined;
    if (link === undefined || stream === undefined) {
      make.dispose();
      return false;
    }
    link.send({ type: "joined", stream, ...asked });
    const run = make.start((type, bytes) => link.sendData(type, stream, bytes));
    this.#makes.set(stream, run);
    void run.ended.then((status) => {
      this.#makes.delete(stream);
      link.send({ type: "made", stream, status });
    });
    return true;
  }

  received(message: ToMake): void {
    const make = this.#makes.get(message.stream);
    switch (message.type) {
      case "signal":
        make?.signal(message.signal);
        return;
      case "cancel":
        make?.end(message.signal);
        return;
      case "unread":
        make?.unread(message.fd);
        return;
    }
  }

  /** @param stream - 0: for any of them */
  credited(stream: number): void {
    if (stream !== 0) this.#makes.get(stream)?.credit();
    else for (const make of this.#makes.values()) make.credit();
  }

  /** The connection is gone. */
  lost(): void {
    for (const make of this.#makes.values()) make.end(SIGHUP);
  }
}
