/** How workers are started on nodes that have none: `--backend`, `--tunnel`, `--remote-node`, and what the environment and the file say. */

import { UserError } from "../base/user-error.js";
import type { Way } from "../placement/node-list.js";
import type { Config } from "./config-schema.js";
import { isSet, nonEmpty, type Variables } from "../base/variable-words.js";

export interface LaunchSettings {
  /** How nodes are reached of which NODES does not say it. */
  readonly way: Way;
  /** The command that starts them, for a shell; undefined: the way is another. */
  readonly template: string | undefined;
  /** The scheduler that nodes are taken from when nobody names any; `auto`: whichever has given us some. */
  readonly scheduler: SchedulerChoice;
  /** As `--backend` was read. */
  readonly backendText: string | undefined;
  /** The ssh program, and words before its own. */
  readonly ssh: readonly string[];
  readonly isTunnelled: boolean;
  /** The node program there; undefined: what is found. */
  readonly remoteNode: string | undefined;
  /** Where workers call us; none: any port. */
  readonly ports: readonly number[];
  /** The directory in which sub-makes find the workers that the make at the top has started; absolute. */
  readonly door: string;
}

/** What the command line says; each wins over the environment and the file. */
export interface LaunchOptions {
  /** `--backend`, over `MPMAKE_BACKEND` and the file's. */
  readonly backend?: string | undefined;
  /** `--tunnel`, over `MPMAKE_TUNNEL` and the file's. */
  readonly tunnel?: boolean | undefined;
  /** `--remote-node`, over `MPMAKE_REMOTE_NODE` and the file's. */
  readonly remoteNode?: string | undefined;
}

/** All of them but the door. @throws UserError */
export function launchSettings(
  options: LaunchOptions,
  variable: Variables,
  config: Config,
): Omit<LaunchSettings, "door"> {
  const backendText = options.backend ?? nonEmpty(variable(BACKEND)) ?? config.backend;
  return {
    ...readBackend(backendText),
    backendText,
    ssh: (nonEmpty(variable(SSH)) ?? config.ssh ?? "ssh").split(" ").filter((word) => word !== ""),
    isTunnelled: options.tunnel ?? isSet(variable(TUNNEL)) ?? config.tunnel ?? false,
    remoteNode: options.remoteNode ?? nonEmpty(variable(REMOTE_NODE)) ?? config.remoteNode,
    ports: portsOf(config.callPorts),
  };
}

/** The variables that give them to a sub-make. */
export function launchEnvironment({ backendText, door }: LaunchSettings): readonly string[] {
  return [`${LAUNCH_DOOR}=${door}`, ...(backendText === undefined ? [] : [`${BACKEND}=${backendText}`])];
}

/** Where a session's door is. A socket's path has no more room than this. */
export function doorIn(temporary: string, session: string): string {
  const path = `${temporary}/mpmake-${session}.door`;
  return path.length < MAX_DOOR_CHARS ? path : `/tmp/mpmake-${session}.door`;
}

/** Set by a make for its sub-makes. */
export const LAUNCH_DOOR = "MPMAKE_LAUNCH_DOOR";
const BACKEND = "MPMAKE_BACKEND";
const SSH = "MPMAKE_SSH";
const TUNNEL = "MPMAKE_TUNNEL";
const REMOTE_NODE = "MPMAKE_REMOTE_NODE";
const MAX_DOOR_CHARS = 100;
const EXEC = "exec:";

/** Of nodes that a scheduler gives. */
export type SchedulerChoice = "auto" | "slurm" | "grid-engine" | "none";

const SCHEDULERS: readonly string[] = ["slurm", "grid-engine", "none"] satisfies readonly SchedulerChoice[];

function isScheduler(text: string): text is SchedulerChoice {
  return SCHEDULERS.includes(text);
}

function readBackend(text: string | undefined): Pick<LaunchSettings, "way" | "template" | "scheduler"> {
  const other = { template: undefined, scheduler: "auto" } as const;
  if (text === undefined || text === "mexecd") return { ...other, way: "mexecd" };
  if (text === "ssh") return { ...other, way: "ssh" };
  if (isScheduler(text)) return { ...other, way: "mexecd", scheduler: text };
  if (!text.startsWith(EXEC))
    throw new UserError(`--backend: "${text}" is none of mexecd, ssh, slurm, grid-engine, none and exec:COMMAND`);
  const template = text.slice(EXEC.length);
  for (const [place, what] of TEMPLATE_PLACES)
    if (!template.includes(place))
      throw new UserError(`--backend: ${place} is missing in "${template}", where ${what} goes`);
  return { ...other, way: "exec", template };
}

const TEMPLATE_PLACES = [
  ["{host}", "the machine's name"],
  ["{worker}", "what is to be run there"],
] as const;

function portsOf(text: string | undefined): readonly number[] {
  if (text === undefined) return [];
  const [first = 0, last = first] = text.split("-").map(Number);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
