/** Calls a cluster's nodes, and those that did not answer or were lost again and again, in the background, as long as the session lasts. */

import { Canceller } from "../base/abort.js";
import type { Result } from "../base/result.js";
import { addressKey, type ReachedAddress } from "../placement/node-directory.js";
import type { Dial, LeftOut, NodeLink } from "./cluster-link.js";

/** Has `act` called after so many milliseconds. @returns the way to have it not called. Real: `setTimeout`. */
export type Later = (delayMs: number, act: () => void) => () => void;

export interface NodeCallsOptions {
  readonly dial: Dial;
  readonly later: Later;
  readonly nowMs: () => number;
  /** A node that was called again has answered, or has been found unfit; it is not called any more. */
  readonly onAnswer: (address: ReachedAddress, answer: Result<NodeLink, LeftOut>) => void;
}

const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 60_000;
/** A node that stayed for so long was well; when it is lost then, it is called again as soon as one that never was. */
const STAYED_MS = 60_000;

interface Called {
  /** Before it is called next; undefined: it was never called again. */
  delayMs: number | undefined;
  answeredAtMs: number | undefined;
  stop: (() => void) | undefined;
}

/** Waits 5, 10, 20, 40, then always 60 seconds between two calls of a node. */
export class NodeCalls {
  readonly #options: NodeCallsOptions;
  readonly #called = new Map<string, Called>();
  readonly #cancel = new Canceller();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: NodeCallsOptions) {
    this.#options = options;
  }

  /** Calls once, now. */
  async call(address: ReachedAddress): Promise<Result<NodeLink, LeftOut>> {
    const answer = await this.#options.dial(address, this.#cancel);
    if (answer.ok) this.#stateOf(address).answeredAtMs = this.#options.nowMs();
    return answer;
  }

  /** Calls after a while, and again after longer whiles, until it answers. */
  callAgain(address: ReachedAddress): void {
    if (this.#cancel.aborted) return;
    const state = this.#stateOf(address);
    const { answeredAtMs, delayMs } = state;
    const hasStayed = answeredAtMs !== undefined && this.#options.nowMs() - answeredAtMs >= STAYED_MS;
    state.answeredAtMs = undefined;
    state.delayMs = hasStayed || delayMs === undefined ? FIRST_DELAY_MS : Math.min(2 * delayMs, MAX_DELAY_MS);
    state.stop?.();
    state.stop = this.#options.later(state.delayMs, () => this.#follow(address));
  }

  /** A node is not called again; should one that is being called answer, it is sent away. */
  forget(address: ReachedAddress): void {
    const key = addressKey(address);
    this.#called.get(key)?.stop?.();
    this.#called.delete(key);
  }

  /** No more calls; those under way are given up. Resolves when nothing is left of them. */
  async close(): Promise<void> {
    this.#cancel.abort();
    for (const { stop } of this.#called.values()) stop?.();
    await Promise.all(this.#underWay);
  }

  #follow(address: ReachedAddress): void {
    const calling = this.#tryAgain(address).finally(() => this.#underWay.delete(calling));
    this.#underWay.add(calling);
  }

  async #tryAgain(address: ReachedAddress): Promise<void> {
    const state = this.#stateOf(address);
    const answer = await this.call(address);
    if (this.#stateOf(address) !== state) {
      if (answer.ok) await answer.value.close();
      return;
    }
    if (!answer.ok && answer.error.kind === "unreachable") this.callAgain(address);
    else this.#options.onAnswer(address, answer);
  }

  #stateOf(address: ReachedAddress): Called {
    const key = addressKey(address);
    const known = this.#called.get(key);
    if (known !== undefined) return known;
    const fresh: Called = { delayMs: undefined, answeredAtMs: undefined, stop: undefined };
    this.#called.set(key, fresh);
    return fresh;
  }
}
