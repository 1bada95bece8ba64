/** Runs jobs on a node, over a connection to it. */

import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type Cancellation, orAborted } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import type { NodeId } from "../base/ids.js";
import type { ProcessSettings } from "../base/process-settings.js";
import type { SignalSource } from "../base/signals.js";
import type {
  FurtherEnds,
  NodeConnection,
  OutputStream,
  RemoteJob,
  RemoteJobObserver,
  RemoteOutcome,
} from "../net/node-connection.js";
import { resolveIn } from "../os/bytes.js";
import type { Job, JobEvent, JobResult, Runner } from "../sched/job.js";
import type { DescriptorKind, FurtherDescriptor, RequestedDescriptor, Terminal } from "../wire/descriptor.js";
import type { RunRequest } from "../wire/message.js";
import { MAX_RECEIPTS } from "../wire/receipt-codec.js";
import { TerminalText } from "./terminal-text.js";

/** Standard input for one job. */
export interface InputLease {
  readonly kind: DescriptorKind;
  /** What is sent; it is read as the node asks for it, whether the recipe wants it or not. undefined: nothing is. */
  readonly stream: Readable | undefined;
  /** So far a file was read that the node has opened itself. */
  readonly readUpTo?: (offset: number) => void;
}

/** A terminal of ours, which jobs have one like. */
export interface JobTerminal {
  /** 1 and 2, where they are other than pipes. */
  readonly outputs: readonly RequestedDescriptor[];
  /** As it is now. */
  readonly terminal: Terminal | undefined;
  readonly onResize: (listener: (size: { readonly rows: number; readonly columns: number }) => void) => () => void;
}

/** What makes a program that runs elsewhere stand in for this process: its descriptors and signals are ours. */
export interface StandIn extends JobTerminal {
  readonly signals: SignalSource;
  /** Takes output. @returns whether somebody reads it; it does not reject */
  readonly write: (stream: OutputStream, bytes: Uint8Array) => Promise<boolean>;
  /** No more will be written to 1 or 2. */
  readonly written: (fd: number) => void;
  /** Nobody reads our standard input any more. */
  readonly inputUnread: () => void;
}

/** Descriptors above 2 that jobs have: what they are, and our ends of them. */
export interface FurtherSource extends FurtherEnds {
  /** @param plain - files as bytes that we send, for the node cannot have them otherwise */
  readonly requested: (plain: boolean) => readonly FurtherDescriptor[];
}

export interface RemoteRunnerOptions {
  /** How the user calls the node. */
  readonly node: NodeId;
  readonly connection: NodeConnection;
  /** Of the recipes' files. */
  readonly umask: number;
  /** What recipes inherit otherwise; the node's own when left out. */
  readonly settings?: ProcessSettings | undefined;
  /** ENVSETTER: a program's absolute path, or empty. */
  readonly envsetter: string;
  /** Milliseconds since the epoch, on the session's clock. */
  readonly nowMs: () => number;
  /** Whether both outputs go to one place, so that their order counts; all then arrives as standard output. */
  readonly oneOutput?: boolean;
  /** Standard input for a job, /dev/null unless given; `plain`: as bytes that we send, for the node cannot have it otherwise. */
  readonly input?: (job: Job, plain: boolean) => InputLease | undefined;
  /** For a single program that is to be as if it ran here. */
  readonly standIn?: StandIn | undefined;
  /** More that a single program has. */
  readonly further?: FurtherSource | undefined;
  /** Where recipes write, if that is a terminal. */
  readonly terminal?: JobTerminal | undefined;
  /** Signals that recipes get: to stop, and to go on. */
  readonly signals?: SignalSource | undefined;
  /** Resolves when the output so far has been written: only then is more taken from a job; undefined: it has been. */
  readonly behind?: (() => Promise<void> | undefined) | undefined;
  /** For `--debug`: what ENVSETTER printed. */
  readonly onNote?: (job: Job, text: string) => void;
  /** The node did not take a job: `text` is a phrase that fits behind its name. */
  readonly onRefused?: (job: Job, refusal: Extract<RemoteOutcome, { kind: "refused" }>) => void;
  /** Ending a job took this. */
  readonly onSwept?: (job: Job, swept: { readonly ended: number; readonly left: number }) => void;
}

interface Start {
  readonly job: Job;
  readonly on: (event: JobEvent) => void;
  readonly cancel: Cancellation;
}

