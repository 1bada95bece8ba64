/** Descriptors above 2 that a make was started with, as its recipes on nodes get them: many recipes have the same at once. */

import type { Readable } from "node:stream";
import { type Cancellation, orAborted } from "../base/abort.js";
import type { FurtherLease, FurtherSource, Loss } from "../exec/remote.js";
import { DescriptorWriters, readableOf } from "../os/descriptor-streams.js";
import { describeFurther } from "../os/descriptors.js";
import { seek } from "../os/file-offset.js";
import type { FurtherDescriptor } from "../wire/descriptor.js";

export interface SharedDescriptorsOptions {
  /** Those that can be shared, in order. */
  readonly numbers: readonly number[];
  /** Our own outputs that recipes write to. */
  readonly standard: readonly number[];
  /** Which of them is the recipes' terminal. */
  readonly terminal: number | undefined;
}

/** @see FurtherSource */
export class SharedDescriptors implements FurtherSource {
  readonly #options: SharedDescriptorsOptions;
  /** Why nothing more can be written to a descriptor. */
  readonly #faults = new Map<number, string>();
  readonly #writers = new DescriptorWriters((fd, errno) => {
    if (!this.#faults.has(fd)) this.#faults.set(fd, errno);
  });
  /** As bytes alone, and as they are. */
  readonly #known = new Map<boolean, readonly FurtherDescriptor[]>();

  constructor(options: SharedDescriptorsOptions) {
    this.#options = options;
  }

  readonly open = (plain: boolean): FurtherLease =>
    new Lease(this.#described(plain), async (fd, bytes) => {
      const isWritten = await this.#writers.of(fd).write(bytes);
      return isWritten ? undefined : (this.#faults.get(fd) ?? "EPIPE");
    });

  close(): void {
    this.#writers.close();
  }

  /** Nothing changes but how far files have been read, and written by others. */
  #described(plain: boolean): readonly FurtherDescriptor[] {
    const { numbers, standard, terminal } = this.#options;
    const context = { standard, terminal: plain ? undefined : terminal, plain, forMany: true };
    const known = this.#known.get(plain) ?? describeFurther(numbers, context);
    this.#known.set(plain, known);
    return known.flatMap((one) => (one.kind === "file" ? describeFurther([one.fd], context) : [one]));
  }
}

/** @returns why it could not be written, when that is so; it does not reject */
type WriteTo = (fd: number, bytes: Uint8Array) => Promise<string | undefined>;

/** For one job: what it does with them ends with it, and they stay open for the others. */
class Lease implements FurtherLease {
  readonly requested: readonly FurtherDescriptor[];
  readonly #writeTo: WriteTo;
  readonly #readables: Readable[] = [];
  #writing: Promise<unknown> = Promise.resolve();
  #lost: Loss | undefined;

  constructor(requested: readonly FurtherDescriptor[], writeTo: WriteTo) {
    this.requested = requested;
    this.#writeTo = writeTo;
  }

  readonly input: FurtherLease["input"] = (fd) => {
    // Whoever reads it hears of errors; afterwards they are nobody's.
    const readable = readableOf(fd).on("error", () => undefined);
    this.#readables.push(readable);
    return readable;
  };

  readonly failed: FurtherLease["failed"] = (fd, errno) => (this.#lost ??= { call: "read", fd, errno });

  readonly write: FurtherLease["write"] = (fd, bytes) => {
    const done = this.#write(fd, bytes);
    this.#writing = Promise.all([this.#writing, done]);
    return done;
  };

  readonly written: FurtherLease["written"] = () => undefined;
  readonly unread: FurtherLease["unread"] = () => undefined;

  /** One that did not read leaves it to the others how far the file is read. */
  readonly readUpTo: FurtherLease["readUpTo"] = (fd, offset) => {
    const further = this.requested.find((one) => one.fd === fd);
    if (further?.kind === "file" && further.offset !== offset) void seek(fd, offset);
  };

  readonly finish = async (cancel: Cancellation): Promise<Loss | undefined> => {
    for (const readable of this.#readables) readable.destroy();
    await orAborted(
      this.#writing.then(() => undefined),
      cancel,
    );
    return this.#lost;
  };

  async #write(fd: number, bytes: Uint8Array): Promise<boolean> {
    const errno = await this.#writeTo(fd, bytes);
    if (errno !== undefined) this.#lost ??= { call: "write", fd, errno };
    return errno === undefined;
  }
}
