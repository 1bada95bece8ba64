/** Where recipes run: here, or on the nodes that the options, the environment or the configuration name. */

import type { MakesHost } from "../exec/job-far-makes.js";
import type { JobTerminal } from "../exec/remote.js";
import { furtherDescriptors } from "../os/inherited-descriptors.js";
import { readProcessSettings } from "../os/process-settings.js";
import { leadToOneFile } from "../os/same-file.js";
import type { InvocationId } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import { onlyRunner, type Placement } from "../sched/ports.js";
import type { Runner } from "../sched/job.js";
import { keepBoundRecipes } from "./bound-recipes.js";
import type { Certificates } from "./certificates.js";
import type { Cluster } from "./cluster.js";
import { findClusterFolder, findConfigFile } from "./config-file.js";
import type { ClusterSettings } from "./config.js";
import { environmentValue, type InvocationContext } from "./context.js";
import type { LaunchedNodes } from "./launched-nodes.js";
import { LazyPlacement } from "./lazy-placement.js";
import type { SharedDescriptors } from "./shared-descriptors.js";
import type { ClusterWish, SessionClusters } from "./session-clusters.js";
import { startsWorkers } from "./starts-workers.js";
import { mayJoin } from "./sub-makes.js";
import type { Switches } from "./switches.js";
import type { OutputPace } from "./text-output.js";

export interface Places {
  readonly placement: Placement;
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
      group: switches.value("group"),
      key: switches.value("key"),
      config: switches.value("config"),
      strict: switches.has("strict") ? true : undefined,
      joinsFromNodes: switches.has("joinsFromNodes") ? true : undefined,
      clockSkew: switches.value("clockSkew"),
      memfree: switches.value("memfree"),
      sentDirectory: switches.value("sentdir"),
      backend: switches.value("backend"),
      partition: switches.value("partition"),
      time: switches.value("time"),
      slurmOptions: switches.value("slurmOptions"),
      jobs: jobsOf(switches),
      tunnel: switches.has("tunnel") ? true : undefined,
      remoteNode: switches.value("remoteNode"),
    },
    environment: context.environment,
    directory,
    userId: context.userId,
    searches: true,
  });
}

/** What gives the settings to sub-makes; also that there is to be no cluster, though they might find one. */
export async function clusterEnvironment(
  settings: ClusterSettings | undefined,
  switches: Switches,
): Promise<readonly string[]> {
  const backend = switches.value("backend");
  if (settings === undefined) return backend === undefined ? [] : [`${BACKEND}=${backend}`];
  const { settingsEnvironment } = await import("./config.js");
  return settingsEnvironment(settings);
}

function mayNameNodes({ context, switches, directory }: SettingsQuestion): boolean {
  if (switches.has("strict")) return true;
  if ((["nodes", "group", "config", "backend"] as const).some((option) => switches.value(option) !== undefined))
    return true;
  const { environment, userId } = context;
  if (NAMING.some((name) => (environmentValue(environment, name) ?? "") !== "")) return true;
  const home = environmentValue(environment, "HOME");
  const search = { directory, home, userId, isSubMake: context.above !== undefined };
  return findConfigFile(search) !== undefined || findClusterFolder(search) !== undefined;
}

/** How many run at once at most; undefined: there is no limit. */
function jobsOf({ jobs }: Switches): number | undefined {
  return jobs === "infinite" ? undefined : (jobs ?? 1);
}

/** As launch-settings.ts reads it. */
const BACKEND = "MPMAKE_BACKEND";
/** By what an environment may name nodes; the last two are schedulers'. */
const NAMING = [
  ...["NODES", "GROUP", "MPMAKE_GROUP", "MPMAKE_CONFIG", "MPMAKE_STRICT", BACKEND],
  ...["SLURM_JOB_ID", "PE_HOSTFILE"],
] as const;

export interface PlacesRequest extends SettingsQuestion {
  readonly invocation: InvocationId;
  /** Of the session; undefined only when nobody names nodes. */
  readonly clusters: SessionClusters | undefined;
  readonly settings: ClusterSettings | undefined;
  readonly local: Runner;
  /** Takes in makes that scripts on nodes start, if that is wanted. */
  readonly makes: MakesHost;
  readonly pace: OutputPace;
  /** What runs here writes straight to our descriptors. */
  readonly isDirect: boolean;
}

/** The cluster, opened when a job first needs a node, or this machine alone. @throws UserError */
export async function openPlaces(request: PlacesRequest): Promise<Places> {
  const { settings, clusters } = request;
  if (settings === undefined || clusters === undefined)
    return { placement: onlyRunner(request.local), close: () => Promise.resolve() };
  const launched = await clusters.launched(settings, (observe) => openLaunched({ ...request, settings, observe }));
  return placesOf({ ...request, settings, clusters, launched });
}

