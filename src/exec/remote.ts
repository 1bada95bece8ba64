/** Runs jobs on a node, over a connection to it. */

import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type Cancellation, orAborted } from "../base/abort.js";
import { type ExitStatus, isSuccess } from "../base/exit-status.js";
import type { NodeId } from "../base/ids.js";
import { toBytes } from "../base/latin1.js";
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
import { strerror } from "../os/strerror.js";
import type { FurtherSlots, Job, JobEvent, JobResult, Runner } from "../sched/job.js";
import { jobserverStyleOf, withoutPipe } from "../sched/jobserver-auth.js";
import type { DescriptorKind, FurtherDescriptor, RequestedDescriptor, Terminal } from "../wire/descriptor.js";
import type { RunRequest, ToldStatus } from "../wire/message.js";
import { MAX_RECEIPTS } from "../wire/receipt-codec.js";
import { JobFarMakes, type MakesHost, type NodeOfMakes } from "./job-far-makes.js";
import { LeasedSlots } from "./leased-slots.js";
import { TerminalText } from "./terminal-text.js";

/** Standard input for one job. */
export interface InputLease {
  readonly kind: DescriptorKind;
  /** What is sent; it is read as the node asks for it, whether the recipe wants it or not. undefined: nothing is. */
  readonly stream: Readable | undefined;
  /** So far a file was read that the node has opened itself. */
  readonly readUpTo?: (offset: number) => void;
  /** What is sent could not be read any further, and the job has not got all that it may have wanted; without it a job that ends well fails. */
  readonly failed?: ((errno: string) => void) | undefined;
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

/** Descriptors above 2 that jobs have. */
export interface FurtherSource {
  /** For one job. @param plain - files as bytes that we send, for the node cannot have them otherwise */
  readonly open: (plain: boolean) => FurtherLease;
}

/** What a job's descriptors above 2 are, and our ends of them. */
export interface FurtherLease extends FurtherEnds {
  readonly requested: readonly FurtherDescriptor[];
  /** The job is over. Resolves when all that it wrote is written, or cancelled, with what was lost. */
  readonly finish?: (cancel: Cancellation) => Promise<Loss | undefined>;
}

/** Output that could not be written here, EPIPE: because nobody reads it; or input that could not be read any further. */
export interface Loss {
  readonly call: "read" | "write";
  readonly fd: number;
  readonly errno: string;
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
  /** Takes a single program's output in the place of `data` events; not beside a stand-in. */
  readonly write?: StandIn["write"] | undefined;
  /** More that jobs have. */
  readonly further?: FurtherSource | undefined;
  /** Where recipes write, if that is a terminal. */
  readonly terminal?: JobTerminal | undefined;
  /** Signals that recipes get: to stop, and to go on. */
  readonly signals?: SignalSource | undefined;
  /** Resolves when the output so far has been written: only then is more taken from a job; undefined: it has been. */
  readonly behind?: (() => Promise<void> | undefined) | undefined;
  /** Takes in makes that programs of a job start; undefined: they are processes there. */
  readonly makes?: { readonly host: MakesHost; readonly node: NodeOfMakes } | undefined;
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
  /** Of the session, that programs of the job share; undefined: they share none. */
  readonly leased: LeasedSlots | undefined;
  /** undefined: none is taken in. */
  readonly makes: JobFarMakes | undefined;
}

/** How a job is asked for. */
interface Attempt {
  /** Everything as pipes: the node cannot have it otherwise. */
  readonly plain: boolean;
  readonly further: FurtherLease | undefined;
  /** Standard input could not be read any further, and nobody else sees to that. */
  readonly onUnread: (loss: Loss) => void;
}

const SIGPIPE = 13;
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

  async run(asked: Job, on: (event: JobEvent) => void, cancel: Cancellation, slots?: FurtherSlots): Promise<JobResult> {
    const style = slots === undefined ? undefined : jobserverStyleOf(asked.environment);
    // The pipe is not there, and a make that would rather have it, as it is an old one, does not know a FIFO.
    const job = style === "pipe" ? { ...asked, environment: withoutPipe(asked.environment) } : asked;
    const leased = style === "fifo" && slots !== undefined ? new LeasedSlots(slots) : undefined;
    const { makes: wanted, behind } = this.#options;
    const makes =
      wanted?.node.isOutdated === false ? new JobFarMakes({ job, on, cancel, behind, ...wanted }) : undefined;
    try {
      return await this.#run({ job, on, cancel, leased, makes });
    } finally {
      leased?.end();
    }
  }

