/** What `mexecvp --test` tells of each node: reached, let in, clock, directory, and a program's answer. */

import { printable } from "../base/printable.js";
import { Canceller } from "../base/abort.js";
import { fromBytes } from "../base/latin1.js";
import { type ExitStatus, isSuccess } from "../base/exit-status.js";
import type { NodeId } from "../base/ids.js";
import type { NodeConnection, WallClock } from "../net/node-connection.js";
import { formatOffset } from "../placement/clock-words.js";
import { addressKey, type NodeAddress, type ReachedAddress } from "../placement/node-directory.js";
import type { JobEvent, Runner } from "../sched/job.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { clockFault, connect, directoryFault, type RecipeOptions, runnerFor } from "./cluster-dial.js";
import type { ClusterSettings } from "./config.js";
import type { LaunchedNodes } from "./launched-nodes.js";
import { jobOf, type Program } from "./mexec.js";

export interface ProbeRequest {
  readonly settings: ClusterSettings;
  /** undefined only when no node needs one. */
  readonly credential: ClientKeyFile | undefined;
  /** undefined only when no worker is to be started. */
  readonly launched: LaunchedNodes | undefined;
  readonly clock: WallClock;
  readonly program: Program;
  readonly recipes: RecipeOptions;
  /** Runs it on this machine. */
  readonly local: Runner;
}

/** One node's line of the test. */
export interface NodeProbe {
  readonly node: NodeId;
  readonly good: boolean;
  /** What was found, in the order in which it was asked; ends with what is wrong, if something is. */
  readonly found: readonly string[];
}

/** Asks every node at once; the answers stand in the order of NODES. */
export async function probeNodes(request: ProbeRequest): Promise<readonly NodeProbe[]> {
  const nodes = await nodesOf(request.settings);
  return Promise.all(nodes.map((address) => probeNode(address, request)));
}

/** Those of a standing cluster are there as they have joined. */
async function nodesOf(settings: ClusterSettings): Promise<readonly NodeAddress[]> {
  if (settings.standing === undefined) return settings.nodes;
  const { presentNodes } = await import("./standing-roll.js");
  return presentNodes(settings);
}

async function probeNode(address: NodeAddress, request: ProbeRequest): Promise<NodeProbe> {
  const found: string[] = [];
  const tell = (text: string): void => void found.push(text);
  const fault = address.kind === "local" ? await runHere(request, tell) : await findFault(address, request, tell);
  if (fault !== undefined) found.push(fault);
  return { node: address.node, good: fault === undefined, found };
}

function runHere({ local, program }: ProbeRequest, tell: (text: string) => void): Promise<string | undefined> {
  tell("this machine");
  return runFault(local, program, tell);
}

/** Goes as far as the node can be used. @returns what is wrong */
async function findFault(
  address: ReachedAddress,
  request: ProbeRequest,
  tell: (text: string) => void,
): Promise<string | undefined> {
  const { credential, launched, clock, settings, program, recipes } = request;
  const beganMs = clock.nowMs();
  const connected = await connect(address, {
    ...{ credential, launched, clock },
    timeoutMs: settings.connectTimeoutMs,
    munge: settings.munge,
  });
  if (!connected.ok) return connected.error.reason;
  const connection = connected.value;
  try {
    tell(describe(address, connection, clock.nowMs() - beganMs));
    const fault = clockFault(connection, settings.clockSkewMs) ?? (await directoryFault(connection, program.directory));
    if (fault !== undefined) return fault.reason;
    tell("same directory");
    const runner = runnerFor(address.node, connection, {
      clock,
      recipes,
      certificates: undefined,
      onRefused: () => undefined,
    });
    return await runFault(runner, program, tell);
  } finally {
    await connection.close();
  }
}

function describe(address: ReachedAddress, connection: NodeConnection, tookMs: number): string {
  const { node, load, clockOffsetMs } = connection;
  const where = `${printable(node.name.slice(0, LONGEST_ANSWER))} at ${addressKey(address)}`;
  const work = `${String(node.slots)} slots, load ${load.loadAverage.toFixed(2)}`;
  return `${where}, let in after ${tookMs.toFixed(0)} ms, ${work}, clock ${formatOffset(clockOffsetMs)}`;
}

async function runFault(runner: Runner, program: Program, tell: (text: string) => void): Promise<string | undefined> {
  const printed: Uint8Array[] = [];
  const take = (event: JobEvent): void => {
    if (event.type === "data" && event.stream === "stdout") printed.push(event.bytes);
  };
  const { status, startedMs, endedMs } = await runner.run(jobOf(program), take, new Canceller());
  const how = `${program.file} ${describeStatus(status)}`;
  if (!isSuccess(status)) return how;
  tell(`${how} in ${(endedMs - startedMs).toFixed(0)} ms`);
  const [answer = ""] = fromBytes(Buffer.concat(printed)).split("\n");
  if (answer !== "") tell(`it answered ${printable(answer.slice(0, LONGEST_ANSWER))}`);
  return undefined;
}

/** Of what a program prints, so many bytes of its first line are shown. */
const LONGEST_ANSWER = 100;

function describeStatus(status: ExitStatus): string {
  switch (status.kind) {
    case "exited":
      return `ended with status ${String(status.code)}`;
    case "signalled":
      return `was ended by signal ${String(status.signal)}`;
    case "unstarted":
      return `cannot be started there (${status.errno})`;
    case "lost":
      return `was not run: ${status.reason}`;
  }
}
