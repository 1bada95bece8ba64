/** `mpmake --doctor`: asks every node what could go wrong there, and says how to mend it. */

import { closeSync, openSync } from "node:fs";
import { Canceller } from "../base/abort.js";
import { fromBytes } from "../base/latin1.js";
import { isSuccess } from "../base/exit-status.js";
import { UserError } from "../base/user-error.js";
import type { NodeConnection } from "../net/node-connection.js";
import { readProcessSettings } from "../os/process-settings.js";
import { formatEndpoint, type NodeAddress, type RemoteAddress } from "../placement/node-directory.js";
import type { Runner } from "../sched/job.js";
import { readCredential } from "./cluster.js";
import { clockFault, connect, directoryFault, runnerFor } from "./cluster-dial.js";
import type { ClusterSettings } from "./config.js";
import { FAILED, type InvocationContext, NOT_UP_TO_DATE, SUCCEEDED } from "./context.js";
import { type Facts, type Judgement, PROBES, SCRIPT } from "./doctor-probes.js";
import { openSpawner } from "./machine.js";
import { jobOf } from "./mexec.js";
import { clusterSettings } from "./places.js";
import type { Switches } from "./switches.js";
import { findTemporaryDirectory } from "./temporary-directory.js";
import type { Voice } from "./voice.js";

export interface DoctorRequest {
  readonly context: InvocationContext;
  readonly switches: Switches;
  readonly voice: Voice;
}

/** A node, and what was found of it in the order of asking. */
interface Diagnosis {
  readonly node: string;
  readonly found: readonly (Judgement & { readonly probe: string })[];
}

/** How much a node prints to show how fast its output comes. */
const OUTPUT_BLOCKS = 64;
const BLOCK_BYTES = 65536;

/** @returns 0, 1 when there is something to mend without which a node cannot be used, 2 for a mistake of the user's */
export async function runDoctor(request: DoctorRequest): Promise<number> {
  const { context, switches, voice } = request;
  try {
    const settings = await clusterSettings({ context, switches, directory: context.directory });
    if (settings === undefined) throw new UserError("no nodes are named: set NODES or say --nodes");
    const here = factsHere(context);
    const diagnoses = await Promise.all(settings.nodes.map((address) => examine(address, { context, settings, here })));
    voice.output.write(
      "stdout",
      switches.has("json") ? `${JSON.stringify(diagnoses, undefined, 2)}\n` : inWords(diagnoses),
    );
    return diagnoses.some(({ found }) => found.some(({ verdict }) => verdict === "error")) ? NOT_UP_TO_DATE : SUCCEEDED;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const hint = error.hint === undefined ? "" : `${voice.program}: hint: ${error.hint}\n`;
    voice.output.write("stderr", `${voice.program}: ${error.message}\n${hint}`);
    return FAILED;
  }
}

interface Patient {
  readonly context: InvocationContext;
  readonly settings: ClusterSettings;
  readonly here: Facts;
}

async function examine(address: NodeAddress, patient: Patient): Promise<Diagnosis> {
  if (address.kind === "local") {
    return { node: address.node, found: [{ probe: "reach", verdict: "ok", text: "this machine" }] };
  }
  const { settings } = patient;
  if (settings.keyFile === undefined) throw new Error("internal error: a node to be reached without a key");
  const clock = { nowMs: () => Date.now() };
  const credential = readCredential(settings.keyFile);
  const connected = await connect(address, {
    credential,
    clock,
    timeoutMs: settings.connectTimeoutMs,
    munge: settings.munge,
  });
  if (!connected.ok) {
    const { kind, reason } = connected.error;
    const fix = kind === "unreachable" ? REACH_FIX : KEY_FIX;
    return { node: address.node, found: [{ probe: "reach", verdict: "error", text: reason, fix }] };
  }
  try {
    return { node: address.node, found: await findAll(address, connected.value, patient) };
  } finally {
    await connected.value.close();
  }
}

const REACH_FIX = "start mexecd there with --listen and the ADDRESS MASK of this machine, and let its port through";
const KEY_FIX = "use both halves of one key pair (ckeygen), and one version of mpmake on all machines";

