/** One job on the node: from a client's request to its exit, with real pipes, its own process groups, and nothing left behind. */

import { type BigIntStats, closeSync, openSync, statSync } from "node:fs";
import { constants } from "node:os";
import { type ExitStatus, isSuccess, SUCCESS } from "../base/exit-status.js";
import { HostError } from "../makefile/host.js";
import { DataPump } from "../net/data-pump.js";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import type { WallClock } from "../net/node-connection.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { type LinesIo, runLines } from "../os/lines.js";
import { OutputPipe } from "../os/pipes.js";
import { endFamily } from "../os/process-tree.js";
import type { Spawner } from "../os/spawn.js";
import { sameStdin } from "../os/stdin.js";
import { errnoOf, strerror } from "../os/strerror.js";
import type { DataType } from "../wire/endpoint.js";
import type { FileReceipt, LoadReport, RefusalCode, RequestedLine, RunRequest, ToldStatus } from "../wire/message.js";
import { type EnvsetterResult, withAssignments } from "./envsetter.js";
import { InputPipe } from "./input-pipe.js";

/** What a job needs of its worker. */
export interface JobHouse {
  readonly spawner: Spawner;
  readonly clock: WallClock;
  readonly temporaryDirectory: string;
  /** How long processes have to end by themselves when their client is gone or cancels. */
  readonly graceMs: number;
  readonly load: () => LoadReport;
  /** Runs ENVSETTER, or remembers what it said for the same directory and environment. */
  readonly envsetter: (request: RunRequest) => Promise<EnvsetterResult>;
}

/** How a job went, for the log. */
export type JobEnd =
  | { readonly kind: "ended"; readonly status: ToldStatus }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly text: string };

/** One script of a job: a line, or with `.ONESHELL` all of them. */
interface LineOfJob {
  readonly index: number;
  readonly lines: readonly RequestedLine[];
  readonly environment: readonly string[];
}

/** The variable by which a job's processes are found, wherever they fled. */
export const MARKER = "MPMAKE_JOB";

