/** One program run somewhere, with everything that takes set up and put away again; or every node probed with it. */

import { fstatSync, openSync } from "node:fs";
import type { Cancellation } from "../base/abort.js";
import type { SignalSource } from "../base/signals.js";
import type { MakeEvent } from "../events/event.js";
import { LocalRunner } from "../exec/local.js";
import type { WallClock } from "../net/node-connection.js";
import { writeAll } from "../os/output.js";
import { type Launched, readProcessSettings } from "../os/process-settings.js";
import { createSpawner } from "../os/spawn.js";
import { sameStdin } from "../os/stdin.js";
import { recipeGroup } from "../os/terminal.js";
import type { JobEvent, JobResult } from "../sched/job.js";
import { type Cluster, type ClusterRequest, onlyHere, openCluster, readCredential } from "./cluster.js";
import { type ClusterOptions, type ClusterSettings, readClusterSettings, readVariable } from "./config.js";
import type { KeptClusters, LentCluster } from "./kept-clusters.js";
import { mexec, type Program } from "./mexec.js";
import { type NodeProbe, probeNodes } from "./probe-nodes.js";
import { FurtherDescriptors } from "./further-descriptors.js";
import { RemoteInput } from "./remote-input.js";
import { OwnDescriptors } from "./stand-in.js";
import { SweepReport } from "./sweep-report.js";

/** Where a program's output goes. */
export type ProgramOutput =
  /** To our own descriptors 1 and 2. */
  | { readonly kind: "inherit" }
  /** To whoever asked. */
  | { readonly kind: "data"; readonly take: (stream: "stdout" | "stderr", bytes: Uint8Array) => void };

export interface ProgramRequest {
  readonly program: Program;
  /** Our own environment, `NAME=value` each: what it says of nodes and keys holds, whatever the program's says. */
  readonly environment: readonly string[];
  readonly options: ClusterOptions;
  readonly userId: number;
  readonly umask: number;
  /** Our own descriptor that it reads from; undefined: it reads nothing. */
  readonly stdin: number | undefined;
  readonly output: ProgramOutput;
  /** What this process was given by its caller and has changed since. */
  readonly launched: Launched;
  /** Signals that the program is to get; then it also has our descriptors and our terminal, as if it ran in our place. */
  readonly signals?: SignalSource;
  /** Called with the way to take our terminal again and to give it back, when the program uses it. */
  readonly onStandIn?: (standIn: OwnDescriptors) => void;
  /** Our descriptors above 2 that the program has too, in order. */
  readonly further?: readonly number[] | undefined;
  /** Output could not be written, for another reason than that nobody reads it. */
  readonly onLost?: (fd: number, errno: string) => void;
  readonly observe: (event: MakeEvent) => void;
  readonly cancel: Cancellation;
  /** Whence a cluster comes that may serve other calls; not for a program in our place. */
  readonly kept?: KeptClusters;
}

const CLOCK: WallClock = { nowMs: () => Date.now() };

/** Runs a program on the least loaded node, or here when no nodes are named. @throws UserError */
export async function runProgram(request: ProgramRequest): Promise<JobResult> {
  const settings = await readSettings(request);
  const { stdin, launched, signals } = request;
  const isClosed = stdin !== undefined && launched.closed?.includes(stdin) === true;
  const input = stdin === undefined ? undefined : new RemoteInput(stdin, { kind: "terminal", isClosed });
  using standIn = settings === undefined || signals === undefined ? undefined : ownDescriptors(request, signals);
  const further = settings === undefined ? undefined : furtherDescriptors(request, standIn);
  const sweeps = new SweepReport();
  const lent = await openPlaces(request, { settings, input, standIn, further, sweeps });
  let isWell = false;
  try {
    const result = await mexec({
      program: request.program,
      cluster: lent.cluster,
      on: (event) => write(event, request.output),
      observe: request.observe,
      cancel: request.cancel,
      nowMs: () => CLOCK.nowMs(),
    });
    await Promise.all([standIn?.idle(), further?.idle()]);
    isWell = result.status.kind !== "lost";
    return result;
  } finally {
    input?.close();
    further?.close();
    tellSweeps(sweeps, request.observe);
    await lent.giveBack(isWell);
  }
}

