/** Byte strings: text is held as one char per byte, and becomes bytes only at the system's border. */

/** The bytes of `text`. Every char must be below 256. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const CHUNK = 8192;

/** The byte string of `bytes`. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return text;
}
