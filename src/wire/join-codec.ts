/** How what is said of makes that join looks as bytes. */

import type { MakeOutcome } from "../base/exit-status.js";
import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { MAX_ARGUMENTS, MAX_FRAME_BYTES, MAX_PATH_BYTES, MAX_STRING_BYTES, MAX_STRINGS } from "./limits.js";
import type { JoinOutputs, JoinWish } from "./message.js";
import type { Codec } from "./message-codec.js";
import { readStatus, writeStatus } from "./status-codec.js";
import { WireError } from "./wire-error.js";

type JoinType = "join" | "joined" | "join-refused" | "made";

const SMALL = 64;
const OUTPUTS: readonly JoinOutputs[] = ["two", "one", "terminal"];

export const JOIN_CODECS: { readonly [Type in JoinType]: Codec<Type> } = {
  join: {
    code: 47,
    maxBytes: MAX_FRAME_BYTES,
    delivery: "whole",
    write: (w, m) => writeWish(w.u16(m.join), m.wish),
    read: (r, stream) => ({ type: "join", stream, join: r.u16(), wish: readWish(r) }),
  },
  joined: {
    code: 28,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u32(m.job).u16(m.join),
    read: (r, stream) => ({ type: "joined", stream, job: r.u32(), join: r.u16() }),
  },
  "join-refused": {
    code: 29,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => w.u16(m.join),
    read: (r, stream) => ({ type: "join-refused", stream, join: r.u16() }),
  },
  made: {
    code: 30,
    maxBytes: SMALL,
    delivery: "whole",
    write: (w, m) => writeStatus(w, m.status.kind === "exited" ? m.status : { ...m.status, core: false }),
    read: (r, stream) => ({ type: "made", stream, status: readMade(r) }),
  },
};

/** Whether it can be asked for: what fits in no frame, or has a NUL in it, cannot. */
export function isSendable(wish: JoinWish): boolean {
  const { argv0, argv, environment, directory } = wish;
  const paths = [argv0, directory];
  if (paths.some((path) => !path.startsWith("/") || path.length > MAX_PATH_BYTES)) return false;
  if (argv.length > MAX_ARGUMENTS || environment.length > MAX_STRINGS) return false;
  const strings = [...argv, ...environment];
  if (strings.some((text) => text.length > MAX_STRING_BYTES)) return false;
  if ([...paths, ...strings].some((text) => text.includes("\0"))) return false;
  const bytes = [...paths, ...strings].reduce((sum, text) => sum + text.length + 4, 0);
  return bytes + SMALL <= MAX_FRAME_BYTES;
}

function writeWish(w: ByteWriter, { argv0, argv, environment, directory, outputs, programBytes }: JoinWish): void {
  w.text(argv0).list(argv, (word) => w.text(word));
  w.list(environment, (entry) => w.text(entry));
  w.text(directory).u8(OUTPUTS.indexOf(outputs)).count(programBytes);
}

function readWish(r: ByteReader): JoinWish {
  return {
    argv0: absolute(r.cString(MAX_PATH_BYTES)),
    argv: r.list(MAX_ARGUMENTS, () => r.cString(MAX_STRING_BYTES)),
    environment: r.list(MAX_STRINGS, () => r.cString(MAX_STRING_BYTES)),
    directory: absolute(r.cString(MAX_PATH_BYTES)),
    outputs: outputsOf(r.u8()),
    programBytes: r.count(),
  };
}

function outputsOf(code: number): JoinOutputs {
  const outputs = OUTPUTS[code];
  if (outputs === undefined) throw new WireError("a make's outputs of an unknown kind");
  return outputs;
}

function readMade(r: ByteReader): MakeOutcome {
  const status = readStatus(r);
  switch (status.kind) {
    case "exited":
      return status;
    case "signalled":
      if (status.core || status.signal < 1 || status.signal > 64) throw new WireError("a make's end by no signal");
      return { kind: "signalled", signal: status.signal };
    case "unstarted":
      throw new WireError("the end of a make that was not started");
  }
}

function absolute(path: string): string {
  if (!path.startsWith("/")) throw new WireError("a make's path that is not absolute");
  return path;
}
