/** Which datagrams are to be believed: the cheapest check comes first, and nothing is ever answered. */

import {
  type Datagram,
  type Envelope,
  openEnvelope,
  parseDatagram,
  parseRelayed,
  skewFault,
} from "../wire/datagram.js";
import { SeenRequests } from "../wire/seen-requests.js";
import { SourceBudget } from "../wire/source-budget.js";
import { WireError } from "../wire/wire-error.js";
import { type ApplicationKey, isProved } from "./datagram-proof.js";
import type { WallClock } from "./node-connection.js";

export interface JudgeOptions {
  /** The applications that we know. */
  readonly keys: readonly ApplicationKey[];
  readonly clock: WallClock;
  /** Of an application that we know, or of no known layout, and not to be believed. */
  readonly onRejected: (source: string, reason: string) => void;
}

const SKEW_TOLD_EVERY_MS = 60 * 60 * 1000;
const MAX_SKEWED = 1024;

export class DatagramJudge {
  readonly #options: JudgeOptions;
  readonly #budget = new SourceBudget();
  readonly #skewed = new SeenRequests(MAX_SKEWED);

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /**
   * @param source - where it says that it comes from
   * @returns undefined: it is of another application, or not to be believed
   */
  judge(bytes: Uint8Array, source: string): Datagram | undefined {
    const { clock, onRejected } = this.#options;
    if (!this.#budget.take(source, clock.nowMs())) return undefined;
    try {
      const datagram = this.#proved(bytes);
      return datagram !== undefined && this.#isOfNow(datagram, source) ? datagram : undefined;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      onRejected(source, error.message);
      return undefined;
    }
  }

  /** @throws WireError */
  #proved(bytes: Uint8Array): Datagram | undefined {
    const envelope = openEnvelope(bytes);
    const key = this.#options.keys.find(({ application }) => application === envelope.application);
    if (key === undefined) return undefined;
    if (envelope.isRelayed) return relayed(envelope, key);
    if (!isProved(envelope, key.announceKey)) throw new WireError("a datagram without proof of the key");
    return parseDatagram(envelope);
  }

  #isOfNow({ sentMs }: Datagram, source: string): boolean {
    const { clock, onRejected } = this.#options;
    const nowMs = clock.nowMs();
    const fault = skewFault(sentMs, nowMs);
    if (fault === undefined) return true;
    // Told once: a wrong clock is wrong each time.
    if (!this.#skewed.has(source, nowMs)) {
      this.#skewed.add(source, { nowMs, untilMs: nowMs + SKEW_TOLD_EVERY_MS });
      onRejected(source, fault);
    }
    return false;
  }
}

/**
 * What a relay has handed on: as good as if it had come from its client, who is reached through the relay. Who does not hold the
 * relays' key believes the datagram and not the way.
 *
 * @throws WireError
 */
function relayed(outer: Envelope, { announceKey, relayKey }: ApplicationKey): Datagram {
  if (relayKey !== undefined && !isProved(outer, relayKey)) throw new WireError("a relay without proof of the key");
  const { inner: bytes, address, port } = parseRelayed(outer);
  const inner = openEnvelope(bytes);
  if (inner.isRelayed || inner.application !== outer.application || !isProved(inner, announceKey))
    throw new WireError("a relayed datagram without proof of the key");
  const datagram = parseDatagram(inner);
  return datagram.type === "request" ? { ...datagram, addresses: [address], port } : datagram;
}
