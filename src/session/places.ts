/** Where recipes run: here, or on the nodes that the options, the environment or the configuration name. */

import { fstatSync } from "node:fs";
import { readProcessSettings } from "../os/process-settings.js";
import { Broadcast } from "../base/broadcast.js";
import type { Observer } from "../events/event.js";
import { onlyRunner, type Placement } from "../sched/ports.js";
import type { Runner } from "../sched/job.js";
import { ReceiptLog } from "../os/receipt-log.js";
import { Certificates } from "./certificates.js";
import type { Cluster } from "./cluster.js";
import { findConfigFile } from "./config-file.js";
import type { ClusterSettings } from "./config.js";
import { environmentValue, type InvocationContext } from "./context.js";
import { LazyPlacement } from "./lazy-placement.js";
import { SweepReport } from "./sweep-report.js";
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
      clockSkew: switches.value("clockSkew"),
      memfree: switches.value("memfree"),
      sentDirectory: switches.value("sentdir"),
    },
    environment: context.environment,
    directory,
    userId: context.userId,
    searches: true,
  });
}

/** What gives the settings to sub-makes. */
export async function clusterEnvironment(settings: ClusterSettings | undefined): Promise<readonly string[]> {
  if (settings === undefined) return [];
  const { settingsEnvironment } = await import("./config.js");
  return settingsEnvironment(settings);
}

function mayNameNodes({ context, switches, directory }: SettingsQuestion): boolean {
  if ((["nodes", "group", "config"] as const).some((option) => switches.value(option) !== undefined)) return true;
  const { environment, userId } = context;
  if (
    ["NODES", "GROUP", "MPMAKE_GROUP", "MPMAKE_CONFIG"].some(
      (name) => (environmentValue(environment, name) ?? "") !== "",
    )
  )
    return true;
  return findConfigFile({ directory, home: environmentValue(environment, "HOME"), userId }) !== undefined;
}

export interface PlacesRequest extends SettingsQuestion {
  readonly settings: ClusterSettings | undefined;
  readonly local: Runner;
  readonly observe: Observer;
  readonly pace: OutputPace;
  /** What runs here writes straight to our descriptors. */
  readonly isDirect: boolean;
}

/** The cluster, opened when a job first needs a node, or this machine alone. */
export function openPlaces(request: PlacesRequest): Places {
  const { settings, local } = request;
  if (settings === undefined) return { placement: onlyRunner(local), close: () => Promise.resolve() };
  if (!settings.receipts) {
    const placement = new LazyPlacement(() => openNodes(request, settings, undefined), local);
    return { placement, close: () => placement.close() };
  }
  const log = new ReceiptLog(settings.receiptLog);
  const certificates = new Certificates(log, { reports: settings.isSubMake });
  const recording = certificates.recording(local);
  const placement = new LazyPlacement(
    () => openNodes({ ...request, local: recording }, settings, certificates),
    recording,
  );
  const close = async (): Promise<void> => {
    await placement.close();
    if (settings.isSubMake) {
      certificates.report();
      return;
    }
    log.remove();
    await certificates.stamped();
  };
  return { placement, close };
}

/** @throws UserError */
async function openNodes(
  { context, directory, local, observe, pace, isDirect }: PlacesRequest,
  settings: ClusterSettings,
  certificates: Certificates | undefined,
): Promise<Cluster> {
  const [{ openCluster }, { RemoteInput }, { recipeTerminal }] = await Promise.all([
    import("./cluster.js"),
    import("./remote-input.js"),
    import("./recipe-terminal.js"),
  ]);
  const input = new RemoteInput(context.stdin, {
    kind: "no-terminal",
    isClosed: context.launched.closed?.includes(context.stdin) === true,
  });
  const { environment, userId, umask, stdout, stderr } = context;
  pace.waitForNobody();
  const terminal = isDirect ? recipeTerminal(stdout, stderr) : undefined;
  const stops = new Broadcast<number>();
  const stopListening = context.onStops((signal) => stops.send(signal));
  const sweeps = new SweepReport();
  const cluster = await openCluster({
    ...{ settings, certificates, local, directory, environment, userId, observe },
    recipes: {
      umask,
      settings: readProcessSettings(context.launched),
      oneOutput: isSameFile(stdout, stderr),
      input,
      terminal,
      signals: stops,
      behind: pace.behind,
      onSwept: sweeps.add,
    },
    clock: { nowMs: () => Date.now() },
  });
  const close = async (): Promise<void> => {
    input.close();
    terminal?.close();
    stopListening();
    if (sweeps.text !== undefined) observe({ type: "message", stream: "stderr", text: sweeps.text });
    await cluster.close();
  };
  return { ...cluster, close, [Symbol.asyncDispose]: close };
}

/** Whether two descriptors lead to one place, so that the order of what is written to them counts. */
function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}
