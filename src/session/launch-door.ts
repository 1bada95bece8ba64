/** The way for sub-makes to the workers that the make at the top of their session has started: a socket in a directory of the user's own. */

import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { pipeline, type Duplex } from "node:stream";
import { fail, ok, type Result } from "../base/result.js";
import { errorText, hostError } from "../os/strerror.js";
import { formatKeyFile, type ClientKeyFile, parseKeyFile } from "../wire/key-file.js";
import type { LaunchedAddress } from "../placement/node-directory.js";
import { slurmNode } from "./scheduler-nodes.js";
import type { LeftOut } from "./cluster-link.js";

export interface LaunchDoor {
  close(): void;
}

export interface DoorOptions {
  /** A directory that is not there yet, absolute. */
  readonly directory: string;
  readonly credential: () => Promise<ClientKeyFile>;
  /** A connection to the worker on a node; by the node's name. */
  readonly connect: (node: string) => Promise<Result<Duplex, LeftOut>>;
  /** Nodes that a scheduler was asked for, once they are there; the failure is a phrase. */
  readonly coming: () => Promise<Result<readonly LaunchedAddress[], string>>;
}

/** A question is one line, `key`, `coming` or `node NAME`; the answer is a line, too, and behind it the key, nodes, or the connection. */
const MAX_QUESTION_CHARS = 512;
const KEY = "key";
const COMING = "coming";
const NODE = "node ";
const YES = "yes";
const NO = "no ";
const SOCKET = "s";

/** Serves whoever may enter the directory, which is this user. @throws HostError when there can be no such directory */
export async function openDoor({ directory, credential, connect: reach, coming }: DoorOptions): Promise<LaunchDoor> {
  makeDirectory(directory);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    void readLine(socket).then(async (question) => {
      if (question === KEY) socket.end(`${YES}\n${formatKeyFile(await credential())}`, "latin1");
      else if (question === COMING) socket.end(formatComing(await coming()), "latin1");
      else if (question.startsWith(NODE)) join(socket, await reach(question.slice(NODE.length)));
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(hostError(error, directory)));
    server.listen(`${directory}/${SOCKET}`, resolve);
  });
  return {
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
    chmodSync(directory, 0o700); // whatever the umask
  } catch (error) {
    throw hostError(error, directory);
  }
}

function join(socket: Socket, worker: Result<Duplex, LeftOut>): void {
  if (!worker.ok) {
    socket.end(`${NO}${worker.error.kind} ${worker.error.reason.replaceAll("\n", " ")}\n`, "latin1");
    return;
  }
  socket.write(`${YES}\n`);
  const ignore = (): void => undefined; // both sides see the other's end
  pipeline(socket, worker.value, ignore);
  pipeline(worker.value, socket, ignore);
}

/** Asks for the key with which the session's workers are reached. The failure is a phrase. */
export async function askForKey(directory: string): Promise<Result<ClientKeyFile, string>> {
  const asked = await ask(directory, KEY);
  if (!asked.ok) return asked;
  const key = parseKeyFile(await textOf(asked.value.socket));
  if (!key.ok) return key;
  return key.value.kind === "client" ? ok(key.value) : fail("is no client's");
}

function formatComing(nodes: Result<readonly LaunchedAddress[], string>): string {
  if (!nodes.ok) return `${NO}refused ${nodes.error.replaceAll("\n", " ")}\n`;
  const lines = nodes.value.map(({ host, slots = 1 }) => `${host} ${String(slots)}\n`);
  return `${YES}\n${lines.join("")}`;
}

/** Asks for the nodes that the make above has asked Slurm for, and waits for them. The failure is a phrase. */
export async function askForComing(directory: string): Promise<Result<readonly LaunchedAddress[], string>> {
  const asked = await ask(directory, COMING);
  if (!asked.ok) return asked;
  const { socket, answer } = asked.value;
  if (answer !== YES) {
    socket.destroy();
    return fail(answer.replace(/^no refused /, "") || "the make above has gone");
  }
  const nodes: LaunchedAddress[] = [];
  for (const line of (await textOf(socket)).split("\n")) {
    const [, host, slots] = /^([A-Za-z0-9_.-]+) (\d{1,6})$/.exec(line) ?? [];
    if (host !== undefined) nodes.push(slurmNode(host, Number(slots)));
  }
  return ok(nodes);
}

async function textOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const piece of socket as AsyncIterable<Buffer>) text += piece.toString("latin1");
  return text;
}

/** Asks for a connection to a node's worker. */
export async function askForNode(directory: string, node: string): Promise<Result<Duplex, LeftOut>> {
  const asked = await ask(directory, NODE + node);
  if (!asked.ok) return fail({ kind: "unreachable", reason: asked.error });
  const { socket, answer } = asked.value;
  if (answer === YES) return ok(socket);
  socket.destroy();
  const [, kind = "", reason = ""] = /^no (\S+) (.*)$/.exec(answer) ?? [];
  if (kind === "refused" || kind === "unfit") return fail({ kind, reason });
  return fail({ kind: "unreachable", reason: reason === "" ? "the make above has gone" : reason });
}

async function ask(
  directory: string,
  question: string,
): Promise<Result<{ readonly socket: Socket; readonly answer: string }, string>> {
  const fault = directoryFault(directory);
  if (fault !== undefined) return fail(fault);
  const socket = await new Promise<Socket | Error>((resolve) => {
    const connecting = connect({ path: `${directory}/${SOCKET}`, allowHalfOpen: true });
    connecting.once("connect", () => resolve(connecting)).once("error", resolve);
  });
  if (socket instanceof Error) return fail(`the make above cannot be asked (${errorText(socket)})`);
  socket.on("error", () => socket.destroy());
  socket.write(`${question}\n`, "latin1");
  return ok({ socket, answer: await readLine(socket) });
}

/** Whoever else could enter it could have put something else there. */
function directoryFault(directory: string): string | undefined {
  try {
    const stat = lstatSync(directory);
    const isOurs = stat.isDirectory() && stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0;
    return isOurs ? undefined : `${directory} is not this user's alone`;
  } catch (error) {
    return `the make above has no workers for this machine (${errorText(error)})`;
  }
}

/** The first line; what is behind it stays to be read. Empty: there is none. */
function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    const done = (line: string): void => {
      socket.off("data", hear).off("end", ended).off("close", ended).pause();
      resolve(line);
    };
    const ended = (): void => done("");
    const hear = (bytes: Buffer): void => {
      heard = Buffer.concat([heard, bytes]);
      const end = heard.indexOf("\n");
      if (end < 0 && heard.length < MAX_QUESTION_CHARS) return;
      if (end < 0) {
        socket.destroy();
        return;
      }
      done(heard.toString("latin1", 0, end));
      if (heard.length > end + 1) socket.unshift(heard.subarray(end + 1)); // paused by now: nobody hears it twice
    };
    socket.on("data", hear).on("end", ended).on("close", ended);
  });
}
