/** A worker: listens, lets clients in that it may serve, runs their jobs, and keeps the log of it. */

import { freemem, loadavg } from "node:os";
import { ok, type Result } from "../base/result.js";
import { type ClientHandler, type ClientListener, listenForClients } from "../net/client-listener.js";
import type { EndpointSocket } from "../net/endpoint-socket.js";
import type { WallClock } from "../net/node-connection.js";
import type { Spawner } from "../os/spawn.js";
import type { WorkerKeyFile } from "../wire/key-file.js";
import { GRACE_MS, VERSION } from "../wire/limits.js";
import type { LoadReport, MessageOf } from "../wire/message.js";
import { type AddressPair, isAdmitted } from "./address-pairs.js";
import { GuardedSpawner } from "./guardian.js";
import type { Log } from "./log.js";
import { MARKER } from "./node-job.js";
import { type JobRecord, Session } from "./session.js";

export interface WorkerOptions {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  readonly credential: WorkerKeyFile;
  readonly name: string;
  readonly slots: number;
  /** Addresses that are listened to, besides this machine's own. */
  readonly admitted: readonly AddressPair[];
  readonly clock: WallClock;
  readonly spawner: Spawner;
  readonly temporaryDirectory: string;
  /** Whom recipes run as: this process's user. */
  readonly uid: number;
  /** One line of JSON for each job and each rejection. */
  readonly audit: Log;
  /** For people; undefined unless wanted. */
  readonly debug: Log | undefined;
  /** How long processes have to end by themselves, in milliseconds. */
  readonly graceMs?: number;
  readonly helloWithinMs?: number;
  readonly silenceMs?: number;
}

export interface Worker {
  readonly address: string;
  readonly port: number;
  /** Sends all clients away, ends their jobs, and resolves when none of their processes is left. */
  stop(): Promise<void>;
}


/** Starts a worker. The failure is a phrase. */
export async function startWorker(options: WorkerOptions): Promise<Result<Worker, string>> {
  const house = new House(options);
  const listener = await listenForClients({
    ...options,
    admits: (address) => isAdmitted(address, options.admitted),
    onClient: (hello, link, address) => house.letIn(hello, link, address),
    onRejected: (address, reason) => house.rejected(address, reason),
  });
  return listener.ok ? ok(house.open(listener.value)) : listener;
}

/** Rejections that are logged in a second; those beyond are counted. */
const MAX_REJECTIONS_LOGGED = 10;

class House {
  readonly #options: WorkerOptions;
  readonly #spawner: Spawner;
  readonly #sessions = new Set<Session>();
  #running = 0;
  #rejections = { second: 0, count: 0 };

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#spawner = new GuardedSpawner(options.spawner, MARKER);
  }

  open(listener: ClientListener): Worker {
    const stop = async (): Promise<void> => {
      listener.close();
      await Promise.all([...this.#sessions].map((session) => session.stop("the worker was stopped")));
    };
    return { address: listener.address, port: listener.port, stop };
  }

  /** Decides on a client that holds the key, and answers it. */
  letIn(hello: MessageOf<"hello">, link: EndpointSocket, address: string): ClientHandler {
    const { clock, name, slots, uid } = this.#options;
    const receivedMs = clock.nowMs();
    const client = { who: hello.name, address };
    const objection = this.#objectionTo(hello);
    if (objection !== undefined) {
      link.close(objection.code, objection.text);
      this.rejected(address, `${hello.name}: ${objection.text}`);
      return { received: () => undefined, closed: () => undefined };
    }
    const session = this.#newSession(link, client);
    const { askedMs } = hello;
    const times = { askedMs, receivedMs, answeredMs: clock.nowMs() };
    link.send({ type: "hello-ack", stream: 0, version: VERSION, name, slots, uid, load: this.#load(), ...times });
    this.#options.debug?.line(`mexecd: ${hello.name} (${address}) is in`);
    return {
      received: (received) => session.received(received),
      closed: (reason) => {
        void session.stop(reason).then(() => this.#sessions.delete(session)); // nobody waits for a client that is gone
        this.#options.debug?.line(`mexecd: ${hello.name} (${address}) is gone: ${reason}`);
      },
    };
  }

  rejected(address: string, reason: string): void {
    const nowMs = this.#options.clock.nowMs();
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#rejections.second) this.#startSecond(second);
    this.#rejections.count++;
    if (this.#rejections.count > MAX_REJECTIONS_LOGGED) return;
    this.#audit({ event: "rejected", address, reason: reason.slice(0, 120) });
  }

  #startSecond(second: number): void {
    const unlogged = this.#rejections.count - MAX_REJECTIONS_LOGGED;
    this.#rejections = { second, count: 0 };
    if (unlogged > 0) this.#audit({ event: "rejected", unlogged });
  }

  #objectionTo({
    version,
    uid,
  }: MessageOf<"hello">): { readonly code: "version" | "forbidden"; readonly text: string } | undefined {
    if (version !== VERSION)
      return { code: "version", text: `version ${String(VERSION)} is spoken here, not ${String(version)}` };
    if (uid === this.#options.uid) return undefined;
    const text = `recipes run here as user number ${String(this.#options.uid)}, not as the client's, ${String(uid)}`;
    return { code: "forbidden", text };
  }

  #newSession(link: EndpointSocket, client: { readonly who: string; readonly address: string }): Session {
    const { clock, temporaryDirectory, graceMs = GRACE_MS } = this.#options;
    const session = new Session(link, {
      spawner: this.#spawner,
      clock,
      temporaryDirectory,
      graceMs,
      load: () => this.#load(),
      onStart: () => this.#running++,
      onEnd: (record) => {
        this.#running--;
        this.#logJob(client, record);
      },
    });
    this.#sessions.add(session);
    return session;
  }

  #load(): LoadReport {
    return { running: this.#running, loadAverage: loadavg()[0] ?? 0, freeMemoryBytes: freemem() };
  }

  #logJob(
    { who, address }: { readonly who: string; readonly address: string },
    { request, end, tookMs }: JobRecord,
  ): void {
    const status = end.kind === "ended" ? end.status : { kind: "refused", code: end.code, reason: end.text };
    const { directory, target } = request;
    this.#audit({ event: "job", who, address, uid: this.#options.uid, directory, target, status, tookMs });
    const how = end.kind === "ended" ? JSON.stringify(end.status) : `refused: ${end.text}`;
    this.#options.debug?.line(`mexecd: ${who}: ${target} in ${directory}: ${how}, ${tookMs.toFixed(0)} ms`);
  }

  #audit(record: object): void {
    const time = new Date(this.#options.clock.nowMs()).toISOString();
    this.#options.audit.line(JSON.stringify({ time, ...record }));
  }
}
