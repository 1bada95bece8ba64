/** What one recipe prints, with the sub-makes that it runs: cut where these enter and leave directories, kept until it is known to have gone well. */

import { type LogLine, readLogLine } from "./log-line.js";

/** Lines of one recipe, or of a sub-make between two directory lines, in which something has failed. */
export interface FailedChunk {
  /** Absolute. */
  readonly directory: string;
  /** All of them; of those that have been passed the last ones only. */
  readonly lines: readonly string[];
  /** Recipes and makes that failed in it. */
  readonly complaints: readonly Complaint[];
  /** How many of these have been passed already. */
  readonly passed: number;
}

/** A failure, in the words of a make. */
export type Complaint = Extract<LogLine, { kind: "failed" | "stopped" }> & {
  /** It follows from one that a make below has told. */
  readonly isConsequence: boolean;
};

export type Diagnostic = Extract<LogLine, { kind: "diagnostic" }>;

export interface OutputChunksPorts {
  /** Lines of what has not failed by now. */
  readonly pass: (directory: string, lines: readonly string[]) => void;
  /** A chunk in which something has failed. */
  readonly failed: (chunk: FailedChunk) => void;
  readonly diagnostic: (directory: string, diagnostic: Diagnostic) => void;
}

/** What is kept for a chunk that may fail, and for how long, before it is shown as it comes. */
const KEPT_BYTES = 256 * 1024;
const KEPT_MS = 5000;
/** Of what has been shown so many lines are kept, to be shown again if the recipe fails. */
const RECENT_LINES = 50;
/** A line that grows beyond this is taken for complete. */
const MAX_LINE = 1024 * 1024;
/** Make's own exit status, by which the makes above one that failed fail too. */
const SUB_MAKE_FAILED = "Error 2";

export class OutputChunks {
  readonly #ports: OutputChunksPorts;
  /** Where the recipe's own make works, then those of the makes that it runs, one below the other. */
  readonly #directories: string[];
  /** The line that entered the innermost one. */
  #entering: string | undefined;
  #rest = "";
  #lines: string[] = [];
  #recent: string[] = [];
  #bytes = 0;
  #sinceMs: number | undefined;
  #isPassing = false;
  #complaints: Complaint[] = [];
  #deepestFailure = -1;

  /** @param directory - of the recipe's make, absolute */
  constructor(directory: string, ports: OutputChunksPorts) {
    this.#directories = [directory];
    this.#ports = ports;
  }

  take(text: string, nowMs: number): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line, nowMs);
    if (this.#rest.length > MAX_LINE) this.#endLine(nowMs);
    if (this.#isPassing || this.#bytes > KEPT_BYTES) this.passOn();
  }

  /** What has been kept for long is passed on. */
  tick(nowMs: number): void {
    if (this.#sinceMs !== undefined && nowMs - this.#sinceMs >= KEPT_MS) this.passOn();
  }

  /** What is kept is passed on, and from now on what comes, at once; until the chunk ends. */
  passOn(): void {
    this.#hand();
    this.#isPassing = true;
  }

  /** Nothing more will come. */
  end(nowMs: number): void {
    this.#endLine(nowMs);
    this.#complete();
  }

  get #directory(): string {
    return this.#directories.at(-1) ?? "/";
  }

  #endLine(nowMs: number): void {
    if (this.#rest !== "") this.#take(this.#rest, nowMs);
    this.#rest = "";
  }

  #take(line: string, nowMs: number): void {
    const said = readLogLine(line);
    switch (said?.kind) {
      case "entering":
        this.#complete();
        this.#directories.push(said.directory);
        this.#entering = line;
        return;
      case "leaving":
        this.#leave(line);
        return;
      case "failed":
      case "stopped":
        this.#complain(said);
        break;
      case "diagnostic":
        this.#ports.diagnostic(this.#directory, said);
        break;
      case undefined:
        break;
    }
    this.#sinceMs ??= nowMs;
    this.#bytes += line.length + 1;
    this.#lines.push(line);
  }

  /** The directory lines around what has failed are worth seeing. */
  #leave(line: string): void {
    if (this.#complaints.length > 0 && !this.#isPassing && this.#entering !== undefined)
      this.#lines = [this.#entering, ...this.#lines, line];
    this.#complete();
    this.#entering = undefined;
    if (this.#directories.length > 1) this.#directories.pop();
  }

  #complain(said: Extract<LogLine, { kind: "failed" | "stopped" }>): void {
    const level = said.level ?? this.#directories.length - 1;
    const isConsequence = said.kind === "failed" && said.why === SUB_MAKE_FAILED && level < this.#deepestFailure;
    this.#complaints.push({ ...said, isConsequence });
    this.#deepestFailure = Math.max(this.#deepestFailure, level);
  }

  /** Whatever was kept is somebody's now. */
  #hand(): void {
    const lines = this.#lines;
    if (this.#complaints.length > 0) this.#fail();
    else if (lines.length > 0) {
      this.#ports.pass(this.#directory, lines);
      this.#recent = [...this.#recent, ...lines].slice(-RECENT_LINES);
    }
    this.#lines = [];
    this.#bytes = 0;
    this.#sinceMs = undefined;
  }

  #fail(): void {
    const lines = [...this.#recent, ...this.#lines];
    const chunk = { directory: this.#directory, lines, complaints: this.#complaints, passed: this.#recent.length };
    this.#complaints = [];
    this.#recent = [];
    this.#ports.failed(chunk);
  }

  #complete(): void {
    this.#hand();
    this.#recent = [];
    this.#isPassing = false;
  }
}
