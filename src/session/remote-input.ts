/** Our standard input as recipes on nodes get it: one running job at a time has it, as GNU make gives it to one at a time here. */

import type { Readable } from "node:stream";
import type { InputLease } from "../exec/remote.js";
import { readableOf } from "../os/descriptor-streams.js";
import { describeDescriptor } from "../os/descriptors.js";
import { seek } from "../os/file-offset.js";
import type { Job } from "../sched/job.js";
import type { DescriptorKind } from "../wire/descriptor.js";

/** What may be sent to a node. `terminal`: also what is typed, which is right for one program and wrong for a build. */
export type InputKind = "no-terminal" | "terminal";

export interface RemoteInputOptions {
  readonly kind: InputKind;
  /** It was closed when this process began. */
  readonly isClosed?: boolean;
  /** It could not be read any further while somebody may have wanted it; without it a job that ends well fails. */
  readonly onFailed?: (errno: string) => void;
}

/**
 * Shares a descriptor among jobs. It is opened when a job first gets it. A file that the node sees too is opened there, at our
 * offset; of everything else, what a job is sent and does not read is gone: nobody can tell from here how much it wants.
 */
export class RemoteInput {
  readonly #fd: number;
  readonly #options: RemoteInputOptions;
  #stream: Readable | undefined;
  #owner: Job | undefined;
  #device: DescriptorKind | undefined;

  constructor(fd: number, options: RemoteInputOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  /**
   * For one job; undefined when another has it, when it is at its end, or when there is nothing to be read.
   *
   * @param plain - as bytes, whatever it is
   */
  lease(job: Job, plain: boolean): InputLease | undefined {
    if (this.#owner !== undefined && this.#owner !== job) return undefined;
    const kind = this.#describe();
    this.#owner = job;
    switch (kind.kind) {
      case "closed":
      case "device":
        return { kind, stream: undefined };
      case "file":
        if (plain) return this.#streamed();
        return { kind, stream: undefined, readUpTo: (offset) => void seek(this.#fd, offset) };
      case "terminal":
        if (this.#options.kind === "no-terminal") return undefined;
        return this.#streamed(plain ? undefined : kind);
      case "socket":
        return this.#streamed(plain ? undefined : kind);
      case "pipe":
      case "same":
        return this.#streamed();
    }
  }

  /** A device stays one, and has nothing that a reader changes. */
  #describe(): DescriptorKind {
    if (this.#device !== undefined) return this.#device;
    const kind: DescriptorKind = this.#options.isClosed === true ? { kind: "closed" } : describeDescriptor(this.#fd);
    if (kind.kind === "device") this.#device = kind;
    return kind;
  }

  release(job: Job): void {
    if (this.#owner === job) this.#owner = undefined;
  }

  /** Nobody wants it any more. */
  close(): void {
    this.#stream?.destroy();
  }

  #streamed(kind: DescriptorKind = { kind: "pipe" }): InputLease | undefined {
    // Whoever reads it hears of errors; until somebody does they wait.
    this.#stream ??= readableOf(this.#fd).on("error", () => undefined);
    if (this.#stream.readableEnded || this.#stream.destroyed) return undefined;
    return { kind, stream: this.#stream, failed: this.#options.onFailed };
  }
}
