/** Runs jobs on this machine: straight to our own descriptors, or with their output taken aside. */

import type { Cancellation } from "../base/abort.js";
import type { SignalSource } from "../base/signals.js";
import type { ExitStatus } from "../base/exit-status.js";
import { LOCAL_NODE } from "../base/ids.js";
import type { Stream } from "../events/event.js";
import { marked } from "../os/job-mark.js";
import { receiptOf } from "../os/receipt.js";
import { type LinesIo, type LinesObserver, runLines } from "../os/lines.js";
import { appendToFile } from "../os/output.js";
import { openPipe, OutputPipe } from "../os/pipes.js";
import type { DescriptorMove, Spawner } from "../os/spawn.js";
import type { StdinSource } from "../os/stdin.js";
import type { Job, JobEvent, JobResult, Runner } from "../sched/job.js";
import { withoutPipe } from "../sched/jobserver-auth.js";
import type { OutputSync } from "./output-sync.js";

/** Where the output of recipes goes. */
export type LocalOutput =
  /** To these descriptors, as it comes. */
  | { readonly kind: "inherit"; readonly stdout: number; readonly stderr: number }
  /**
   * Into `data` events; `merged`: all as stdout, which keeps the order of the two; `keeps`: what recipes leave running in the background
   * goes on being read, and its events follow.
   */
  | {
      readonly kind: "events";
      readonly merged: boolean;
      readonly keeps?: true;
      readonly temporaryDirectory: string;
    }
  /** Aside, then whole (`-O`). The group is left open behind the last line, for what make has to say; close it then. */
  | { readonly kind: "sync"; readonly sync: OutputSync };

export interface LocalRunnerOptions {
  readonly spawner: Spawner;
  readonly stdin: StdinSource;
  readonly output: LocalOutput;
  /** Whether recipes get process groups of their own; see os/terminal.ts. */
  readonly group: LinesIo["group"];
  /** Descriptors of a pipe-style jobserver, which lines that run a make are given. */
  readonly jobserverFds?: readonly number[] | undefined;
  /** What lines that run a make have in their environment besides. */
  readonly invitation?: (() => Promise<readonly string[]>) | undefined;
  /** More of our descriptors, and the numbers under which programs have them. */
  readonly further?: readonly DescriptorMove[] | undefined;
  /** Whether `process` events are wanted. */
  readonly tellsProcesses?: boolean | undefined;
  /** Signals that the running program is to get. */
  readonly signals?: SignalSource | undefined;
  /** How long recipes have to end when cancelled, in milliseconds. */
  readonly graceMs?: number | undefined;
  /** See LinesIo; whoever writes through us is held up meanwhile. */
  readonly behind?: (() => Promise<void> | undefined) | undefined;
  /** Called before the first job: makes ready what programs may take part in (the jobserver). */
  readonly prepare?: (() => void) | undefined;
  /** Called for each job: its processes are marked by what comes of it, and end when this one is killed. */
  readonly guard?: (() => GuardedJob) | undefined;
  /** Milliseconds since the epoch, on the session's clock. */
  readonly nowMs: () => number;
}

export interface GuardedJob {
  /** `NAME=value`, for the environment of all its processes. */
  readonly mark: string;
  /** The job has ended: what it left running may stay. */
  readonly release: () => void;
}

/** @see Runner */
export class LocalRunner implements Runner {
  readonly node = LOCAL_NODE;
  readonly #options: LocalRunnerOptions;
  #isPrepared = false;

  constructor(options: LocalRunnerOptions) {
    this.#options = options;
  }

  async run(job: Job, on: (event: JobEvent) => void, cancel: Cancellation): Promise<JobResult> {
    const startedMs = this.#options.nowMs();
    if (!this.#isPrepared) this.#prepare();
    on({ type: "started", node: this.node });
    const status = await this.#runLines(job, on, cancel);
    const receipts = job.writes.map((path) => receiptOf(path, job.directory));
    return { status, node: this.node, receipts, startedMs, endedMs: this.#options.nowMs() };
  }

  #prepare(): void {
    this.#isPrepared = true;
    this.#options.prepare?.();
    const { output } = this.#options;
    if (output.kind === "events") return;
    const { stdout, stderr } = output.kind === "sync" ? output.sync.direct : output;
    appendToFile(stdout);
    appendToFile(stderr);
  }

  #runLines(job: Job, on: (event: JobEvent) => void, cancel: Cancellation): Promise<ExitStatus> {
    const { output } = this.#options;
    switch (output.kind) {
      case "inherit":
        return this.#run(job, { ...output, makes: output, on: this.#alsoProcesses(tell(on), on) }, cancel);
      case "events":
        return this.#runIntoEvents(job, output, on, cancel);
      case "sync":
        return this.#runInSync(job, output.sync, on, cancel);
    }
  }

