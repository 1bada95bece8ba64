/** A placement that is opened when the first job needs one: a build with nothing to do reaches for no node. */

import type { Cluster } from "./cluster.js";
import type { Job, Runner } from "../sched/job.js";
import type { Placement } from "../sched/ports.js";

/** What is known of the cluster so far. */
type Progress =
  | { readonly kind: "unopened" }
  | { readonly kind: "opening"; readonly opening: Promise<void> }
  | { readonly kind: "open"; readonly cluster: Cluster }
  | { readonly kind: "failed"; readonly error: Error };

/** Stands for the cluster until it is there; jobs that must be local never wait for it. */
export class LazyPlacement implements Placement {
  readonly #open: () => Promise<Cluster>;
  readonly #local: Runner;
  readonly #listeners = new Set<() => void>();
  #progress: Progress = { kind: "unopened" };

  /** @param open - called once at most; what it rejects with becomes `failure` */
  constructor(open: () => Promise<Cluster>, local: Runner) {
    this.#open = open;
    this.#local = local;
  }

  choose(job: Job): Runner | undefined {
    if (job.local) return this.#local;
    if (this.#progress.kind === "open") return this.#progress.cluster.placement.choose(job);
    if (this.#progress.kind === "unopened") this.#progress = { kind: "opening", opening: this.#begin() };
    return undefined;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get failure(): Error | undefined {
    switch (this.#progress.kind) {
      case "unopened":
      case "opening":
        return undefined;
      case "open":
        return this.#progress.cluster.placement.failure;
      case "failed":
        return this.#progress.error;
    }
  }

  async close(): Promise<void> {
    if (this.#progress.kind === "opening") await this.#progress.opening;
    if (this.#progress.kind === "open") await this.#progress.cluster.close();
  }

  async #begin(): Promise<void> {
    try {
      const cluster = await this.#open();
      this.#progress = { kind: "open", cluster };
      cluster.placement.onChange(() => this.#changed());
    } catch (error) {
      this.#progress = { kind: "failed", error: error instanceof Error ? error : new Error(String(error)) };
    }
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener();
  }
}
