/** What recipes run with: slots, jobserver, runner, places. Opened once makefiles are first read, used until the end. */

import type { Cancellation } from "../base/abort.js";
import type { InvocationId } from "../base/ids.js";
import type { OutputSync } from "../exec/output-sync.js";
import type { Console } from "../observe/console.js";
import type { Jobserver } from "../os/jobserver.js";
import { MachineLoadGate } from "../os/load.js";
import type { LoadGate } from "../sched/ports.js";
import { TokenPool, type TokenSeat } from "../sched/token-pool.js";
import type { ClusterSettings } from "./config.js";
import type { InvocationContext } from "./context.js";
import { decideJobs } from "./jobs.js";
import { openPlaces, type Places } from "./places.js";
import type { OutputGroups } from "./output-groups.js";
import { openRecipeRunner } from "./recipe-runner.js";
import type { SubMakes } from "./sub-makes.js";
import type { SessionClusters } from "./session-clusters.js";
import type { Switches } from "./switches.js";
import type { OutputPace } from "./text-output.js";
import type { TemporaryDirectory } from "./temporary-directory.js";

export interface WorkshopRequest {
  readonly invocation: InvocationId;
  readonly clusters: SessionClusters | undefined;
  readonly context: InvocationContext;
  readonly switches: Switches;
  readonly console: Console;
  readonly spawner: SubMakes;
  /** Absolute. */
  readonly directory: string;
  readonly temporary: TemporaryDirectory;
  readonly groups: OutputGroups;
  /** The jobserver of the make above us. */
  readonly joined: Jobserver | undefined;
  readonly settings: ClusterSettings | undefined;
  readonly passesThrough: boolean;
  readonly pace: OutputPace;
}

export interface Workshop {
  readonly invocation: InvocationId;
  /** Infinity for no limit. */
  readonly slots: number;
  /** Recipes may run on other machines. */
  readonly isSpread: boolean;
  readonly jobserver: Jobserver | undefined;
  /** Of the jobserver, for all makes of this process that take part in it. */
  readonly pool: TokenPool;
  readonly permits: TokenSeat;
  readonly gate: LoadGate | undefined;
  /** `-O` in force. */
  readonly sync: OutputSync | undefined;
  readonly places: Places;
  readonly pace: OutputPace;
  /** Tells fresh switches what sub-makes must know: jobserver and output lock. */
  announce(switches: Switches): void;
  close(cancel: Cancellation): Promise<void>;
}

/** @throws MakefileError, UserError for what the options ask for and cannot be had */
export async function openWorkshop(request: WorkshopRequest): Promise<Workshop> {
  const { context, switches, joined, settings, directory, pace, invocation, clusters } = request;
  const { slots, jobserver, auth } = decideJobs(request, joined);
  const sync = request.groups.forJobs(switches, slots);
  const temporaryDirectory = request.temporary.path;
  const runner = openRecipeRunner({
    ...{ ...request, jobserver, sync, temporaryDirectory },
    tellsProcesses: switches.debugLevels.has("jobs"),
  });
  const close = async (places?: Places): Promise<void> => {
    await places?.close();
    runner.close();
    jobserver?.close();
  };
  const isDirect = sync === undefined && !request.passesThrough;
  const isShared = jobserver !== undefined && jobserver === context.above?.jobserver;
  const pool = isShared ? context.above.pool : new TokenPool(jobserver);
  const permits = pool.seat();
  try {
    const places = await openPlaces({
      ...{ context, switches, directory, settings, invocation, clusters, pace, isDirect },
      local: runner.local,
      makes: request.spawner,
    });
    return {
      invocation,
      slots,
      isSpread: settings?.receipts === true,
      ...{ jobserver, pool, permits, sync },
      places,
      pace,
      gate: switches.loadLimit === undefined ? undefined : new MachineLoadGate(switches.loadLimit),
      announce: (fresh) => {
        fresh.setValue("jobserverAuth", auth);
        request.groups.forJobs(fresh, slots);
      },
      close: async (cancel) => {
        if (isShared) await permits.leave(cancel);
        await close(places);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
