/** `--report`: what was run where, as plain data for a file. */

import { isSuccess } from "../base/exit-status.js";
import type { MakeEvent } from "../events/event.js";

/** What `--report FILE` holds, as JSON. */
export interface BuildReport {
  /** From the start of the build to its end, in milliseconds. */
  readonly wallMs: number;
  /** Recipes run, by node. */
  readonly recipes: Readonly<Record<string, number>>;
  readonly failed: number;
  /** Nodes that were left out or lost, with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** Exit status of make. */
  readonly status: number;
}

export class ReportCollector {
  readonly #recipes = new Map<string, number>();
  readonly #leftOut = new Map<string, string>();
  #failed = 0;

  readonly observe = (event: MakeEvent): void => {
    if (event.type === "node-joined") this.#recipes.set(event.node, this.#recipes.get(event.node) ?? 0);
    else if (event.type === "node-left-out") this.#leftOut.set(event.node, event.reason);
    else if (event.type === "job-ended") {
      this.#recipes.set(event.node, (this.#recipes.get(event.node) ?? 0) + 1);
      if (!isSuccess(event.status)) this.#failed++;
    }
  };

  finish(wallMs: number, status: number): BuildReport {
    return {
      wallMs: Math.round(wallMs),
      recipes: Object.fromEntries(this.#recipes),
      failed: this.#failed,
      leftOut: Object.fromEntries(this.#leftOut),
      status,
    };
  }
}
