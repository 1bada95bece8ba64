/** What is noted beside the sources: failed recipes, and what compilers say; few, as logs show few, and what matters most first. */

import type { Location } from "../base/location.js";
import type { Annotation } from "./ci-dialect.js";
import type { Complaint, Diagnostic } from "./output-chunks.js";

/** GitHub shows so many errors of a step, and so many warnings. */
const SHOWN = 10;
/** What failed has so many of these places at least; what compilers say of it has the others. */
const FAILURES_FIRST = 5;
/** Beyond what is shown they still stand in the log. */
const MAX_FAILURES = 100;
const MESSAGE_LINES = 10;

interface Failure {
  readonly directory: string;
  readonly complaint: Complaint;
  readonly output: readonly string[];
}

/** A recipe that failed, as its make knows it and not as it is printed. */
export interface KnownFailure {
  /** Of its make, absolute. */
  readonly directory: string;
  readonly target: string;
  readonly location: Location;
}

export class Annotations {
  readonly #nameOf: (directory: string, file: string) => string;
  readonly #failures: Failure[] = [];
  /** Directories of makes, by what these print of a recipe that failed. */
  readonly #known = new Map<string, string[]>();
  readonly #errors = new Map<string, Annotation>();
  readonly #warnings = new Map<string, Annotation>();

  /** @param nameOf - a file's name from the top of the sources; absolute where it is not below */
  constructor(nameOf: (directory: string, file: string) => string) {
    this.#nameOf = nameOf;
  }

  /** @param output - its last lines */
  failed(directory: string, complaint: Complaint, output: readonly string[]): void {
    if (complaint.isConsequence || this.#failures.length >= MAX_FAILURES) return;
    this.#failures.push({ directory, complaint, output });
  }

  /** Makes that do not print where they work have told it otherwise. */
  know({ directory, target, location: { file, line } }: KnownFailure): void {
    const words = `${file}:${String(line)}: ${target}`;
    this.#known.set(words, [...(this.#known.get(words) ?? []), directory]);
  }

  /** Of files outside of the sources there is nothing to be shown. */
  diagnosed(directory: string, { severity, place, text }: Diagnostic): void {
    const file = this.#nameOf(directory, place.file);
    const kept = severity === "error" ? this.#errors : this.#warnings;
    if (file.startsWith("/") || kept.size >= SHOWN) return;
    const { line, column } = place;
    // Each source that includes a header says the same of it.
    const words = [file, line, column, text].join(":");
    kept.set(words, { severity, file, line, column, title: `compiler ${severity}`, message: text });
  }

  chosen(): readonly Annotation[] {
    const failures = this.#failures.map((failure) => this.#describe(failure));
    const errors = [...this.#errors.values()];
    const first = Math.max(FAILURES_FIRST, SHOWN - errors.length);
    return [
      ...failures.slice(0, first),
      ...errors.slice(0, Math.max(SHOWN - FAILURES_FIRST, SHOWN - failures.length)),
      ...failures.slice(first),
      ...this.#warnings.values(),
    ];
  }

  #describe({ directory, complaint, output }: Failure): Annotation {
    const { place } = complaint;
    const where = place && {
      file: this.#nameOf(this.#directoryOf(directory, complaint), place.file),
      line: place.line,
    };
    if (complaint.kind === "stopped")
      return { severity: "error", ...where, title: "make stopped", message: complaint.text };
    const { target, why } = complaint;
    const message = [`${target}: ${why}`, ...output.slice(-MESSAGE_LINES)].join("\n");
    return { severity: "error", ...where, title: `recipe for ${target} failed`, message };
  }

  /** Where its make works; that is known better than it is printed. */
  #directoryOf(printed: string, complaint: Complaint): string {
    if (complaint.kind === "stopped" || complaint.place === undefined) return printed;
    const { file, line } = complaint.place;
    const known = this.#known.get(`${file}:${String(line)}: ${complaint.target}`);
    if (known === undefined || known.includes(printed)) return printed;
    return known.shift() ?? printed;
  }
}