export class NodeJob {
  readonly #link: EndpointSocket;
  readonly #stream: number;
  readonly #request: RunRequest;
  readonly #house: JobHouse;
  readonly #marker: string;
  readonly #cancel = new AbortController();
  readonly #outputs: readonly DataPump[];
  #input: InputPipe | undefined;
  #earlyInput: (Uint8Array | "end")[] = [];

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
    this.#marker = `${MARKER}=${options.token}`;
    const pump = (type: DataType): DataPump => new DataPump((bytes) => link.sendData(type, stream, bytes));
    this.#outputs = options.request.oneOutput ? [pump("stdout")] : [pump("stdout"), pump("stderr")];
  }

  /** Runs it and says so to the client. Resolves when none of its processes is left that should not be. */
  async run(): Promise<JobEnd> {
    const fault = directoryFault(this.#request.directory);
    if (fault !== undefined)
      return this.#refuse("directory", fault, `cannot enter ${this.#request.directory} (${strerror(fault)})`);
    const environment = await this.#environment();
    if (!environment.ok) return this.#refuse("envsetter", "", environment.reason);
    try {
      const unmarked = environment.value.filter((entry) => !entry.startsWith(`${MARKER}=`));
      return await this.#runIn([...unmarked, this.#marker]);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return this.#refuse("system", error.errno, `cannot make a pipe (${error.message})`);
    }
  }

  /** Ends all its processes: `signal` now, SIGKILL after the grace. */
  cancel(signal: number): void {
    this.#cancel.abort(signal);
    for (const output of this.#outputs) if (!this.#link.isOpen) output.drop();
  }

  credit(): void {
    for (const output of this.#outputs) output.credit();
  }

  /** Standard input, which may come before the recipe has started. */
  input(bytes: Uint8Array | "end"): void {
    if (this.#input === undefined) this.#earlyInput.push(bytes);
    else this.#input.take(bytes);
  }

  // ── the run ──

  async #environment(): Promise<
    { readonly ok: true; readonly value: readonly string[] } | { readonly ok: false; readonly reason: string }
  > {
    const { environment, envsetter } = this.#request;
    if (envsetter === "") return { ok: true, value: environment };
    const { printed, assignments } = await this.#house.envsetter(this.#request);
    if (printed !== "") this.#link.send({ type: "note", stream: this.#stream, text: printed });
    if (!assignments.ok) return { ok: false, reason: assignments.error };
    return { ok: true, value: withAssignments(environment, assignments.value) };
  }

  async #runIn(environment: readonly string[]): Promise<JobEnd> {
    const startedMs = this.#house.clock.nowMs();
    const status = await this.#withPipes(environment);
    if (this.#cancel.signal.aborted) await this.#endFugitives();
    // The exit is told only behind all output.
    await Promise.all(this.#outputs.map((output) => output.idle()));
    const endedMs = this.#house.clock.nowMs();
    const receipts = this.#request.writes.map((path) => receiptOf(path, this.#request.directory));
    const load = this.#house.load();
    this.#link.send({ type: "exit", stream: this.#stream, status, receipts, startedMs, endedMs, load });
    return { kind: "ended", status };
  }

  async #withPipes(environment: readonly string[]): Promise<ToldStatus> {
    const pipes = this.#outputs.map((pump) => {
      const pipe = new OutputPipe(this.#house.temporaryDirectory, (bytes) => pump.push(bytes));
      pump.attach(pipe);
      return pipe;
    });
    const nothing = openSync("/dev/null", "r");
    try {
      return told(await this.#runLines(environment, pipes, nothing));
    } finally {
      closeSync(nothing);
      for (const pipe of pipes) pipe.finish();
      this.#input?.close();
    }
  }

  /** Line by line, so that what is said of a line stands behind its output, and a line waits until there is room for more. */
  async #runLines(environment: readonly string[], pipes: readonly OutputPipe[], nothing: number): Promise<ExitStatus> {
    const [stdout, stderr = stdout] = pipes;
    if (stdout === undefined || stderr === undefined) throw new Error("internal error: a job without output");
    const stdin = sameStdin(this.#request.input ? this.#openInput().readFd : nothing);
    const io = { stdin, stdout: stdout.writeFd, stderr: stderr.writeFd };
    const { oneShell, lines } = this.#request;
    for (const [index, line] of oneShell ? [[0, lines] as const] : lines.map((one, i) => [i, [one]] as const)) {
      const { status, failure } = await this.#runLine({ index, lines: line, environment }, io);
      await this.#flushed(pipes);
      if (failure !== undefined)
        this.#link.send({ type: "line-failed", stream: this.#stream, index, status: told(failure) });
      if (!isSuccess(status)) return status;
    }
    return SUCCESS;
  }

  async #runLine(
    { index, lines, environment }: LineOfJob,
    io: Pick<LinesIo, "stdin" | "stdout" | "stderr">,
  ): Promise<{ readonly status: ExitStatus; readonly failure: ExitStatus | undefined }> {
    let failure: ExitStatus | undefined;
    const status = await runLines(
      this.#house.spawner,
      { ...this.#request, environment, lines: lines.map((line) => ({ ...line, recursive: false })) },
      { ...io, group: "own", marker: this.#marker, graceMs: this.#house.graceMs },
      {
        line: () => this.#link.send({ type: "line", stream: this.#stream, index }),
        lineFailed: (_, how) => (failure = how),
      },
      this.#cancel.signal,
    );
    return { status, failure };
  }

  /** All output so far is on its way, so that what is said next comes behind it. */
  async #flushed(pipes: readonly OutputPipe[]): Promise<void> {
    for (const pipe of pipes) pipe.flush();
    await Promise.all(this.#outputs.map((output) => output.idle()));
  }

  #openInput(): InputPipe {
    const input = new InputPipe(this.#house.temporaryDirectory, (bytes) => this.#link.taken(this.#stream, bytes));
    this.#input = input;
    for (const bytes of this.#earlyInput.splice(0)) input.take(bytes);
    return input;
  }

  /** Those that an earlier line left in the background, too: the job is not wanted any more. */
  async #endFugitives(): Promise<void> {
    const family = { roots: [], groups: [], marker: this.#marker };
    await endFamily(family, { signal: constants.signals.SIGTERM, graceMs: this.#house.graceMs });
  }

  #refuse(code: RefusalCode, errno: string, text: string): JobEnd {
    this.#link.send({ type: "refuse", stream: this.#stream, code, errno, text });
    return { kind: "refused", code, text };
  }
}

function told(status: ExitStatus): ToldStatus {
  if (status.kind === "lost") throw new Error("internal error: a local process cannot be lost");
  return status;
}

/** Why a directory cannot be worked in, as errno. */
function directoryFault(directory: string): string | undefined {
  try {
    return statSync(toPath(`${directory}/.`)).isDirectory() ? undefined : "ENOTDIR";
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}

function receiptOf(path: string, directory: string): FileReceipt {
  const stat = statOf(resolveIn(directory, path));
  return { path, stat: stat && { sizeBytes: Number(stat.size), mtimeNs: stat.mtimeNs, ino: stat.ino } };
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
