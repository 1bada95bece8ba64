/** The nodes that a shell session uses for the lines of many makes: one cluster for those that ask for the same. */

import { statSync } from "node:fs";
import { isBelow } from "../base/is-below.js";
import type { Observer } from "../events/event.js";
import type { WallClock } from "../net/node-connection.js";
import { toPath } from "../os/bytes.js";
import type { Runner } from "../sched/job.js";
import { type Cluster, openCluster } from "./cluster.js";
import type { RecipeOptions } from "./cluster-dial.js";
import { lastingSettings } from "./lasting-settings.js";
import { type ClusterSettings, readClusterSettings } from "./config.js";

export interface ShellClustersOptions {
  readonly userId: number;
  readonly clock: WallClock;
  /** Runs what NODES gives to this machine. */
  readonly local: Runner;
  readonly input: NonNullable<RecipeOptions["input"]>;
  /** What a cluster has to say, to be told by whoever uses it. */
  readonly observe: Observer;
}

/** What a line asks for. */
export interface ClusterWish {
  readonly environment: readonly string[];
  readonly directory: string;
  readonly umask: number;
  readonly oneOutput: boolean;
}

interface Shared {
  readonly key: string;
  readonly directory: string;
  readonly device: number;
  readonly cluster: Promise<Cluster>;
  users: number;
  idleSinceMs: number;
}

/** A cluster that nobody has used for so long is closed. */
const KEPT_MS = 10_000;

/** Clusters are told apart by settings, umask and directory; one serves what lies below its directory on the same device. */
export class ShellClusters {
  readonly #options: ShellClustersOptions;
  #shared: Shared[] = [];

  constructor(options: ShellClustersOptions) {
    this.#options = options;
  }

  /**
   * Has a cluster do something.
   *
   * @returns what that returns; undefined when no nodes are named: then it is not done
   * @throws UserError for nodes, keys or configuration that cannot be used
   */
  async use<T>(wish: ClusterWish, work: (cluster: Cluster) => Promise<T>): Promise<T | undefined> {
    const { environment, directory } = wish;
    const settings = await readClusterSettings({ options: {}, environment, directory, userId: this.#options.userId });
    if (settings === undefined) return undefined;
    const shared = this.#find(wish, settings);
    shared.users++;
    try {
      return await work(await shared.cluster);
    } catch (error) {
      // it may be better the next time
      this.#shared = this.#shared.filter((other) => other !== shared);
      void shared.cluster.then((cluster) => cluster.close()).catch(() => undefined); // `error` has said it
      throw error;
    } finally {
      shared.users--;
      shared.idleSinceMs = this.#options.clock.nowMs();
    }
  }

  /** Closes what has not been used lately. */
  async tidy(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const isOld = ({ users, idleSinceMs }: Shared): boolean => users === 0 && nowMs - idleSinceMs > KEPT_MS;
    const old = this.#shared.filter(isOld);
    this.#shared = this.#shared.filter((shared) => !isOld(shared));
    await Promise.all(old.map(async ({ cluster }) => (await cluster).close()));
  }

  async close(): Promise<void> {
    const all = this.#shared;
    this.#shared = [];
    await Promise.all(all.map(async ({ cluster }) => (await cluster).close()));
  }

  #find(wish: ClusterWish, settings: ClusterSettings): Shared {
    const key = JSON.stringify([lastingSettings(settings), wish.umask, wish.oneOutput]);
    const device = statSync(toPath(wish.directory)).dev;
    const found = this.#shared.find(
      (shared) => shared.key === key && shared.device === device && isBelow(wish.directory, shared.directory),
    );
    if (found !== undefined) return found;
    const { directory } = wish;
    const made = { key, directory, device, cluster: this.#open(wish, settings), users: 0, idleSinceMs: 0 };
    this.#shared.push(made);
    return made;
  }

  #open({ environment, directory, umask, oneOutput }: ClusterWish, settings: ClusterSettings): Promise<Cluster> {
    const { userId, clock, local, input, observe } = this.#options;
    return openCluster({
      ...{ settings, environment, directory, userId, observe, local, clock },
      certificates: undefined,
      recipes: () => ({ umask, settings: undefined, oneOutput, input }),
    });
  }
}
