/** The receipts of one make: which of them other machines are to be shown, and which say how a file is no more. */

import { resolveIn } from "../os/bytes.js";
import type { ReceiptLog } from "../os/receipt-log.js";
import { isSeenAt } from "../os/visibility.js";
import type { Job, Receipt, Runner } from "../sched/job.js";
import { CoarseStamps } from "./coarse-stamps.js";

export class Certificates {
  readonly #log: ReceiptLog;
  readonly #reports: boolean;
  readonly #issued: { readonly receipt: Receipt; readonly directory: string }[] = [];
  readonly #outdated = new WeakSet<Receipt>();
  readonly #stamps = new CoarseStamps();

  /** @param log - of the session. @param reports - whether a make above is to be told of what is issued here */
  constructor(log: ReceiptLog, { reports }: { readonly reports: boolean }) {
    this.#log = log;
    this.#reports = reports;
  }

  /** What of a job's needs must be seen by a machine that has seen `seen` already. */
  wanted(job: Job, seen: WeakSet<Receipt>): readonly Receipt[] {
    return job.needs.filter((receipt) => !seen.has(receipt) && !this.#outdated.has(receipt));
  }

  issued(receipts: readonly Receipt[], directory: string): void {
    this.#stamps.wrote(receipts);
    if (this.#reports) for (const receipt of receipts) this.#issued.push({ receipt, directory });
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
        this.issued(result.receipts, job.directory);
        return ranMake ? { ...result, receipts: [...result.receipts, ...this.#log.since(before)] } : result;
      },
    };
  }

  /** Resolves when nothing that is changed from now on can have the stamp of anything that was made here. */
  stamped(): Promise<void> {
    return this.#stamps.passed();
  }

  /** Tells the make above what was certified here and still holds. */
  report(): void {
    const current = this.#issued.filter(({ receipt, directory }) => isSeenAt(receipt, directory));
    this.#log.add(
      current.flatMap(({ receipt: { path, stat }, directory }) =>
        stat === undefined ? [] : [{ path: resolveIn(directory, path), stat }],
      ),
    );
  }
}
