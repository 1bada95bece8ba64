/** `--progress`: how much is done and what runs where, as one live line on a terminal or as plain lines elsewhere. */

import { isSuccess } from "../base/exit-status.js";
import type { JobId, NodeId } from "../base/ids.js";
import type { MakeEvent, Stream } from "../events/event.js";
import type { TextSink } from "./console.js";
import { MakeTree } from "./make-tree.js";

/** The state of a build that is under way, with all its makes. */
export class ProgressModel {
  readonly #tree = new MakeTree();
  readonly #running = new Map<JobId, { readonly node: NodeId; readonly sinceMs: number }>();
  #done = 0;
  #planned = 0;

  apply(event: MakeEvent, nowMs: number): void {
    this.#tree.observe(event);
    if (event.type === "job-planned") this.#planned++;
    else if (event.type === "job-placed") this.#running.set(event.job, { node: event.node, sinceMs: nowMs });
    else if (event.type === "job-ended") {
      this.#done++;
      this.#running.delete(event.job);
    }
  }

  /** `[12/40]`. */
  get counts(): string {
    return `[${String(this.#done)}/${String(Math.max(this.#planned, this.#done))}]`;
  }

  /** From the first make's directory. */
  nameOf(job: JobId, target: string): string {
    return this.#tree.nameOf(job, target);
  }

  /** `[12/40] n1: lib/main.o 1.2s · local: gen.c 0.1s`, cut to `columns`; the longest-running first, what only waits for makes left out. */
  statusLine(nowMs: number, columns: number): string {
    const running = [...this.#running]
      .filter(([job]) => !this.#tree.isMake(job))
      .sort(([, a], [, b]) => a.sinceMs - b.sinceMs)
      .map(([job, { node, sinceMs }]) => `${node}: ${this.#tree.nameOf(job)} ${seconds(nowMs - sinceMs)}`);
    const line = `${this.counts} ${running.join(" · ")}`;
    return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
  }
}

export interface ProgressOptions {
  readonly sink: TextSink;
  readonly nowMs: () => number;
  /** Width of the terminal on stderr; undefined: it is not one. */
  readonly columns: (() => number) | undefined;
}

const REDRAW_MS = 200;

/** Shows the model. On a terminal all output has to pass through it, so that the status line stays below. */
export class Progress implements TextSink {
  readonly #options: ProgressOptions;
  readonly #model = new ProgressModel();
  #isShown = false;
  /** Whether the last text ended a line: only then may the status line follow it. */
  #isAtLineStart = true;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Whether there is a status line that output must pass by. */
  get isLive(): boolean {
    return this.#options.columns !== undefined;
  }

  readonly observe = (event: MakeEvent): void => {
    const nowMs = this.#options.nowMs();
    this.#model.apply(event, nowMs);
    if (this.isLive) {
      if (!this.#isOver) this.#timer ??= this.#startTimer();
      if (event.type === "job-placed" || event.type === "job-ended") this.#redraw();
    } else if (event.type === "job-ended") {
      const verdict = isSuccess(event.status) ? "" : " failed";
      const took = seconds(event.endedMs - event.startedMs);
      this.#options.sink.write(
        "stderr",
        `${this.#model.counts} ${event.node}: ${this.#model.nameOf(event.job, event.target)} ${took}${verdict}\n`,
        event.job,
      );
    }
  };

  write(stream: Stream, text: string | Uint8Array): void {
    this.#erase();
    this.#options.sink.write(stream, text);
    const last = typeof text === "string" ? text.charCodeAt(text.length - 1) : text[text.length - 1];
    if (text.length > 0) this.#isAtLineStart = last === NEWLINE;
  }

  /** Takes the status line away for good. */
  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#erase();
  }

  /** With the first event: before, there is nothing to be shown. */
  #startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => this.#redraw(), REDRAW_MS);
    timer.unref();
    return timer;
  }

  #redraw(): void {
    const { columns, nowMs, sink } = this.#options;
    if (columns === undefined || this.#isOver || !this.#isAtLineStart) return;
    const line = this.#model.statusLine(nowMs(), columns() - 1);
    sink.write("stderr", Buffer.from(`\r\x1b[K${line}`, "utf8"));
    this.#isShown = true;
  }

  #erase(): void {
    if (this.#isShown) this.#options.sink.write("stderr", "\r\x1b[K");
    this.#isShown = false;
  }
}

const NEWLINE = 10;

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
}
