/** The configuration file read as bytes, as everything here is, and the settings of a session's cluster: options over environment over file. */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, resolve } from "node:path";
import { LOCAL_NODE } from "../base/ids.js";
import { parseSize } from "../base/size.js";
import { UserError } from "../base/user-error.js";
import type { Munge } from "../net/munge.js";
import { fromUnicode, toPath } from "../os/bytes.js";
import type { ClusterFolder } from "../os/cluster-folder.js";
import { type NodeAddress, type NodeDirectory, resolveNodes } from "../placement/node-directory.js";
import { formatNodeListError, parseNodeList, type Way } from "../placement/node-list.js";
import { type GroupAddress, parseGroup } from "../wire/group.js";
import { findConfigFile } from "./config-file.js";
import type { Config } from "./config-schema.js";
import type { SchedulerSettings } from "./held-allocation.js";
import { schedulerNodes } from "./scheduler-nodes.js";
import { readSlurmWish } from "./slurm-wish.js";
import {
  doorIn,
  LAUNCH_DOOR,
  launchEnvironment,
  type LaunchOptions,
  type LaunchSettings,
  launchSettings,
  type SchedulerChoice,
} from "./launch-settings.js";
import { standingCluster } from "./standing-wish.js";
import { isSet, nonEmpty, type Variables } from "../base/variable-words.js";

/** The port of a node's mexecd where none is said. */
const DEFAULT_PORT = 7070;
const DEFAULT_CLOCK_SKEW_SECONDS = 2;
const DEFAULT_CONNECT_TIMEOUT_MS = 1000;

/** What the command line says; each wins over the environment and the file. */
export interface ClusterOptions extends LaunchOptions {
  /** `--nodes`, over `NODES` and the file's `use`. */
  readonly nodes?: string | undefined;
  /** `--group`, over `MPMAKE_GROUP`, `GROUP` and the file's. */
  readonly group?: string | undefined;
  /** `--key`, over `MPMAKE_KEY` and the file's `key`. */
  readonly key?: string | undefined;
  /** `--config`, over `MPMAKE_CONFIG`: this file instead of one that is looked for. */
  readonly config?: string | undefined;
  /** `--strict`, over `MPMAKE_STRICT` and the file's. */
  readonly strict?: boolean | undefined;
  /** `--joins-from-nodes`, over `MPMAKE_JOINS_FROM_NODES` and the file's. */
  readonly joinsFromNodes?: boolean | undefined;
  /** `--clock-skew`, in seconds. */
  readonly clockSkew?: string | undefined;
  /** `--memfree`, such as `512M`. */
  readonly memfree?: string | undefined;
  /** `--partition`, `--time` and `--slurm-options`: for `--backend=slurm`. */
  readonly partition?: string | undefined;
  readonly time?: string | undefined;
  readonly slurmOptions?: string | undefined;
  /** How many are to run at once; undefined: there is no limit. */
  readonly jobs?: number | undefined;
  /** `--sentdir`, over `SENTDIR` and the file's `sentDirectory`; absolute, or from the invocation's directory. */
  readonly sentDirectory?: string | undefined;
}

export interface SettingsRequest {
  readonly options: ClusterOptions;
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  /** The invocation's directory, absolute. */
  readonly directory: string;
  readonly userId: number;
  /** Whether nodes are looked for that nobody has listed, and taken that a scheduler gives. */
  readonly searches?: boolean;
}

