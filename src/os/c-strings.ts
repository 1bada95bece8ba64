/** Lists of strings as C wants them: `char *[]`, ended by a null pointer. */

/** Both buffers must live as long as C may look at them; `pointers` is the `char **`. */
export interface CStrings {
  readonly pointers: Buffer;
  readonly bytes: Buffer;
}

const POINTER_BYTES = 8;

/** Lays out byte strings, one after the other, and the pointers to them. */
export function fillCStrings(strings: readonly string[], address: (buffer: Buffer) => bigint): CStrings {
  const bytes = Buffer.from(`${strings.join("\0")}\0`, "latin1");
  const pointers = Buffer.alloc((strings.length + 1) * POINTER_BYTES);
  const base = address(bytes);
  let offset = 0;
  for (const [i, text] of strings.entries()) {
    pointers.writeBigUInt64LE(base + BigInt(offset), i * POINTER_BYTES);
    offset += text.length + 1;
  }
  return { pointers, bytes };
}
