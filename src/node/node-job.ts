/** One job on the node: from a client's request to its exit, with real pipes, its own process groups, and nothing left behind. */

import { constants } from "node:os";
import { type ExitStatus, isSuccess, SUCCESS } from "../base/exit-status.js";
import { ok, type Result } from "../base/result.js";
import { HostError } from "../makefile/host.js";
import { SignalRelay } from "../base/signals.js";
import { DataPump } from "../net/data-pump.js";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import { runLines } from "../os/lines.js";
import type { Cgroup } from "../os/cgroup.js";
import { marked, markOf } from "../os/job-mark.js";
import { endFamily, type Family, type Sweep } from "../os/process-tree.js";
import { receiptOf } from "../os/receipt.js";
import { sameStdin } from "../os/stdin.js";
import { refusalOf, strerror } from "../os/strerror.js";
import { firstUnseen } from "../os/visibility.js";
import type { DataType } from "../wire/endpoint.js";
import type { DescriptorMessage, RefusalCode, RequestedLine, RunRequest, ToldStatus } from "../wire/message.js";
import { directoryFault } from "./directory-fault.js";
import { withAssignments } from "./envsetter.js";
import { furtherLink } from "./further-io.js";
import type { JobEnd, JobHouse } from "./job-house.js";
import { likenessOfJob } from "./job-likeness.js";
import { JobMakes, type JobMakesRequest } from "./job-makes.js";
import { type JobSlots, openJobSlots } from "./job-slots.js";
import { JobIo, type JobIoRequest, kindsOf } from "./job-io.js";
import { DescriptorFault } from "./open-descriptor.js";

/** A line of a job, or with `.ONESHELL` all of them. */
interface Script {
  readonly index: number;
  readonly lines: readonly RequestedLine[];
  readonly environment: readonly string[];
}

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGSTOP, SIGTSTP } = constants.signals;
/** When one of these has ended a program, nothing that it started is to stay either. */
const ENDING: ReadonlySet<number> = new Set([SIGHUP, SIGINT, SIGQUIT, SIGTERM]);
const STOPPING: ReadonlySet<number> = new Set([SIGSTOP, SIGTSTP]);

/** What a machine that has much to do lacks for a while: descriptors, processes, memory. */
const SHORT_FOR_NOW: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM"]);

export class NodeJob {
  readonly #link: EndpointSocket;
  readonly #stream: number;
  readonly #request: RunRequest;
  readonly #house: JobHouse;
  readonly #marker: string;
  readonly #cancel = new AbortController();
  readonly #signals = new SignalRelay();
  readonly #outputs: JobIoRequest["outputs"];
  #cgroup: Cgroup | undefined;
  /** A signal that ends programs was handed on. */
  #isToEnd = false;
  #isStopped = false;
  /** The running line's. */
  #pid: number | undefined;
  /** Why it was ended, when it took more than it may. */
  #over: string | undefined;
  readonly #sweeps: Sweep[] = [];
  #io: JobIo | undefined;
  #slots: JobSlots | undefined;
  #makes: JobMakes | undefined;
  #hasStarted = false;
  readonly #earlyInput: (Uint8Array | "end")[] = [];

  /** @param token - tells this job from every other one, in the environment of its processes */
  constructor(
    link: EndpointSocket,
    stream: number,
    options: { readonly request: RunRequest; readonly house: JobHouse; readonly token: string },
  ) {
    this.#link = link;
    this.#stream = stream;
    this.#request = options.request;
    this.#house = options.house;
    this.#marker = markOf(options.token);
    const pump = (type: DataType): DataPump => new DataPump((bytes) => link.sendData(type, stream, bytes));
    this.#outputs = { stdout: pump("stdout"), stderr: pump("stderr"), terminal: pump("terminal") };
  }

  /** Whether the client has had it stopped: then it may be silent itself. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Those that run in the client; undefined: it takes none in. */
  get makes(): JobMakes | undefined {
    return this.#makes;
  }

