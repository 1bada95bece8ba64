/** Sees to it that no job takes more memory or processes than one may have on this worker: it looks, as a job has no limits of its own. */

import { formatSize } from "../base/size.js";
import { ownBytes, residentBytes } from "../os/process-memory.js";
import { type Family, membersOfEach } from "../os/process-tree.js";

/** What one job may have at once; undefined: as much as there is. */
export interface JobLimits {
  readonly memoryBytes: number | undefined;
  readonly processes: number | undefined;
}

interface Watched {
  /** Its processes as they are found at little cost; undefined: it has none now. */
  readonly family: () => Family | undefined;
  readonly over: (reason: string) => void;
}

const LOOK_EVERY_MS = 100;

export class LimitWatch {
  readonly #limits: JobLimits;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: JobLimits) {
    this.#limits = limits;
  }

  /**
   * Watches a job. `over` is called, once, with what it has too much of: a phrase that fits behind its name.
   *
   * @returns the way to stop
   */
  watch(family: Watched["family"], over: Watched["over"]): () => void {
    const watched = { family, over };
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    return () => this.#forget(watched);
  }

  #forget(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const looked = [...this.#watched].flatMap((watched) => {
      const family = watched.family();
      return family === undefined ? [] : [{ watched, family }];
    });
    const members = membersOfEach(looked.map(({ family }) => family));
    for (const [index, { watched }] of looked.entries()) {
      const reason = this.#fault((members[index] ?? []).map(({ pid }) => pid));
      if (reason === undefined) continue;
      this.#forget(watched);
      watched.over(reason);
    }
  }

  #fault(pids: readonly number[]): string | undefined {
    const { memoryBytes = Number.POSITIVE_INFINITY, processes = Number.POSITIVE_INFINITY } = this.#limits;
    if (pids.length > processes)
      return `had ${String(pids.length)} processes, and a job may have ${String(processes)} here`;
    if (memoryBytes === Number.POSITIVE_INFINITY || residentBytes(pids) <= memoryBytes) return undefined;
    const bytes = ownBytes(pids);
    if (bytes <= memoryBytes) return undefined;
    return `took ${formatSize(bytes)} of memory, and a job may have ${formatSize(memoryBytes)} here`;
  }
}
