/** `--shuffle`: prerequisites and goals in another order, the same for the same seed. */

import type { SpecialTargets } from "../rules/special-targets.js";
import type { Shuffle } from "./options.js";
import type { Edge, Target } from "./target.js";

export interface ShufflingPorts {
  readonly shuffle: Shuffle | undefined;
  readonly special: () => SpecialTargets;
  /** The prerequisites of a target, as far as known without a second expansion or a search. */
  readonly named: (target: Target) => readonly Edge[];
}

/**
 * Gives targets the order in which their prerequisites are looked at. As GNU make has it, that is another one only behind goals and
 * behind what a search or a second expansion has found, and of several `::` rules only for the first.
 */
export class Shuffling {
  readonly #ports: ShufflingPorts;

  constructor(ports: ShufflingPorts) {
    this.#ports = ports;
  }

  /** All that is behind the target is from now on shuffled. */
  from(start: Target): void {
    if (this.#ports.shuffle === undefined) return;
    const found = this.#shuffle(start);
    for (let target = found.pop(); target !== undefined; target = found.pop())
      if (!target.isShuffled) found.push(...this.#shuffle(target));
  }

  /** @returns its prerequisites */
  #shuffle(target: Target): Target[] {
    target.isShuffled = true;
    if (target.edgesComplete) this.arrange(target);
    const edges = target.edgesComplete ? target.edges : this.#ports.named(target);
    return edges.map((edge) => edge.target.head);
  }

  /** Puts a target's prerequisites, complete now, in order. What `.WAIT` or `.NOTPARALLEL` orders is left alone. */
  arrange(target: Target): void {
    const { name, edges } = target;
    const isOrdered = edges.some(({ waitBefore }) => waitBefore) || this.#ports.special().covers(".NOTPARALLEL", name);
    target.walkOrder = target.isShuffled && !isOrdered ? order(edges, this.#ports.shuffle, name) : edges;
  }
}

/** The items in the order asked for. `salt` makes lists of different targets differ. */
export function order<T>(list: readonly T[], shuffle: Shuffle | undefined, salt: string): readonly T[] {
  if (shuffle === undefined || list.length < 2) return list;
  const items = [...list];
  if (shuffle.kind === "reverse") return items.reverse();
  const random = generator(shuffle.seed, salt);
  for (let i = items.length - 1; i > 0; i--) {
    const j = random() % (i + 1);
    const [a, b] = [items[i], items[j]];
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
  }
  return items;
}

/** xorshift32, seeded by the number and the text. */
function generator(seed: number, salt: string): () => number {
  let state = seed >>> 0;
  for (let i = 0; i < salt.length; i++) state = (Math.imul(state, 31) + salt.charCodeAt(i)) >>> 0;
  state ||= 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