/** Asks every node, and runs the program on each. @returns undefined when no nodes are named. @throws UserError */
export async function testProgram(request: ProgramRequest): Promise<readonly NodeProbe[] | undefined> {
  const settings = await readSettings(request);
  if (settings === undefined) return undefined;
  const { keyFile, envsetter } = settings;
  return probeNodes({
    settings,
    credential: keyFile === undefined ? undefined : readCredential(keyFile),
    clock: CLOCK,
    program: request.program,
    local: localRunner({ ...request, stdin: undefined, output: { kind: "data", take: () => undefined } }),
    recipes: {
      umask: request.umask,
      settings: readProcessSettings(request.launched),
      envsetter,
      oneOutput: false,
      input: undefined,
      onNote: () => undefined,
    },
  });
}

function readSettings(request: ProgramRequest): Promise<ClusterSettings | undefined> {
  const { options, environment, program, userId } = request;
  return readClusterSettings({ options, environment, directory: program.directory, userId });
}

/** A program that has ended as a whole is nothing to speak of. */
function tellSweeps({ text, isClean }: SweepReport, observe: (event: MakeEvent) => void): void {
  if (text === undefined) return;
  observe(isClean ? { type: "debug", level: "jobs", depth: 0, text } : { type: "message", stream: "stderr", text });
}

interface Opened {
  readonly sweeps: SweepReport;
  readonly settings: ClusterSettings | undefined;
  readonly input: RemoteInput | undefined;
  readonly standIn: OwnDescriptors | undefined;
  readonly further: FurtherDescriptors | undefined;
}

function ownDescriptors({ launched, onLost, onStandIn }: ProgramRequest, signals: SignalSource): OwnDescriptors {
  const own = new OwnDescriptors({ closed: launched.closed ?? [], signals, onLost: onLost ?? (() => undefined) });
  onStandIn?.(own);
  return own;
}

function furtherDescriptors(
  { further: numbers = [], onLost }: ProgramRequest,
  standIn: OwnDescriptors | undefined,
): FurtherDescriptors | undefined {
  if (numbers.length === 0) return undefined;
  return new FurtherDescriptors({ numbers, standIn, onLost: onLost ?? (() => undefined) });
}

async function openPlaces(
  request: ProgramRequest,
  { settings, input, standIn, further, sweeps }: Opened,
): Promise<LentCluster> {
  const local = localRunner(request);
  if (settings === undefined) return lentOnce(onlyHere(local));
  const { environment } = request;
  const { directory } = request.program;
  const oneOutput = standIn === undefined && request.output.kind === "inherit" && isSameFile(1, 2);
  const { userId, observe, umask, launched, kept } = request;
  const wanted: ClusterRequest = {
    certificates: undefined,
    settings,
    environment,
    directory,
    userId,
    observe,
    local,
    clock: CLOCK,
    recipes: {
      ...{ umask, settings: readProcessSettings(launched), oneOutput, input, standIn, further },
      onSwept: sweeps.add,
    },
  };
  const isAlone = kept === undefined || further !== undefined;
  return isAlone ? lentOnce(await openCluster(wanted)) : kept.lend(wanted);
}

function lentOnce(cluster: Cluster): LentCluster {
  return { cluster, giveBack: () => cluster.close() };
}

function localRunner({ environment, launched, stdin, output, signals, further = [] }: ProgramRequest): LocalRunner {
  const temporaryDirectory = readVariable(environment, "TMPDIR") ?? "/tmp";
  return new LocalRunner({
    spawner: createSpawner({ launched, temporaryDirectory }),
    stdin: sameStdin(stdin ?? nothingToRead()),
    output:
      output.kind === "inherit"
        ? { kind: "inherit", stdout: 1, stderr: 2 }
        : { kind: "events", merged: false, temporaryDirectory },
    group: recipeGroup(),
    further: further.map((fd) => [fd, fd]),
    signals,
    nowMs: () => CLOCK.nowMs(),
  });
}

let emptyInput: number | undefined;

/** One descriptor for all programs that read nothing. */
function nothingToRead(): number {
  return (emptyInput ??= openSync("/dev/null", "r"));
}

/** Whether two descriptors lead to one place, so that the order of what is written to them counts. */
function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}

function write(event: JobEvent, output: ProgramOutput): void {
  if (event.type !== "data") return;
  if (output.kind === "data") output.take(event.stream, event.bytes);
  else writeAll(event.stream === "stdout" ? 1 : 2, event.bytes);
}
