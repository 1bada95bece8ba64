/** The nodes of a session, opened once and used by its scheduler: `openCluster`. */

import { randomBytes } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { UserError } from "../base/user-error.js";
import type { Observer } from "../events/event.js";
import { readKeyFileOf } from "../net/key-store.js";
import type { WallClock } from "../net/node-connection.js";
import { toUnicode } from "../os/bytes.js";
import { ToldList } from "../os/told-list.js";
import { machineLoad } from "../os/load.js";
import { openSentStore } from "../os/sent-directory.js";
import type { Job, Runner } from "../sched/job.js";
import { onlyRunner, type Placement } from "../sched/ports.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import type { Certificates } from "./certificates.js";
import { type DialOptions, dialWith, type RecipeOptions } from "./cluster-dial.js";
import type { Dial, Roll, Search } from "./cluster-link.js";
import { ClusterPlacement } from "./cluster-placement.js";
import { type ClusterSettings, readVariable } from "./config.js";
import type { PlacementOptions } from "./placement-options.js";
import { startsWorkers } from "./starts-workers.js";
import type { LaunchedNodes } from "./launched-nodes.js";

/** How recipes run on nodes; `envsetter` comes from the settings. */
export type ClusterRecipes = Omit<RecipeOptions, "envsetter" | "onNote">;

export interface ClusterRequest {
  readonly settings: ClusterSettings;
  /** undefined: receipts are not looked for. */
  readonly certificates: Certificates | undefined;
  /** The invocation's directory, absolute: what every node must see as we do. */
  readonly directory: string;
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  readonly userId: number;
  /** Runs what stays on this machine. */
  readonly local: Runner;
  /** How a job's recipe runs on nodes. */
  readonly recipes: (job: Job) => ClusterRecipes;
  readonly observe: Observer;
  readonly clock: WallClock;
  readonly tookMs?: PlacementOptions["tookMs"];
  /** Of the session, which closes them; undefined: the cluster has its own, if it needs any. */
  readonly launched?: LaunchedNodes | undefined;
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
  const { dial, search, launched, own } = await waysTo(request);
  const sent = await openSentStore(sentOptions(request));
  if (sent.trouble !== undefined)
    observe({ type: "debug", level: "jobs", depth: 0, text: `sent records: ${sent.trouble}` });
  const down = new ToldList(sent.directory, settings.session, ".down");
  const warned = new ToldList(sent.directory, settings.session, ".clock");
  const placement = new ClusterPlacement({
    nodes: settings.nodes,
    roll: await rollOf(request),
    strict: settings.strict,
    minFreeMemoryBytes: settings.minFreeMemoryBytes,
    local: { runner: local, slots: availableParallelism(), name: `local:${hostname()}`, load: machineLoad },
    dial,
    search,
    isUnlisted: settings.isUnlisted,
    coming: launched?.coming,
    endsAtMs: () => launched?.endsAtMs,
    tookMs: request.tookMs,
    sent,
    down,
    warned,
    observe,
    certificates: request.certificates,
    nowMs: () => clock.nowMs(),
    later: (delayMs, act) => {
      const timer = setTimeout(act, delayMs);
      return () => clearTimeout(timer);
    },
  });
  return asCluster(placement, async () => {
    await own?.close();
    await sent.close();
    if (settings.isSubMake) return;
    down.remove();
    warned.remove();
  });
}

/** No cluster at all: everything runs here. */
export function onlyHere(local: Runner): Cluster {
  const done = (): Promise<void> => Promise.resolve();
  return { placement: onlyRunner(local), ready: done, answered: done, close: done, [Symbol.asyncDispose]: done };
}

function asCluster(placement: ClusterPlacement, putAway: () => Promise<void>): Cluster {
  const close = async (): Promise<void> => {
    await placement.close();
    await putAway();
  };
  return {
    placement,
    ready: () => placement.ready(),
    answered: () => placement.answered(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Ways {
  readonly dial: Dial;
  readonly search: Search | undefined;
  readonly launched: LaunchedNodes | undefined;
  /** The same when it is ours to close. */
  readonly own: LaunchedNodes | undefined;
}

/** To nodes that are listed, and to those that are not. @throws UserError */
async function waysTo(request: ClusterRequest): Promise<Ways> {
  const { settings, directory, clock, recipes: given, observe, certificates } = request;
  const { keyFile, group, connectTimeoutMs: timeoutMs, clockSkewMs, envsetter, munge } = settings;
  const note = (text: string): void => observe({ type: "debug", level: "jobs", depth: 0, text });
  const more = { envsetter, onNote: (text: string) => note(`ENVSETTER: ${text}`) };
  const recipes = (job: Job): RecipeOptions => ({ ...given(job), ...more });
  const options: DialOptions = {
    credential: keyFile === undefined ? undefined : readCredential(keyFile),
    ...{ clock, timeoutMs, munge, clockSkewMs, directory, recipes, certificates },
  };
  const own = request.launched === undefined ? await ownLaunched(request) : undefined;
  const launched = request.launched ?? own;
  const dial = dialWith({ ...options, launched });
  if (group === undefined || options.credential === undefined) return { dial, search: undefined, launched, own };
  const { NodeSearch } = await import("./node-search.js");
  const { credential } = options;
  return { dial, search: new NodeSearch({ ...options, credential, group, onNote: note }), launched, own };
}

/** Those of a standing cluster are told of by its folder, the first ones too. */
async function rollOf({ settings: { standing }, observe }: ClusterRequest): Promise<Roll | undefined> {
  if (standing === undefined) return undefined;
  const { StandingRoll } = await import("./standing-roll.js");
  const onNote = (text: string): void => observe({ type: "debug", level: "jobs", depth: 0, text });
  return new StandingRoll({ folder: standing, onNote });
}

async function ownLaunched(request: ClusterRequest): Promise<LaunchedNodes | undefined> {
  if (!startsWorkers(request.settings)) return undefined;
  const { openLaunchedNodes } = await import("./launched-nodes.js");
  return openLaunchedNodes({ ...request, hasSubMakes: false });
}

/** The client's key. @throws UserError when it cannot be used */
export function readCredential(keyFile: string): ClientKeyFile {
  const key = readKeyFileOf(toUnicode(keyFile) ?? keyFile, "client");
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
