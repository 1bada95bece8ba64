/** A request on its way in: the files that it needs, and its pieces. One is gathered at a time, so that no client can make a node hold many. */

import { GrowingBytes } from "./growing-bytes.js";
import { MAX_NEEDS_BYTES, MAX_REQUEST_BYTES } from "./limits.js";
import type { FileReceipt, RunRequest } from "./message.js";
import { decodeRequest, withNeeds } from "./request-codec.js";
import { WireError } from "./wire-error.js";

/** A request that is not whole yet. */
interface Gathered {
  readonly stream: number;
  readonly bytes: GrowingBytes;
  readonly needs: FileReceipt[];
  needsBytes: number;
}

export class RequestGatherer {
  #request: Gathered | undefined;

  /** Judges a frame before its payload is kept. @throws WireError */
  admit(type: "need" | "run-part" | "run", stream: number, length: number): void {
    const { stream: gathered = stream, bytes, needsBytes = 0 } = this.#request ?? {};
    if (gathered !== stream) throw new WireError(`${type} within another request`);
    const gatheredBytes = bytes?.length ?? 0;
    const isTooLarge =
      type === "need" ? needsBytes + length > MAX_NEEDS_BYTES : gatheredBytes + length > MAX_REQUEST_BYTES;
    if (isTooLarge) throw new WireError("a request that is too large");
    if (type === "need" && this.#request !== undefined) this.#request.needsBytes += length;
  }

  addNeeds(stream: number, files: readonly FileReceipt[]): void {
    this.#of(stream).needs.push(...files);
  }

  addPart(stream: number, payload: Uint8Array): void {
    this.#of(stream).bytes.add(payload, MAX_REQUEST_BYTES);
  }

  /** Its last part has been added. @throws WireError for one that means nothing */
  finish(stream: number): RunRequest {
    const { bytes, needs } = this.#of(stream);
    this.#request = undefined;
    const plain = decodeRequest(bytes.take());
    return needs.length === 0 ? plain : withNeeds(plain, needs);
  }

  #of(stream: number): Gathered {
    return (this.#request ??= { stream, bytes: new GrowingBytes(), needs: [], needsBytes: 0 });
  }
}
