/** The end of what a command said on its standard error: that is where it says why it has failed. */

import type { Readable } from "node:stream";

const KEPT_LINES = 20;
const KEPT_CHARS = 400;

export class ErrorTail {
  readonly #lines: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  #unfinished = "";

  /** @param onLine - is told each line, too */
  constructor(stream: Readable, onLine?: (line: string) => void) {
    this.#onLine = onLine;
    stream.setEncoding("latin1");
    stream.on("data", (text: string) => this.#add(text)).on("error", () => undefined); // its process tells its end
  }

  /** Whole lines, the last ones, without blank ones. */
  get lines(): readonly string[] {
    return this.#unfinished.trim() === "" ? this.#lines : [...this.#lines, clean(this.#unfinished)];
  }

  #add(text: string): void {
    const pieces = (this.#unfinished + text).split("\n");
    this.#unfinished = (pieces.pop() ?? "").slice(-KEPT_CHARS);
    for (const line of pieces.map(clean).filter((each) => each !== "")) {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      this.#onLine?.(line);
    }
  }
}

function clean(line: string): string {
  return line
    .replace(/[^ -~]+/g, " ")
    .trim()
    .slice(0, KEPT_CHARS);
}
