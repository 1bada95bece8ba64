/** The command lines of `mpmake up`, `join`, `drain` and `status`. */

import { isIP } from "node:net";
import { availableParallelism, hostname } from "node:os";
import { fail, ok, type Result } from "../base/result.js";
import { type AddressPair, parseAddressPairs } from "../node/address-pairs.js";
import { isNodeName, MAX_NODE_SLOTS } from "../placement/node-record.js";
import type { ClusterCommand } from "./cluster-command.js";
import { type OptionTable, parseWords } from "./parse-words.js";

/** How a node joins. */
export interface JoinOptions {
  readonly name: string;
  readonly slots: number;
  /** Where it listens, and what others are told; undefined: everywhere, and all of the machine's addresses. */
  readonly address: string | undefined;
  /** 0: a free one. */
  readonly port: number;
  /** Which addresses are heard, ADDRESS and MASK each; empty: every one. */
  readonly admit: readonly (readonly [string, string])[];
  /** The same, read. */
  readonly admitted: readonly AddressPair[];
}

const JOIN = {
  slots: { type: "number", requiresArg: true, default: availableParallelism(), describe: "jobs to offer at once" },
  name: { type: "string", requiresArg: true, default: hostname(), describe: "how this node is called" },
  address: {
    type: "string",
    requiresArg: true,
    describe: "listen at this address of the machine's alone, instead of all, and say it to others",
  },
  port: { type: "number", requiresArg: true, default: 0, describe: "listen at this port instead of a free one" },
  admit: {
    type: "string",
    array: true,
    nargs: 2,
    describe: "ADDRESS MASK: hear nobody but who is admitted by such a pair; whoever holds the key otherwise",
  },
} as const satisfies OptionTable;

const FOLDER = {
  type: "string",
  requiresArg: true,
  describe: "the cluster's folder, instead of the one that a build here would use",
} as const;

/** What each of the commands takes. */
export const CLUSTER_OPTIONS = {
  up: { "no-worker": { type: "boolean", nargs: 0, describe: "start no worker on this machine" }, ...JOIN },
  join: {
    ...JOIN,
    foreground: {
      type: "boolean",
      nargs: 0,
      describe: "stay, and end when the worker does; its log is standard error",
    },
  },
  drain: {
    all: { type: "boolean", nargs: 0, describe: "all nodes" },
    "no-wait": { type: "boolean", nargs: 0, describe: "do not wait until they have ended" },
    folder: FOLDER,
  },
  status: { json: { type: "boolean", nargs: 0, describe: "answer in JSON" }, folder: FOLDER },
} as const satisfies Readonly<Record<ClusterCommand, OptionTable>>;

const USAGE: Readonly<Record<ClusterCommand, string>> = {
  up: `Usage: mpmake up [OPTION]... [FOLDER]

Makes a standing cluster in FOLDER, .mpmake/cluster unless given, on a file system that its machines share; starts a worker on this
machine; and prints the line to say on each other one. Builds below the directory that holds .mpmake use its nodes.`,
  join: `Usage: mpmake join [OPTION]... [FOLDER]

Makes this machine a node of the standing cluster in FOLDER: starts a worker in the background, and returns when it answers. Without
FOLDER it is the cluster that a build here would use.`,
  drain: `Usage: mpmake drain [OPTION]... [NODE]...

Has nodes of a standing cluster, this machine unless any are named, end the jobs that they have, take no more, and leave. A node that
does not answer leaves at once. Waits for all of it; whoever interrupts that leaves them draining.`,
  status: `Usage: mpmake status [OPTION]...

Shows the nodes of a standing cluster. Status 0: one of them answers at least; 1: none does.`,
};

/** The words of a command, parsed by its table. Asked for help it prints that and returns undefined. */
function parse<Command extends ClusterCommand>(command: Command, words: readonly string[]) {
  const options: (typeof CLUSTER_OPTIONS)[Command] = CLUSTER_OPTIONS[command];
  const tool = { program: `mpmake ${command}`, usage: USAGE[command], options, endsAtOperand: false };
  return parseWords<(typeof CLUSTER_OPTIONS)[Command]>(tool, words);
}

export interface JoinCall {
  /** As it was said. */
  readonly folder: string | undefined;
  readonly join: JoinOptions;
}

export async function parseUp(
  words: readonly string[],
): Promise<Result<JoinCall & { readonly startsWorker: boolean }, string> | undefined> {
  const given = await parse("up", words);
  if (given?.ok !== true) return given;
  const call = joinCall(given.value);
  return call.ok ? ok({ ...call.value, startsWorker: given.value.noWorker !== true }) : call;
}

export async function parseJoin(
  words: readonly string[],
): Promise<Result<JoinCall & { readonly inForeground: boolean }, string> | undefined> {
  const given = await parse("join", words);
  if (given?.ok !== true) return given;
  const call = joinCall(given.value);
  return call.ok ? ok({ ...call.value, inForeground: given.value.foreground === true }) : call;
}

export interface DrainCall {
  readonly folder: string | undefined;
  /** Nodes; "all", or none: this machine. */
  readonly names: readonly string[] | "all";
  readonly waits: boolean;
}

export async function parseDrain(words: readonly string[]): Promise<Result<DrainCall, string> | undefined> {
  const given = await parse("drain", words);
  if (given?.ok !== true) return given;
  const { all = false, noWait = false, folder, _: operands } = given.value;
  const names = operands.map(String);
  if (all && names.length > 0) return fail("--all and the names of nodes exclude each other");
  return ok({ folder, names: all ? "all" : names, waits: !noWait });
}

export interface StatusCall {
  readonly folder: string | undefined;
  readonly inJson: boolean;
}

export async function parseStatus(words: readonly string[]): Promise<Result<StatusCall, string> | undefined> {
  const given = await parse("status", words);
  if (given?.ok !== true) return given;
  const { json = false, folder, _: operands } = given.value;
  if (operands.length > 0) return fail(`status takes no '${String(operands[0])}': --folder names another cluster`);
  return ok({ folder, inJson: json });
}

interface JoinWords {
  readonly _: readonly (string | number)[];
  readonly slots: number;
  readonly name: string;
  readonly address?: string | undefined;
  readonly port: number;
  readonly admit?: readonly string[] | undefined;
}

function joinCall({ _: operands, slots, name, address, port, admit = [] }: JoinWords): Result<JoinCall, string> {
  if (operands.length > 1) return fail("which folder? there is one at a time");
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_NODE_SLOTS)
    return fail(`--slots must be a whole number from 1 to ${String(MAX_NODE_SLOTS)}`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return fail("--port must be a whole number from 0 to 65535");
  if (!isNodeName(name)) return fail(`'${name}' is no name for a node: --name gives it one such as n3`);
  if (address !== undefined && (isIP(address) === 0 || /^(0\.0\.0\.0|[0:]*)$/.test(address)))
    return fail(`--address must be one of this machine's addresses, not '${address}'`);
  const pairs = parseAddressPairs(admit, { allowEveryone: true });
  if (!pairs.ok) return fail(`--admit: ${pairs.error}`);
  const folder = operands[0] === undefined ? undefined : String(operands[0]);
  const both = pairs.value.map((_, at) => [admit[2 * at] ?? "", admit[2 * at + 1] ?? ""] as const);
  return ok({ folder, join: { name, slots, address, port, admit: both, admitted: pairs.value } });
}
