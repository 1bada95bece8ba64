/** `mpmake --doctor`: asks this machine and every node what could go wrong there, and says how to mend it. */

import { openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { printable } from "../base/printable.js";
import { LocalRunner } from "../exec/local.js";
import { type NodeId, nodeId } from "../base/ids.js";
import type { FoundWorker } from "../net/announcer.js";
import type { NodeConnection } from "../net/node-connection.js";
import { readProcessSettings } from "../os/process-settings.js";
import { sameStdin } from "../os/stdin.js";
import { recipeGroup } from "../os/terminal.js";
import { UserError } from "../base/user-error.js";
import { addressKey, type ReachedAddress } from "../placement/node-directory.js";
import type { Runner } from "../sched/job.js";
import { readCredential } from "./cluster.js";
import { clockFault, connect, directoryFault, runnerFor } from "./cluster-dial.js";
import type { LeftOut } from "./cluster-link.js";
import type { ClusterSettings } from "./config.js";
import { environmentValue, FAILED, type InvocationContext, NOT_UP_TO_DATE, SUCCEEDED } from "./context.js";
import { changeDirectory } from "./directory.js";
import { type LaunchedNodes, openLaunchedNodes } from "./launched-nodes.js";
import { findNodes } from "./node-search.js";
import { type Facts, FACTS_SCRIPT, factsOf, type WantedTools, wantedTools } from "./doctor-facts.js";
import { error, type Examined, type Judgement, ok, warning } from "./doctor-judgement.js";
import { probesFor } from "./doctor-probes.js";
import { measureSharing, type Sharing } from "./doctor-sharing.js";
import { SHARING_WINDOW_MS } from "./doctor-sharing-probes.js";
import { judgeKey } from "./doctor-key.js";
import { DoctorShell } from "./doctor-shell.js";
import { describeFailure } from "./failure.js";
import { openSpawner } from "./machine.js";
import { clusterSettings } from "./places.js";
import { presentNodes } from "./standing-roll.js";
import type { Switches } from "./switches.js";
import { findTemporaryDirectory } from "./temporary-directory.js";
import type { Voice } from "./voice.js";

export interface DoctorRequest {
  readonly context: InvocationContext;
  readonly switches: Switches;
  /** Of the command line: of assignments to SHELL and CC the programs are looked for. */
  readonly operands: readonly string[];
  readonly voice: Voice;
}

type Finding = Judgement & { readonly probe: string };

/** A machine, and what was found of it in the order of asking. */
interface Diagnosis {
  readonly node: string;
  readonly found: readonly Finding[];
}

/** How much a node prints to show how fast its output comes. */
const OUTPUT_BLOCKS = 64;
const BLOCK_BYTES = 65536;

/** @returns 0, 1 when there is something to mend without which a node cannot be used, 2 for a mistake of the user's */
export async function runDoctor(request: DoctorRequest): Promise<number> {
  const { switches, voice } = request;
  try {
    const diagnoses = await diagnose(request);
    const answer = switches.has("json") ? `${JSON.stringify(diagnoses, undefined, 2)}\n` : inWords(diagnoses);
    voice.output.write("stdout", answer);
    return diagnoses.some(({ found }) => found.some(({ verdict }) => verdict === "error")) ? NOT_UP_TO_DATE : SUCCEEDED;
  } catch (failure) {
    const text = describeFailure(failure, voice.program);
    if (text === undefined) throw failure;
    voice.output.write("stderr", text);
    return FAILED;
  }
}

/** This machine first: nodes are compared with it. */
async function diagnose({ context, switches, operands }: DoctorRequest): Promise<readonly Diagnosis[]> {
  const { environment } = context;
  const names = switches.list("directory");
  const directory = changeDirectory(context.directory, names, {
    home: environmentValue(environment, "HOME"),
    hasNoLinks: false,
  });
  const settings = await clusterSettings({ context, switches, directory });
  if (settings === undefined) throw new UserError("no nodes are named: set NODES or GROUP, or say --nodes or --group");
  const tools = wantedTools((name) => assigned(operands, name) ?? usualValue(environment, name));
  const shell = new DoctorShell(localRunner(context, directory), { environment, directory });
  const here = factsOf((await shell.run(FACTS_SCRIPT, { words: wordsFor(tools) })).printed);
  const launched = await openLaunchedNodes({
    ...{ settings, environment, directory, clock: CLOCK, observe: () => undefined, hasSubMakes: false },
  });
  const patient = { context, directory, settings, launched, tools, shell, here };
  try {
    const nodes = (await presentNodes(settings)).filter((address) => address.kind !== "local");
    const listed = Promise.all(nodes.map((address) => examine(address, patient)));
    return [examineHere(patient), ...(await listed), ...(await examineFound(patient))];
  } finally {
    await launched?.close();
  }
}

/** Those that nobody has listed. */
async function examineFound(patient: Patient): Promise<readonly Diagnosis[]> {
  const { group, groupText, keyFile } = patient.settings;
  if (group === undefined || keyFile === undefined) return [];
  const found = await findNodes({ credential: readCredential(keyFile), clock: CLOCK, group });
  const text = found.ok ? "no worker answers our announcement" : found.error;
  const nobody = { probe: "search", ...warning(text, { effect: NOBODY_HELPS, fix: FIND_FIX }) };
  if (!found.ok || found.value.length === 0) return [{ node: `group ${groupText}`, found: [nobody] }];
  return Promise.all(found.value.map((worker) => examineWorker(worker, patient)));
}

async function examineWorker({ connection, address }: FoundWorker, patient: Patient): Promise<Diagnosis> {
  const node = nodeId(connection.node.name);
  try {
    return { node, found: await findAll({ node, where: address }, connection, patient) };
  } finally {
    await connection.close();
  }
}

/** What all examinations have in common. */
interface Patient {
  readonly context: InvocationContext;
  /** The build's, absolute. */
  readonly directory: string;
  readonly settings: ClusterSettings;
  readonly launched: LaunchedNodes | undefined;
  readonly tools: WantedTools;
  /** Runs scripts on this machine. */
  readonly shell: DoctorShell;
  readonly here: Facts;
}

/** make takes SHELL from makefiles and the command line alone. */
function usualValue(environment: readonly string[], name: "SHELL" | "CC"): string | undefined {
  return name === "SHELL" ? undefined : environmentValue(environment, name);
}

/** The last value that the command line gives a variable. */
function assigned(operands: readonly string[], name: string): string | undefined {
  const values = operands.flatMap((word) => new RegExp(`^${name}\\s*[:?]*=\\s*(.*)$`, "s").exec(word)?.[1] ?? []);
  return values.at(-1);
}

function wordsFor({ compilers, others }: WantedTools): readonly string[] {
  return [compilers.join(" "), ...others, ...compilers];
}

function localRunner(context: InvocationContext, directory: string): Runner {
  const { path: temporaryDirectory } = findTemporaryDirectory(context.environment, directory);
  return new LocalRunner({
    spawner: openSpawner(context, temporaryDirectory),
    stdin: sameStdin(openSync("/dev/null", "r")),
    output: { kind: "events", merged: false, temporaryDirectory },
    group: recipeGroup(),
    nowMs: () => Date.now(),
  });
}

function examineHere(patient: Patient): Diagnosis {
  const { here, directory } = patient;
  const where = `this machine, ${here.get("host") ?? ""}, ${String(availableParallelism())} processors`;
  const found = judgeAll(patient, { here, there: here, directory, remote: undefined });
  return { node: "local", found: [{ probe: "reach", ...ok(where) }, ...judgeKey(patient.settings.keyFile), ...found] };
}

function judgeAll({ tools }: Patient, examined: Examined): readonly Finding[] {
  return probesFor(tools).flatMap(({ name: probe, judge }) => {
    const judgement = judge(examined);
    return judgement === undefined ? [] : [{ probe, ...judgement }];
  });
}

async function examine(address: ReachedAddress, patient: Patient): Promise<Diagnosis> {
  const { settings, launched } = patient;
  const { keyFile } = settings;
  const connected = await connect(address, {
    ...{ launched, clock: CLOCK },
    credential: keyFile === undefined ? undefined : readCredential(keyFile),
    timeoutMs: settings.connectTimeoutMs,
    munge: settings.munge,
  });
  if (!connected.ok) {
    const { kind, reason } = connected.error;
    const fix = fixFor(address, kind);
    return { node: address.node, found: [{ probe: "reach", ...error(reason, { effect: NOT_USED, fix }) }] };
  }
  try {
    const { node } = address;
    return { node, found: await findAll({ node, where: addressKey(address) }, connected.value, patient) };
  } finally {
    await connected.value.close();
  }
}

/** What to do about a node that cannot be reached. */
function fixFor({ kind }: ReachedAddress, fault: LeftOut["kind"]): string {
  switch (kind) {
    case "launched":
      return LAUNCH_FIX;
    case "standing":
      return STANDING_FIX;
    case "remote":
      return fault === "unreachable" ? REACH_FIX : KEY_FIX;
  }
}

const CLOCK = { nowMs: () => Date.now() };
const NOT_USED = "the node gets no recipes";
const NOBODY_HELPS = "only this machine and the nodes that are listed run recipes";
const FIND_FIX = "start mexecd --group there with the ADDRESS MASK of this machine, and let announcements through";
const REACH_FIX = "start mexecd there with --listen and the ADDRESS MASK of this machine, and let its port through";
const STANDING_FIX =
  'say "mpmake join" there with the cluster\'s folder, and let its port through; "mpmake drain NODE" removes the record of one that is gone';
const LAUNCH_FIX =
  "log in there by hand in the same way (ssh HOST, or the command of --backend), and see that Node is there (--remote-node)";
const KEY_FIX = "use both halves of one key pair (ckeygen), and one version of mpmake on all machines";
const CLOCK_FIX = "synchronise its clock (NTP)";
const DIRECTORY_FIX = "mount the same file system at the same place on all machines";
const SHELL_FIX = "look at the node's log";

interface Place {
  readonly node: NodeId;
  /** For people. */
  readonly where: string;
}

async function findAll(
  { node, where: place }: Place,
  connection: NodeConnection,
  patient: Patient,
): Promise<readonly Finding[]> {
  const { directory, settings, tools } = patient;
  const { name, slots } = connection.node;
  const where = `${name} at ${place}, ${String(slots)} slots`;
  const reached = { probe: "reach", ...ok(where) };
  const stop = (probe: string, text: string, fix: string): readonly Finding[] => [
    reached,
    { probe, ...error(text, { effect: NOT_USED, fix }) },
  ];
  const clock = clockFault(connection, settings.clockSkewMs);
  if (clock !== undefined) return stop("clock", clock.reason, CLOCK_FIX);
  const fault = await directoryFault(connection, directory);
  if (fault !== undefined) return stop("directory", fault.reason, DIRECTORY_FIX);
  const shell = shellOn(node, connection, patient);
  const answered = await shell.run(FACTS_SCRIPT, { words: wordsFor(tools) });
  if (!answered.good) return stop("sh", "/bin/sh cannot run a script there", SHELL_FIX);
  const there = factsOf(answered.printed);
  const output = await shell.run(`dd if=/dev/zero bs=${String(BLOCK_BYTES)} count=${String(OUTPUT_BLOCKS)}`);
  const { clockOffsetMs, roundTripMs } = connection;
  const megabytesPerSecond = output.printed.length / 1e6 / (output.tookMs / 1000);
  const sharing = await sharingWith(shell, there, patient);
  const remote = { clockOffsetMs, roundTripMs, megabytesPerSecond, sharing };
  return [reached, ...judgeAll(patient, { here: patient.here, there, directory, remote })];
}

function shellOn(node: NodeId, connection: NodeConnection, { context, settings, directory }: Patient): DoctorShell {
  const runner = runnerFor(node, connection, {
    clock: CLOCK,
    certificates: undefined,
    onRefused: () => undefined,
    recipes: {
      ...{ umask: context.umask, settings: readProcessSettings(context.launched), envsetter: settings.envsetter },
      ...{ oneOutput: false, input: undefined, onNote: () => undefined },
    },
  });
  return new DoctorShell(runner, { environment: context.environment, directory });
}

/** What is measured by writing needs both to write, and as one user. */
async function sharingWith(
  there: DoctorShell,
  facts: Facts,
  { shell: here, here: own, directory }: Patient,
): Promise<Sharing | undefined> {
  const canWrite = [own, facts].every((each) => each.get("writable") === "yes");
  if (!canWrite || own.get("uid") !== facts.get("uid")) return undefined;
  return measureSharing({ there, here, directory, windowMs: SHARING_WINDOW_MS });
}

function inWords(diagnoses: readonly Diagnosis[]): string {
  return diagnoses.map(({ node, found }) => `${node}\n${found.map(linesOf).join("")}`).join("");
}

const MARKS = { ok: "  ok       ", warning: "  warning  ", error: "  ERROR    " } as const;

function linesOf({ probe, verdict, text, effect, fix }: Finding): string {
  const lines = [
    `${MARKS[verdict]}${probe}: ${text}`,
    ...(effect === undefined ? [] : [`           so: ${effect}`]),
    ...(fix === undefined ? [] : [`           fix: ${fix}`]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}
