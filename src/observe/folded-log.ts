/** A log in groups that can be folded, one for each directory in turn; what failed stands outside of them. */

import type { CiDialect } from "./ci-dialect.js";

/** Lines that belong together. */
export interface Chunk {
  /** Absolute; where the make works whose recipe printed them. */
  readonly directory: string;
  readonly lines: readonly string[];
}

export interface FoldedLogOptions {
  readonly dialect: CiDialect;
  /** Whole lines; bytes, one char each. */
  readonly write: (text: string) => void;
  /** What a directory's group is called. */
  readonly titleOf: (directory: string) => string;
}

/** What is for another group than the one that is open waits for so long at most, that there are fewer of them. */
const WAIT_MS = 2000;
const WAIT_BYTES = 64 * 1024;

interface Waiting {
  readonly sinceMs: number;
  readonly lines: string[];
  bytes: number;
}

export class FoldedLog {
  readonly #options: FoldedLogOptions;
  readonly #waiting = new Map<string, Waiting>();
  /** The directory of the open group. */
  #open: string | undefined;
  #groups = 0;

  /** From here on the log obeys nobody but us. */
  constructor(options: FoldedLogOptions) {
    this.#options = options;
    options.write(options.dialect.guard);
  }

  /** Shows it in its directory's group, now or a little later. */
  fold({ directory, lines }: Chunk, nowMs: number): void {
    if (lines.length === 0) return;
    const waiting = this.#waiting.get(directory) ?? { sinceMs: nowMs, lines: [], bytes: 0 };
    this.#waiting.set(directory, waiting);
    for (const line of lines) {
      waiting.lines.push(line);
      waiting.bytes += line.length;
    }
    if (this.#open === undefined || this.#open === directory || waiting.bytes > WAIT_BYTES)
      this.#show(directory, nowMs);
  }

  /** Shows lines outside of any group, now, behind all that waits. */
  show(lines: readonly string[], nowMs: number): void {
    if (lines.length === 0) return;
    this.#showAll(nowMs);
    this.#command(this.#closing(nowMs));
    this.#write(textOf(lines));
  }

  /** Shows what has waited long enough. */
  tick(nowMs: number): void {
    for (const [directory, { sinceMs }] of [...this.#waiting])
      if (nowMs - sinceMs >= WAIT_MS) this.#show(directory, nowMs);
  }

  /** Shows what still waits, and the last commands; from then on the log obeys whoever writes. */
  end(commands: string, nowMs: number): void {
    this.#showAll(nowMs);
    this.#write(this.#options.dialect.unguard + this.#closing(nowMs) + commands);
  }

  #showAll(nowMs: number): void {
    for (const directory of [...this.#waiting.keys()]) this.#show(directory, nowMs);
  }

  #show(directory: string, nowMs: number): void {
    const waiting = this.#waiting.get(directory);
    if (waiting === undefined) return;
    this.#waiting.delete(directory);
    if (this.#open !== directory) {
      const closing = this.#closing(nowMs);
      this.#open = directory;
      const { dialect, titleOf } = this.#options;
      this.#command(closing + dialect.open(titleOf(directory), ++this.#groups, nowMs));
    }
    this.#write(textOf(waiting.lines));
  }

  /** The command by which the open group ends, which it does now. */
  #closing(nowMs: number): string {
    if (this.#open === undefined) return "";
    this.#open = undefined;
    return this.#options.dialect.close(this.#groups, nowMs);
  }

  #command(commands: string): void {
    const { unguard, guard } = this.#options.dialect;
    if (commands !== "") this.#write(unguard + commands + guard);
  }

  #write(text: string): void {
    if (text !== "") this.#options.write(text);
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
