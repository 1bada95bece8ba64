/** The checksum of key files: CRC-32 as in zip and Ethernet. It finds damage, not malice. */

/** Eight hexadecimal digits. `text` is a byte string. */
export function crc32(text: string): string {
  let crc = 0xffff_ffff;
  for (let i = 0; i < text.length; i++) crc = afterByte(crc ^ text.charCodeAt(i));
  return ((crc ^ 0xffff_ffff) >>> 0).toString(16).padStart(8, "0");
}

function afterByte(crc: number): number {
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb8_8320;
  return crc;
}
