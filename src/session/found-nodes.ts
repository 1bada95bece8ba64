/** The nodes of a session that nobody has listed: looked for while it has more work than slots, and known by the names they give themselves. */

import { LOCAL_NODE, type NodeId, nodeId } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { FoundAddress } from "../placement/node-directory.js";
import type { Candidate, NodeLink, Search } from "./cluster-link.js";
import type { Later } from "./node-calls.js";

/** Whoever is least loaded has answered by then; what comes later is welcome, too. */
const FIRST_ANSWERS_MS = 3_000;
const FIRST_ROUND_MS = 12_000;
const MAX_ROUND_MS = 60_000;

export const NOBODY_ANSWERS = "no worker answers our announcement";

export interface FoundNodesOptions {
  readonly search: Search;
  /** Names that are others'. */
  readonly listed: readonly NodeId[];
  readonly observe: Observer;
  readonly later: Later;
  /** Whether there is more work than slots. */
  readonly isWanting: () => boolean;
  readonly onJoin: (link: NodeLink, address: FoundAddress) => void;
  /** Called once: somebody has joined, or nobody who is worth waiting for. */
  readonly onSettled: () => void;
}

/**
 * A node is one node, by whatever way it is reached: of two that say the same name one is used, a listed one rather than a found one.
 * Who is lost is not called, as there is nothing to be called; he may answer the next announcement.
 */
export class FoundNodes {
  readonly #options: FoundNodesOptions;
  /** By the names that they give themselves: all that take jobs or are about to, listed ones too. */
  readonly #byName = new Map<string, NodeId>();
  /** The found ones of them that take jobs. */
  readonly #members = new Set<NodeId>();
  /** Found ones that took jobs once. */
  readonly #lost = new Set<NodeId>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stops = new Map<string, () => void>();
  #isSettled = false;
  #isClosed = false;

  constructor(options: FoundNodesOptions) {
    this.#options = options;
  }

  /** Found nodes that take jobs. */
  get size(): number {
    return this.#members.size;
  }

  begin(): void {
    const { search, later } = this.#options;
    search.begin((candidate) => this.#consider(candidate));
    this.#lookAfter(FIRST_ROUND_MS);
    this.#stops.set(
      "first",
      later(FIRST_ANSWERS_MS, () => this.#settle()),
    );
  }

  /** A listed node has joined. @returns the found one that it is */
  listedJoined(node: NodeId, name: string): NodeId | undefined {
    const known = this.#byName.get(name);
    this.#byName.set(name, node);
    if (known === undefined || !this.#members.delete(known)) return undefined;
    return known;
  }

  /** A node takes no more jobs. */
  left(node: NodeId, reason: string): void {
    for (const [name, known] of this.#byName) if (known === node) this.#byName.delete(name);
    if (!this.#members.delete(node)) return;
    if (!this.#lost.has(node)) this.#options.observe({ type: "node-left-out", node, reason });
    this.#lost.add(node);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops.values()) stop();
    await this.#options.search.close();
    await Promise.all(this.#underWay);
  }

  #lookAfter(delayMs: number): void {
    const look = (): void => {
      const { search, isWanting } = this.#options;
      if (isWanting()) search.again();
      this.#lookAfter(Math.min(2 * delayMs, MAX_ROUND_MS));
    };
    this.#stops.set("round", this.#options.later(delayMs, look));
  }

  #consider(candidate: Candidate): void {
    const { name, host } = candidate;
    if (this.#isClosed || this.#byName.has(name)) {
      this.#note(`${name} (${host}) is in already`);
      candidate.dismiss();
      return;
    }
    const address = { kind: "found", node: this.#nodeOf(candidate), host, speed: 1 } as const;
    this.#byName.set(name, address.node);
    const trying = this.#try(candidate, address).finally(() => this.#underWay.delete(trying));
    this.#underWay.add(trying);
  }

  async #try(candidate: Candidate, address: FoundAddress): Promise<void> {
    const { node } = address;
    const { name, host } = candidate;
    const answer = await candidate.admit(node);
    const isStillIt = this.#byName.get(name) === node;
    if (!answer.ok) {
      if (isStillIt) this.#byName.delete(name);
      this.#note(`${name} (${host}) is found, and left out: ${answer.error.reason}`);
      return;
    }
    if (this.#isClosed || !isStillIt) {
      await answer.value.close();
      return;
    }
    this.#members.add(node);
    this.#note(`${name} (${host}) is found, with ${String(answer.value.slots)} slots`);
    this.#options.onJoin(answer.value, address);
    if (this.#lost.delete(node)) this.#options.observe({ type: "node-back", node });
    this.#settle();
  }

  /** Its own name, unless the user calls another by that. */
  #nodeOf({ name, host }: Candidate): NodeId {
    const shown = name.replace(/[^!-~]/g, "?");
    const taken = [LOCAL_NODE, ...this.#options.listed].some((node) => node === shown);
    return nodeId(taken ? `${shown}@${host}` : shown);
  }

  #settle(): void {
    if (this.#isSettled || this.#isClosed) return;
    this.#isSettled = true;
    if (this.#members.size === 0) {
      const text = `${NOBODY_ANSWERS}: those that are meant to need mexecd --group`;
      this.#options.observe({ type: "debug", level: "verbose", depth: 0, text });
    }
    this.#options.onSettled();
  }

  #note(text: string): void {
    this.#options.observe({ type: "debug", level: "jobs", depth: 0, text });
  }
}
