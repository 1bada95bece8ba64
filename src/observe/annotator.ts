/** `--annotate`: all output passes through here, and becomes a log of continuous integration, with what failed noted beside the sources. */

import { posix } from "node:path";
import { fromBytes } from "../base/latin1.js";
import { nameBelow } from "../base/is-below.js";
import type { JobId } from "../base/ids.js";
import type { MakeEvent, Stream } from "../events/event.js";
import { Annotations } from "./annotations.js";
import type { CiDialect } from "./ci-dialect.js";
import type { TextSink } from "./console.js";
import { FoldedLog } from "./folded-log.js";
import { type Complaint, type FailedChunk, OutputChunks } from "./output-chunks.js";
import { MakeTree } from "./make-tree.js";
import { isDirectoryLine, plainText } from "./log-line.js";

export interface AnnotatorOptions {
  readonly dialect: CiDialect;
  readonly sink: TextSink;
  readonly nowMs: () => number;
  /** Absolute; where the first make works. */
  readonly directory: string;
  /** Absolute; the top of the sources, by all names that it has. */
  readonly tops: readonly string[];
}

const TICK_MS = 500;
/** For a make that does not print where it works. */
const ANYWHERE = "";
/** Of a recipe that failed so many lines are kept for the report. */
const OUTPUT_LINES = 50;
const OUTPUT_CHARS = 4000;
const LINE_CHARS = 500;

export class Annotator implements TextSink {
  readonly #options: AnnotatorOptions;
  readonly #tree = new MakeTree();
  readonly #log: FoldedLog;
  readonly #annotations: Annotations;
  readonly #jobs = new Map<JobId, OutputChunks>();
  /** What no recipe has printed. */
  readonly #own: OutputChunks;
  /** The last lines of what failed, by directory and target. */
  readonly #outputs = new Map<string, readonly string[]>();
  #timer: NodeJS.Timeout | undefined;
  #isFinished = false;

  constructor(options: AnnotatorOptions) {
    this.#options = options;
    const write = (text: string): void => options.sink.write("stdout", text);
    this.#log = new FoldedLog({ dialect: options.dialect, write, titleOf: (directory) => this.#nameOf(directory) });
    this.#annotations = new Annotations((directory, file) => this.#nameOf(posix.resolve(directory, file)));
    this.#own = this.#chunks(options.directory, (lines) => this.#log.show(lines, options.nowMs()));
  }

  readonly observe = (event: MakeEvent): void => {
    this.#tree.observe(event);
    if (event.type !== "recipe-failed") return;
    const { job, target, location } = event;
    this.#annotations.know({ directory: this.#directoryOf(job), target, location });
  };

  /** Two outputs would lose their order on their way into the log: all goes to the one. */
  write(stream: Stream, text: string | Uint8Array, job?: JobId): void {
    if (this.#isFinished) {
      // Nothing stands between a recipe's leftovers and the log any more.
      if (job === undefined) this.#options.sink.write(stream, text);
      return;
    }
    this.#timer ??= this.#startTimer();
    const chunks = job === undefined ? this.#own : this.#chunksOf(job);
    const nowMs = this.#options.nowMs();
    chunks.take(typeof text === "string" ? text : fromBytes(text), nowMs);
    // Make's own words are for its user, at once.
    if (job === undefined) chunks.passOn();
  }

  end(job: JobId): void {
    this.#jobs.get(job)?.end(this.#options.nowMs());
    this.#jobs.delete(job);
  }

  /** The last lines of a recipe that failed; see ReportEnd. */
  readonly outputOf = (directory: string, target: string): readonly string[] | undefined =>
    this.#outputs.get(keyOf(directory, target)) ?? this.#outputs.get(keyOf(ANYWHERE, target));

  /** Shows what is left, and notes what failed; what is written later is not laid out any more. */
  finish(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const nowMs = this.#options.nowMs();
    for (const chunks of this.#jobs.values()) chunks.end(nowMs);
    this.#jobs.clear();
    this.#own.end(nowMs);
    this.#log.end(this.#options.dialect.annotate(this.#annotations.chosen()), nowMs);
    this.#isFinished = true;
  }

  #startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => this.#tick(), TICK_MS);
    timer.unref();
    return timer;
  }

  #tick(): void {
    const nowMs = this.#options.nowMs();
    for (const chunks of this.#jobs.values()) chunks.tick(nowMs);
    this.#log.tick(nowMs);
  }

  #chunksOf(job: JobId): OutputChunks {
    const present = this.#jobs.get(job);
    if (present !== undefined) return present;
    const chunks = this.#chunks(this.#directoryOf(job));
    this.#jobs.set(job, chunks);
    return chunks;
  }

  #directoryOf(job: JobId): string {
    return this.#tree.makeDirectoryOf(job) ?? this.#options.directory;
  }

  #chunks(directory: string, passTo?: (lines: readonly string[]) => void): OutputChunks {
    return new OutputChunks(directory, {
      pass: (place, lines) => {
        if (passTo === undefined) this.#log.fold({ directory: place, lines }, this.#options.nowMs());
        else passTo(lines);
      },
      // Make's own words have been seen in the open.
      failed: (chunk) => this.#failed(passTo === undefined ? chunk : withoutPassed(chunk)),
      diagnostic: (place, diagnostic) => this.#annotations.diagnosed(place, diagnostic),
    });
  }

  #failed(chunk: FailedChunk): void {
    const { directory, lines, complaints, passed } = chunk;
    const nowMs = this.#options.nowMs();
    const repeated = passed === 0 ? [] : [`mpmake: again, what was printed last in ${this.#nameOf(directory)}:`];
    this.#log.show([...repeated, ...lines], nowMs);
    for (const complaint of complaints) {
      const output = lastLines(lines, complaint);
      this.#annotations.failed(directory, complaint, output);
      if (complaint.kind !== "failed") continue;
      for (const place of [directory, ANYWHERE]) this.#outputs.set(keyOf(place, complaint.target), output);
    }
  }

  /** From the top of the sources; absolute where it is not below. */
  #nameOf(path: string): string {
    for (const top of this.#options.tops) {
      const name = nameBelow(path, top);
      if (name !== path) return name === "" ? "." : name;
    }
    return path;
  }
}

function withoutPassed(chunk: FailedChunk): FailedChunk {
  return { ...chunk, lines: chunk.lines.slice(chunk.passed), passed: 0 };
}

function keyOf(directory: string, target: string): string {
  return `${directory}\0${target}`;
}

/** What was printed before make said so, as far as it fits. */
function lastLines(lines: readonly string[], complaint: Complaint): readonly string[] {
  const said = lines.findIndex((line) => line.includes(": *** ") && line.includes(wordsOf(complaint)));
  const before = lines.slice(0, said < 0 ? undefined : said);
  let room = OUTPUT_CHARS;
  return before
    .filter((line) => !isDirectoryLine(line))
    .slice(-OUTPUT_LINES)
    .map((line) => plainText(line).slice(0, LINE_CHARS))
    .reverse()
    .filter((line) => (room -= line.length + 1) >= 0)
    .reverse();
}

function wordsOf(complaint: Complaint): string {
  return complaint.kind === "failed" ? `${complaint.target}] ${complaint.why}` : complaint.text;
}
