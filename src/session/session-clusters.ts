/** The clusters of one session: makes in this process that ask for the same nodes use one, with its connections and all it knows. */

import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { Broadcast } from "../base/broadcast.js";
import { isBelow } from "../base/is-below.js";
import { type InvocationId, LOCAL_NODE } from "../base/ids.js";
import type { SignalSource } from "../base/signals.js";
import type { Observer } from "../events/event.js";
import type { GuardedJob } from "../exec/local.js";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";
import { Guardian } from "../os/guardian.js";
import { ownMarkOf } from "../os/job-mark.js";
import { ReceiptLog } from "../os/receipt-log.js";
import type { Job, Runner } from "../sched/job.js";
import { Certificates } from "./certificates.js";
import { type Cluster, type ClusterRecipes, openCluster } from "./cluster.js";
import { type ClusterSettings, readVariable } from "./config.js";
import type { OnStops } from "./stops.js";
import type { LaunchedNodes } from "./launched-nodes.js";
import { SweepReport } from "./sweep-report.js";

/** What differs from one make to the next. */
export interface ClusterUser {
  /** Runs its jobs on this machine. */
  readonly local: Runner;
  readonly recipes: ClusterRecipes;
}

/** What a make asks for. */
export interface ClusterWish {
  readonly invocation: InvocationId;
  readonly settings: ClusterSettings;
  readonly certificates: Certificates | undefined;
  /** Absolute. */
  readonly directory: string;
  readonly environment: readonly string[];
  readonly userId: number;
  /** The workers that are started for it. */
  readonly launched: LaunchedNodes | undefined;
}

export interface SessionClustersOptions {
  /** Of the make that the user started; absolute. */
  readonly directory: string;
  /** What that make asks for. */
  readonly settings: ClusterSettings | undefined;
  readonly observe: Observer;
  /** Of the process: calls back when it stops and when it goes on. */
  readonly onStops: OnStops;
  /** What a job took in earlier sessions, in milliseconds; undefined: nobody knows. */
  readonly tookMs: (job: Job) => number | undefined;
}

export interface Certified {
  readonly certificates: Certificates;
  close(): Promise<void>;
}

interface Shared {
  readonly key: string;
  /** What every node has shown that it sees; whatever is below it on the same device, too. */
  readonly directory: string;
  readonly device: number;
  readonly cluster: Promise<Cluster>;
  readonly users: Map<InvocationId, ClusterUser>;
  /** It is what the session's first make asks for, and stays to its end. */
  readonly lasts: boolean;
  readonly sweeps: SweepReport;
}

const SIGTSTP = 20;

