/**
 * The order in which GNU make goes through all its files: that of its hash table. It shows where intermediate files are
 * deleted. The hash is Bob Jenkins' lookup3 (public domain) over the name, plus the name's length.
 */

const FIRST_SIZE = 1024;

/** The names in table order; `known` is how many names the table holds in all. */
export function inHashOrder<T>(items: readonly T[], nameOf: (item: T) => string, known: number): readonly T[] {
  let size = FIRST_SIZE;
  while (known > size - size / 16) size *= 2;
  const placed = items.map((item) => ({ item, slot: hashName(nameOf(item)) & (size - 1) }));
  return placed.sort((a, b) => a.slot - b.slot).map(({ item }) => item);
}

/** The hash of a name, as an unsigned 32-bit number. */
function hashName(name: string): number {
  const state = new Uint32Array(3).fill(0xdeadbeef);
  let at = 0;
  for (;;) {
    for (let i = 0; i < 3; i++) state[i] = (state[i] ?? 0) + wordAt(name, at + 4 * i);
    if (name.length - at < 12) break;
    for (const [to, from, turn] of MIX) mixStep(state, to, from, turn);
    at += 12;
  }
  for (const [to, from, turn] of FINAL)
    state[to] = ((state[to] ?? 0) ^ (state[from] ?? 0)) - rotate(state[from] ?? 0, turn);
  return ((state[2] ?? 0) + name.length) >>> 0;
}

type Step = readonly [to: number, from: number, turn: number];

const MIX: readonly Step[] = [
  [0, 2, 4],
  [1, 0, 6],
  [2, 1, 8],
  [0, 2, 16],
  [1, 0, 19],
  [2, 1, 4],
];

const FINAL: readonly Step[] = [
  [2, 1, 14],
  [0, 2, 11],
  [1, 0, 25],
  [2, 1, 16],
  [0, 2, 4],
  [1, 0, 14],
  [2, 1, 24],
];

/** `to -= from; to ^= rotated from; from += the third`. */
function mixStep(state: Uint32Array, to: number, from: number, turn: number): void {
  const source = state[from] ?? 0;
  state[to] = ((state[to] ?? 0) - source) ^ rotate(source, turn);
  state[from] = source + (state[3 - to - from] ?? 0);
}

function wordAt(name: string, at: number): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | (at + i < name.length ? name.charCodeAt(at + i) : 0);
  return word;
}

function rotate(word: number, turn: number): number {
  return (word << turn) | (word >>> (32 - turn));
}