/** All that a cluster is opened with. */
export interface ClusterSettings {
  /** NODES as it was read. */
  readonly nodesText: string;
  /** The configuration file, absolute. */
  readonly configFile: string | undefined;
  /** Names the make that the user started, to all its sub-makes. */
  readonly session: string;
  /** This is a sub-make of one that reaches for the same nodes. */
  readonly isSubMake: boolean;
  /** In the user's order; empty only when others are looked for, or those of a standing cluster are ours. */
  readonly nodes: readonly NodeAddress[];
  /** The folder of a standing cluster, which tells of its nodes; undefined: there is none. */
  readonly standing: ClusterFolder | undefined;
  /** Nobody has listed any: if there is one, it is this machine. */
  readonly isUnlisted: boolean;
  /** Whose the nodes are that nobody has listed; undefined: no scheduler's. */
  readonly scheduler: SchedulerSettings | undefined;
  /** Where nodes that nobody has listed are looked for; undefined: they are not. */
  readonly group: readonly GroupAddress[] | undefined;
  /** The same as it was read; empty: nowhere. */
  readonly groupText: string;
  /** The client's key file, absolute; undefined only when no node needs one. */
  readonly keyFile: string | undefined;
  readonly strict: boolean;
  /** Whether makes that scripts on nodes start may be parts of this process: a node then says what is read and run here. */
  readonly joinsFromNodes: boolean;
  readonly clockSkewMs: number;
  readonly connectTimeoutMs: number;
  /** undefined: nodes do not know our user by it. */
  readonly munge: Munge | undefined;
  readonly envsetter: string | undefined;
  readonly sentDirectory: string | undefined;
  readonly minFreeMemoryBytes: number | undefined;
  /** The file in which durations of jobs are kept: absolute, or from the first make's directory; false: nowhere; undefined: where it is unless told. */
  readonly history: string | false | undefined;
  /** Whether nodes look for what others wrote. Only tests switch it off, to show what that is good for. */
  readonly receipts: boolean;
  /** The file by which sub-makes tell what their jobs wrote; absolute. */
  readonly receiptLog: string;
  /** How workers are started on nodes that have none. */
  readonly launch: LaunchSettings;
}

/**
 * Puts the settings together.
 *
 * @returns undefined when no nodes are named anywhere, nor looked for: everything runs on this machine
 * @throws UserError for a mistake in the options, the environment or the file, naming it
 */
export async function readClusterSettings(request: SettingsRequest): Promise<ClusterSettings | undefined> {
  const variable = settingsIn(request.environment);
  const found = await loadConfig(request, variable);
  const { config } = found;
  const listed = (request.options.nodes ?? variable("NODES") ?? config.use ?? "").trim();
  const groupText = request.searches === true ? groupIn(request, variable, config) : "";
  const strict = request.options.strict ?? isSet(variable("MPMAKE_STRICT")) ?? config.strict ?? false;
  const joins = request.options.joinsFromNodes ?? isSet(variable(JOINS)) ?? config.joinsFromNodes;
  const launch = launchSettings(request.options, variable, config);
  const isOpen = listed === "" && groupText === "" && launch.backendText === undefined;
  const standing = standingCluster({
    ...{ listed, isOpen, config, directory: request.directory, userId: request.userId },
    ...{ searches: request.searches === true, configFile: found.path, home: variable("HOME") },
  });
  const given = scheduled(request, variable, { listed, groupText, standing, choice: launch.scheduler });
  if (listed === "" && groupText === "" && given === undefined && standing === undefined) {
    if (strict) throw new UserError("no nodes are named (--strict)", { hint: hintOfGroup(request, variable("GROUP")) });
    return undefined;
  }
  const isUnlisted = given === undefined ? listed === "" && standing === undefined : given.way.kind === "ask";
  const here = strict ? [] : [HERE];
  const nodes =
    standing !== undefined ? [] : (given?.nodes ?? (isUnlisted ? here : findNodes(listed, config, launch.way)));
  const isAlone = groupText === "" && standing === undefined && nodes.every(({ kind }) => kind !== "remote");
  const above = sessionIn(variable);
  const clockSkew = readSeconds(request.options.clockSkew ?? variable(CLOCK_SKEW));
  const memfree = request.options.memfree ?? variable(MEMFREE);
  const session = above ?? randomBytes(8).toString("hex");
  const temporary = nonEmpty(variable("TMPDIR")) ?? "/tmp";
  return {
    session,
    isSubMake: above !== undefined,
    nodesText: standing === undefined ? listed : `cluster:${fromUnicode(standing.path)}`,
    configFile: found.path,
    nodes,
    standing,
    isUnlisted,
    scheduler: given?.way,
    group: groupText === "" ? undefined : readGroup(groupText),
    groupText,
    keyFile: isAlone ? undefined : keyFile(request, variable, { ...found, isUnlisted, standing }),
    strict,
    joinsFromNodes: joins ?? false,
    clockSkewMs: 1000 * (clockSkew ?? config.clockSkew ?? DEFAULT_CLOCK_SKEW_SECONDS),
    connectTimeoutMs: config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    munge: mungeOf(config.munge),
    envsetter: nonEmpty(variable("ENVSETTER")) ?? config.envsetter,
    sentDirectory: sentDirectory(request, variable) ?? config.sentDirectory,
    minFreeMemoryBytes: readMemory(memfree ?? config.memfree),
    history: config.history === true ? undefined : config.history,
    receipts: variable("MPMAKE_RECEIPTS") !== "off",
    receiptLog: variable(RECEIPT_LOG) ?? `${temporary}/mpmake-${session}.receipts`,
    launch: { ...launch, door: variable(LAUNCH_DOOR) ?? doorIn(temporary, session) },
  };
}

