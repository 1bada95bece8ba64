/** Statuses and loads as bytes; parts of several messages. */

import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { MAX_NAME_BYTES, MAX_PATH_BYTES } from "./limits.js";
import type { LoadReport, ToldStatus } from "./message.js";
import { WireError } from "./wire-error.js";

const EXITED = 0;
const SIGNALLED = 1;
const UNSTARTED = 2;

export function writeStatus(writer: ByteWriter, status: ToldStatus): void {
  switch (status.kind) {
    case "exited":
      writer.u8(EXITED).u8(status.code);
      return;
    case "signalled":
      writer.u8(SIGNALLED).u8(status.signal).bool(status.core);
      return;
    case "unstarted":
      writer.u8(UNSTARTED).u8(status.code).text(status.errno).text(status.program.slice(0, MAX_PATH_BYTES));
      return;
  }
}

/** @throws WireError */
export function readStatus(reader: ByteReader): ToldStatus {
  const kind = reader.u8();
  const number = reader.u8();
  if (kind === EXITED) return { kind: "exited", code: number };
  if (kind === SIGNALLED) return { kind: "signalled", signal: number, core: reader.bool() };
  if (kind !== UNSTARTED || (number !== 126 && number !== 127)) throw new WireError("an unknown status");
  return { kind: "unstarted", code: number, errno: reader.text(MAX_NAME_BYTES), program: reader.text(MAX_PATH_BYTES) };
}

/** The load average travels in hundredths, as the system gives it. */
export function writeLoad(writer: ByteWriter, load: LoadReport): void {
  writer
    .u32(load.running)
    .u32(Math.round(load.loadAverage * 100))
    .count(load.freeMemoryBytes);
}

/** @throws WireError */
export function readLoad(reader: ByteReader): LoadReport {
  return { running: reader.u32(), loadAverage: reader.u32() / 100, freeMemoryBytes: reader.count() };
}
