/** What `cproxy` does: hands datagrams on from one group to another, and the connections that they bring about back. */

import type { Socket } from "node:net";
import { fromBytes } from "../base/latin1.js";
import { fail, ok, type Result } from "../base/result.js";
import {
  type Envelope,
  MAX_HOPS,
  MAX_SKEW_MS,
  openEnvelope,
  parseDatagram,
  parseRelayed,
  skewFault,
} from "../wire/datagram.js";
import type { GroupAddress } from "../wire/group.js";
import type { RelayKeyFile } from "../wire/key-file.js";
import { SeenRequests } from "../wire/seen-requests.js";
import { SourceBudget } from "../wire/source-budget.js";
import { WireError } from "../wire/wire-error.js";
import { isProved, sealRelayed } from "./datagram-proof.js";
import { GroupSender, listenToGroup } from "./group-sockets.js";
import type { WallClock } from "./node-connection.js";
import { type Caller, listenForReachBacks, PROVE_WITHIN_MS, reachBack, type ReachBackListener } from "./reach-back.js";

export interface RelayOptions {
  readonly keys: readonly RelayKeyFile[];
  /** Where datagrams are heard, and where they go. */
  readonly from: readonly GroupAddress[];
  readonly to: readonly GroupAddress[];
  readonly clock: WallClock;
  /** Something that people may want to know. */
  readonly onNote: (text: string) => void;
}

export interface Relay {
  close(): void;
}

const MAX_CONNECTIONS = 64;
/** Workers that have not said yet what they answer. */
const MAX_UNPROVED = 16;
/** A connection on which nothing moves any more is given up. Both sides ping while they work. */
const IDLE_MS = 120_000;
/** By it a client begins to speak, once it has been told which announcement is answered: TLS's first record. */
const FIRST_OF_TLS = 0x16;
const MAX_REMEMBERED = 8192;
const REMEMBER_MS = 4 * MAX_SKEW_MS;

/** The failure is a phrase. */
export async function startRelay(options: RelayOptions): Promise<Result<Relay, string>> {
  const sender = await GroupSender.open(options.to);
  if (!sender.ok) return sender;
  const relaying = new Relaying(options, sender.value);
  const waiting = await relaying.listen();
  if (!waiting.ok) {
    sender.value.close();
    return waiting;
  }
  const listener = await listenToGroup(options.from, (bytes, source) => relaying.heard(bytes, source));
  if (!listener.ok) {
    relaying.close();
    return fail(listener.error);
  }
  const close = (): void => {
    listener.value.close();
    relaying.close();
  };
  return ok({ close });
}

/** Where the client of an announcement waits, or the relay before us. */
interface Upstream {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** What a datagram is, as far as a relay can tell. */
interface Heard {
  /** As its client made it. */
  readonly inner: Uint8Array;
  /** Its proof, by which it is known when it comes again. */
  readonly mark: string;
  /** Relays that may still hand it on, we among them. */
  readonly hops: number;
  readonly id: string;
  readonly type: string;
  readonly sentMs: number;
  readonly upstream: Upstream | undefined;
}

class Relaying {
  readonly #options: RelayOptions;
  readonly #sender: GroupSender;
  /** By application. */
  readonly #keys: ReadonlyMap<string, RelayKeyFile>;
  readonly #budget = new SourceBudget();
  /** By the proof of what was handed on: the same again is a loop, or somebody else's doing. */
  readonly #seen = new SeenRequests(MAX_REMEMBERED);
  readonly #upstreams = new Map<string, Upstream & { readonly untilMs: number }>();
  readonly #connections = new Set<Socket>();
  #listener: ReachBackListener | undefined;

  constructor(options: RelayOptions, sender: GroupSender) {
    this.#options = options;
    this.#sender = sender;
    this.#keys = new Map(options.keys.map((key) => [fromBytes(key.application), key]));
  }

