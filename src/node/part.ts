/** A part of a worker that root started, as its monitor sees it: a process, lines to it and lines from it. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { listenToLines } from "./line-channel.js";

/** How this program is started once more. */
export interface PartProgram {
  readonly file: string;
  /** Before the part's own name. */
  readonly words: readonly string[];
  /** All that a part has of one. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface PartListener {
  /** @returns whether the line is one that this part may send; if not, it is ended */
  line(text: string): boolean;
  /** A line of what it complained of. */
  complaint(text: string): void;
  /** It is gone: "exit status 1", "SIGKILL", "a line that is not in the table". Called once. */
  ended(how: string): void;
}

const MAX_ERROR_CHARS = 200;

export class Part {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #listener: PartListener;
  readonly ended: Promise<void>;
  #fault: string | undefined;
  #error: string | undefined;

  /** Its standard input and output are what it hears and says; recipes that it starts have none of both. */
  constructor(program: PartProgram, words: readonly string[], listener: PartListener) {
    this.#listener = listener;
    this.#process = spawn(program.file, [...program.words, ...words], {
      cwd: "/",
      env: { ...program.environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.ended = new Promise((resolve) => this.#watch(resolve));
  }

  /** To one that is gone it says nothing. */
  send(line: string): void {
    if (this.#process.stdin.writable) this.#process.stdin.write(`${line}\n`, "latin1");
  }

  /** Tells it to end what it does at once. */
  stop(): void {
    this.#process.stdin.end();
  }

  kill(fault: string): void {
    this.#fault ??= fault;
    this.#process.kill("SIGKILL");
  }

  #watch(resolve: () => void): void {
    this.#process.stdin.on("error", () => undefined); // its end is told by the process
    listenToLines(this.#process.stdout, {
      line: (text) => {
        if (this.#fault === undefined && !this.#listener.line(text)) this.kill("a line that is not in the table");
      },
      ended: (tooLong) => {
        if (tooLong) this.kill("a line that is too long");
      },
    });
    listenToLines(this.#process.stderr, {
      line: (text) => {
        if (/\bError\b/.test(text)) this.#error ??= text.slice(0, MAX_ERROR_CHARS);
        this.#listener.complaint(text);
      },
      ended: () => undefined,
    });
    let isOver = false;
    const over = (how: string): void => {
      if (isOver) return;
      isOver = true;
      this.#listener.ended(this.#fault ?? (this.#error === undefined ? how : `${how}: ${this.#error}`));
      resolve();
    };
    this.#process.once("error", (error) => over(error.message));
    // Not "close": what it started may hold its outputs open for longer.
    this.#process.once("exit", (code, signal) => setImmediate(() => over(signal ?? `exit status ${String(code)}`)));
  }
}
