/** Starts mexecd workers on this machine's loopback address and ends them by their handles. */

import { createInterface } from "node:readline";
import { execa } from "execa";

export interface LocalWorkersRequest {
  readonly count: number;
  /** Slots of each. */
  readonly slots: number;
  /** The worker's key file. */
  readonly keyFile: string;
  /** The mexecd program. */
  readonly mexecd: string;
  /** Arguments put before mexecd's own, for one worker: `(index) => [...]`; a wrapper program comes first. */
  readonly wrapper?: (index: number) => readonly string[];
  /** More arguments of mexecd, such as `--debug`. */
  readonly arguments?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Where their messages go; dropped unless wanted. */
  readonly messages?: "inherit" | "ignore";
}

export interface LocalWorker {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  kill(signal: "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
}

export interface LocalWorkers extends AsyncDisposable {
  readonly workers: readonly LocalWorker[];
  /** They as NODES names them: `127.0.0.1:PORT*SLOTS,…`. */
  readonly nodes: string;
}

const READY = /^mexecd: listening on 127\.0\.0\.1:(\d+)$/;
/** A worker that does not end by itself is killed after so long. */
const GRACE_MS = 3000;

/**
 * Starts all workers and waits until each listens.
 *
 * @throws Error when one ends before it listens, with what it said; the others are ended first
 */
export async function startLocalWorkers(request: LocalWorkersRequest): Promise<LocalWorkers> {
  const starts = Array.from({ length: request.count }, (_, index) => startWorker(request, index));
  const settled = await Promise.allSettled(starts);
  const workers = settled.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const failed = settled.find((start) => start.status === "rejected");
  if (failed !== undefined) {
    await endAll(workers);
    throw failed.reason;
  }
  return {
    workers,
    nodes: workers.map(({ port }) => `127.0.0.1:${String(port)}*${String(request.slots)}`).join(","),
    [Symbol.asyncDispose]: () => endAll(workers),
  };
}

async function endAll(workers: readonly LocalWorker[]): Promise<void> {
  for (const worker of workers) {
    worker.kill("SIGCONT"); // a stopped one would not see the end coming
    worker.kill("SIGINT"); // jobs that still run are not waited for
  }
  await Promise.all(workers.map((worker) => worker.ended));
}

async function startWorker(request: LocalWorkersRequest, index: number): Promise<LocalWorker> {
  const own = ["--key", request.keyFile, "--listen", "127.0.0.1:0", "--slots", String(request.slots)];
  const words = [...(request.wrapper?.(index) ?? []), request.mexecd, ...own, ...(request.arguments ?? [])];
  const process = spawnWorker(words, request);
  const port = await readPort(process);
  // Not the end of its output, which a child of its may hold open longer.
  const ended = new Promise<void>((resolve) => process.once("exit", () => resolve()));
  return { pid: pidOf(process), port, ended, kill: (signal) => void process.kill(signal) };
}

type Worker = ReturnType<typeof spawnWorker>;

function spawnWorker(words: readonly string[], request: LocalWorkersRequest) {
  const [program = "", ...rest] = words;
  return execa(program, rest, {
    cwd: request.directory,
    env: { ...request.environment },
    extendEnv: false,
    stdin: "ignore",
    stdout: "pipe",
    stderr: request.messages ?? "ignore",
    reject: false,
    buffer: false,
    forceKillAfterDelay: GRACE_MS,
  });
}

function pidOf(process: Worker): number {
  if (process.pid === undefined) throw new Error("internal error: a worker that listens has no process");
  return process.pid;
}

/** The port in the line that mexecd prints when it is ready; what it prints later is read and dropped. */
async function readPort(process: Worker): Promise<number> {
  const lines = createInterface({ input: process.stdout });
  const ready = new Promise<number>((resolve) => {
    lines.on("line", (line) => {
      const port = READY.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  const early = process.then((result) => {
    const how = result.originalMessage ?? `exit status ${String(result.exitCode ?? result.signal)}`;
    throw new Error(`mexecd did not start: ${how}`);
  });
  // Once it listens, its end is nobody's error any more: whoever holds the worker awaits `ended`.
  early.catch(() => undefined);
  return Promise.race([ready, early]);
}
