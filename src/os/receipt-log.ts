/** What the makes of one session tell each other of files that their jobs wrote: a file to which each sub-make adds at its end. */

import type { Receipt } from "../graph/job.js";
import { LineLog } from "./line-log.js";

export class ReceiptLog {
  readonly #lines: LineLog;
  readonly #receipts: Receipt[] = [];

  /** @param path - absolute; the same for all makes of the session and hard to guess for anybody else */
  constructor(path: string) {
    this.#lines = new LineLog(path);
  }

  /** How many receipts there are by now. */
  count(): number {
    this.#readOn();
    return this.#receipts.length;
  }

  /** Those that came when there were `count` already; each is the same object whenever it is asked for. */
  since(count: number): readonly Receipt[] {
    this.#readOn();
    return this.#receipts.slice(count);
  }

  /** Adds receipts with absolute paths for the makes of this process alone. */
  keep(receipts: readonly Receipt[]): void {
    this.#readOn();
    this.#receipts.push(...receipts);
  }

  /** Adds receipts with absolute paths. Where the file cannot be written nobody is told, and looks later than he might. */
  add(receipts: readonly Receipt[]): void {
    this.#lines.add(receipts.map((receipt) => JSON.stringify(receipt, bigintAsText)));
  }

  /** The session is over. */
  remove(): void {
    this.#lines.remove();
  }

  #readOn(): void {
    for (const line of this.#lines.readOn()) this.#receipts.push(parse(line));
  }
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** A line of ours: nobody else may write to the file. */
function parse(line: string): Receipt {
  const { path, stat } = JSON.parse(line) as {
    readonly path: string;
    readonly stat?: { readonly sizeBytes: number; readonly mtimeNs: string; readonly ino: string };
  };
  return { path, stat: stat && { ...stat, mtimeNs: BigInt(stat.mtimeNs), ino: BigInt(stat.ino) } };
}
