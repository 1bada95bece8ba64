/** This process's descriptors above 2 as a program on a node gets them: what each is, and our end of those whose bytes are sent. */

import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import { UserError } from "../base/user-error.js";
import type { FurtherLease, FurtherSource } from "../exec/remote.js";
import type { FurtherEnds } from "../net/node-connection.js";
import { DescriptorWriters, readableOf } from "../os/descriptor-streams.js";
import { describeFurther } from "../os/descriptors.js";
import { seek } from "../os/file-offset.js";
import { type FurtherDescriptor, waysOf } from "../wire/descriptor.js";
import { MAX_DESCRIPTOR, MAX_FURTHER_DESCRIPTORS } from "../wire/limits.js";
import type { OwnDescriptors } from "./stand-in.js";

export interface FurtherDescriptorsOptions {
  /** In order. */
  readonly numbers: readonly number[];
  /** What stands for the program here: then we close what the program closes. undefined: the descriptors stay our caller's. */
  readonly standIn: OwnDescriptors | undefined;
  /** Output could not be written; EPIPE: because nobody reads it. */
  readonly onLost: (fd: number, errno: string) => void;
  /** Input could not be read any further while somebody may have wanted it. */
  readonly onFailed: (fd: number, errno: string) => void;
}

/** Those of one program. @see FurtherSource */
export class FurtherDescriptors implements FurtherSource, FurtherEnds {
  readonly #options: FurtherDescriptorsOptions;
  readonly #readables = new Map<number, Readable>();
  readonly #writers: DescriptorWriters;
  readonly #unread = new Set<number>();
  readonly #written = new Set<number>();
  readonly #left = new Set<number>();
  #further: readonly FurtherDescriptor[] = [];

  /** @throws UserError when there are too many */
  constructor(options: FurtherDescriptorsOptions) {
    this.#options = options;
    this.#writers = new DescriptorWriters((fd, errno) => options.onLost(fd, errno));
    const { numbers, standIn } = options;
    const last = numbers.at(-1) ?? 0;
    if (last > MAX_DESCRIPTOR || numbers.length > MAX_FURTHER_DESCRIPTORS)
      throw new UserError(
        `too many descriptors: a program elsewhere can have ${MAX_FURTHER_DESCRIPTORS} above 2, up to ${MAX_DESCRIPTOR}, not ${numbers.length} up to ${last}`,
      );
    standIn?.onLeft((fd) => this.#leaveCopies(fd));
  }

  readonly open = (plain: boolean): FurtherLease => {
    const { numbers, standIn } = this.#options;
    this.#further = describeFurther(numbers, {
      standard: standIn?.open ?? [],
      terminal: standIn?.terminalFd,
      plain,
    });
    const { input, failed, write, written, unread, readUpTo } = this;
    return { requested: this.#further, input, failed, write, written, unread, readUpTo };
  };

  readonly input: FurtherEnds["input"] = (fd) => {
    const readable = readableOf(fd);
    this.#readables.set(fd, readable);
    // Whoever reads it hears of errors; afterwards they are nobody's.
    return readable.on("error", () => undefined);
  };

  readonly failed: FurtherEnds["failed"] = (fd, errno) => this.#options.onFailed(fd, errno);

  readonly write: FurtherEnds["write"] = (fd, bytes) => this.#writers.of(fd).write(bytes);

  readonly written: FurtherEnds["written"] = (fd) => {
    this.#written.add(fd);
    const writer = this.#writers.of(fd);
    void writer.idle().then(() => {
      // A socket that is not read there either was closed, not shut down: others who have it may go on writing.
      if (!this.#unread.has(fd)) writer.end();
      this.#leaveIfDone(fd);
    });
  };

  readonly unread: FurtherEnds["unread"] = (fd) => {
    this.#unread.add(fd);
    this.#readables.get(fd)?.destroy();
    this.#leaveIfDone(fd);
  };

  readonly readUpTo: FurtherEnds["readUpTo"] = (fd, offset) => void seek(fd, offset);

  /** Resolves when all output has been written. */
  async idle(): Promise<void> {
    await this.#writers.idle();
  }

  close(): void {
    for (const readable of this.#readables.values()) readable.destroy();
    this.#writers.close();
  }

  /** Closes it when the program uses it in neither way any more. */
  #leaveIfDone(fd: number): void {
    const further = this.#further.find((one) => one.fd === fd);
    if (further === undefined || this.#options.standIn === undefined || this.#left.has(fd)) return;
    const { toNode, toClient } = waysOf(further);
    if ((toNode && !this.#unread.has(fd)) || (toClient && !this.#written.has(fd))) return;
    this.#left.add(fd);
    if (toClient) this.#writers.of(fd).close();
    closeSync(fd);
    this.#leaveCopies(fd);
  }

  /** What is one with another there is closed with it. */
  #leaveCopies(fd: number): void {
    for (const one of this.#further) {
      if (one.kind !== "same" || one.as !== fd || this.#left.has(one.fd)) continue;
      this.#left.add(one.fd);
      closeSync(one.fd);
      this.#leaveCopies(one.fd);
    }
  }
}
