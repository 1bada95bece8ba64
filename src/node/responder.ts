/** The worker's side of being found: hears announcements, judges them, waits as long as it is loaded, and calls the client back. */

import type { Socket } from "node:net";
import { fail, ok, type Result } from "../base/result.js";
import { DatagramJudge } from "../net/datagram-judge.js";
import type { ApplicationKey } from "../net/datagram-proof.js";
import { type GroupListener, listenToGroup } from "../net/group-sockets.js";
import type { WallClock } from "../net/node-connection.js";
import { reachBack } from "../net/reach-back.js";
import { answerDelayMs, type AnswerLoad, Blame } from "../placement/answer-delay.js";
import {
  type Announcement,
  type Complaint,
  type Completion,
  type Datagram,
  clientOf,
  MAX_SKEW_MS,
  type Wanted,
} from "../wire/datagram.js";
import type { GroupAddress } from "../wire/group.js";
import { SeenRequests } from "../wire/seen-requests.js";
import type { Audit } from "./audit.js";

export interface ResponderOptions {
  /** How this worker is called. */
  readonly name: string;
  readonly key: ApplicationKey;
  readonly group: readonly GroupAddress[];
  readonly wanted: Wanted;
  readonly clock: WallClock;
  readonly load: () => AnswerLoad;
  /** Whether another client could be served now. @param calls - connections that announcements have led to, or are about to */
  readonly hasRoom: (calls: number) => boolean;
  /** Whether a client at an address may be called. */
  readonly admits: (address: string) => boolean;
  /** From 0 to 1. */
  readonly random: () => number;
  /** A client was called and answered; it has yet to prove who it is. */
  readonly onReached: (socket: Socket) => void;
  readonly audit: Audit;
  readonly debug: ((line: string) => void) | undefined;
}

export interface Responder {
  /** Announcements are believed by this key from now on. */
  renew(key: ApplicationKey): void;
  /** Answers nothing any more. */
  close(): void;
}

/** Hears the group. The failure is a phrase. */
export async function startResponder(options: ResponderOptions): Promise<Result<Responder, string>> {
  const answering = new Answering(options);
  const listener = await listenToGroup(options.group, (bytes, source) => answering.heard(bytes, source));
  if (!listener.ok) return fail(listener.error);
  return ok({ renew: (key) => answering.renew(key), close: () => answering.close(listener.value) });
}

/** So many nodes may answer one client that they are not to call all at once, in milliseconds. */
const NODE_SPREAD_MS = 100;
/** Announcements that are remembered: more than can be proved in their time. */
const MAX_REMEMBERED = 8192;

/**
 * An announcement:
 *
 *     heard ──── not proved, not now, seen, no room ───→ dropped
 *       │
 *     waiting, as long as we are loaded and blamed ── "answered" ──→ dropped
 *       │
 *     called back ── nobody there ──→ dropped
 *       │
 *     handed on
 */
class Answering {
  readonly #options: ResponderOptions;
  #judge: DatagramJudge;
  /** Those that were dealt with: the same may come again, or be sent again by someone else. */
  readonly #seen = new SeenRequests(MAX_REMEMBERED);
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** Those whose clients were called. */
  readonly #called = new SeenRequests(MAX_REMEMBERED);
  readonly #blame = new Blame();
  #calls = 0;
  /** Clients that a node works for on a connection which it has made: it answers no other announcement of theirs. */
  readonly #clients = new Set<string>();

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#judge = this.#judgeBy(options.key);
  }

  renew(key: ApplicationKey): void {
    this.#judge = this.#judgeBy(key);
  }

  #judgeBy(key: ApplicationKey): DatagramJudge {
    const { clock, audit } = this.#options;
    const onRejected = (source: string, reason: string): void => audit.rejected(source, reason);
    return new DatagramJudge({ clock, keys: [key], onRejected });
  }

  heard(bytes: Uint8Array, source: string): void {
    const datagram = this.#judge.judge(bytes, source);
    if (datagram !== undefined) this.#take(datagram);
  }

  close(listener: GroupListener): void {
    listener.close();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #take(datagram: Datagram): void {
    switch (datagram.type) {
      case "request":
        this.#wait(datagram);
        return;
      case "answered":
        this.#drop(datagram.id);
        return;
      case "complaint":
        if (this.#isAboutUs(datagram)) this.#blame.complained(datagram.id, this.#options.clock.nowMs());
        return;
      case "completed":
        if (this.#isAboutUs(datagram)) this.#blame.completed();
        return;
    }
  }

  #isAboutUs({ id, worker }: Complaint | Completion): boolean {
    return worker === this.#options.name && this.#called.has(id, this.#options.clock.nowMs());
  }

  #wait(request: Announcement): void {
    const { wanted, clock, hasRoom, load, random } = this.#options;
    const nowMs = clock.nowMs();
    if (request.wanted !== wanted || this.#seen.has(request.id, nowMs) || this.#waiting.has(request.id)) return;
    if (nowMs > request.sentMs + request.lifetimeMs + MAX_SKEW_MS || !hasRoom(this.#calls)) return;
    if (this.#clients.has(clientOf(request.id))) return;
    const spreadMs = wanted === "node" ? random() * NODE_SPREAD_MS : 0;
    const delayMs = answerDelayMs(load(), random()) + spreadMs + this.#blame.delayMs(nowMs);
    this.#waiting.set(
      request.id,
      setTimeout(() => {
        this.#waiting.delete(request.id);
        if (hasRoom(this.#calls)) void this.#call(request); // a failure is told
      }, delayMs),
    );
  }

  /** Another worker was faster. */
  #drop(id: string): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#remember(this.#seen, id);
  }

  async #call({ addresses, port, id }: Announcement): Promise<void> {
    const { wanted, admits, audit, debug, onReached } = this.#options;
    this.#remember(this.#seen, id);
    const client = clientOf(id);
    if (this.#clients.has(client)) return;
    const admitted = addresses.filter(admits);
    if (admitted.length === 0) {
      audit.rejected(addresses.join(", "), "its address is not admitted");
      return;
    }
    this.#remember(this.#called, id);
    this.#calls++;
    const reached = await reachBack({ addresses: admitted, port, id });
    if (!reached.ok) {
      this.#calls--;
      debug?.(`cannot call back ${reached.error}`);
      return;
    }
    if (wanted === "node") this.#clients.add(client);
    reached.value.once("close", () => {
      this.#calls--;
      this.#clients.delete(client);
    });
    onReached(reached.value);
  }

  #remember(requests: SeenRequests, id: string): void {
    const nowMs = this.#options.clock.nowMs();
    requests.add(id, { nowMs, untilMs: nowMs + REMEMBER_MS });
  }
}

/** Longer than a datagram can be of now, by any clock. */
const REMEMBER_MS = 4 * MAX_SKEW_MS;
