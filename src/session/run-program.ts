/** One program run somewhere, with everything that takes set up and put away again; or every node probed with it. */

import { openSync } from "node:fs";
import type { Cancellation } from "../base/abort.js";
import type { SignalSource } from "../base/signals.js";
import type { MakeEvent } from "../events/event.js";
import { LocalRunner } from "../exec/local.js";
import type { WallClock } from "../net/node-connection.js";
import { type Launched, readProcessSettings } from "../os/process-settings.js";
import { leadToOneFile } from "../os/same-file.js";
import { createSpawner } from "../os/spawn.js";
import { sameStdin } from "../os/stdin.js";
import { recipeGroup } from "../os/terminal.js";
import type { JobResult } from "../sched/job.js";
import { type Cluster, type ClusterRequest, onlyHere, openCluster, readCredential } from "./cluster.js";
import { type ClusterOptions, type ClusterSettings, readClusterSettings, readVariable } from "./config.js";
import type { KeptClusters, LentCluster } from "./kept-clusters.js";
import { type ProgramOutput, ProgramOutputs } from "./program-output.js";
import { openLaunchedNodes } from "./launched-nodes.js";
import { mexec, type Program } from "./mexec.js";
import { checkDescriptors } from "./named-descriptors.js";
import { type NodeProbe, probeNodes } from "./probe-nodes.js";
import { FurtherDescriptors } from "./further-descriptors.js";
import { RemoteInput } from "./remote-input.js";
import { OwnDescriptors } from "./stand-in.js";
import { SweepReport } from "./sweep-report.js";

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
  /** Those were named one by one: that it cannot have one is a mistake. */
  readonly furtherIsNamed?: boolean;
  /** Output could not be written; EPIPE: because nobody reads it. */
  readonly onLost?: (fd: number, errno: string) => void;
  /** Input could not be read any further while the program may have wanted it. */
  readonly onFailed?: (fd: number, errno: string) => void;
  readonly observe: (event: MakeEvent) => void;
  readonly cancel: Cancellation;
  /** Whence a cluster comes that may serve other calls; not for a program in our place. */
  readonly kept?: KeptClusters;
}

const CLOCK: WallClock = { nowMs: () => Date.now() };

/** Runs a program on the least loaded node, or here when no nodes are named. @throws UserError */
export async function runProgram(request: ProgramRequest): Promise<JobResult> {
  const settings = await readSettings(request);
  if (request.furtherIsNamed === true) checkDescriptors(request.further ?? [], settings !== undefined);
  const { stdin, launched, signals, output, onLost = () => undefined } = request;
  const isClosed = stdin !== undefined && launched.closed?.includes(stdin) === true;
  const input =
    stdin === undefined
      ? undefined
      : new RemoteInput(stdin, { kind: "terminal", isClosed, onFailed: (errno) => request.onFailed?.(stdin, errno) });
  using standIn = settings === undefined || signals === undefined ? undefined : ownDescriptors(request, signals);
  const further = settings === undefined ? undefined : furtherDescriptors(request, standIn);
  const outputs = new ProgramOutputs(output, onLost);
  const sweeps = new SweepReport();
  const lent = await openPlaces(request, { settings, input, standIn, outputs, further, sweeps });
  let isWell = false;
  try {
    const result = await mexec({
      program: request.program,
      cluster: lent.cluster,
      on: (event) => {
        if (event.type === "data") void outputs.write(event.stream, event.bytes); // it does not reject
      },
      observe: request.observe,
      cancel: request.cancel,
      nowMs: () => CLOCK.nowMs(),
    });
    await Promise.all([standIn?.idle(), outputs.idle(), further?.idle()]);
    isWell = result.status.kind !== "lost";
    return result;
  } finally {
    input?.close();
    outputs.close();
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
  const { environment, program, observe } = request;
  const { directory } = program;
  const launched = await openLaunchedNodes({
    ...{ settings, environment, directory, observe, clock: CLOCK, hasSubMakes: false },
  });
  const probes = probeNodes({
    settings,
    credential: keyFile === undefined ? undefined : readCredential(keyFile),
    launched,
    clock: CLOCK,
    program,
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
  return probes.finally(() => launched?.close());
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
  readonly outputs: ProgramOutputs;
  readonly further: FurtherDescriptors | undefined;
}

function ownDescriptors({ launched, onLost, onStandIn }: ProgramRequest, signals: SignalSource): OwnDescriptors {
  const own = new OwnDescriptors({ closed: launched.closed ?? [], signals, onLost: onLost ?? (() => undefined) });
  onStandIn?.(own);
  return own;
}

function furtherDescriptors(
  { further: numbers = [], onLost, onFailed }: ProgramRequest,
  standIn: OwnDescriptors | undefined,
): FurtherDescriptors | undefined {
  if (numbers.length === 0) return undefined;
  const nobody = (): void => undefined;
  return new FurtherDescriptors({ numbers, standIn, onLost: onLost ?? nobody, onFailed: onFailed ?? nobody });
}

async function openPlaces(
  request: ProgramRequest,
  { settings, input, standIn, outputs, further, sweeps }: Opened,
): Promise<LentCluster> {
  const local = localRunner(request);
  if (settings === undefined) return lentOnce(onlyHere(local));
  const { environment } = request;
  const { directory } = request.program;
  const oneOutput = standIn === undefined && request.output.kind === "inherit" && leadToOneFile(1, 2);
  const { userId, observe, umask, launched, kept } = request;
  const recipes = {
    ...{ umask, settings: readProcessSettings(launched), oneOutput, input, standIn, further },
    ...{ onSwept: sweeps.add, write: standIn?.write ?? outputs.write },
  };
  const wanted: ClusterRequest = {
    certificates: undefined,
    settings,
    environment,
    directory,
    userId,
    observe,
    local,
    clock: CLOCK,
    recipes: () => recipes,
  };
  const isAlone = kept === undefined || further !== undefined;
  return isAlone ? lentOnce(await openCluster(wanted)) : kept.lend(wanted, recipes);
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
