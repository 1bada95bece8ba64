/** Reaches nodes for the cluster: connects, has each prove that it sees our directory, and looks at its clock. */

import type { Cancellation } from "../base/abort.js";
import type { NodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import type { ProcessSettings } from "../base/process-settings.js";
import type { SignalSource } from "../base/signals.js";
import type { MakesHost, NodeOfMakes } from "../exec/job-far-makes.js";
import { type JobTerminal, RemoteRunner, type FurtherSource, type StandIn } from "../exec/remote.js";
import { connectNode } from "../net/connect.js";
import type { Munge } from "../net/munge.js";
import type { ConnectFailure, DirectoryFailure, NodeConnection, WallClock } from "../net/node-connection.js";
import { formatOffset } from "../placement/clock-words.js";
import { formatEndpoint, type ReachedAddress, type RemoteAddress } from "../placement/node-directory.js";
import type { Job, Runner } from "../sched/job.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import type { RefusalCode } from "../wire/message.js";
import type { Certificates } from "./certificates.js";
import type { Dial, LeftOut, NodeLink, Refusal } from "./cluster-link.js";
import { FarNode } from "./far-node.js";
import type { LaunchedNodes } from "./launched-nodes.js";
import type { RemoteInput } from "./remote-input.js";

export interface DialOptions {
  /** undefined only when no node needs one. */
  readonly credential: ClientKeyFile | undefined;
  /** What starts workers; undefined: no node needs it. */
  readonly launched?: LaunchedNodes | undefined;
  readonly clock: WallClock;
  /** For connecting and greeting. */
  readonly timeoutMs: number;
  /** undefined: nodes do not know our user by it. */
  readonly munge: Munge | undefined;
  /** A clock that is off by more is unfit. */
  readonly clockSkewMs: number;
  /** Absolute; every node must see it as we do. */
  readonly directory: string;
  /** How a job runs on nodes: makes that share a cluster differ in that. */
  readonly recipes: (job: Job) => RecipeOptions;
  readonly certificates: Certificates | undefined;
}

/** How recipes run on nodes. */
export interface RecipeOptions {
  /** Of their files. */
  readonly umask: number;
  /** Limits, priority, signals; the node's own when left out. */
  readonly settings: ProcessSettings | undefined;
  /** For a single program that is to be as if it ran here. */
  readonly standIn?: StandIn | undefined;
  /** See RemoteRunnerOptions. */
  readonly write?: StandIn["write"] | undefined;
  readonly further?: FurtherSource | undefined;
  /** See RemoteRunnerOptions. */
  readonly behind?: (() => Promise<void> | undefined) | undefined;
  readonly terminal?: JobTerminal | undefined;
  readonly signals?: SignalSource | undefined;
  /** Takes in makes that scripts on nodes start; undefined: they are processes there. */
  readonly makes?: MakesHost | undefined;
  /** ENVSETTER: a program's absolute path; undefined: none. */
  readonly envsetter: string | undefined;
  /** Whether standard output and standard error go to one place, so that their order counts; all then arrives as the first. */
  readonly oneOutput: boolean;
  /** undefined: they read nothing. */
  readonly input: Pick<RemoteInput, "lease" | "release"> | undefined;
  /** What ENVSETTER printed, for `--debug`. */
  readonly onNote: (text: string) => void;
  /** Ending a job took this, on a node. */
  readonly onSwept?: (node: NodeId, swept: { readonly ended: number; readonly left: number }) => void;
}

/** The way to reach nodes with these options. */
export function dialWith(options: DialOptions): Dial {
  return async (address, cancel) => {
    const connected = await unlessCancelled(connect(address, options), cancel);
    if (!connected.ok) return connected;
    return admitted(connected.value, address.node, options);
  };
}

/** A node over a connection to it, if it can be used; the connection is closed otherwise. */
export async function admitted(
  connection: NodeConnection,
  node: NodeId,
  options: DialOptions,
): Promise<Result<NodeLink, LeftOut>> {
  const unfit = clockFault(connection, options.clockSkewMs) ?? (await directoryFault(connection, options.directory));
  if (unfit === undefined) return ok(linkOf(node, connection, options));
  await connection.close();
  return fail(unfit);
}

const GIVEN_UP: LeftOut = { kind: "unreachable", reason: "it was not waited for" };

/** Nobody waits for a connection that is not wanted any more; should it come about, it is closed. */
function unlessCancelled(connecting: ReturnType<typeof connect>, cancel: Cancellation): ReturnType<typeof connect> {
  return new Promise((resolve) => {
    const giveUp = (): void => resolve(fail(GIVEN_UP));
    cancel.addEventListener("abort", giveUp, { once: true });
    void connecting.then(async (connected) => {
      cancel.removeEventListener("abort", giveUp);
      resolve(connected);
      if (cancel.aborted && connected.ok) await connected.value.close();
    });
  });
}

/** What connecting takes. */
export type ConnectOptions = Pick<DialOptions, "credential" | "launched" | "clock" | "timeoutMs" | "munge">;

/** Connects, and tells failures that someone must put right from those of the network. */
export async function connect(
  address: ReachedAddress,
  { credential, launched, clock, timeoutMs, munge }: ConnectOptions,
): Promise<Result<NodeConnection, LeftOut>> {
  if (address.kind === "launched") {
    if (launched === undefined) throw new Error("internal error: a worker to be started, and nothing that starts it");
    return launched.reach(address);
  }
  if (credential === undefined) throw new Error("internal error: a node to be reached without a key");
  if (address.kind === "standing") {
    const { connectStanding } = await import("./standing-dial.js");
    return connectStanding(address, { credential, clock, timeoutMs, munge });
  }
  const { host, port } = address;
  const connected = await connectNode({ host, port, credential, clock, timeoutMs, munge });
  return connected.ok ? connected : fail(leftOutBy(connected.error, address));
}

function leftOutBy(failure: ConnectFailure, { node, host, port }: RemoteAddress): LeftOut {
  const endpoint = formatEndpoint(host, port);
  const reason = node === endpoint ? failure.text : `${failure.text} (${endpoint})`;
  switch (failure.kind) {
    case "unreachable":
    case "timeout":
      return { kind: "unreachable", reason };
    case "refused":
    case "wrong-key":
    case "protocol":
      return { kind: "unfit", reason };
  }
}

/** What is wrong with a node's clock, as far as the measurement is sure of it. */
export function clockFault(connection: NodeConnection, limitMs: number): LeftOut | undefined {
  const { clockOffsetMs, roundTripMs } = connection;
  if (Math.abs(clockOffsetMs) - roundTripMs / 2 <= limitMs) return undefined;
  const limit = String(limitMs / 1000);
  return {
    kind: "unfit",
    reason: `its clock is ${formatOffset(clockOffsetMs)}, more than the ${limit} s that "clockSkew" allows`,
  };
}

/** Whether the node sees our directory; what is wrong otherwise. */
export async function directoryFault(connection: NodeConnection, directory: string): Promise<LeftOut | undefined> {
  const proof = await connection.proveDirectory(directory).catch((error: unknown) => fail(ownFault(error)));
  if (proof.ok) return undefined;
  return { kind: proof.error.kind === "lost" ? "unreachable" : "unfit", reason: `it ${proof.error.text}` };
}

/** Our own half of the proof failed: no space, no directory. */
function ownFault(error: unknown): DirectoryFailure {
  return {
    kind: "unwritable",
    text: `cannot be shown the directory: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function linkOf(node: NodeId, connection: NodeConnection, options: DialOptions): NodeLink {
  const listeners: ((refusal: Refusal) => void)[] = [];
  const onRefused = (refusal: Refusal): void => {
    for (const listener of listeners) listener(refusal);
  };
  const shows = async (directory: string): Promise<boolean> =>
    (await directoryFault(connection, directory)) === undefined;
  const farNode = new FarNode(options.directory, shows);
  const runner: Runner = {
    node,
    run: (job, on, cancel, slots) => {
      const recipes = options.recipes(job);
      return runnerFor(node, connection, { ...options, recipes, onRefused, farNode }).run(job, on, cancel, slots);
    },
  };
  return {
    name: connection.node.name,
    slots: connection.node.slots,
    clockOffsetMs: connection.clockOffsetMs,
    runner,
    load: connection.load,
    onLoad: (listener) => connection.onLoad((load, takenMs) => listener({ ...load, takenMs })),
    onRefused: (listener) => void listeners.push(listener),
    onLost: (listener) => connection.onLost(listener),
    close: () => connection.close(),
  };
}

/** What runs jobs over a connection. */
export function runnerFor(
  node: NodeId,
  connection: NodeConnection,
  options: Pick<DialOptions, "clock" | "certificates"> & {
    readonly recipes: RecipeOptions;
    readonly onRefused: (refusal: Refusal) => void;
    /** For makes that are taken in from there. */
    readonly farNode?: NodeOfMakes;
  },
): Runner {
  const { umask, settings, standIn, write, further, behind, terminal, signals, envsetter = "" } = options.recipes;
  const { oneOutput, input, onNote, onSwept, makes: host } = options.recipes;
  const { farNode } = options;
  const runner = new RemoteRunner({
    node,
    connection,
    ...{ umask, settings, standIn, write, further, behind, terminal, signals, envsetter, oneOutput },
    makes: host && farNode && { host, node: farNode },
    nowMs: () => options.clock.nowMs(),
    onNote: (_, text) => onNote(text),
    onRefused: (job, { code, errno, text }) => {
      const isOutdated = code === "unseen" && options.certificates?.review(job.needs, job.directory) === true;
      const kind = errno === STOPPING ? "unreachable" : kindOf(code);
      if (kind !== undefined && !isOutdated) options.onRefused({ kind, reason: text });
    },
    onSwept: (_, swept) => onSwept?.(node, swept),
    ...(input !== undefined && { input: (job, plain) => input.lease(job, plain) }),
  });
  return {
    node,
    run: (job, on, cancel, slots) => runner.run(job, on, cancel, slots).finally(() => input?.release(job)),
  };
}

/** The errno by which a node says that it takes no more jobs, as it is about to stop. */
const STOPPING = "ESHUTDOWN";

/** What a refusal says of the node; undefined: nothing, as nobody could run the job. */
function kindOf(code: RefusalCode): Refusal["kind"] | undefined {
  switch (code) {
    case "directory":
    case "envsetter":
    case "forbidden":
    case "system":
    case "unseen":
      return "unfit";
    case "busy":
      return "busy";
    case "descriptor":
    case "request":
      return undefined;
  }
}
