/** Reaches nodes for the cluster: connects, has each prove that it sees our directory, and looks at its clock. */

import type { NodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import { connectNode } from "../net/connect.js";
import type { ConnectFailure, DirectoryFailure, NodeConnection, WallClock } from "../net/node-connection.js";
import { formatOffset } from "../placement/clock-words.js";
import { formatEndpoint, type RemoteAddress } from "../placement/node-directory.js";
import type { Runner } from "../sched/job.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import type { Dial, LeftOut, NodeLink } from "./cluster-link.js";

export interface DialOptions {
  readonly credential: ClientKeyFile;
  readonly clock: WallClock;
  /** For connecting and greeting. */
  readonly timeoutMs: number;
  /** A clock that is off by more is unfit. */
  readonly clockSkewMs: number;
  /** Absolute; every node must see it as we do. */
  readonly directory: string;
  /** What runs jobs over a connection. */
  readonly runnerFor: (node: NodeId, connection: NodeConnection) => Runner;
}

/** The way to reach nodes with these options. */
export function dialWith(options: DialOptions): Dial {
  return async (address) => {
    const connected = await connect(address, options);
    if (!connected.ok) return connected;
    const connection = connected.value;
    const unfit = clockFault(connection, options.clockSkewMs) ?? (await directoryFault(connection, options.directory));
    if (unfit === undefined) return ok(linkOf(connection, options.runnerFor(address.node, connection)));
    await connection.close();
    return fail(unfit);
  };
}

/** Connects, and tells failures that someone must put right from those of the network. */
export async function connect(
  address: RemoteAddress,
  { credential, clock, timeoutMs }: Pick<DialOptions, "credential" | "clock" | "timeoutMs">,
): Promise<Result<NodeConnection, LeftOut>> {
  const { host, port } = address;
  const connected = await connectNode({ host, port, credential, clock, timeoutMs });
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

function linkOf(connection: NodeConnection, runner: Runner): NodeLink {
  return {
    slots: connection.node.slots,
    clockOffsetMs: connection.clockOffsetMs,
    runner,
    load: connection.load,
    onLoad: (listener) => connection.onLoad(listener),
    onLost: (listener) => connection.onLost(listener),
    close: () => connection.close(),
  };
}
