/** The nodes of a session, opened once and used by its scheduler: `openCluster`. */

import { randomBytes } from "node:crypto";
import { availableParallelism, freemem, hostname, loadavg } from "node:os";
import type { NodeId } from "../base/ids.js";
import { UserError } from "../base/user-error.js";
import type { Observer } from "../events/event.js";
import { readKeyFileOf } from "../net/key-store.js";
import type { NodeConnection, WallClock } from "../net/node-connection.js";
import { openSentStore, type SentStore } from "../os/sent-directory.js";
import type { ReportedLoad } from "../placement/node-ledger.js";
import type { Runner } from "../sched/job.js";
import type { Placement } from "../sched/ports.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import { dialWith } from "./cluster-dial.js";
import type { Dial } from "./cluster-link.js";
import { ClusterPlacement } from "./cluster-placement.js";
import { type ClusterSettings, readVariable } from "./config.js";

export interface ClusterRequest {
  readonly settings: ClusterSettings;
  /** The invocation's directory, absolute: what every node must see as we do. */
  readonly directory: string;
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  readonly userId: number;
  /** Runs what stays on this machine. */
  readonly local: Runner;
  /** Makes what runs jobs over a connection. */
  readonly runnerFor: (node: NodeId, connection: NodeConnection) => Runner;
  readonly observe: Observer;
  readonly clock: WallClock;
}

export interface Cluster extends AsyncDisposable {
  /** For the scheduler. */
  readonly placement: Placement;
  /** Resolves when jobs can be placed. @throws UserError when no node can be used, or none be reached and `strict` */
  ready(): Promise<void>;
  /** Resolves when every node has answered or been given up. */
  answered(): Promise<void>;
  /** Ends every connection and leaves the last sent record. */
  close(): Promise<void>;
}

/**
 * Starts to connect to every node at once, in the background, with one short attempt each.
 *
 * @throws UserError when the key cannot be used
 */
export async function openCluster(request: ClusterRequest): Promise<Cluster> {
  const { settings, local, observe, clock } = request;
  const dial = dialOf(request);
  const sent = await openSentStore(sentOptions(request));
  if (sent.trouble !== undefined)
    observe({ type: "debug", level: "jobs", depth: 0, text: `sent records: ${sent.trouble}` });
  const placement = new ClusterPlacement({
    nodes: settings.nodes,
    strict: settings.strict,
    minFreeMemoryBytes: settings.minFreeMemoryBytes,
    local: { runner: local, slots: availableParallelism(), name: `local:${hostname()}`, load: localLoad },
    dial,
    sent,
    observe,
    nowMs: () => clock.nowMs(),
  });
  return asCluster(placement, sent);
}

function asCluster(placement: ClusterPlacement, sent: SentStore): Cluster {
  const close = async (): Promise<void> => {
    await placement.close();
    await sent.close();
  };
  return {
    placement,
    ready: () => placement.ready(),
    answered: () => placement.answered(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function dialOf({ settings, directory, clock, runnerFor }: ClusterRequest): Dial {
  const { keyFile, connectTimeoutMs: timeoutMs, clockSkewMs } = settings;
  if (keyFile === undefined)
    return () => Promise.reject(new Error("internal error: a node to be reached without a key"));
  return dialWith({ credential: readCredential(keyFile), clock, timeoutMs, clockSkewMs, directory, runnerFor });
}

/** The client's key. @throws UserError when it cannot be used */
export function readCredential(keyFile: string): ClientKeyFile {
  const key = readKeyFileOf(keyFile, "client");
  if (!key.ok) throw new UserError(key.error.text);
  return key.value;
}

function sentOptions({ settings, environment, userId, clock }: ClusterRequest): Parameters<typeof openSentStore>[0] {
  const runtimeDirectory = readVariable(environment, "XDG_RUNTIME_DIR");
  const { sentDirectory } = settings;
  return {
    ...(sentDirectory !== undefined && { sentDirectory }),
    ...(runtimeDirectory !== undefined && runtimeDirectory !== "" && { runtimeDirectory }),
    temporaryDirectory: readVariable(environment, "TMPDIR") ?? "/tmp",
    userId,
    session: `${hostname()}.${String(process.pid)}.${randomBytes(4).toString("hex")}`,
    nowMs: () => clock.nowMs(),
  };
}

function localLoad(): ReportedLoad {
  const [loadAverage = 0] = loadavg();
  return { loadAverage, freeMemoryBytes: freemem() };
}
