/**
 * The order in which GNU make goes through its hash tables. It shows where intermediate files are deleted and where the
 * environment is made. The hash is Bob Jenkins' lookup3 (public domain), begun in one of two ways.
 */

/** Slots in a table before it grows. */
const FIRST_SIZE = 1024;

/** Files by name, in table order; `known` is how many names the table holds in all. */
export function inFileOrder<T>(items: readonly T[], nameOf: (item: T) => string, known: number): readonly T[] {
  let size = FIRST_SIZE;
  while (known > size - size / 16) size *= 2;
  return inOrder(items, (item) => hashFileName(nameOf(item)) & (size - 1));
}

/** The variables of an environment by name, in table order. */
export function inVariableOrder<T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] {
  return inOrder(items, (item) => slotOfVariable(nameOf(item)));
}

function inOrder<T>(items: readonly T[], slotOf: (item: T) => number): readonly T[] {
  const placed = items.map((item) => ({ item, slot: slotOf(item) }));
  return placed.sort((a, b) => a.slot - b.slot).map(({ item }) => item);
}

/** Names are few, and each is asked for with every recipe. */
const knownSlots = new Map<string, number>();

function slotOfVariable(name: string): number {
  let slot = knownSlots.get(name);
  if (slot === undefined) {
    slot = hashVariableName(name) & (FIRST_SIZE - 1);
    knownSlots.set(name, slot);
  }
  return slot;
}

const BLOCK = 12;
const SEED = 0xdeadbeef;

/** What is left behind the last whole block, be it nothing, is taken in from the first word on. */
function hashFileName(name: string): number {
  const state = new Uint32Array(3).fill(SEED);
  let at = 0;
  for (; name.length - at >= BLOCK; at += BLOCK) mixBlock(state, name, at);
  for (let i = 0; i < 3; i++) state[i] = (state[i] ?? 0) + wordAt(name, at + 4 * i);
  finish(state);
  return ((state[2] ?? 0) + name.length) >>> 0;
}

/** The last words, at least one unless the name is empty, end in the third one. */
function hashVariableName(name: string): number {
  const state = new Uint32Array(3).fill(SEED + name.length);
  let at = 0;
  for (; name.length - at > BLOCK; at += BLOCK) mixBlock(state, name, at);
  const words = Math.ceil((name.length - at) / 4);
  if (words === 0) return state[2] ?? 0;
  for (let i = 0; i < words; i++) {
    const to = 3 - words + i;
    state[to] = (state[to] ?? 0) + wordAt(name, at + 4 * i);
  }
  finish(state);
  return state[2] ?? 0;
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

function mixBlock(state: Uint32Array, name: string, at: number): void {
  for (let i = 0; i < 3; i++) state[i] = (state[i] ?? 0) + wordAt(name, at + 4 * i);
  for (const [to, from, turn] of MIX) mixStep(state, to, from, turn);
}

/** `to -= from; to ^= rotated from; from += the third`. */
function mixStep(state: Uint32Array, to: number, from: number, turn: number): void {
  const source = state[from] ?? 0;
  state[to] = ((state[to] ?? 0) - source) ^ rotate(source, turn);
  state[from] = source + (state[3 - to - from] ?? 0);
}

function finish(state: Uint32Array): void {
  for (const [to, from, turn] of FINAL)
    state[to] = ((state[to] ?? 0) ^ (state[from] ?? 0)) - rotate(state[from] ?? 0, turn);
}

function wordAt(name: string, at: number): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | (at + i < name.length ? name.charCodeAt(at + i) : 0);
  return word;
}

function rotate(word: number, turn: number): number {
  return (word << turn) | (word >>> (32 - turn));
}
