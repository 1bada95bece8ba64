/** A request to run as bytes; it may be longer than a frame. */

import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { extrasFault, readExtras, writeExtras } from "./extras-codec.js";
import {
  MAX_ARGUMENTS,
  MAX_FURTHER_DESCRIPTORS,
  MAX_LINE_BYTES,
  MAX_LINES,
  MAX_NEEDS_BYTES,
  MAX_PATH_BYTES,
  MAX_REQUEST_BYTES,
  MAX_STRING_BYTES,
  MAX_STRINGS,
} from "./limits.js";
import { MAX_RECEIPTS, RECEIPT_BYTES } from "./receipt-codec.js";
import type { FileReceipt, RequestedLine, RunRequest } from "./message.js";
import { WireError } from "./wire-error.js";

/** What a request's numbers and its extras other than arguments take at most. */
const MAX_EXTRAS_BYTES = 8192 + MAX_FURTHER_DESCRIPTORS * (MAX_PATH_BYTES + 64);
/** Bits of a line's flags. */
const IGNORE_ERRORS = 1;
const PLAIN_FLAGS = 2;

/** The whole request. Check with `requestFault` before sending it. */
export function encodeRequest(request: RunRequest): Uint8Array {
  const w = new ByteWriter();
  w.text(request.target);
  w.list(request.lines, (line) => w.u8(lineFlags(line)).text(line.text));
  w.bool(request.oneShell).text(request.shell).text(request.shellFlags);
  w.list(request.environment, (entry) => w.text(entry));
  w.text(request.directory).u16(request.umask);
  w.list(request.writes, (path) => w.text(path));
  w.text(request.envsetter).bool(request.input).bool(request.oneOutput);
  writeExtras(w, request);
  return w.take();
}

/** @throws WireError */
export function decodeRequest(bytes: Uint8Array): RunRequest {
  const r = new ByteReader(bytes);
  const request: RunRequest = {
    target: r.cString(MAX_PATH_BYTES),
    lines: r.list(MAX_LINES, () => readLine(r)),
    oneShell: r.bool(),
    shell: r.cString(MAX_PATH_BYTES),
    shellFlags: r.cString(MAX_STRING_BYTES),
    environment: r.list(MAX_STRINGS, () => r.cString(MAX_STRING_BYTES)),
    directory: r.cString(MAX_PATH_BYTES),
    umask: r.u16(),
    writes: r.list(MAX_RECEIPTS, () => r.cString(MAX_PATH_BYTES)),
    envsetter: r.cString(MAX_PATH_BYTES),
    input: r.bool(),
    oneOutput: r.bool(),
    ...readExtras(r),
  };
  const fault = meaningFault(request);
  if (fault !== undefined) throw new WireError(fault);
  return request;
}

/** A request with the files that its job needs to see. @throws WireError */
export function withNeeds(request: RunRequest, needs: readonly FileReceipt[]): RunRequest {
  if (!needs.every(isAbsolute)) throw new WireError(RELATIVE_NEED);
  return { ...request, needs };
}

/** Why a node would not take this request, in words; undefined when it is well formed. */
export function requestFault(request: RunRequest): string | undefined {
  const texts = [request.target, request.shell, request.directory, request.envsetter, ...request.writes];
  const { argv = [] } = request;
  const strings = [request.shellFlags, ...request.environment, ...argv];
  if (texts.some((text) => text.length > MAX_PATH_BYTES)) return "a path or name is too long";
  if (strings.some((text) => text.length > MAX_STRING_BYTES))
    return "a string of the environment or an argument is too long";
  if (request.lines.some((line) => line.text.length > MAX_LINE_BYTES)) return "a recipe line is too long";
  if (request.writes.length > MAX_RECEIPTS) return "the recipe makes too many files";
  if (needsBytes(request) > MAX_NEEDS_BYTES) return "the recipe needs too many files";
  if (request.lines.length > MAX_LINES) return "the recipe has too many lines";
  if (request.environment.length > MAX_STRINGS) return "the environment is too large";
  if (argv.length > MAX_ARGUMENTS) return "the program has too many arguments";
  if ([...texts, ...strings, ...request.lines.map((line) => line.text)].some((text) => text.includes("\0"))) {
    return "a string with a NUL in it";
  }
  const total = [...texts, ...strings].reduce((sum, text) => sum + text.length + 4, 0);
  const lines = request.lines.reduce((sum, line) => sum + line.text.length + 5, 0);
  if (total + lines + MAX_EXTRAS_BYTES > MAX_REQUEST_BYTES) return "recipe and environment together are too large";
  return meaningFault(request);
}

function lineFlags({ ignoreErrors, plainFlags }: RequestedLine): number {
  return (ignoreErrors ? IGNORE_ERRORS : 0) | (plainFlags === true ? PLAIN_FLAGS : 0);
}

function readLine(r: ByteReader): RequestedLine {
  const flags = r.u8();
  if (flags > (IGNORE_ERRORS | PLAIN_FLAGS)) throw new WireError(`the line flags ${String(flags)}`);
  const line = { ignoreErrors: (flags & IGNORE_ERRORS) !== 0, text: r.cString(MAX_LINE_BYTES) };
  return (flags & PLAIN_FLAGS) === 0 ? line : { ...line, plainFlags: true };
}

function needsBytes({ needs = [] }: RunRequest): number {
  return needs.reduce((sum, { path }) => sum + path.length + RECEIPT_BYTES, 0);
}

const RELATIVE_NEED = "a needed file's path is not absolute";

function isAbsolute({ path }: FileReceipt): boolean {
  return path.startsWith("/");
}

/** What no length shows. */
function meaningFault(request: RunRequest): string | undefined {
  if (!request.directory.startsWith("/")) return "the directory is not absolute";
  if (request.envsetter !== "" && !request.envsetter.startsWith("/")) return "ENVSETTER is not an absolute path";
  if (request.shell === "") return "no shell is named";
  if (request.needs?.every(isAbsolute) === false) return RELATIVE_NEED;
  if (request.umask > 0o777) return "the umask is out of range";
  if (request.argv !== undefined && request.lines.length !== 1) return "a program beside recipe lines";
  return extrasFault(request);
}
