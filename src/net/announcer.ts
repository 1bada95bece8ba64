/** The client's side of finding workers: announces itself to a group, and greets those that call back. */

import { randomBytes } from "node:crypto";
import { fromBytes } from "../base/latin1.js";
import { fail, ok, type Result } from "../base/result.js";
import {
  CLIENT_BYTES,
  type CompletedStatus,
  type Datagram,
  MAX_LIFETIME_MS,
  REQUEST_ID_BYTES,
  type Wanted,
} from "../wire/datagram.js";
import type { GroupAddress } from "../wire/group.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { greetNode } from "./connect.js";
import { type ApplicationKey, applicationKeyOf, sealDatagram } from "./datagram-proof.js";
import { Timers } from "../os/timers.js";
import { GroupSender } from "./group-sockets.js";
import type { NodeConnection, WallClock } from "./node-connection.js";
import { type Caller, listenForReachBacks, PROVE_WITHIN_MS, type ReachBackListener } from "./reach-back.js";

export interface AnnouncerOptions {
  readonly credential: ClientKeyFile;
  readonly group: readonly GroupAddress[];
  readonly wanted: Wanted;
  readonly clock: WallClock;
  /** Where workers are waited for: the first of these that is free; none: any. */
  readonly ports: readonly number[];
  /** A worker that was silent for so long while it worked for us is lost, in milliseconds. */
  readonly silenceMs: number;
  /** Whether a worker may be at an address. */
  readonly admits: (address: string) => boolean;
  /** A worker that has proved itself and let us in: ours to use or to close. */
  readonly onWorker: (found: FoundWorker) => void;
  /** Somebody called back and was not taken. */
  readonly onFailure: (address: string, reason: string) => void;
}

export interface FoundWorker {
  readonly connection: NodeConnection;
  readonly address: string;
  /** Of the announcement that it has answered. */
  readonly id: string;
}

/** Between the datagrams of one announcement, in milliseconds: any of them may be lost. */
const REPEAT_AFTER_MS = [0, 1000, 1000, 2000, 2000, 3000];
/** A fresh announcement follows when nobody has answered one for so long. */
const ROUND_MS = 12_000;
/** Announcements that may still be answered. */
const MAX_VALID = 4;
/** Workers on their way to proving themselves: of services one is wanted, of nodes all. */
const MAX_UNPROVED = { service: 16, node: 128 } as const;

/** The failure is a phrase. */
export async function startAnnouncer(options: AnnouncerOptions): Promise<Result<Announcer, string>> {
  const sender = await GroupSender.open(options.group);
  if (!sender.ok) return sender;
  const announcer = new Announcer(options, sender.value);
  const failure = await announcer.listen();
  if (failure === undefined) return ok(announcer);
  sender.value.close();
  return fail(failure);
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #key: ApplicationKey;
  readonly #sender: GroupSender;
  readonly #client = randomBytes(CLIENT_BYTES);
  readonly #valid: string[] = [];
  readonly #timers = new Timers();
  #listener: ReachBackListener | undefined;
  #isAnnouncing = false;

  constructor(options: AnnouncerOptions, sender: GroupSender) {
    this.#options = options;
    this.#key = applicationKeyOf(options.credential);
    this.#sender = sender;
  }

  /** @returns why it cannot */
  async listen(): Promise<string | undefined> {
    const { wanted, ports, admits, onFailure } = this.#options;
    const listener = await listenForReachBacks({
      ports,
      maxUnproved: MAX_UNPROVED[wanted],
      admits,
      isOurs: (id) => this.#valid.includes(id),
      onWorker: (caller, done) => void this.#greet(caller).finally(done), // a failure is told
      onRejected: onFailure,
    });
    if (!listener.ok) return listener.error;
    this.#listener = listener.value;
    return undefined;
  }

  /** Announces until paused or closed. */
  announce(): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    this.#round();
  }

  /** Makes one announcement, which nobody has answered yet, and no further ones. */
  announceOnce(): void {
    const id = fromBytes(Buffer.concat([this.#client, randomBytes(REQUEST_ID_BYTES - CLIENT_BYTES)]));
    this.#valid.push(id);
    if (this.#valid.length > MAX_VALID) this.#valid.shift();
    let atMs = 0;
    for (const afterMs of REPEAT_AFTER_MS) {
      atMs += afterMs;
      this.#timers.after(atMs, () => void this.#sendRequest(id)); // what is not sent now is sent again
    }
  }

  /** A worker was found: the others need not call. Those that do so are greeted all the same. */
  async pause(id: string): Promise<void> {
    this.#rest();
    await this.#tell({ type: "answered", ...this.#common(id) });
  }

  /** Tells the group that a worker has failed us. */
  complain(
    about: { readonly id: string; readonly worker: string; readonly address: string },
    reason: string,
  ): Promise<void> {
    const { id, worker, address } = about;
    return this.#tell({ type: "complaint", ...this.#common(id), worker, address, reason });
  }

  /** Tells the group that a worker has done its work. */
  completed(
    by: { readonly id: string; readonly worker: string; readonly address: string },
    status: CompletedStatus,
  ): Promise<void> {
    const { id, worker, address } = by;
    return this.#tell({ type: "completed", ...this.#common(id), worker, address, status });
  }

  close(): void {
    this.#rest();
    this.#listener?.close();
    this.#sender.close();
  }

  #round(): void {
    this.announceOnce();
    this.#timers.after(ROUND_MS, () => this.#round());
  }

  /** Announcements sent again are the same but for their time. */
  async #sendRequest(id: string): Promise<void> {
    const port = this.#listener?.port;
    if (port === undefined) return;
    const { wanted } = this.#options;
    const common = { type: "request", ...this.#common(id), wanted, lifetimeMs: MAX_LIFETIME_MS, port } as const;
    await this.#sender.send((address) => this.#seal({ ...common, addresses: [address] }));
  }

  async #greet({ socket, address, id }: Caller): Promise<void> {
    const { credential, clock, silenceMs, onWorker, onFailure } = this.#options;
    const greeted = await greetNode(socket, { credential, clock, silenceMs, timeoutMs: PROVE_WITHIN_MS });
    if (greeted.ok) onWorker({ connection: greeted.value, address, id });
    else onFailure(address, greeted.error.text);
  }

  #common(id: string) {
    return { application: this.#key.application, id, sentMs: this.#options.clock.nowMs() };
  }

  async #tell(datagram: Datagram): Promise<void> {
    await this.#sender.send(() => this.#seal(datagram));
  }

  #seal(datagram: Datagram): Uint8Array {
    return sealDatagram(datagram, this.#key.announceKey);
  }

  #rest(): void {
    this.#isAnnouncing = false;
    this.#timers.clear();
  }
}