interface Given {
  readonly way: SchedulerSettings;
  /** undefined: they are still to come. */
  readonly nodes: readonly NodeAddress[] | undefined;
}

/** What a scheduler gives: what we run in when nobody has listed anything, or what `--backend=slurm` asks for. @throws UserError */
function scheduled(
  { options, searches }: SettingsRequest,
  variable: Variables,
  {
    listed,
    groupText,
    standing,
    choice,
  }: {
    readonly listed: string;
    readonly groupText: string;
    readonly standing: ClusterFolder | undefined;
    readonly choice: SchedulerChoice;
  },
): Given | undefined {
  if (searches !== true || standing !== undefined) return undefined;
  const isAsked = choice === "slurm" && listed !== "";
  if (!isAsked && (listed !== "" || groupText !== "")) return undefined;
  const around = isAsked ? undefined : schedulerNodes((name) => nonEmpty(variable(name)), choice);
  if (around !== undefined) return around;
  if (choice !== "slurm") return undefined;
  const { partition, time, slurmOptions, jobs } = options;
  return {
    way: { kind: "ask", wish: readSlurmWish({ nodes: listed, partition, time, slurmOptions, jobs }) },
    nodes: undefined,
  };
}

const HERE: NodeAddress = { kind: "local", node: LOCAL_NODE, slots: undefined, speed: 1 };

/** Of the environment's `GROUP` only what can be meant: some shells keep the name of the user's group there. */
function groupIn({ options }: SettingsRequest, variable: Variables, config: Config): string {
  const general = variable("GROUP") ?? "";
  const meant = parseGroup(general, isAddress).ok ? nonEmpty(general.trim()) : undefined;
  return (options.group ?? variable(GROUP) ?? meant ?? config.group ?? "").trim();
}

/** Why the environment's `GROUP` does not count, which whoever asks for nodes may not have expected. */
function hintOfGroup({ searches }: SettingsRequest, general: string | undefined): string | undefined {
  if (searches !== true || general === undefined) return undefined;
  const group = parseGroup(general, isAddress);
  return group.ok ? undefined : `GROUP is no place where nodes are looked for: ${group.error}`;
}

function readGroup(text: string): readonly GroupAddress[] {
  const group = parseGroup(text, isAddress);
  if (group.ok) return group.value;
  throw new UserError(`--group: ${group.error}`);
}

function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

function mungeOf(wanted: boolean | string | undefined): Munge | undefined {
  if (wanted === undefined || wanted === false) return undefined;
  return { socket: wanted === true ? undefined : wanted };
}

/** The variables that give these settings to a sub-make, wherever it runs: `NAME=value` each. */
export function settingsEnvironment(settings: ClusterSettings): readonly string[] {
  const { session, nodesText, configFile, keyFile: key, strict, receiptLog } = settings;
  const { clockSkewMs, minFreeMemoryBytes, groupText, joinsFromNodes } = settings;
  return [
    `${RECEIPT_LOG}=${receiptLog}`,
    `${SESSION}=${session}`,
    `NODES=${nodesText}`,
    `${GROUP}=${groupText}`,
    `${CLOCK_SKEW}=${String(clockSkewMs / 1000)}`,
    ...(minFreeMemoryBytes === undefined ? [] : [`${MEMFREE}=${String(minFreeMemoryBytes)}`]),
    ...(settings.sentDirectory === undefined ? [] : [`SENTDIR=${settings.sentDirectory}`]),
    `MPMAKE_STRICT=${strict ? "1" : "0"}`,
    ...(joinsFromNodes ? [`${JOINS}=1`] : []),
    ...(configFile === undefined ? [] : [`MPMAKE_CONFIG=${configFile}`]),
    ...(key === undefined ? [] : [`MPMAKE_KEY=${key}`]),
    ...launchEnvironment(settings.launch),
  ];
}

