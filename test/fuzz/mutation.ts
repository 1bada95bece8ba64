/** Changes of byte strings, as plain numbers that fast-check draws and shrinks. */

import fc from "fast-check";

/** What is done, and two numbers that say where and how. */
export type Mutation = readonly [kind: number, where: number, how: number];

const uint32 = fc.nat({ max: 0xffff_ffff });
/** Few changes leave most of the meaning, and reach deeper. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(fc.tuple(fc.nat({ max: 9 }), uint32, uint32), {
  maxLength: 4,
});

/** What lengths, counts and codes go wrong at. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10_0000, 0x10_0001, 0x7fff_ffff, 0xffff_ffff];
const MAX_PIECE = 64;

/** @param other - what pieces are taken from */
export function mutated(bytes: Uint8Array, all: readonly Mutation[], other: Uint8Array): Uint8Array {
  return all.reduce<Uint8Array>((now, mutation) => applied(now, mutation, other), Uint8Array.from(bytes));
}

function applied(bytes: Uint8Array, [kind, where, how]: Mutation, other: Uint8Array): Uint8Array {
  const at = where % (bytes.length + 1);
  const count = 1 + (how % MAX_PIECE);
  switch (kind) {
    case 0:
      return withByte(bytes, at, (byte) => byte ^ (1 << (how % 8)));
    case 1:
      return withByte(bytes, at, () => how & 0xff);
    case 2:
      return withNumber(bytes, { at, size: 4, value: EDGES[how % EDGES.length] ?? 0 });
    case 3:
      return withNumber(bytes, { at, size: 2, value: EDGES[how % EDGES.length] ?? 0 });
    case 4:
      return withNumber(bytes, { at, size: 4, value: bytes.length - (how % 32) + 8 });
    case 5:
      return joined(bytes.subarray(0, at), bytes.subarray(at + count));
    case 6:
      return joined(bytes.subarray(0, at + count), bytes.subarray(at));
    case 7:
      return bytes.slice(0, at);
    case 8:
      return joined(bytes.subarray(0, at), pieceOf(other, how), bytes.subarray(at));
    default:
      return joined(bytes.subarray(0, at), pieceOf(other, how), bytes.subarray(at + count));
  }
}

function withByte(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const byte = bytes[at];
  if (byte !== undefined) bytes[at] = change(byte);
  return bytes;
}

function withNumber(
  bytes: Uint8Array,
  { at, size, value }: { readonly at: number; readonly size: number; readonly value: number },
): Uint8Array {
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = (value >>> (8 * (size - 1 - i))) & 0xff;
  return bytes;
}

function pieceOf(bytes: Uint8Array, how: number): Uint8Array {
  const from = how % (bytes.length + 1);
  return bytes.subarray(from, from + 1 + ((how >>> 8) % MAX_PIECE));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