export class SessionClusters {
  readonly #options: SessionClustersOptions;
  readonly #shared = new Set<Shared>();
  readonly #certificates = new Map<string, Certificates>();
  readonly #launched = new Map<string, Promise<LaunchedNodes | undefined>>();
  readonly #stops = new Broadcast<number>();
  /** Of this session, in the marks of its jobs. */
  readonly #token = randomBytes(12).toString("hex");
  #jobs = 0;
  #guardian: Guardian | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: SessionClustersOptions) {
    this.#options = options;
  }

  /** SIGTSTP and SIGCONT, for recipes on nodes. */
  get stops(): SignalSource {
    return this.#stops;
  }

  /** The receipts of all makes here that tell each other of theirs, and the way to end what one of them has to do with them. */
  certify({ receiptLog, isSubMake }: ClusterSettings, invocation: InvocationId): Certified {
    const known = this.#certificates.get(receiptLog);
    const certificates = known ?? new Certificates(new ReceiptLog(receiptLog));
    this.#certificates.set(receiptLog, certificates);
    // A make in another process is told by the file, even of what a make in this one has been told.
    const isHere = known !== undefined && this.#options.settings?.isSubMake !== true;
    if (isSubMake) certificates.reportsOf(invocation);
    const close = async (): Promise<void> => {
      if (isSubMake) certificates.report(invocation, isHere);
      else await certificates.end();
    };
    return { certificates, close };
  }

  /** What sees to it that the recipes of this machine, which is a node like others, end when this process is killed. */
  guard(temporaryDirectory: string): () => GuardedJob {
    const guardian = (this.#guardian ??= new Guardian({ cgroups: undefined, temporaryDirectory }));
    return () => {
      const mark = ownMarkOf(`${this.#token}.${String(++this.#jobs)}`);
      // Without space for a mark, or descriptors, a job runs all the same.
      return { mark, release: attempt(() => guardian.watch(mark, undefined)) ?? ((): void => undefined) };
    };
  }

  /** The workers that a session starts, once for all its makes here. They end with it. */
  async launched(
    { session }: ClusterSettings,
    open: (observe: Observer) => Promise<LaunchedNodes | undefined>,
  ): Promise<LaunchedNodes | undefined> {
    const opening = this.#launched.get(session) ?? open(this.#options.observe);
    this.#launched.set(session, opening);
    try {
      const launched = await opening;
      if (launched !== undefined) this.#listen();
      return launched;
    } catch (error) {
      this.#launched.delete(session);
      throw error;
    }
  }

  /**
   * A cluster for one make, which no other one is seen in; its end is that make's leaving.
   *
   * @throws UserError when the key cannot be used
   */
  async join(wish: ClusterWish, user: ClusterUser): Promise<Cluster> {
    this.#listen();
    const shared = this.#find(wish);
    shared.users.set(wish.invocation, user);
    try {
      const cluster = await shared.cluster;
      const close = (): Promise<void> => this.#leave(shared, wish.invocation);
      return { ...cluster, close, [Symbol.asyncDispose]: close };
    } catch (error) {
      this.#shared.delete(shared);
      throw error;
    }
  }

  /** The session is over. */
  async close(): Promise<void> {
    this.#stopListening?.();
    await Promise.all([...this.#shared].map((shared) => this.#close(shared)));
    await Promise.all([...this.#launched.values()].map(async (launched) => (await launched)?.close()));
    await this.#guardian?.close();
  }

  #listen(): void {
    this.#stopListening ??= this.#options.onStops((signal) => {
      this.#stops.send(signal);
      if (signal === SIGTSTP)
        for (const launched of this.#launched.values()) void launched.then((nodes) => nodes?.rest());
    });
  }

  async #leave(shared: Shared, invocation: InvocationId): Promise<void> {
    shared.users.delete(invocation);
    if (shared.users.size === 0 && !shared.lasts) await this.#close(shared);
  }

  async #close(shared: Shared): Promise<void> {
    this.#shared.delete(shared);
    const { text } = shared.sweeps;
    if (text !== undefined) this.#options.observe({ type: "message", stream: "stderr", text });
    await (await shared.cluster).close();
  }

  #find(wish: ClusterWish): Shared {
    const key = keyOf(wish);
    const place = this.#placeOf(wish.directory);
    const found = [...this.#shared].find((shared) => shared.key === key && covers(shared, place));
    if (found !== undefined) return found;
    const users: Shared["users"] = new Map();
    const sweeps = new SweepReport();
    const lasts = wish.settings.session === this.#options.settings?.session;
    const cluster = this.#open({ ...wish, directory: place.directory }, { users, sweeps, lasts });
    const shared = { key, ...place, cluster, users, lasts, sweeps };
    this.#shared.add(shared);
    return shared;
  }

  /** Where the first make works, for all that is below it: nodes are asked about one directory, not about each. */
  #placeOf(directory: string): Pick<Shared, "directory" | "device"> {
    const own = { directory, device: deviceOf(directory) };
    const home = this.#options.directory;
    const top = { directory: home, device: deviceOf(home) };
    return covers(top, own) ? top : own;
  }

  #open(
    { settings, certificates, directory, environment, userId, launched }: ClusterWish,
    { users, sweeps, lasts }: Pick<Shared, "users" | "sweeps" | "lasts">,
  ): Promise<Cluster> {
    const userOf = ({ invocation, target }: Job): ClusterUser => {
      const user = users.get(invocation);
      if (user === undefined) throw new Error(`internal error: nobody asks for ${target}`);
      return user;
    };
    const isSubMake = lasts ? this.#options.settings?.isSubMake === true : settings.isSubMake;
    return openCluster({
      ...{ certificates, directory, environment, userId, launched, observe: this.#options.observe },
      settings: { ...settings, isSubMake },
      local: { node: LOCAL_NODE, run: (job, on, cancel) => userOf(job).local.run(job, on, cancel) },
      recipes: (job) => ({ ...userOf(job).recipes, onSwept: sweeps.add }),
      tookMs: this.#options.tookMs,
      clock: { nowMs: () => Date.now() },
    });
  }
}

function covers(shared: Pick<Shared, "directory" | "device">, place: Pick<Shared, "directory" | "device">): boolean {
  return shared.device === place.device && isBelow(place.directory, shared.directory);
}

function deviceOf(directory: string): number {
  return statSync(toPath(directory), { throwIfNoEntry: false })?.dev ?? -1;
}

/** All that a cluster depends on, but for the directory. */
function keyOf({ settings, environment, userId }: ClusterWish): string {
  const { isSubMake: _, ...rest } = settings;
  return JSON.stringify([
    rest,
    userId,
    readVariable(environment, "XDG_RUNTIME_DIR"),
    readVariable(environment, "TMPDIR"),
  ]);
}