/** Set by a make for its sub-makes. */
const SESSION = "MPMAKE_CLUSTER";
const GROUP = "MPMAKE_GROUP";
const CLOCK_SKEW = "MPMAKE_CLOCK_SKEW";
const MEMFREE = "MPMAKE_MEMFREE";
const JOINS = "MPMAKE_JOINS_FROM_NODES";
const RECEIPT_LOG = "MPMAKE_RECEIPT_LOG";

function sessionIn(variable: Variables): string | undefined {
  const session = variable(SESSION);
  return session !== undefined && /^[0-9a-f]{16}$/.test(session) ? session : undefined;
}

/** A setting of an environment. An empty one is as good as none; but what a make tells its sub-makes counts as it stands. */
function settingsIn(environment: readonly string[]): Variables {
  const isSubMake = sessionIn((name) => readVariable(environment, name)) !== undefined;
  return isSubMake ? (name) => readVariable(environment, name) : (name) => readSetting(environment, name);
}

/** A tool's setting in its environment: an empty one is as good as none. */
export function readSetting(environment: readonly string[], name: string): string | undefined {
  return nonEmpty(readVariable(environment, name));
}

/** A variable of an environment; the first `NAME=value` wins, as it does for getenv. */
export function readVariable(environment: readonly string[], name: string): string | undefined {
  return environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

interface FoundConfig {
  readonly config: Config;
  /** undefined: there is no file. */
  readonly path: string | undefined;
}

async function loadConfig(request: SettingsRequest, variable: Variables): Promise<FoundConfig> {
  const { directory, userId } = request;
  const named = request.options.config ?? nonEmpty(variable("MPMAKE_CONFIG"));
  const path =
    named === undefined ? findConfigFile({ directory, userId, home: variable("HOME") }) : resolve(directory, named);
  if (path === undefined) return { config: {}, path };
  const { checkConfig } = await import("./config-schema.js");
  const checked = checkConfig(parseJson(path, readConfig(path)));
  if ("mistake" in checked) throw new UserError(`${path}: ${checked.mistake}`);
  return { config: checked.config, path };
}

function readConfig(path: string): string {
  try {
    return readFileSync(toPath(path), "latin1");
  } catch (cause) {
    throw new UserError(`${path}: the configuration cannot be read (${codeOf(cause)})`, { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const position = /at position (\d+)/.exec(message)?.[1];
    const place = position === undefined ? path : `${path}:${String(lineAt(text, Number(position)))}`;
    throw new UserError(`${place}: not JSON: ${message}`, { cause });
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function findNodes(text: string, config: Config, way: Way): readonly NodeAddress[] {
  const listed = parseNodeList(text, { way, groups: config.groups ?? {} });
  if (!listed.ok) throw new UserError(formatNodeListError(listed.error));
  const found = resolveNodes(listed.value, nodeDirectory(config));
  if (!found.ok) throw new UserError(formatNodeListError(found.error));
  return found.value;
}

function nodeDirectory(config: Config): NodeDirectory {
  const { nodes = {}, hostPattern, defaultPort = DEFAULT_PORT } = config;
  return { nodes, defaultPort, hostPattern };
}

function keyFile(
  request: SettingsRequest,
  variable: Variables,
  { isUnlisted, standing, ...found }: FoundConfig & Pick<ClusterSettings, "isUnlisted" | "standing">,
): string {
  if (standing !== undefined) return fromUnicode(standing.clientKey);
  const given = request.options.key ?? nonEmpty(variable("MPMAKE_KEY"));
  if (given !== undefined) return resolve(request.directory, given);
  if (found.config.key !== undefined && found.path !== undefined) return resolve(dirname(found.path), found.config.key);
  const what = isUnlisted ? "GROUP says where nodes are to be found" : "NODES names nodes";
  throw new UserError(`${what} but there is no key to reach them with`, {
    hint: '"ckeygen NAME NAME.pub" makes a pair; say --key NAME.pub, MPMAKE_KEY=NAME.pub or "key" in mpmake.config.json',
  });
}

function sentDirectory({ options, directory }: SettingsRequest, variable: Variables): string | undefined {
  const given = options.sentDirectory ?? nonEmpty(variable("SENTDIR"));
  return given === undefined ? undefined : resolve(directory, given);
}

function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0)
    throw new UserError(`--clock-skew: "${text}" is not a number of seconds`);
  return seconds;
}

function readMemory(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined) throw new UserError(`--memfree: "${text}" is not a size such as 512M or 2G`);
  return bytes;
}