  async listen(): Promise<Result<ReachBackListener, string>> {
    const listener = await listenForReachBacks({
      ports: [],
      maxUnproved: MAX_UNPROVED,
      isOurs: (id) => (this.#upstreams.get(id)?.untilMs ?? 0) > this.#options.clock.nowMs(),
      admits: () => true,
      onWorker: (worker, done) => void this.#join(worker).finally(done), // a failure is told
      onRejected: (address, reason) => this.#options.onNote(`${address}: ${reason}`),
    });
    if (listener.ok) this.#listener = listener.value;
    return listener;
  }

  heard(bytes: Uint8Array, source: string): void {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#budget.take(source, nowMs)) return;
    try {
      this.#handOn(bytes, nowMs);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#options.onNote(`${source}: ${error.message}`);
    }
  }

  close(): void {
    this.#sender.close();
    this.#listener?.close();
    for (const socket of this.#connections) socket.destroy();
  }

  /** Changes nothing of what the client has made, and proves no more than that it came this way. @throws WireError */
  #handOn(bytes: Uint8Array, nowMs: number): void {
    const envelope = openEnvelope(bytes);
    const key = this.#keys.get(envelope.application);
    if (key === undefined) return;
    const heard = envelope.isRelayed ? relayedHere(envelope, key) : announcedHere(bytes, envelope);
    const { mark } = heard;
    if (heard.hops < 1 || this.#seen.has(mark, nowMs)) return;
    const fault = skewFault(heard.sentMs, nowMs);
    if (fault !== undefined) throw new WireError(fault);
    this.#seen.add(mark, { nowMs, untilMs: nowMs + REMEMBER_MS });
    if (heard.upstream !== undefined) this.#expect(heard.id, heard.upstream, nowMs);
    const { application } = envelope;
    const port = this.#listener?.port ?? 0;
    const common = { type: "relayed", application, sentMs: nowMs, hops: heard.hops - 1, port } as const;
    // What is not sent now is announced again.
    void this.#sender.send((address) => sealRelayed({ ...common, address, inner: heard.inner }, key.relayKey));
    this.#options.onNote(`${heard.type} handed on`);
  }

  #expect(id: string, { addresses, port }: Upstream, nowMs: number): void {
    this.#upstreams.delete(id); // so that it stands last
    for (const [oldest, { untilMs }] of this.#upstreams) {
      if (untilMs > nowMs && this.#upstreams.size < MAX_REMEMBERED) break;
      this.#upstreams.delete(oldest);
    }
    this.#upstreams.set(id, { addresses, port, untilMs: nowMs + REMEMBER_MS });
  }

  /** A worker has said which announcement it answers: it is joined to whoever made that. */
  async #join({ socket: worker, id }: Caller): Promise<void> {
    const upstream = this.#upstreams.get(id);
    if (upstream === undefined || this.#connections.size >= MAX_CONNECTIONS) {
      worker.destroy();
      this.#options.onNote("too many connections");
      return;
    }
    this.#keep(worker);
    const client = await reachBack({ ...upstream, id });
    if (!client.ok) {
      worker.destroy();
      this.#options.onNote(`cannot reach ${client.error}`);
      return;
    }
    this.#keep(client.value);
    if ((await firstByte(client.value)) !== FIRST_OF_TLS) {
      for (const socket of [worker, client.value]) socket.destroy();
      this.#options.onNote("who waits there is no client");
      return;
    }
    for (const [one, other] of [
      [worker, client.value],
      [client.value, worker],
    ] as const) {
      one.pipe(other);
      one.once("close", () => other.destroySoon());
    }
  }

  #keep(socket: Socket): void {
    this.#connections.add(socket);
    socket.on("error", () => socket.destroy()).setTimeout(IDLE_MS, () => socket.destroy());
    socket.once("close", () => this.#connections.delete(socket));
  }
}

/**
 * What the other side says first, which stays to be read. A relay believes any address that is announced: so nothing of a worker's goes
 * to who does not speak as a client does. @returns undefined when it says nothing in time, or goes
 */
function firstByte(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    const settle = (byte: number | undefined): void => {
      clearTimeout(timer);
      socket.off("readable", look).off("close", gone);
      resolve(byte);
    };
    const gone = (): void => settle(undefined);
    const look = (): void => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      socket.unshift(bytes);
      settle(bytes[0]);
    };
    const timer = setTimeout(gone, PROVE_WITHIN_MS);
    socket.on("readable", look).once("close", gone);
  });
}

function announcedHere(bytes: Uint8Array, envelope: Envelope): Heard {
  const datagram = parseDatagram(envelope);
  const upstream = datagram.type === "request" ? datagram : undefined;
  return {
    inner: bytes,
    mark: fromBytes(envelope.proof),
    hops: MAX_HOPS,
    id: datagram.id,
    type: datagram.type,
    sentMs: datagram.sentMs,
    upstream,
  };
}

/** @throws WireError */
function relayedHere(envelope: Envelope, { relayKey }: RelayKeyFile): Heard {
  if (!isProved(envelope, relayKey)) throw new WireError("a relay without proof of the key");
  const { inner: bytes, hops, address, port } = parseRelayed(envelope);
  const inner = openEnvelope(bytes);
  const { id, type, sentMs } = parseDatagram(inner);
  const upstream = type === "request" ? { addresses: [address], port } : undefined;
  return { inner: bytes, mark: fromBytes(inner.proof), hops, id, type, sentMs, upstream };
}
