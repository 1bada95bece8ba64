/** `--report`: what was run where, and what failed, as plain data for a file. */

import { type ExitStatus, isSuccess } from "../base/exit-status.js";
import type { JobId } from "../base/ids.js";
import type { MakeEvent } from "../events/event.js";
import { MakeTree } from "./make-tree.js";

/** What `--report FILE` holds, as JSON. */
export interface BuildReport {
  /** From the start of the build to its end, in milliseconds. */
  readonly wallMs: number;
  /** How many recipes could run at once. */
  readonly jobs: number | "infinite";
  /** Recipes run, by node. */
  readonly recipes: Readonly<Record<string, number>>;
  /** How long recipes ran, by node, in milliseconds; those that may have run makes left out. */
  readonly busyMs: Readonly<Record<string, number>>;
  readonly failed: number;
  /** Nodes that were left out or lost, with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** Exit status of make. */
  readonly status: number;
  /** The recipes that took longest, the longest first; those that may have run makes left out. */
  readonly slowest: readonly SlowRecipe[];
  /** The first ones, in the order in which they failed; where a recipe failed as a make that it ran did, only what failed there. */
  readonly failures: readonly FailedRecipe[];
}

export interface SlowRecipe {
  /** From the first make's directory. */
  readonly target: string;
  readonly node: string;
  readonly tookMs: number;
}

export interface FailedRecipe {
  /** From the first make's directory. */
  readonly target: string;
  /** Where its make works, from the first one's directory; empty: there. */
  readonly directory: string;
  /** As that make was told its name. */
  readonly makefile: string;
  /** 0: no makefile says it. */
  readonly line: number;
  readonly node: string;
  readonly status: ExitStatus;
  /** The last lines that it printed, where that passed through the first make. */
  readonly output?: readonly string[];
}

/** What a report says that no event tells. */
export interface ReportEnd {
  readonly wallMs: number;
  readonly status: number;
  readonly jobs: number | "infinite";
  /** The last lines of a recipe that failed, by its make's absolute directory and by its target as that one has it. */
  readonly outputOf?: ((directory: string, target: string) => readonly string[] | undefined) | undefined;
}

type RecipeFailed = Extract<MakeEvent, { type: "recipe-failed" }>;

const MAX_SLOWEST = 20;
const MAX_FAILURES = 100;

export class ReportCollector {
  readonly #tree = new MakeTree();
  readonly #recipes = new Map<string, number>();
  readonly #busyMs = new Map<string, number>();
  readonly #leftOut = new Map<string, string>();
  readonly #nodes = new Map<JobId, string>();
  readonly #recursive = new Set<JobId>();
  #slowest: SlowRecipe[] = [];
  readonly #failures: RecipeFailed[] = [];
  #failed = 0;

  readonly observe = (event: MakeEvent): void => {
    this.#tree.observe(event);
    if (event.type === "node-joined") this.#recipes.set(event.node, this.#recipes.get(event.node) ?? 0);
    else if (event.type === "node-left-out") this.#leftOut.set(event.node, event.reason);
    else if (event.type === "job-planned" && event.recursive) this.#recursive.add(event.job);
    else if (event.type === "job-placed") this.#nodes.set(event.job, event.node);
    else if (event.type === "recipe-failed") this.#failures.push(event);
    else if (event.type === "job-ended") this.#ended(event);
  };

  finish({ wallMs, status, jobs, outputOf }: ReportEnd): BuildReport {
    return {
      wallMs: Math.round(wallMs),
      jobs,
      recipes: Object.fromEntries(this.#recipes),
      busyMs: Object.fromEntries(this.#busyMs),
      failed: this.#failed,
      leftOut: Object.fromEntries(this.#leftOut),
      status,
      slowest: this.#longest(),
      failures: this.#causes()
        .slice(0, MAX_FAILURES)
        .map((failure) => this.#describe(failure, outputOf)),
    };
  }

  #ended({ job, target, node, status, startedMs, endedMs }: Extract<MakeEvent, { type: "job-ended" }>): void {
    this.#recipes.set(node, (this.#recipes.get(node) ?? 0) + 1);
    this.#nodes.set(job, node);
    if (!isSuccess(status)) this.#failed++;
    if (this.#recursive.has(job)) return;
    const tookMs = Math.round(endedMs - startedMs);
    this.#busyMs.set(node, (this.#busyMs.get(node) ?? 0) + tookMs);
    this.#slowest.push({ target: readable(this.#tree.nameOf(job, target)), node, tookMs });
    if (this.#slowest.length >= 4 * MAX_SLOWEST) this.#slowest = this.#longest();
  }

  #longest(): SlowRecipe[] {
    return this.#slowest.toSorted((a, b) => b.tookMs - a.tookMs).slice(0, MAX_SLOWEST);
  }

  #causes(): readonly RecipeFailed[] {
    const causes = this.#failures.filter(({ job }) => !this.#recursive.has(job));
    return causes.length > 0 ? causes : this.#failures;
  }

  #describe({ job, target, location, status }: RecipeFailed, outputOf: ReportEnd["outputOf"]): FailedRecipe {
    const output = outputOf?.(this.#tree.makeDirectoryOf(job) ?? "", target);
    return {
      target: readable(this.#tree.nameOf(job, target)),
      directory: readable(this.#tree.directoryOf(job)),
      makefile: readable(location.file),
      line: location.line,
      node: this.#nodes.get(job) ?? "?",
      status,
      ...(output !== undefined && { output: output.map(readable) }),
    };
  }
}

/** A byte string as people read it. */
function readable(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