async function findAll(
  address: RemoteAddress,
  connection: NodeConnection,
  patient: Patient,
): Promise<Diagnosis["found"]> {
  const { context, settings, here } = patient;
  const { name, slots } = connection.node;
  const where = `${name} at ${formatEndpoint(address.host, address.port)}, ${String(slots)} slots`;
  const reached = { probe: "reach", verdict: "ok", text: where } as const;
  const clock = clockFault(connection, settings.clockSkewMs);
  if (clock !== undefined)
    return [reached, { probe: "clock", verdict: "error", text: clock.reason, fix: "synchronise its clock (NTP)" }];
  const directory = await directoryFault(connection, context.directory);
  if (directory !== undefined)
    return [reached, { probe: "directory", verdict: "error", text: directory.reason, fix: DIRECTORY_FIX }];
  const runner = runnerOn(address, connection, patient);
  const answered = await run(runner, context, SCRIPT);
  if (!answered.good) {
    const text = "/bin/sh cannot run a script there";
    return [reached, { probe: "sh", verdict: "error", text, fix: "look at the node's log" }];
  }
  const output = await run(runner, context, `dd if=/dev/zero bs=${String(BLOCK_BYTES)} count=${String(OUTPUT_BLOCKS)}`);
  const examined = {
    ...{ here, there: factsOf(answered.printed), directory: context.directory },
    ...{ clockOffsetMs: connection.clockOffsetMs, roundTripMs: connection.roundTripMs },
    megabytesPerSecond: output.printed.length / 1e6 / (output.tookMs / 1000),
  };
  return [reached, ...PROBES.map(({ name: probe, judge }) => ({ probe, ...judge(examined) }))];
}

const DIRECTORY_FIX = "mount the same file system at the same place on all machines";

function runnerOn(address: RemoteAddress, connection: NodeConnection, { context, settings }: Patient): Runner {
  return runnerFor(address.node, connection, {
    clock: { nowMs: () => Date.now() },
    certificates: undefined,
    onRefused: () => undefined,
    recipes: {
      ...{ umask: context.umask, settings: readProcessSettings(context.launched), envsetter: settings.envsetter },
      ...{ oneOutput: false, input: undefined, onNote: () => undefined },
    },
  });
}

interface Answer {
  readonly good: boolean;
  readonly printed: string;
  readonly tookMs: number;
}

async function run(runner: Runner, context: InvocationContext, script: string): Promise<Answer> {
  const { environment, directory } = context;
  const printed: Uint8Array[] = [];
  const beganMs = performance.now();
  const { status } = await runner.run(
    jobOf({ file: "/bin/sh", arguments: ["-c", script], environment, directory }),
    (event) => {
      if (event.type === "data" && event.stream === "stdout") printed.push(Buffer.from(event.bytes));
    },
    new Canceller(),
  );
  const tookMs = performance.now() - beganMs;
  return { good: isSuccess(status), printed: fromBytes(Buffer.concat(printed)), tookMs };
}

function factsHere(context: InvocationContext): Facts {
  const { environment, directory } = context;
  const temporary = findTemporaryDirectory(environment, directory);
  const nothing = openSync("/dev/null", "r+");
  try {
    const { stdout } = openSpawner(context, temporary.path).capture({
      program: "/bin/sh",
      argv: ["/bin/sh", "-c", SCRIPT],
      ...{ environment, directory, stdin: nothing, stderr: nothing },
    });
    return factsOf(stdout);
  } finally {
    closeSync(nothing);
  }
}

function factsOf(printed: string): Facts {
  return new Map(
    printed.split("\n").flatMap((line) => {
      const end = line.indexOf("=");
      return end < 0 ? [] : [[line.slice(0, end), line.slice(end + 1).trim()] as const];
    }),
  );
}

function inWords(diagnoses: readonly Diagnosis[]): string {
  return diagnoses.map(({ node, found }) => `${node}\n${found.map(lineOf).join("")}`).join("");
}

const MARKS = { ok: "  ok       ", warning: "  warning  ", error: "  ERROR    " } as const;

function lineOf({ probe, verdict, text, fix }: Diagnosis["found"][number]): string {
  const said = `${MARKS[verdict]}${probe}: ${text}`.replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
  return fix === undefined ? `${said}\n` : `${said}\n           fix: ${fix}\n`;
}
