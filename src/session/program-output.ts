/** Where the output of a program elsewhere goes when its caller lives on: to our own descriptors 1 and 2, or to whoever asked. */

import type { StandIn } from "../exec/remote.js";
import { DescriptorWriters } from "../os/descriptor-streams.js";

export type ProgramOutput =
  /** To our own descriptors 1 and 2. */
  | { readonly kind: "inherit" }
  /** To whoever asked. */
  | { readonly kind: "data"; readonly take: (stream: "stdout" | "stderr", bytes: Uint8Array) => void };

export class ProgramOutputs {
  readonly #output: ProgramOutput;
  readonly #writers: DescriptorWriters;

  /** @param onLost - something could not be written; EPIPE: because nobody reads it */
  constructor(output: ProgramOutput, onLost: (fd: number, errno: string) => void) {
    this.#output = output;
    this.#writers = new DescriptorWriters(onLost);
  }

  readonly write: StandIn["write"] = (stream, bytes) => {
    const fd = stream === "stderr" ? 2 : 1;
    if (this.#output.kind === "inherit") return this.#writers.of(fd).write(bytes);
    this.#output.take(fd === 2 ? "stderr" : "stdout", bytes);
    return Promise.resolve(true);
  };

  /** Resolves when all of it has been written, or cannot be. */
  async idle(): Promise<void> {
    await this.#writers.idle();
  }

  close(): void {
    this.#writers.close();
  }
}