  /** Runs it and says so to the client. Resolves when none of its processes is left that should not be. */
  async run(): Promise<JobEnd> {
    const { directory } = this.#request;
    const errno = directoryFault(directory);
    if (errno !== undefined) return this.#refuse("directory", errno, `cannot enter ${directory} (${strerror(errno)})`);
    try {
      const environment = await this.#environment();
      return environment.ok ? await this.#runIn(environment.value) : this.#refuse("envsetter", "", environment.error);
    } catch (error) {
      if (error instanceof DescriptorFault && !this.#hasStarted)
        return this.#refuse("descriptor", error.errno, error.message);
      // Descriptors or space have run out, and no line has started: another node may do better.
      const failed = refusalOf(error);
      if (failed === undefined || this.#hasStarted) throw error;
      this.#leaveGroup();
      const code = SHORT_FOR_NOW.has(failed) ? "busy" : "system";
      return this.#refuse(code, failed, `cannot start a job (${strerror(failed)})`);
    }
  }

  /** Ends all its processes: `signal` now, SIGKILL after the grace. */
  cancel(signal: number): void {
    this.#cancel.abort(signal);
    if (this.#link.isOpen) return;
    for (const output of Object.values(this.#outputs)) output.drop();
    this.#io?.further.drop();
    this.#makes?.lost();
  }

  /** Hands a signal to the running program and its group. */
  signal(signal: number): void {
    this.#isStopped = STOPPING.has(signal) || (this.#isStopped && signal !== constants.signals.SIGCONT);
    this.#isToEnd ||= ENDING.has(signal);
    this.#signals.send(signal);
  }

  resize(size: { readonly rows: number; readonly columns: number }): void {
    this.#io?.resize(size);
  }

  /** Nobody reads one of its outputs any more. */
  unread(fd: number): void {
    this.#io?.unread(fd);
  }

  /** The client grants the further slot that was asked for. */
  slot(): void {
    this.#slots?.granted();
  }

  credit(): void {
    for (const output of Object.values(this.#outputs)) output.credit();
    this.#io?.further.credit();
  }

  /** What the client says of a descriptor above 2; none of its bytes come before the job has started. */
  further(message: DescriptorMessage): void {
    if (this.#io !== undefined) this.#io.further.received(message);
    else if (message.type === "fd-data") this.#link.takenOf(this.#stream, message.fd, message.bytes.length);
  }

  /** Standard input, which may come before the recipe has started. */
  input(bytes: Uint8Array | "end"): void {
    if (this.#io === undefined) this.#earlyInput.push(bytes);
    else this.#io.take(bytes);
  }

  // ── the run ──

  async #environment(): Promise<Result<readonly string[], string>> {
    const { environment, envsetter } = this.#request;
    if (envsetter === "") return ok(environment);
    const { printed, assignments } = await this.#house.envsetter(this.#request);
    if (printed !== "") this.#link.send({ type: "note", stream: this.#stream, text: printed });
    return assignments.ok ? ok(withAssignments(environment, assignments.value)) : assignments;
  }

  async #runIn(environment: readonly string[]): Promise<JobEnd> {
    const { needs = [], directory } = this.#request;
    const cancel = this.#cancel.signal;
    const unseen = needs.length === 0 ? undefined : await firstUnseen(needs, directory, { cancel });
    if (unseen !== undefined && !cancel.aborted)
      return this.#refuse("unseen", "", `does not see what was made elsewhere: ${unseen.text}`);
    const startedMs = this.#house.clock.nowMs();
    this.#cgroup = this.#house.cgroup();
    const unguard = this.#house.guard(this.#marker, this.#cgroup);
    const unwatch = this.#house.limits?.watch(
      () => this.#watched(),
      (reason) => this.#endOver(reason),
    );
    if (this.#request.sharesSlots === true)
      this.#slots = openJobSlots({ ...this.#house, link: this.#link, stream: this.#stream, environment });
    const given = this.#slots?.environment ?? environment;
    this.#makes = this.#openMakes({ asked: environment, given });
    const invited = this.#makes === undefined ? given : [...given, this.#makes.invitation];
    let areOver: Promise<void> | undefined;
    const running = this.#runLines(marked(invited, this.#marker)).finally(() => {
      areOver = this.#makes?.over();
      this.#slots?.close();
      unwatch?.();
      unguard();
    });
    const status = told(await running);
    if (this.#cancel.signal.aborted || this.#isToEnd) await this.#endFugitives();
    await areOver;
    this.#leaveGroup();
    // The exit is told only behind all output.
    await Promise.all([...Object.values(this.#outputs).map((output) => output.idle()), this.#io?.further.idle()]);
    const endedMs = this.#house.clock.nowMs();
    const receipts = this.#request.writes.map((path) => receiptOf(path, this.#request.directory));
    const load = this.#house.load();
    const swept = this.#swept();
    if (swept !== undefined) this.#link.send({ type: "swept", stream: this.#stream, ...swept });
    this.#link.send({ type: "exit", stream: this.#stream, status, receipts, startedMs, endedMs, load });
    const over = this.#over;
    return { kind: "ended", status, ...(swept !== undefined && { swept }), ...(over !== undefined && { over }) };
  }

  #openMakes(environment: JobMakesRequest["environment"]): JobMakes | undefined {
    const point = this.#request.takesMakes === true ? this.#house.joinPoint() : undefined;
    return (
      point &&
      new JobMakes({
        ...{ point, environment, link: this.#link, stream: this.#stream, marker: this.#marker },
        pid: () => this.#pid,
        further: () => this.#io?.further.moves ?? [],
        terminal: () => this.#io?.terminal,
        flushed: () => this.#io?.flushed() ?? Promise.resolve(),
        maxDescriptor: this.#house.maxDescriptor,
        likeness: () =>
          likenessOfJob({ ...this.#house, request: this.#request, cgroup: this.#cgroup, marker: this.#marker }),
        onWaits: this.#house.onWaits,
      })
    );
  }

  #leaveGroup(): void {
    this.#cgroup?.release();
    this.#cgroup = undefined;
  }

  /** Its processes, as far as they can be found without looking into every process of this machine. */
  #watched(): Family | undefined {
    const roots = this.#pid === undefined ? [] : [this.#pid];
    if (this.#cgroup !== undefined) return { roots, groups: roots, cgroup: this.#cgroup };
    return this.#pid === undefined ? undefined : { roots, groups: roots };
  }

  /** It has taken more than a job may: all of it is killed at once, and whoever waits for it reads why. */
  #endOver(reason: string): void {
    this.#over = reason;
    this.#cgroup?.kill();
    const { oneOutput, target } = this.#request;
    const said = `mexecd: ${target}: it was ended, as it ${reason}\n`;
    this.#outputs[oneOutput ? "stdout" : "stderr"].push(Buffer.from(said, "latin1"));
    this.cancel(constants.signals.SIGKILL);
  }

  /** Line by line, so that what is said of a line stands behind its output, and a line waits until there is room for more. */
  async #runLines(environment: readonly string[]): Promise<ExitStatus> {
    const io = this.#openIo();
    const { oneShell, lines } = this.#request;
    const scripts = oneShell ? [lines] : lines.map((line) => [line]);
    try {
      for (const [index, script] of scripts.entries()) {
        const { status, failure } = await this.#runScript({ index, lines: script, environment }, io);
        await io.flushed();
        if (failure !== undefined)
          this.#link.send({ type: "line-failed", stream: this.#stream, index, status: failure });
        if (!isSuccess(status)) return status;
      }
      return SUCCESS;
    } finally {
      const offset = io.inputOffset;
      const stream = this.#stream;
      if (offset !== undefined) this.#link.send({ type: "input-offset", stream, offset });
      for (const [fd, at] of io.further.offsets) this.#link.send({ type: "input-offset", stream, offset: at, fd });
      io.close();
    }
  }

  async #runScript(
    { index, lines, environment }: Script,
    io: JobIo,
  ): Promise<{ readonly status: ExitStatus; readonly failure: ToldStatus | undefined }> {
    const heard: { failure: ToldStatus | undefined } = { failure: undefined };
    // The first line is told of only when its program runs: until then the job can be refused.
    let [isBegun, isTold] = [false, false];
    const tell = (): void => {
      if (!isTold) this.#tellLine(index);
      isTold = this.#hasStarted = true;
    };
    const { spawner, graceMs } = this.#house;
    const [stdin, stdout, stderr] = io.fds;
    // Nobody types at a recipe's terminal: one that wants to read from /dev/tty is to fail rather than to wait.
    const group = io.terminal === undefined || this.#request.argv === undefined ? "own" : "session";
    const status = await runLines(
      spawner,
      { ...this.#request, environment, lines: lines.map((line) => ({ ...line, recursive: false })) },
      {
        ...{ stdin: sameStdin(stdin), stdout, stderr, terminal: io.terminal, group, marker: this.#marker, graceMs },
        ...{ signals: this.#signals, cgroup: this.#cgroup, further: io.further.moves },
      },
      {
        line: () => {
          isBegun = true;
          if (this.#hasStarted) tell();
        },
        started: (pid) => {
          tell();
          this.#pid = pid;
          if (this.#request.argv !== undefined) io.leavePipes();
        },
        swept: (sweep) => this.#sweeps.push(sweep),
        lineFailed: (_, how) => (heard.failure = told(how)),
      },
      this.#cancel.signal,
    );
    this.#pid = undefined;
    const { failure } = heard;
    if (!this.#hasStarted && failure?.kind === "unstarted" && SHORT_FOR_NOW.has(failure.errno))
      throw new HostError(failure.errno, failure.program, strerror(failure.errno));
    if (isBegun) tell();
    return { status, failure };
  }

  /** A client that has input waits for this one before it sends any. */
  #tellLine(index: number): void {
    const line = { type: "line", stream: this.#stream, index } as const;
    if (this.#request.input) this.#link.send(line);
    else this.#link.sendInCompany(line);
  }

  #openIo(): JobIo {
    const { temporaryDirectory } = this.#house;
    const stream = this.#stream;
    const io = new JobIo({
      temporaryDirectory,
      outputs: this.#outputs,
      kinds: kindsOf(this.#request),
      terminal: this.#request.terminal,
      onTaken: (bytes) => this.#link.taken(stream, bytes),
      onInputUnread: () => this.#link.send({ type: "input-unread", stream }),
      onWritten: (fd) => {
        if (this.#request.descriptors?.some((one) => one.fd === fd) === true)
          this.#link.send({ type: "written", stream, fd });
      },
      further: { further: this.#request.further ?? [], link: furtherLink(this.#link, stream) },
    });
    this.#io = io;
    const opened = [...io.fds, ...io.further.moves.map(([from]) => from)];
    if (opened.some((fd) => fd > this.#house.maxDescriptor)) {
      io.close();
      throw new HostError("EMFILE", "pipe", strerror("EMFILE"));
    }
    for (const bytes of this.#earlyInput.splice(0)) io.take(bytes);
    return io;
  }

  /** Those that an earlier line left in the background, too: the job is not wanted any more. */
  async #endFugitives(): Promise<void> {
    const family = { roots: [], groups: [], marker: this.#marker, ...(this.#cgroup && { cgroup: this.#cgroup }) };
    this.#sweeps.push(await endFamily(family, { signal: constants.signals.SIGTERM, graceMs: this.#house.graceMs }));
  }

  /** What ending it took, all its lines together; undefined: it ended by itself. */
  #swept(): Sweep | undefined {
    if (this.#sweeps.length === 0) return undefined;
    const left = this.#sweeps.at(-1)?.left ?? 0;
    return { ended: this.#sweeps.reduce((sum, { ended }) => sum + ended, 0), left };
  }

  #refuse(code: RefusalCode, errno: string, text: string): JobEnd {
    this.#link.send({ type: "refuse", stream: this.#stream, code, errno, text });
    // Input that came already is as good as taken: the connection's credit must not shrink.
    for (const bytes of this.#earlyInput.splice(0)) if (bytes !== "end") this.#link.taken(this.#stream, bytes.length);
    return { kind: "refused", code, text };
  }
}

function told(status: ExitStatus): ToldStatus {
  if (status.kind === "lost") throw new Error("internal error: a local process cannot be lost");
  return status;
}
