/** Receipts as bytes: what a node certifies of the files a job wrote. */

import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { MAX_PATH_BYTES } from "./limits.js";
import type { FileReceipt } from "./message.js";

/** More files than this one job certifies not; the client looks at the others itself. */
export const MAX_RECEIPTS = 200;
/** A receipt without its path. */
export const RECEIPT_BYTES = 29;

export function writeReceipts(writer: ByteWriter, receipts: readonly FileReceipt[]): void {
  writer.list(receipts, ({ path, stat }) => {
    writer.text(path).bool(stat !== undefined);
    if (stat !== undefined) writer.count(stat.sizeBytes).i64(stat.mtimeNs).u64(stat.ino);
  });
}

/** @throws WireError */
export function readReceipts(reader: ByteReader): readonly FileReceipt[] {
  return reader.list(MAX_RECEIPTS, () => {
    const path = reader.cString(MAX_PATH_BYTES);
    if (!reader.bool()) return { path, stat: undefined };
    return { path, stat: { sizeBytes: reader.count(), mtimeNs: reader.i64(), ino: reader.u64() } };
  });
}
