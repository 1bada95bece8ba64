/** A file to which several processes add lines, and from which one reads what has come since it read last. */

import { appendFileSync, closeSync, constants, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

export class LineLog {
  readonly #path: string;
  #readBytes = 0;

  /** @param path - absolute; hard to guess for anybody who is not to take part */
  constructor(path: string) {
    this.#path = path;
  }

  /** Adds lines, each without its newline. Where the file cannot be written nobody is told, and who reads it does without. */
  add(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${line}\n`).join("");
    this.#within(O_APPEND | O_CREAT | O_WRONLY, (fd) => appendFileSync(fd, text, "latin1"));
  }

  /** What has come since the last time; a line that is not whole yet waits for the next one. */
  readOn(): readonly string[] {
    const text = this.#within(O_RDONLY, (fd) => readFrom(fd, this.#readBytes)) ?? "";
    const end = text.lastIndexOf("\n") + 1;
    this.#readBytes += end;
    return text
      .slice(0, end)
      .split("\n")
      .filter((line) => line !== "");
  }

  remove(): void {
    rmSync(toPath(this.#path), { force: true });
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
