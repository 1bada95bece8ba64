/** Where workers that a build has started call it: one port at all our addresses, at which each call is expected by its number. */

import type { Socket } from "node:net";
import { type Result, ok } from "../base/result.js";
import { listenForReachBacks, type ReachBackListener } from "../net/reach-back.js";
import { addressesForOthers } from "../os/interfaces.js";

/** Workers on their way, and strangers: each expected one has said its number at once. */
const MAX_UNPROVED = 256;

export interface MeetingOptions {
  /** The first that is free is taken; none named: any. */
  readonly ports: readonly number[];
  /** Someone called who was not expected. */
  readonly onRejected: (address: string, reason: string) => void;
}

export class MeetingPoint {
  readonly addresses: readonly string[];
  readonly #listener: ReachBackListener;
  readonly #expected: Map<string, (socket: Socket) => void>;

  private constructor(listener: ReachBackListener, expected: Map<string, (socket: Socket) => void>) {
    this.#listener = listener;
    this.#expected = expected;
    this.addresses = addressesForOthers();
  }

  /** The failure is a phrase. */
  static async open({ ports, onRejected }: MeetingOptions): Promise<Result<MeetingPoint, string>> {
    const expected = new Map<string, (socket: Socket) => void>();
    const listener = await listenForReachBacks({
      ports,
      maxUnproved: MAX_UNPROVED,
      admits: () => true, // who knows a number that nobody else was told
      isOurs: (id) => expected.has(id),
      onWorker: ({ socket, id }, done) => {
        done();
        expected.get(id)?.(socket);
      },
      onRejected,
    });
    return listener.ok ? ok(new MeetingPoint(listener.value, expected)) : listener;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** A call that will come, until it is forgotten. @param id - a byte string */
  expect(id: string): { readonly arrived: Promise<Socket>; readonly forget: () => void } {
    const arrived = new Promise<Socket>((resolve) =>
      this.#expected.set(id, (socket) => {
        this.#expected.delete(id);
        resolve(socket);
      }),
    );
    return { arrived, forget: () => void this.#expected.delete(id) };
  }

  close(): void {
    this.#listener.close();
  }
}
