/** A make that a script on a node has started, as a part of this process: what it writes goes to that script's descriptors there. */

import { closeSync, constants, openSync, realpathSync, statSync } from "node:fs";
import { isatty } from "node:tty";
import type { NodeOfMakes } from "../exec/job-far-makes.js";
import { DataPump } from "../net/data-pump.js";
import type { FarMake, FarMakeRun } from "../net/node-connection.js";
import { attempt } from "../os/attempt.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { nativeLibrary } from "../os/native.js";
import { openPipe, OutputPipe, type PipeEnds } from "../os/pipes.js";
import { refusalOf } from "../os/strerror.js";
import { jobserverAuthOf } from "../sched/jobserver-auth.js";
import type { JoinWish } from "../wire/message.js";
import type { InvocationContext } from "./context.js";
import { agreeOnTemporary, seesPlaces } from "./far-places.js";
import { LauncherSignals, readsFromPipe } from "./joined-make.js";
import type { MakeOutcome } from "../base/exit-status.js";
import { namesOwnDescriptor } from "./own-descriptor-names.js";

/** What is a far make's own. */
export type FarCall = Pick<InvocationContext, "argv" | "argv0" | "cancel" | "directory" | "environment" | "makeRoom"> &
  Pick<InvocationContext, "onDebugSignal" | "stderr" | "stdin" | "stdout">;

export interface FarMakeRequest {
  readonly wish: JoinWish;
  readonly node: NodeOfMakes;
  /** How the make of the job was called: absolute. */
  readonly argv0: string;
  /** The jobserver of that make, as it calls it; undefined: there is none. */
  readonly jobserver: string | undefined;
  /** Of that make. */
  readonly environment: readonly string[];
  readonly temporaryDirectory: string;
  /** What that make writes to. */
  readonly outputs: { readonly stdout: number; readonly stderr: number };
  readonly run: (call: FarCall) => Promise<MakeOutcome>;
}

/** @returns undefined when it would not be the same here, or nothing can be opened for it. It does not reject */
export async function welcomeFarMake(request: FarMakeRequest): Promise<FarMake | undefined> {
  const { wish, node } = request;
  if (nativeLibrary() === undefined || !isTheSameHere(request)) return undefined;
  if (!(await node.sees(wish.directory)) || !(await seesPlaces(wish, node))) return undefined;
  const io = openIo(request);
  return (
    io && {
      start: (send) => new Run(request, io, send),
      dispose: () => closeAll(io),
    }
  );
}

/** Whatever the node says is looked at here, too. */
function isTheSameHere(request: FarMakeRequest): boolean {
  const { wish, argv0, jobserver, outputs } = request;
  const { argv, environment, directory, programBytes } = wish;
  if (wish.argv0 !== argv0 || sizeOf(argv0) !== programBytes) return false;
  if (wish.outputs === "terminal" && !(isatty(outputs.stdout) && isatty(outputs.stderr))) return false;
  if (readsFromPipe(wish) || namesOwnDescriptor(argv)) return false;
  if (!agreeOnTemporary(environment, request.environment)) return false;
  if (attempt(() => realpathSync.native(toPath(directory), "latin1")) !== directory) return false;
  const auth = jobserverAuthOf(environment);
  return auth?.startsWith(FIFO) !== true || FIFO + resolveIn(directory, auth.slice(FIFO.length)) === jobserver;
}

const FIFO = "fifo:";

function sizeOf(path: string): number | undefined {
  return attempt(() => statSync(toPath(path)).size);
}

interface Io {
  readonly stdin: number;
  /** What the make gets. */
  readonly stdout: number;
  readonly stderr: number;
  /** What is read here of that, by the launcher's numbers; nothing when it is our terminal. */
  readonly pipes: readonly (PipeEnds & { readonly fd: 1 | 2 })[];
}

function openIo({ wish, temporaryDirectory, outputs }: FarMakeRequest): Io | undefined {
  const opened: number[] = [];
  const pipe = (fd: 1 | 2): Io["pipes"][number] => {
    const ends = openPipe(temporaryDirectory);
    opened.push(ends.read, ends.write);
    return { ...ends, fd };
  };
  try {
    const stdin = openSync("/dev/null", constants.O_RDONLY);
    opened.push(stdin);
    if (wish.outputs === "terminal") return { stdin, ...outputs, pipes: [] };
    const out = pipe(1);
    const err = wish.outputs === "one" ? out : pipe(2);
    return { stdin, stdout: out.write, stderr: err.write, pipes: [...new Set([out, err])] };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    if (refusalOf(error) === undefined) throw error;
    return undefined;
  }
}

function closeAll({ stdin, pipes }: Io): void {
  for (const fd of [stdin, ...pipes.flatMap(({ read, write }) => [read, write])]) closeSync(fd);
}

interface Output {
  /** 1 or 2: of the launcher's. */
  readonly fd: number;
  readonly pipe: OutputPipe;
  readonly pump: DataPump;
}

type Send = Parameters<FarMake["start"]>[0];

class Run implements FarMakeRun {
  readonly ended: Promise<MakeOutcome>;
  readonly #signals = new LauncherSignals();
  readonly #outputs: readonly Output[];

  constructor(request: FarMakeRequest, io: Io, send: Send) {
    this.#outputs = io.pipes.map(({ fd, read }) =>
      openOutput(fd, read, (bytes) => send(fd === 1 ? "stdout" : "stderr", bytes)),
    );
    this.ended = this.#run(request, io);
  }

  signal(signal: number): void {
    this.#signals.signalled(signal);
  }

  end(signal: number): void {
    this.#signals.cancel.abort(signal);
    for (const { pipe, pump } of this.#outputs) {
      pump.drop();
      pipe.resume(); // what comes is thrown away, and nobody waits
    }
  }

  unread(fd: number): void {
    for (const output of this.#outputs) {
      if (output.fd !== fd) continue;
      output.pump.drop();
      output.pipe.finish();
    }
  }

  credit(): void {
    for (const { pump } of this.#outputs) pump.credit();
  }

  async #run({ wish, run }: FarMakeRequest, { stdin, stdout, stderr, pipes }: Io): Promise<MakeOutcome> {
    const { argv0, argv, environment, directory } = wish;
    const { cancel, onDebugSignal } = this.#signals;
    const flush = (): void => {
      for (const { pipe } of this.#outputs) pipe.flush();
    };
    const own = { stdin, stdout, stderr, cancel, onDebugSignal, makeRoom: pipes.length === 0 ? undefined : flush };
    const outcome = await run({ argv0, argv, environment, directory, ...own });
    for (const fd of [stdin, ...pipes.map(({ write }) => write)]) closeSync(fd);
    for (const { pipe } of this.#outputs) pipe.finish();
    await Promise.all(this.#outputs.map(({ pump }) => pump.idle()));
    return outcome;
  }
}

function openOutput(fd: number, read: number, send: (bytes: Uint8Array) => number): Output {
  const pump = new DataPump(send);
  const pipe = new OutputPipe({ read, write: undefined }, (bytes) => pump.push(bytes));
  pump.attach(pipe);
  return { fd, pipe, pump };
}
