/** Where recipes run: here, or on the nodes that the options, the environment or the configuration name. */

import { fstatSync } from "node:fs";
import type { Observer } from "../events/event.js";
import { onlyRunner, type Placement } from "../sched/ports.js";
import type { Runner } from "../sched/job.js";
import { findConfigFile } from "./config-file.js";
import type { ClusterSettings } from "./config.js";
import { environmentValue, type InvocationContext } from "./context.js";
import type { Switches } from "./switches.js";

export interface Places {
  readonly placement: Placement;
  /** Resolves when jobs can be placed. @throws UserError */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface SettingsQuestion {
  readonly context: InvocationContext;
  readonly switches: Switches;
  /** Absolute. */
  readonly directory: string;
}

/** The settings of the cluster; undefined when nobody names one. What reads them is loaded only then. @throws UserError */
export async function clusterSettings(question: SettingsQuestion): Promise<ClusterSettings | undefined> {
  if (!mayNameNodes(question)) return undefined;
  const { context, switches, directory } = question;
  const { readClusterSettings } = await import("./config.js");
  return readClusterSettings({
    options: {
      nodes: switches.value("nodes"),
      key: switches.value("key"),
      config: switches.value("config"),
      strict: switches.has("strict") ? true : undefined,
      clockSkew: switches.value("clockSkew"),
      memfree: switches.value("memfree"),
    },
    environment: context.environment,
    directory,
    userId: context.userId,
  });
}

/** What gives the settings to sub-makes. */
export async function clusterEnvironment(settings: ClusterSettings | undefined): Promise<readonly string[]> {
  if (settings === undefined) return [];
  const { settingsEnvironment } = await import("./config.js");
  return settingsEnvironment(settings);
}

function mayNameNodes({ context, switches, directory }: SettingsQuestion): boolean {
  if (switches.value("nodes") !== undefined || switches.value("config") !== undefined) return true;
  const { environment, userId } = context;
  if (["NODES", "MPMAKE_CONFIG"].some((name) => (environmentValue(environment, name) ?? "") !== "")) return true;
  return findConfigFile({ directory, home: environmentValue(environment, "HOME"), userId }) !== undefined;
}

export interface PlacesRequest extends SettingsQuestion {
  readonly settings: ClusterSettings | undefined;
  readonly local: Runner;
  readonly observe: Observer;
}

/** Opens the cluster, or takes this machine alone. @throws UserError */
export async function openPlaces(request: PlacesRequest): Promise<Places> {
  const { settings, local, context } = request;
  const nothing = (): Promise<void> => Promise.resolve();
  if (settings === undefined) return { placement: onlyRunner(local), ready: nothing, close: nothing };
  const [{ openCluster }, { RemoteInput }] = await Promise.all([import("./cluster.js"), import("./remote-input.js")]);
  const input = new RemoteInput(context.stdin, "no-terminal");
  const cluster = await openCluster({
    settings,
    local,
    directory: request.directory,
    environment: context.environment,
    userId: context.userId,
    recipes: { umask: context.umask, oneOutput: isSameFile(context.stdout, context.stderr), input },
    observe: request.observe,
    clock: { nowMs: () => Date.now() },
  });
  const close = async (): Promise<void> => {
    input.close();
    await cluster.close();
  };
  return { placement: cluster.placement, ready: () => cluster.ready(), close };
}

/** Whether two descriptors lead to one place, so that the order of what is written to them counts. */
function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}
