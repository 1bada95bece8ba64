/** Joining a standing cluster: the worker of this machine is started, and has to answer before anybody is told that it does. */

import { execa } from "execa";
import { UserError } from "../base/user-error.js";
import { WORKER_WORDS } from "../launch/launcher.js";
import { installedWorker } from "../launch/worker-file.js";
import { attempt } from "../os/attempt.js";
import { fromUnicode } from "../os/bytes.js";
import type { ClusterFolder } from "../os/cluster-folder.js";
import { isOwnAddress } from "../os/interfaces.js";
import { askNode, questionTo } from "../session/standing-nodes.js";
import type { JoinOptions } from "./cluster-options.js";
import { complain, say, shellWord, slotsOf } from "./cluster-voice.js";
import { startDaemon } from "./daemon.js";

const FAILED = 2;

export interface JoinRequest {
  readonly folder: ClusterFolder;
  readonly options: JoinOptions;
  /** Takes a line for the user. */
  readonly tell: (text: string) => void;
}

/** Starts this machine's worker, unless it runs. @throws UserError */
export async function joinHere(request: JoinRequest): Promise<void> {
  if (await hasJoined(request)) return;
  const started = await startDaemon({ words: workerWords(request), directory: "/" });
  if (!("ready" in started)) throw new UserError(`no worker could be started for ${request.options.name}`);
  await prove(request, started.pid);
}

/** The same without a background. @returns the exit status */
export async function stay(request: JoinRequest): Promise<number> {
  if (await hasJoined(request)) return 0;
  const words = [...workerWords(request), "--foreground"];
  const worker = execa(process.execPath, words, {
    ...{ cwd: "/", stdin: "ignore", stdout: "pipe", stderr: "inherit", buffer: false, reject: false },
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void worker.kill(signal));
  worker.stdout.once("data", () => void prove(request, worker.pid).catch((error: unknown) => complain(error, "join")));
  worker.stdout.resume();
  const { exitCode } = await worker;
  return exitCode ?? FAILED;
}

function workerWords({ folder, options }: JoinRequest): readonly string[] {
  const { name, slots, address, port, admit } = options;
  const where = [...(address === undefined ? [] : ["--address", address]), "--port", String(port)];
  const how = ["--name", name, "--slots", String(slots), ...where, ...admit.flatMap((pair) => ["--admit", ...pair])];
  return [installedWorker(), WORKER_WORDS.standing, ...how, folder.path];
}

/** Whether a worker of this name answers. One that does not is replaced. @throws UserError */
async function hasJoined({ folder, options, tell }: JoinRequest): Promise<boolean> {
  const { name } = options;
  const record = folder.readNode(name);
  if (!record.ok) {
    say(`${record.error}: it is replaced`);
    return false;
  }
  if (record.value === undefined) return false;
  const answer = await askNode(record.value, questionTo(folder));
  if (!answer.ok) {
    say(`${name} had joined, and does not answer: ${answer.error}; it joins anew`);
    return false;
  }
  const { addresses, port, drainingMs } = record.value;
  const at = `at ${addresses[0] ?? ""}, port ${String(port)}`;
  if (!addresses.some(isOwnAddress)) {
    const hint = `give this machine a name of its own: mpmake join --name ${name}b ${shellWord(folder.path)}`;
    throw new UserError(`another machine has joined as ${name}, ${at}`, { hint: fromUnicode(hint) });
  }
  if (drainingMs !== undefined) {
    const hint = 'join again when it has left, as "mpmake status" shows';
    throw new UserError(`${name} drains: ${String(answer.value.running)} of its jobs still run`, { hint });
  }
  tell(`${name} has joined already: ${slotsOf(answer.value.slots)}, ${at}`);
  return true;
}

/** A worker that has just been started answers whoever holds the key; or it is ended. @throws UserError */
async function prove({ folder, options: { name }, tell }: JoinRequest, pid: number | undefined): Promise<void> {
  const record = folder.readNode(name);
  const hint = fromUnicode(`its log is ${folder.logOf(name)}`);
  if (!record.ok || record.value === undefined)
    throw new UserError(`${name} was started, and has left no record`, { hint });
  const answer = await askNode(record.value, questionTo(folder));
  if (!answer.ok) {
    attempt(() => pid !== undefined && process.kill(pid, "SIGINT"));
    throw new UserError(`${name} was started, and does not answer: ${answer.error}`, { hint });
  }
  tell(`${name} has joined: ${slotsOf(answer.value.slots)}`);
}
