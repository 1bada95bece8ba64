/** Real workers and connections for tests: in this process, on loopback, with a key pair of their own. */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { connectNode, type ConnectRequest } from "../../src/net/connect.js";
import { secureOptionsOf } from "../../src/net/credential.js";
import { type KeyPair, makeKeyPair } from "../../src/net/key-pair.js";
import type { ConnectFailure, NodeConnection, RemoteOutcome } from "../../src/net/node-connection.js";
import type { Result } from "../../src/base/result.js";
import { Audit } from "../../src/node/audit.js";
import { startWorker, type Worker, type WorkerOptions } from "../../src/node/worker.js";
import { accountOf, accountOfUid } from "../../src/os/account.js";
import { createSpawner } from "../../src/os/spawn.js";
import { Endpoint, type Received, type Sendable } from "../../src/wire/endpoint.js";
import type { RunRequest } from "../../src/wire/message.js";

export const clock = { nowMs: (): number => Date.now() };

export interface WorkerRig extends AsyncDisposable {
  readonly worker: Worker;
  readonly keys: KeyPair;
  /** The lines of the log so far. */
  readonly audit: { readonly lines: string[] };
  /** A directory that is removed in the end. */
  readonly directory: string;
  tryConnect(more?: Partial<ConnectRequest>): Promise<Result<NodeConnection, ConnectFailure>>;
  connect(): Promise<NodeConnection>;
}

export function randomKeys(): Promise<KeyPair> {
  return makeKeyPair(new Uint8Array(randomBytes(32)));
}

export function temporaryDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "mpmake-test-")));
}

export async function startRig(more: Partial<WorkerOptions> = {}): Promise<WorkerRig> {
  const keys = await randomKeys();
  const directory = temporaryDirectory();
  const audit: { readonly lines: string[] } = { lines: [] };
  const started = await startWorker({
    address: "127.0.0.1",
    port: 0,
    terms: { credential: keys.worker, admitted: [], grants: undefined },
    accounts: { byName: accountOf, byUid: accountOfUid, faultOf: () => undefined },
    name: "n1",
    slots: 2,
    limits: { memoryBytes: undefined, processes: undefined },
    clock,
    spawner: createSpawner({ temporaryDirectory: directory }),
    temporaryDirectory: directory,
    uid: process.getuid!(),
    audit: new Audit((line) => audit.lines.push(line), more.clock ?? clock),
    debug: undefined,
    graceMs: 300,
    ...more,
  });
  if (!started.ok) throw new Error(started.error);
  const worker = started.value;
  const connections: NodeConnection[] = [];
  const tryConnect = async (request: Partial<ConnectRequest> = {}): Promise<Result<NodeConnection, ConnectFailure>> => {
    const base = { host: "127.0.0.1", port: worker.port, credential: keys.client, clock, timeoutMs: 5000 };
    const result = await connectNode({ ...base, ...request });
    if (result.ok) connections.push(result.value);
    return result;
  };
  const connect = async (): Promise<NodeConnection> => {
    const result = await tryConnect({ timeoutMs: 30_000 });
    if (!result.ok) throw new Error(result.error.text);
    return result.value;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()));
    await worker.stop();
    rmSync(directory, { recursive: true });
  };
  return { worker, keys, audit, directory, tryConnect, connect, [Symbol.asyncDispose]: dispose };
}

/** A request of one or more lines, all else plain. */
export function requestOf(directory: string, lines: readonly string[], more: Partial<RunRequest> = {}): RunRequest {
  return {
    target: "all",
    lines: lines.map((text) => ({ text, ignoreErrors: false })),
    oneShell: false,
    shell: "/bin/sh",
    shellFlags: "-c",
    environment: [`PATH=${process.env["PATH"]!}`],
    directory,
    umask: 0o022,
    writes: [],
    envsetter: "",
    input: false,
    oneOutput: false,
    ...more,
  };
}

/** What happened of a job, in order: `line 0`, `stdout hello\n`, `failed 0 exited 1`, … Neighbouring output is joined. */
export interface Story {
  readonly told: readonly string[];
  readonly outcome: RemoteOutcome;
}

/** Runs a request to its end and tells what happened. */
export async function runToEnd(connection: NodeConnection, request: RunRequest, input?: Readable): Promise<Story> {
  const told: string[] = [];
  const say = (kind: string, text: string): void => {
    const last = told.at(-1);
    if (last?.startsWith(`${kind} `) === true && kind.startsWith("std")) told[told.length - 1] = last + text;
    else told.push(`${kind} ${text}`);
  };
  const observer = {
    line: (index: number) => say("line", String(index)),
    data: (stream: string, bytes: Uint8Array) => say(stream, Buffer.from(bytes).toString("latin1")),
    lineFailed: (index: number, status: object) => say("failed", `${String(index)} ${JSON.stringify(status)}`),
    note: (text: string) => say("note", text),
  };
  const outcome = await connection.run(request, observer, input).outcome;
  return { told, outcome };
}

/** A client that says just what a test wants, and takes nothing unless told to. */
export interface RawClient {
  readonly socket: TLSSocket;
  readonly endpoint: Endpoint;
  /** All that was heard so far. */
  readonly heard: readonly Received[];
  send(message: Sendable): void;
}

/** A client that is let in, on the other end of a connection of its own. */
export async function rawClient(rig: WorkerRig): Promise<RawClient> {
  const socket = connectTls({
    ...secureOptionsOf(rig.keys.client),
    host: "127.0.0.1",
    port: rig.worker.port,
    ALPNProtocols: ["mpmake/1"],
    checkServerIdentity: () => undefined,
  });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const endpoint = new Endpoint("client");
  const heard: Received[] = [];
  const send = (message: Sendable): void => {
    endpoint.send(message);
    for (const bytes of endpoint.takeOutput()) socket.write(bytes);
  };
  send({ type: "hello", stream: 0, version: 1, name: "raw", uid: process.getuid!(), askedMs: 0 });
  await new Promise<void>((resolve) => {
    socket.on("data", (bytes: Buffer) => {
      heard.push(...endpoint.receive(bytes));
      resolve();
    });
  });
  return { socket, endpoint, heard, send };
}

/** The processes among these that still run. */
export function living(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => !["", "Z", "X"].includes(stateOf(pid)));
}

function stateOf(pid: number): string {
  const file = `/proc/${String(pid)}/stat`;
  if (!existsSync(file)) return "";
  return / ([A-Z]) /i.exec(readFileSync(file, "latin1").replace(/^.*\)/, ""))?.[1] ?? "";
}