const SIGTERM = 15;
const SIGWINCH = 28;

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
    const outcome = await this.#untilEnd(job, on, cancel);
    // Two of the same would write the same files: the lost one is surely over before it may run elsewhere.
    if (outcome.kind === "lost" && !job.noRetry) await pauseUnless(cancel, outcome.fenceMs);
    if (outcome.kind === "refused") this.#options.onRefused?.(job, outcome);
    const status = this.#statusOf(job, outcome);
    if (outcome.kind === "ended") {
      const { receipts, startedMs: began, endedMs, swept } = outcome;
      if (swept !== undefined) this.#options.onSwept?.(job, swept);
      return { status, node: this.node, receipts, startedMs: began, endedMs };
    }
    return { status, node: this.node, receipts: [], startedMs, endedMs: this.#options.nowMs() };
  }

  /** A node that cannot have a descriptor as it is gets it as a pipe. */
  async #untilEnd(job: Job, on: (event: JobEvent) => void, cancel: Cancellation): Promise<RemoteOutcome> {
    const outcome = await this.#follow(this.#start({ job, on, cancel }, false), cancel);
    if (outcome.kind !== "refused" || outcome.code !== "descriptor") return outcome;
    return this.#follow(this.#start({ job, on, cancel }, true), cancel);
  }

  /** Passes cancellation, signals and sizes on, and waits for what the node says in the end. */
  async #follow(remote: RemoteJob, cancel: Cancellation): Promise<RemoteOutcome> {
    const { standIn, terminal, signals } = this.#options;
    const end = (): void => remote.cancel(typeof cancel.reason === "number" ? cancel.reason : SIGTERM);
    if (cancel.aborted) end();
    else cancel.addEventListener("abort", end, { once: true });
    const quiet = [
      (standIn?.signals ?? signals)?.subscribe((signal) => remote.signal(signal)),
      standIn?.onResize((size) => remote.resize(size)),
      // Nobody's keys belong to a recipe's terminal, so that it has no group that the system would tell.
      terminal?.onResize((size) => {
        remote.resize(size);
        remote.signal(SIGWINCH);
      }),
    ];
    const outcome = await remote.outcome;
    for (const stop of quiet) stop?.();
    cancel.removeEventListener("abort", end);
    return outcome;
  }

  #start({ job, on, cancel }: Start, plain: boolean): RemoteJob {
    const { connection, input, onNote, standIn, behind, terminal } = this.#options;
    const lease = input?.(job, plain);
    const cooked = new TerminalText(terminal?.terminal);
    const shown = terminal?.outputs[0]?.fd === 2 ? "stderr" : "stdout";
    const show = (bytes: Uint8Array): void => {
      if (bytes.length > 0) on({ type: "data", stream: shown, bytes, isLive: true });
    };
    const observer: RemoteJobObserver = {
      line: (index) => {
        show(cooked.rest());
        on({ type: "line", index });
      },
      data: (stream, bytes) => {
        if (standIn !== undefined) return this.#write(standIn, remote, { stream, bytes });
        if (stream === "terminal") show(cooked.take(bytes));
        else on({ type: "data", stream, bytes });
        const waiting = behind?.();
        return waiting && orAborted(waiting, cancel);
      },
      lineFailed: (index, status) => {
        show(cooked.rest());
        on({ type: "line-failed", index, status });
      },
      note: (text) => onNote?.(job, text),
      written: (fd) => standIn?.written(fd),
      inputUnread: () => standIn?.inputUnread(),
      inputOffset: (offset) => lease?.readUpTo?.(offset),
      further: this.#options.further,
    };
    const remote = connection.run(this.#request(job, lease, plain), observer, lease?.stream);
    void remote.outcome.then(() => show(cooked.rest())); // it does not reject
    return remote;
  }

  async #write(
    standIn: StandIn,
    remote: RemoteJob,
    { stream, bytes }: { readonly stream: OutputStream; readonly bytes: Uint8Array },
  ): Promise<void> {
    const isRead = await standIn.write(stream, bytes);
    if (!isRead && stream !== "terminal") remote.unread(stream === "stdout" ? 1 : 2);
  }

  #request(job: Job, lease: InputLease | undefined, plain: boolean): RunRequest {
    const { umask, envsetter, oneOutput = false, settings, standIn } = this.#options;
    const seat = plain ? undefined : (standIn ?? this.#options.terminal);
    const { target, oneShell, shell, shellFlags, environment, directory, argv } = job;
    const lines = argv === undefined ? job.lines : job.lines.map((line) => ({ ...line, text: "" }));
    const needs = job.needs.map(({ path, stat }) => ({ path: resolveIn(directory, path), stat }));
    const descriptors = descriptorsOf(lease, seat);
    const terminal = seat?.terminal;
    const further = this.#options.further?.requested(plain) ?? [];
    return {
      ...{ target, lines, oneShell, shell, shellFlags, environment, directory, umask, envsetter, oneOutput },
      writes: job.writes.slice(0, MAX_RECEIPTS),
      input: lease?.stream !== undefined,
      ...(needs.length > 0 && { needs }),
      ...(argv !== undefined && { argv }),
      ...(settings !== undefined && { settings }),
      ...(descriptors.length > 0 && { descriptors }),
      ...(further.length > 0 && { further }),
      ...(terminal !== undefined && { terminal }),
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
          return { kind: "unstarted", errno: outcome.errno, program: job.argv?.[0] ?? job.shell, code: 126 };
        return {
          ...{ kind: "lost", node: this.node, started: false, reason: outcome.text },
          ...(outcome.code === "busy" && { isBusy: true }),
        };
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

/** Those that are not what a request without them would say. */
function descriptorsOf(lease: InputLease | undefined, seat: JobTerminal | undefined): readonly RequestedDescriptor[] {
  const input = lease === undefined || lease.kind.kind === "pipe" ? [] : [{ fd: 0, ...lease.kind }];
  return [...input, ...(seat?.outputs ?? [])];
}
