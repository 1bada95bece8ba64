/** What the makes of one session tell each other of files that their jobs wrote: a file to which each sub-make adds at its end. */

import { appendFileSync, closeSync, constants, fstatSync, openSync, readSync, rmSync } from "node:fs";
import type { Receipt } from "../graph/job.js";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

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
    this.#within(O_APPEND | O_CREAT | O_WRONLY, (fd) => appendFileSync(fd, text, "latin1"));
  }

  /** The session is over. */
  remove(): void {
    rmSync(toPath(this.#path), { force: true });
  }

  /** Reads what has come since; a line that is not whole yet waits for the next time. */
  #readOn(): void {
    const text = this.#within(O_RDONLY, (fd) => readFrom(fd, this.#readBytes)) ?? "";
    const end = text.lastIndexOf("\n") + 1;
    for (const line of text.slice(0, end).split("\n")) if (line !== "") this.#receipts.push(parse(line));
    this.#readBytes += end;
  }

  /** undefined: there is no file yet, or none that we may use. */
  #within<T>(flags: number, act: (fd: number) => T): T | undefined {
    return attempt(() => {
      const fd = openSync(toPath(this.#path), flags | O_NOFOLLOW, 0o600);
      try {
        return act(fd);
      } finally {
        closeSync(fd);
      }
    });
  }
}

/** All from that byte on, one char a byte. */
function readFrom(fd: number, offset: number): string {
  const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - offset));
  return bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, offset));
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