  async #run(start: Start): Promise<JobResult> {
    const { job, on, cancel } = start;
    const startedMs = this.#options.nowMs();
    on({ type: "started", node: this.node });
    const outcome = await this.#untilEnd(start);
    await start.makes?.over();
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
  async #untilEnd(start: Start): Promise<RemoteOutcome> {
    const outcome = await this.#attempt(start, false);
    if (outcome.kind !== "refused") return outcome;
    if (outcome.code === "descriptor") return this.#attempt(start, true);
    if (outcome.code === "request" && start.makes !== undefined) return this.#withoutMakes(start);
    return outcome;
  }

  /** An older node refuses a request that speaks of makes; what else may be wrong with it shows again. */
  async #withoutMakes(start: Start): Promise<RemoteOutcome> {
    const outcome = await this.#untilEnd({ ...start, makes: undefined });
    const { makes } = this.#options;
    if (makes !== undefined && outcome.kind === "ended") makes.node.isOutdated = true;
    return outcome;
  }

  async #attempt(start: Start, plain: boolean): Promise<RemoteOutcome> {
    const further = this.#options.further?.open(plain);
    const cutShort: Loss[] = [];
    const attempt = { plain, further, onUnread: (loss: Loss) => cutShort.push(loss) };
    const outcome = await this.#follow(this.#start(start, attempt), start);
    const lost = (await further?.finish?.(start.cancel)) ?? cutShort[0];
    return lost === undefined ? outcome : withLoss(outcome, lost, start);
  }

  /** Passes cancellation, signals and sizes on, and waits for what the node says in the end. */
  async #follow(remote: RemoteJob, { cancel, makes }: Start): Promise<RemoteOutcome> {
    const { standIn, terminal, signals } = this.#options;
    const end = (): void => {
      const signal = typeof cancel.reason === "number" ? cancel.reason : SIGTERM;
      makes?.end(signal);
      remote.cancel(signal);
    };
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

  #start(start: Start, attempt: Attempt): RemoteJob {
    const { job, on, cancel, leased, makes } = start;
    const { plain, further, onUnread } = attempt;
    const { connection, input, onNote, standIn, behind, terminal, write = standIn?.write } = this.#options;
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
        if (write !== undefined) return handOn(write, remote, { stream, bytes });
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
      inputFailed: lease?.failed ?? ((errno) => onUnread({ call: "read", fd: 0, errno })),
      inputUnread: () => standIn?.inputUnread(),
      inputOffset: (offset) => lease?.readUpTo?.(offset),
      further,
      slotWanted: () => leased?.take(() => remote.slot()),
      slotBack: () => leased?.giveBack(),
      ...(makes !== undefined && { makeWanted: makes.wanted }),
    };
    const remote = connection.run(this.#request(start, lease, attempt), observer, lease?.stream);
    void remote.outcome.then(() => show(cooked.rest())); // it does not reject
    return remote;
  }

  #request({ job, leased, makes }: Start, lease: InputLease | undefined, { plain, further }: Attempt): RunRequest {
    const { umask, envsetter, oneOutput = false, settings, standIn } = this.#options;
    const seat = plain ? undefined : (standIn ?? this.#options.terminal);
    const { target, oneShell, shell, shellFlags, environment, directory, argv } = job;
    const lines = argv === undefined ? job.lines : job.lines.map((line) => ({ ...line, text: "" }));
    const needs = job.needs.map(({ path, stat }) => ({ path: resolveIn(directory, path), stat }));
    const descriptors = descriptorsOf(lease, seat);
    const terminal = seat?.terminal;
    const requested = further?.requested ?? [];
    return {
      ...{ target, lines, oneShell, shell, shellFlags, environment, directory, umask, envsetter, oneOutput },
      writes: job.writes.slice(0, MAX_RECEIPTS),
      input: lease?.stream !== undefined,
      ...(needs.length > 0 && { needs }),
      ...(argv !== undefined && { argv }),
      ...(settings !== undefined && { settings }),
      ...(descriptors.length > 0 && { descriptors }),
      ...(requested.length > 0 && { further: requested }),
      ...(terminal !== undefined && { terminal }),
      ...(leased !== undefined && { sharesSlots: true }),
      ...(makes !== undefined && { takesMakes: true }),
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

/** A recipe that ended well and does not know that some of its output is lost, or its input cut short, would not have ended well here. */
function withLoss(outcome: RemoteOutcome, { call, fd, errno }: Loss, { job, on }: Start): RemoteOutcome {
  if (outcome.kind !== "ended") return outcome;
  const isUnread = errno === "EPIPE";
  const said = `descriptor ${String(fd)}: ${call} error: ${strerror(errno)}\n`;
  if (!isUnread) on({ type: "data", stream: "stderr", bytes: toBytes(said) });
  if (!isSuccess(outcome.status)) return outcome;
  const status: ToldStatus = isUnread
    ? { kind: "signalled", signal: SIGPIPE, core: false }
    : { kind: "exited", code: 1 };
  // Which of its lines wrote nobody knows.
  const index = job.oneShell ? 0 : job.lines.length - 1;
  on({ type: "line-failed", index, status });
  return job.lines[index]?.ignoreErrors === true ? outcome : { ...outcome, status };
}

/** The program is to notice when nobody reads. */
async function handOn(
  write: StandIn["write"],
  remote: RemoteJob,
  { stream, bytes }: { readonly stream: OutputStream; readonly bytes: Uint8Array },
): Promise<void> {
  const isRead = await write(stream, bytes);
  if (!isRead && stream !== "terminal") remote.unread(stream === "stdout" ? 1 : 2);
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
