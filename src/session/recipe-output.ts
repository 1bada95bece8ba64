/** What a running recipe makes the user see: its lines as they start, its output where that passes through us, its failures. */

import type { ExitStatus } from "../base/exit-status.js";
import { type JobId, LOCAL_NODE } from "../base/ids.js";
import type { OutputSync } from "../exec/output-sync.js";
import { reportFailedLine } from "../exec/report.js";
import type { Observer, Printed } from "../events/event.js";
import { trimSpace } from "../makefile/chars.js";
import type { Console } from "../observe/console.js";
import type { Job, JobEvent } from "../sched/job.js";
import { LineBuffer } from "./line-buffer.js";

export interface RecipeOutputOptions {
  readonly console: Console;
  readonly observe: Observer;
  /** `-O`; undefined: nothing is taken aside. */
  readonly sync: OutputSync | undefined;
  /** Whether a failure that ends the recipe is told. */
  readonly failing: (job: Job, status: ExitStatus) => boolean;
  /** Called before any failure is told. */
  readonly explain: (job: Job) => void;
  /** Whether failures that end nothing are told. */
  readonly tellsIgnored: () => boolean;
  /** `--shuffle`, told with each failure. */
  readonly shuffle: string | undefined;
}

export class RecipeOutput {
  readonly #options: RecipeOutputOptions;
  readonly #lines: LineBuffer;
  /** What expanding a job's recipe printed, until its first line starts. */
  readonly #printed = new Map<JobId, readonly Printed[]>();

  constructor(options: RecipeOutputOptions) {
    this.#options = options;
    this.#lines = new LineBuffer((stream, bytes, job) => options.console.write(stream, bytes, job));
  }

  /** Takes what a runner tells of a job. */
  readonly observe = (job: Job, event: JobEvent): void => {
    switch (event.type) {
      case "process":
      case "makes":
        break;
      case "started":
        // What runs here collects its output itself.
        if (event.node !== LOCAL_NODE) this.#options.sync?.open(job.id);
        break;
      case "line":
        this.#lines.finish(job.id);
        this.#writePrinted(job.id);
        this.#echo(job, event.index);
        if (event.index === job.said?.behind) this.#write(job.said.printed, job.id);
        break;
      case "data":
        if (event.isLive === true) this.#lines.pass(job.id, event.stream, event.bytes);
        else this.#lines.write(job.id, event.stream, event.bytes);
        break;
      case "line-failed":
        this.#lines.finish(job.id);
        this.#tellFailure(job, event);
        break;
    }
  };

  /** The job is about to be started: what was printed just now came of its recipe. */
  starting(job: Job): void {
    const printed = this.#options.console.takePrinted();
    if (printed.length > 0) this.#printed.set(job.id, printed);
  }

  /** No job will come of what was printed. */
  flush(): void {
    this.#options.console.flushPrinted();
  }

  #writePrinted(job: JobId): void {
    this.#write(this.#printed.get(job) ?? [], job);
    this.#printed.delete(job);
  }

  #write(printed: readonly Printed[], job: JobId): void {
    for (const { stream, text } of printed) this.#options.console.write(stream, text, job);
  }

  /** Nothing more will be said of the job. */
  ended(job: Job): void {
    this.#writePrinted(job.id);
    this.#lines.finish(job.id);
    this.#options.sync?.of(job.id)?.close();
    this.#options.console.end(job.id);
  }

  #echo(job: Job, index: number): void {
    const line = job.lines[index];
    if (line === undefined || (line.silent && isNothing(line.text))) return;
    const { console } = this.#options;
    console.enterDirectory();
    if (!line.silent) console.write("stdout", `${line.text}\n`, job.id);
  }

  #tellFailure(job: Job, { index, status }: Extract<JobEvent, { type: "line-failed" }>): void {
    const line = job.lines[index];
    if (line === undefined) throw new Error(`internal error: line ${String(index)} of ${job.target} failed`);
    const { shuffle, console, observe, tellsIgnored, failing, explain } = this.#options;
    const { location, ignoreErrors: ignored } = line;
    const { whyUnstarted, verdict } = reportFailedLine({ target: job.target, location, status, ignored, shuffle });
    if (whyUnstarted !== undefined) console.say(whyUnstarted, job.id);
    const isTold = ignored ? tellsIgnored() : failing(job, status);
    if (!isTold) return;
    explain(job);
    if (!ignored) observe({ type: "recipe-failed", job: job.id, target: job.target, location, status });
    console.say(verdict, job.id);
  }
}

/** A line that no process is started for. */
function isNothing(text: string): boolean {
  const bare = trimSpace(text);
  return bare === "" || bare === ":";
}
