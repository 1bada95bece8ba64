/** Runs jobs on a node, over a connection to it. */

import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Cancellation } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import type { NodeId } from "../base/ids.js";
import type { NodeConnection, RemoteJob, RemoteOutcome } from "../net/node-connection.js";
import { resolveIn } from "../os/bytes.js";
import type { Job, JobEvent, JobResult, Runner } from "../sched/job.js";
import type { RefusalCode, RunRequest } from "../wire/message.js";
import { MAX_RECEIPTS } from "../wire/receipt-codec.js";

export interface RemoteRunnerOptions {
  /** How the user calls the node. */
  readonly node: NodeId;
  readonly connection: NodeConnection;
  /** Of the recipes' files. */
  readonly umask: number;
  /** ENVSETTER: a program's absolute path, or empty. */
  readonly envsetter: string;
  /** Milliseconds since the epoch, on the session's clock. */
  readonly nowMs: () => number;
  /** Whether both outputs go to one place, so that their order counts; all then arrives as standard output. */
  readonly oneOutput?: boolean;
  /** Standard input for a job; /dev/null unless given. It is read as the node asks for it, whether the recipe wants it or not. */
  readonly input?: (job: Job) => Readable | undefined;
  /** For `--debug`: what ENVSETTER printed. */
  readonly onNote?: (job: Job, text: string) => void;
  /** The node did not take a job: `text` is a phrase that fits behind its name. */
  readonly onRefused?: (job: Job, code: RefusalCode, text: string) => void;
}

const SIGTERM = 15;

/** @see Runner */
export class RemoteRunner implements Runner {
  readonly node: NodeId;
  readonly #options: RemoteRunnerOptions;

  constructor(options: RemoteRunnerOptions) {
    this.node = options.node;
    this.#options = options;
  }

  async run(job: Job, on: (event: JobEvent) => void, cancel: Cancellation): Promise<JobResult> {
    const startedMs = this.#options.nowMs();
    on({ type: "started", node: this.node });
    const remote = this.#start(job, on);
    const outcome = await untilEnd(remote, cancel);
    // Two of the same would write the same files: the lost one is surely over before it may run elsewhere.
    if (outcome.kind === "lost" && !job.noRetry) await pauseUnless(cancel, outcome.fenceMs);
    if (outcome.kind === "refused") this.#options.onRefused?.(job, outcome.code, outcome.text);
    const status = this.#statusOf(job, outcome);
    if (outcome.kind === "ended") {
      const { receipts, startedMs: began, endedMs } = outcome;
      return { status, node: this.node, receipts, startedMs: began, endedMs };
    }
    return { status, node: this.node, receipts: [], startedMs, endedMs: this.#options.nowMs() };
  }

  #start(job: Job, on: (event: JobEvent) => void): RemoteJob {
    const { connection, input, onNote } = this.#options;
    const stdin = input?.(job);
    const observer = {
      line: (index: number) => on({ type: "line", index }),
      data: (stream: "stdout" | "stderr", bytes: Uint8Array) => on({ type: "data", stream, bytes }),
      lineFailed: (index: number, status: ExitStatus) => on({ type: "line-failed", index, status }),
      note: (text: string) => onNote?.(job, text),
    };
    return connection.run(this.#request(job, stdin !== undefined), observer, stdin);
  }

  #request(job: Job, input: boolean): RunRequest {
    const { umask, envsetter, oneOutput = false } = this.#options;
    const { target, lines, oneShell, shell, shellFlags, environment, directory } = job;
    const writes = job.writes.slice(0, MAX_RECEIPTS);
    const needs = job.needs.map(({ path, stat }) => ({ path: resolveIn(directory, path), stat }));
    return {
      target,
      lines,
      oneShell,
      shell,
      shellFlags,
      environment,
      directory,
      umask,
      writes,
      ...(needs.length > 0 && { needs }),
      envsetter,
      input,
      oneOutput,
    };
  }

  #statusOf(job: Job, outcome: RemoteOutcome): ExitStatus {
    switch (outcome.kind) {
      case "ended":
        return outcome.status;
      case "lost":
        return { kind: "lost", node: this.node, started: outcome.started, reason: outcome.reason };
      case "refused":
        // What no node would take is the job's own fault, as it would be here.
        if (outcome.code === "request")
          return { kind: "unstarted", errno: outcome.errno, program: job.shell, code: 126 };
        return { kind: "lost", node: this.node, started: false, reason: outcome.text };
    }
  }
}

/** Waits, but not when cancelled. */
async function pauseUnless(cancel: Cancellation, ms: number): Promise<void> {
  if (ms === 0 || cancel.aborted) return;
  const waiting = new AbortController();
  const stop = (): void => waiting.abort();
  cancel.addEventListener("abort", stop, { once: true });
  await pause(ms, undefined, { signal: waiting.signal }).catch((error: unknown) => {
    if (!waiting.signal.aborted) throw error;
  });
  cancel.removeEventListener("abort", stop);
}

/** Passes a cancellation on, and waits for what the node says then. */
async function untilEnd(remote: RemoteJob, cancel: Cancellation): Promise<RemoteOutcome> {
  const end = (): void => remote.cancel(typeof cancel.reason === "number" ? cancel.reason : SIGTERM);
  if (cancel.aborted) end();
  else cancel.addEventListener("abort", end, { once: true });
  const outcome = await remote.outcome;
  cancel.removeEventListener("abort", end);
  return outcome;
}
