/** Clusters that stay connected between the calls of one process: a call that comes soon after another finds its nodes at hand. */

import type { Observer } from "../events/event.js";
import { LOCAL_NODE } from "../base/ids.js";
import type { Runner } from "../sched/job.js";
import { lastingSettings } from "./lasting-settings.js";
import { type Cluster, type ClusterRecipes, type ClusterRequest, openCluster } from "./cluster.js";

/** What differs from one call to the next. */
interface Call {
  readonly local: Runner;
  readonly observe: Observer;
  readonly recipes: ClusterRecipes;
}

/** One call at a time has it. */
interface Kept {
  /** What it was opened for. */
  readonly key: string;
  readonly cluster: Cluster;
  call: Call;
  /** Ends its time without a call. */
  timer: NodeJS.Timeout | undefined;
}

/** A cluster for one call. */
export interface LentCluster {
  readonly cluster: Cluster;
  /** The call is over. `isWell`: the next one may have the cluster, else it is closed now. */
  giveBack(isWell: boolean): Promise<void>;
}

/** Connecting takes less than this: nobody waits for the end of a process for longer than it would have taken without. */
const KEPT_MS = 100;

export class KeptClusters {
  readonly #idle: Kept[] = [];

  /**
   * Opens a cluster, or takes one that was opened for just the same and is idle.
   *
   * @param recipes - what the request answers for every job
   * @throws UserError
   */
  async lend(request: ClusterRequest, recipes: ClusterRecipes): Promise<LentCluster> {
    const call = { local: request.local, observe: request.observe, recipes };
    const key = keyOf(request, recipes);
    const kept = this.#take(key) ?? (await open(request, { key, call }));
    kept.call = call;
    return {
      cluster: kept.cluster,
      giveBack: async (isWell) => {
        if (isWell) this.#keep(kept);
        else await kept.cluster.close();
      },
    };
  }

  #take(key: string): Kept | undefined {
    const at = this.#idle.findLastIndex((kept) => kept.key === key);
    const [kept] = at < 0 ? [] : this.#idle.splice(at, 1);
    clearTimeout(kept?.timer);
    return kept;
  }

  #keep(kept: Kept): void {
    this.#idle.push(kept);
    kept.timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(kept), 1);
      void kept.cluster.close(); // rejects only for a fault of ours, which must be seen
    }, KEPT_MS);
  }
}

async function open(request: ClusterRequest, { key, call }: Pick<Kept, "key" | "call">): Promise<Kept> {
  const lent = { key, call, timer: undefined };
  const cluster = await openCluster({
    ...request,
    local: { node: LOCAL_NODE, run: (job, on, cancel) => lent.call.local.run(job, on, cancel) },
    observe: (event) => lent.call.observe(event),
    recipes: () => lent.call.recipes,
  });
  return Object.assign(lent, { cluster });
}

/** All that a cluster depends on. */
function keyOf({ settings, environment, directory }: ClusterRequest, recipes: ClusterRecipes): string {
  const lasting = lastingSettings(settings);
  const { umask, oneOutput, settings: inherited } = recipes;
  return JSON.stringify([lasting, environment, directory, umask, oneOutput, inherited], (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
}
