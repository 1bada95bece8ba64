/** The receipts of one session's makes in this process: which of them other machines are to be shown, and which say how a file is no more. */

import type { InvocationId } from "../base/ids.js";
import { resolveIn } from "../os/bytes.js";
import { isSeenAt } from "../os/certified-file.js";
import type { ReceiptLog } from "../os/receipt-log.js";
import type { Job, Receipt, Runner } from "../sched/job.js";
import { CoarseStamps } from "./coarse-stamps.js";

interface Issued {
  readonly receipt: Receipt;
  readonly directory: string;
}

export class Certificates {
  readonly #log: ReceiptLog;
  /** Of the makes that tell a make above. */
  readonly #issued = new Map<InvocationId, Issued[]>();
  readonly #outdated = new WeakSet<Receipt>();
  readonly #stamps = new CoarseStamps();

  /** @param log - of the session */
  constructor(log: ReceiptLog) {
    this.#log = log;
  }

  /** From now on what this make's jobs write is kept, to be told to the make above it by `report`. */
  reportsOf(invocation: InvocationId): void {
    this.#issued.set(invocation, []);
  }

  /** What of a job's needs must be seen by a machine that has seen `seen` already. */
  wanted(job: Job, seen: WeakSet<Receipt>): readonly Receipt[] {
    return job.needs.filter((receipt) => !seen.has(receipt) && !this.#outdated.has(receipt));
  }

  issued(receipts: readonly Receipt[], { invocation, directory }: Job): void {
    this.#stamps.wrote(receipts);
    const kept = this.#issued.get(invocation);
    for (const receipt of receipts) kept?.push({ receipt, directory });
  }

  /**
   * A machine does not see one of these files. Where this one does not see it any more either, it was changed or removed since,
   * and nobody is to look for it again.
   *
   * @returns whether there was such a file
   */
  review(receipts: readonly Receipt[], directory: string): boolean {
    const outdated = receipts.filter((receipt) => !this.#outdated.has(receipt) && !isSeenAt(receipt, directory));
    for (const receipt of outdated) this.#outdated.add(receipt);
    return outdated.length > 0;
  }

  /** This machine, where sub-makes run: a job that ran one certifies what that one's jobs wrote, too. */
  recording(local: Runner): Runner {
    return {
      node: local.node,
      run: async (job, on, cancel) => {
        const ranMake = job.lines.some(({ recursive }) => recursive);
        const before = ranMake ? this.#log.count() : 0;
        const result = await local.run(job, on, cancel);
        this.issued(result.receipts, job);
        return ranMake ? { ...result, receipts: [...result.receipts, ...this.#log.since(before)] } : result;
      },
    };
  }

  /** Resolves when nothing that is changed from now on can have the stamp of anything that was made here. */
  stamped(): Promise<void> {
    return this.#stamps.passed();
  }

  /** Tells the make above what was certified for this one and still holds. @param isHere - that make is in this process */
  report(invocation: InvocationId, isHere: boolean): void {
    const issued = this.#issued.get(invocation) ?? [];
    this.#issued.delete(invocation);
    const current = issued.filter(({ receipt, directory }) => isSeenAt(receipt, directory));
    const receipts = current.flatMap(({ receipt: { path, stat }, directory }) =>
      stat === undefined ? [] : [{ path: resolveIn(directory, path), stat }],
    );
    if (isHere) this.#log.keep(receipts);
    else this.#log.add(receipts);
  }

  /** The session is over: nobody is told anything any more. */
  async end(): Promise<void> {
    this.#log.remove();
    await this.stamped();
  }
}
