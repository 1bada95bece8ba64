/** What is certified of the files below a target: another machine is to see them so before the target's recipe runs there. */

import type { Disk } from "./disk.js";
import type { Receipt } from "./job.js";
import type { Target } from "./target.js";

/** What was changed longer ago than any file system remembers, everybody sees. */
const FORGOTTEN_NS = 60_000_000_000n;

export class Needs {
  readonly #disk: Disk;
  /** Files as old as this need no receipt. */
  readonly #oldNs: bigint;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#oldNs = disk.nowNs() - FORGOTTEN_NS;
  }

  /** The receipts of all that `target` depends on, directly or not; all of that is done. */
  of(target: Target): readonly Receipt[] {
    const found = new Set<Receipt>();
    const seen = new Set<Target>([target]);
    const open: Target[] = [];
    const visit = (named: Target): void => {
      for (let each: Target | undefined = named.alias ?? named; each !== undefined; each = each.next) {
        if (each.isQuiet || seen.has(each)) continue;
        seen.add(each);
        open.push(each);
      }
    };
    for (const edge of target.edges) {
      visit(edge.target);
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        for (const receipt of this.#receiptsOf(next)) found.add(receipt);
        for (const { target: below } of next.edges) visit(below);
      }
      // Nothing is new below these, and nothing will be: later targets need not look there again.
      if (found.size === 0) for (const each of seen) if (each.state === "done") each.isQuiet = true;
    }
    return [...found];
  }

  #receiptsOf(target: Target): readonly Receipt[] {
    const { time } = target.head;
    const isNewSource = target.receipts.length === 0 && !target.wasTried && !target.phony && target.state === "done";
    if (isNewSource && time !== undefined && time > this.#oldNs) target.receipts = [this.#disk.certify(target.path)];
    return target.receipts;
  }
}
