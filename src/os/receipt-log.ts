/** What the makes of one session tell each other of files that their jobs wrote: a file to which each sub-make adds at its end. */

import { appendFileSync, constants, readFileSync, rmSync } from "node:fs";
import type { Receipt } from "../graph/job.js";
import { toPath } from "./bytes.js";
import { errnoOf } from "./strerror.js";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

export class ReceiptLog {
  readonly #path: string;
  readonly #receipts: Receipt[] = [];
  #readBytes = 0;

  /** @param path - absolute; the same for all makes of the session and hard to guess for anybody else */
  constructor(path: string) {
    this.#path = path;
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

  /** Adds receipts with absolute paths. Where the file cannot be written nobody is told, and looks later than he might. */
  add(receipts: readonly Receipt[]): void {
    const text = receipts.map((receipt) => `${JSON.stringify(receipt, bigintAsText)}\n`).join("");
    if (text === "") return;
    attempt(() =>
      appendFileSync(toPath(this.#path), text, {
        encoding: "latin1",
        mode: 0o600,
        flag: (O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY) as unknown as string,
      }),
    );
  }

  /** The session is over. */
  remove(): void {
    rmSync(toPath(this.#path), { force: true });
  }

  #readOn(): void {
    const text = attempt(() => readFileSync(toPath(this.#path), "latin1")) ?? "";
    const end = text.lastIndexOf("\n") + 1;
    for (const line of text.slice(this.#readBytes, end).split("\n")) if (line !== "") this.#receipts.push(parse(line));
    this.#readBytes = Math.max(end, this.#readBytes);
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

/** No file: nobody has written yet, or nobody can. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