  #run(job: Job, io: JobIo, cancel: Cancellation): Promise<ExitStatus> {
    const { spawner, stdin, group, jobserverFds, invitation, graceMs, signals, behind, further } = this.#options;
    const forMakes = { ...io.makes, keep: jobserverFds ?? [], invitation };
    const lines = { stdin, stdout: io.stdout, stderr: io.stderr, forMakes, group, graceMs, signals, behind, further };
    const isShut = (jobserverFds?.length ?? 0) > 0 && !job.lines.some(({ recursive }) => recursive);
    const work = isShut ? { ...job, environment: withoutPipe(job.environment) } : job;
    const guarded = this.#options.guard?.();
    if (guarded === undefined) return runLines(spawner, work, lines, io.on, cancel);
    const { mark, release } = guarded;
    const environment = marked(work.environment, mark);
    return runLines(spawner, { ...work, environment }, { ...lines, marker: mark }, io.on, cancel).finally(release);
  }

  #alsoProcesses(observer: LinesObserver, on: (event: JobEvent) => void): LinesObserver {
    if (this.#options.tellsProcesses !== true) return observer;
    return { ...observer, started: (pid) => on({ type: "process", pid }) };
  }

  async #runIntoEvents(
    job: Job,
    { merged, keeps, temporaryDirectory }: Extract<LocalOutput, { kind: "events" }>,
    on: (event: JobEvent) => void,
    cancel: Cancellation,
  ): Promise<ExitStatus> {
    const stdout = this.#openPipe("stdout", temporaryDirectory, on);
    const stderr = merged ? stdout : this.#openPipe("stderr", temporaryDirectory, on);
    const flush = (): void => {
      stdout.flush();
      if (!merged) stderr.flush();
    };
    const fds = { stdout: stdout.writeFd, stderr: stderr.writeFd };
    const observer = this.#alsoProcesses({ ...tell(on, flush), lineEnded: flush }, on);
    try {
      return await this.#run(job, { ...fds, makes: fds, on: observer }, cancel);
    } finally {
      for (const pipe of new Set([stdout, stderr])) {
        if (keeps === true) pipe.release();
        else pipe.finish();
      }
    }
  }

  #openPipe(stream: Stream, temporaryDirectory: string, on: (event: JobEvent) => void): OutputPipe {
    const pipe = new OutputPipe(openPipe(temporaryDirectory), (bytes) => {
      on({ type: "data", stream, bytes });
      const behind = this.#options.behind?.();
      if (behind === undefined) return;
      pipe.pause();
      void behind.then(() => pipe.resume()); // it does not reject
    });
    return pipe;
  }

  #runInSync(job: Job, sync: OutputSync, on: (event: JobEvent) => void, cancel: Cancellation): Promise<ExitStatus> {
    const group = sync.open(job.id);
    const direct = sync.mode === "recurse" ? group : sync.direct;
    const observer: LinesObserver = {
      line: (index) => {
        on({ type: "line", index });
        // Before a make that writes its own groups, or after each line.
        if (sync.mode !== "recurse" && (job.lines[index]?.recursive ?? false)) group.flush();
      },
      lineFailed: (index, status) => on({ type: "line-failed", index, status }),
      lineEnded: () => {
        if (sync.mode === "line") group.flush();
      },
    };
    return this.#run(
      job,
      { stdout: group.stdout, stderr: group.stderr, makes: direct, on: this.#alsoProcesses(observer, on) },
      cancel,
    );
  }
}

interface JobIo {
  readonly stdout: number;
  readonly stderr: number;
  /** Where lines that run a make write. */
  readonly makes: { readonly stdout: number; readonly stderr: number };
  readonly on: LinesObserver;
}

function tell(on: (event: JobEvent) => void, beforeFailure?: () => void): LinesObserver {
  return {
    line: (index) => on({ type: "line", index }),
    lineFailed: (index, status) => {
      beforeFailure?.();
      on({ type: "line-failed", index, status });
    },
  };
}
