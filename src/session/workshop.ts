/** What recipes run with: slots, jobserver, runner, places. Opened once makefiles are first read, used until the end. */

import type { OutputSync } from "../exec/output-sync.js";
import type { Observer } from "../events/event.js";
import type { Console } from "../observe/console.js";
import type { Jobserver } from "../os/jobserver.js";
import { MachineLoadGate } from "../os/load.js";
import type { Spawner } from "../os/spawn.js";
import type { LoadGate } from "../sched/ports.js";
import type { ClusterSettings } from "./config.js";
import type { InvocationContext } from "./context.js";
import { decideJobs } from "./jobs.js";
import { openPlaces, type Places } from "./places.js";
import type { OutputGroups } from "./output-groups.js";
import { openRecipeRunner } from "./recipe-runner.js";
import type { Switches } from "./switches.js";
import type { OutputPace } from "./text-output.js";
import type { TemporaryDirectory } from "./temporary-directory.js";

export interface WorkshopRequest {
  readonly context: InvocationContext;
  readonly switches: Switches;
  readonly console: Console;
  readonly observe: Observer;
  readonly spawner: Spawner;
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
  /** Infinity for no limit. */
  readonly slots: number;
  /** Recipes may run on other machines. */
  readonly isSpread: boolean;
  readonly jobserver: Jobserver | undefined;
  readonly gate: LoadGate | undefined;
  /** `-O` in force. */
  readonly sync: OutputSync | undefined;
  readonly places: Places;
  readonly pace: OutputPace;
  /** Tells fresh switches what sub-makes must know: jobserver and output lock. */
  announce(switches: Switches): void;
  close(): Promise<void>;
}

/** @throws MakefileError, UserError for what the options ask for and cannot be had */
export async function openWorkshop(request: WorkshopRequest): Promise<Workshop> {
  const { context, switches, joined, observe, settings, directory, pace } = request;
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
  try {
    const places = openPlaces({ context, switches, directory, settings, local: runner.local, observe, pace, isDirect });
    return {
      slots,
      isSpread: settings?.receipts === true,
      jobserver,
      sync,
      places,
      pace,
      gate: switches.loadLimit === undefined ? undefined : new MachineLoadGate(switches.loadLimit),
      announce: (fresh) => {
        fresh.setValue("jobserverAuth", auth);
        request.groups.forJobs(fresh, slots);
      },
      close: () => close(places),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