/** Workers that are started for this build: sub-makes may want them before we do. */
async function openLaunched(request: LaunchRequest): Promise<LaunchedNodes | undefined> {
  if (!startsWorkers(request.settings)) return undefined;
  const { openLaunchedNodes } = await import("./launched-nodes.js");
  const { context, directory, settings, observe } = request;
  const clock = { nowMs: () => Date.now() };
  const { environment } = context;
  return openLaunchedNodes({ settings, environment, directory, clock, observe, hasSubMakes: true });
}

interface LaunchRequest extends Pick<PlacesRequest, "context" | "directory">, Pick<ClusterWish, "settings"> {
  readonly observe: Observer;
}

type NodesRequest = PlacesRequest & Pick<ClusterWish, "settings" | "launched"> & { readonly clusters: SessionClusters };

function placesOf(wish: NodesRequest): Places {
  const { local, settings, clusters, invocation } = wish;
  if (!settings.receipts) {
    const placement = new LazyPlacement(() => openNodes(wish, undefined), local);
    return { placement, close: () => placement.close() };
  }
  const certified = clusters.certify(settings, invocation);
  const { certificates } = certified;
  const recording = certificates.recording(local);
  const placement = new LazyPlacement(() => openNodes({ ...wish, local: recording }, certificates), recording);
  const close = async (): Promise<void> => {
    await placement.close();
    await certified.close();
  };
  return { placement, close };
}

/** @throws UserError */
async function openNodes(request: NodesRequest, certificates: Certificates | undefined): Promise<Cluster> {
  const { context, directory, local, pace, isDirect, settings, invocation, clusters } = request;
  // First of all, for while they start there is time for all the rest.
  request.launched?.prepare();
  const [{ RemoteInput }, { recipeTerminal }] = await Promise.all([
    import("./remote-input.js"),
    import("./recipe-terminal.js"),
  ]);
  const input = new RemoteInput(context.stdin, {
    kind: "no-terminal",
    isClosed: context.launched.closed?.includes(context.stdin) === true,
  });
  const { environment, userId, umask, stdout, stderr, launched } = context;
  pace.waitForNobody();
  const terminal = isDirect ? recipeTerminal(stdout, stderr) : undefined;
  const inherited = furtherDescriptors(launched, environment);
  const { further, bound } = inherited.length === 0 ? NONE_INHERITED : await shared(inherited, request, terminal);
  const recipes = {
    umask,
    settings: readProcessSettings(context.launched),
    oneOutput: leadToOneFile(stdout, stderr),
    input,
    further,
    terminal,
    signals: clusters.stops,
    behind: pace.behind,
    makes: settings.joinsFromNodes && mayJoin(environment) ? request.makes : undefined,
  };
  const wish = { settings, certificates, directory, environment, userId, invocation, launched: request.launched };
  const cluster = await clusters.join(wish, { local, recipes });
  const close = async (): Promise<void> => {
    input.close();
    further?.close();
    terminal?.close();
    await cluster.close();
  };
  const placement = keepBoundRecipes(cluster.placement, bound);
  return { ...cluster, placement, close, [Symbol.asyncDispose]: close };
}

interface Inherited {
  readonly further: SharedDescriptors | undefined;
  /** Those that stay here. */
  readonly bound: readonly number[];
}

const NONE_INHERITED: Inherited = { further: undefined, bound: [] };

/** Descriptors that we were started with as recipes on nodes have them. */
async function shared(
  inherited: readonly number[],
  { context, isDirect }: PlacesRequest,
  terminal: JobTerminal | undefined,
): Promise<Inherited> {
  const [{ SharedDescriptors }, { isShareable }, { MAX_DESCRIPTOR, MAX_FURTHER_DESCRIPTORS }] = await Promise.all([
    import("./shared-descriptors.js"),
    import("../os/descriptors.js"),
    import("../wire/limits.js"),
  ]);
  const standard = isDirect ? [context.stdout, context.stderr] : [];
  const numbers = inherited
    .filter((fd) => fd <= MAX_DESCRIPTOR && isShareable(fd, standard))
    .slice(0, MAX_FURTHER_DESCRIPTORS);
  return {
    further: new SharedDescriptors({ numbers, standard, terminal: terminal?.outputs[0]?.fd }),
    bound: inherited.filter((fd) => !numbers.includes(fd)),
  };
}
