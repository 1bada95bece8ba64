/** `mpmake up`, `join`, `drain` and `status`: a standing cluster, whose nodes come and go. Loaded only when one of them is called. */

import { realpathSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "../base/user-error.js";
import { generateKeys } from "../net/generate-keys.js";
import { attempt } from "../os/attempt.js";
import { fromUnicode, toPath } from "../os/bytes.js";
import { ClusterFolder } from "../os/cluster-folder.js";
import { findProgram } from "../os/search-path.js";
import { CLUSTER_FOLDER } from "../session/config-file.js";
import { readClusterSettings } from "../session/config.js";
import { askNodes, drainNodes, questionTo } from "../session/standing-nodes.js";
import { folderError, openCluster } from "../session/standing-wish.js";
import { CLUSTER_COMMANDS, type CommandCall } from "./cluster-command.js";
import { joinHere, stay } from "./cluster-join.js";
import { parseDrain, parseJoin, parseStatus, parseUp } from "./cluster-options.js";
import { inJson, tellStates } from "./cluster-status.js";
import { complain, say, shellWord, tellUser, unicode } from "./cluster-voice.js";

const DONE = 0;
/** `status`: nobody answers. */
const NOBODY = 1;
const FAILED = 2;

export interface Place {
  /** Absolute. */
  readonly directory: string;
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  readonly userId: number;
}

/** @returns the exit status */
export async function runClusterCommand({ command, words: given }: CommandCall, place: Place): Promise<number> {
  const words = given.map(unicode);
  try {
    switch (command) {
      case "up":
        return await up(words, place);
      case "join":
        return await join(words, place);
      case "drain":
        return await drain(words, place);
      case "status":
        return await status(words, place);
      default:
        say(`--cluster is followed by one of ${CLUSTER_COMMANDS.join(", ")}, not by '${command}'`);
        return FAILED;
    }
  } catch (error) {
    complain(error, command);
    return FAILED;
  }
}

async function up(words: readonly string[], place: Place): Promise<number> {
  const call = await parseUp(words);
  if (call?.ok !== true) return misused("up", call?.error);
  const { folder: named, join: options, startsWorker } = call.value;
  const path = resolve(unicode(place.directory), named ?? CLUSTER_FOLDER);
  const stands = ClusterFolder.open(path, place.userId).ok;
  const folder = await ClusterFolder.make(path, place.userId);
  if (!folder.ok) throw folderError(folder.error);
  const { key: name, clientKey: pub } = folder.value;
  const { status: keyStatus, messages } = await generateKeys({ name, pub, text: undefined });
  if (keyStatus !== DONE) throw new UserError(fromUnicode(messages.join("; ")));
  say(`a cluster ${stands ? "stands already" : "stands now"} in ${path}`);
  if (startsWorker) await joinHere({ folder: folder.value, options, tell: say });
  say("on each of its machines, say");
  tellUser(`${ownProgram(place)} join ${shellWord(path)}`);
  return DONE;
}

async function join(words: readonly string[], place: Place): Promise<number> {
  const call = await parseJoin(words);
  if (call?.ok !== true) return misused("join", call?.error);
  const { folder: named, join: options, inForeground } = call.value;
  const folder = await folderOf(named, place);
  const request = { folder, options, tell: tellUser };
  if (inForeground) return stay(request);
  await joinHere(request);
  return DONE;
}

async function drain(words: readonly string[], place: Place): Promise<number> {
  const call = await parseDrain(words);
  if (call?.ok !== true) return misused("drain", call?.error);
  const { folder: named, names, waits } = call.value;
  const folder = await folderOf(named, place);
  await drainNodes({ ...questionTo(folder), names, waits, ownName: hostname(), tell: tellUser, pause });
  return DONE;
}

async function status(words: readonly string[], place: Place): Promise<number> {
  const call = await parseStatus(words);
  if (call?.ok !== true) return misused("status", call?.error);
  const folder = await folderOf(call.value.folder, place);
  const states = await askNodes(questionTo(folder));
  if (call.value.inJson) tellUser(JSON.stringify(inJson(folder, states), undefined, 2));
  else tellStates(folder, states);
  return states.some(({ answer }) => answer.ok) ? DONE : NOBODY;
}

/** A folder that is named, or that of the cluster which a build here would use. @throws UserError */
async function folderOf(named: string | undefined, { directory, environment, userId }: Place): Promise<ClusterFolder> {
  if (named !== undefined) return openCluster(fromUnicode(resolve(unicode(directory), named)), userId);
  const settings = await readClusterSettings({ options: {}, environment, directory, userId, searches: true });
  if (settings?.standing !== undefined) return settings.standing;
  const hint = 'name its folder; "mpmake up" makes one in .mpmake/cluster';
  throw new UserError(`builds in ${directory} use no standing cluster`, { hint });
}

/** How a shell here and elsewhere finds this program: by its name, if that leads to it. */
function ownProgram({ environment, directory }: Place): string {
  const own = attempt(() => realpathSync(process.argv[1] ?? "")) ?? process.argv[1] ?? "mpmake";
  const found = findProgram("mpmake", { environment, directory });
  const isFound = found.ok && attempt(() => realpathSync(toPath(found.path))) === own;
  return isFound ? "mpmake" : shellWord(own);
}

/** @param mistake - undefined: help was asked for */
function misused(command: string, mistake: string | undefined): number {
  if (mistake === undefined) return DONE;
  say(`${command}: ${mistake}\nTry 'mpmake --cluster=${command} --help'.`);
  return FAILED;
}
