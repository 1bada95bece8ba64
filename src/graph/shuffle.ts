/** `--shuffle`: prerequisites and goals in another order, the same for the same seed. */

import type { Shuffle } from "./options.js";

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
