/** `--watch`: a make run after another, each when a source of the one before has changed. */

import type { Cancellation } from "../base/abort.js";
import { SourceWatch } from "../watch/source-watch.js";
import type { MakeOutcome } from "../base/exit-status.js";

/** One run, with the files that it depends on. */
export interface WatchedRun {
  readonly outcome: MakeOutcome;
  /** Absolute; empty when the makefiles could not be read. */
  readonly sources: readonly string[];
}

export interface WatchingPorts {
  readonly run: () => Promise<WatchedRun>;
  readonly say: (text: string) => void;
  readonly cancel: Cancellation;
  readonly nowMs: () => number;
}

/** Runs until a signal or `cancel` ends it; at once when the first run knows of nothing to watch. */
export async function keepMaking(ports: WatchingPorts): Promise<MakeOutcome> {
  const { run, say, cancel } = ports;
  await using watch = new SourceWatch();
  const cancelled = new Promise<undefined>((resolve) => {
    cancel.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  for (let sources: readonly string[] = []; ;) {
    const startedMs = ports.nowMs();
    const last = await run();
    if (last.sources.length > 0) sources = last.sources;
    if (last.outcome.kind === "signalled" || cancel.aborted || sources.length === 0) return last.outcome;
    await watch.follow(sources, startedMs);
    say(`watching ${String(sources.length)} file${sources.length === 1 ? "" : "s"}`);
    // The cancellation first: of two that have come it counts.
    if ((await Promise.race([cancelled, watch.changes()])) === undefined) return last.outcome;
  }
}
