/** The workers that a build has started: one on each node, from the first time that it is asked for until the build ends. */

import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { NodeId } from "../base/ids.js";
import { fail, ok, type Result } from "../base/result.js";
import { type KeyPair, makeKeyPair, SEED_BYTES } from "../net/key-pair.js";
import { fromUnicode } from "../os/bytes.js";
import { errorText } from "../os/strerror.js";
import type { ClientKeyFile } from "../wire/key-file.js";
import type { Launcher, LaunchTarget } from "./launcher.js";
import { MeetingPoint } from "./meeting-point.js";
import { type LaunchFailure, StartedWorker } from "./started-worker.js";
import { workerFile } from "./worker-file.js";
import { workerScript } from "./worker-script.js";

/** A node that is to have a worker. */
export interface WantedWorker extends LaunchTarget {
  /** Jobs that it is to offer at once; undefined: as many as it has processors. */
  readonly slots: number | undefined;
  readonly launcher: Launcher;
}

export interface LaunchedWorkersOptions {
  /** The file of mexecd here. */
  readonly workerPath: string;
  /** The node program there, a byte string; undefined: what is found. */
  readonly remoteNode: string | undefined;
  /** Ours, which may be in the same place there. */
  readonly ownNode: string;
  /** They are not even asked to call us. */
  readonly isTunnelled: boolean;
  /** Where they call us: the first of these ports that is free; none: any. */
  readonly ports: readonly number[];
  readonly isDebug: boolean;
  /** A worker has this long to become ready, in milliseconds. */
  readonly withinMs: number;
  /** The first node that cannot call us, and why; all such nodes are reached through what started them. Called once. */
  readonly onTunnel: (node: NodeId, by: Launcher, reason: string) => void;
  /** Something that people may want to know. */
  readonly onNote: (text: string) => void;
}

/** So many are started at once: what leads to them, such as a host on the way, may not take more. */
const MAX_STARTING = 32;

export class LaunchedWorkers implements AsyncDisposable {
  readonly #options: LaunchedWorkersOptions;
  readonly #workers = new Map<NodeId, Promise<Result<StartedWorker, LaunchFailure>>>();
  readonly #standing = new Set<StartedWorker>();
  readonly #waiting: (() => void)[] = [];
  #keys: Promise<KeyPair> | undefined;
  #meeting: Promise<Result<MeetingPoint, string>> | undefined;
  #starting = 0;
  #hasTunnel = false;
  #isClosed = false;

  constructor(options: LaunchedWorkersOptions) {
    this.#options = options;
  }

  /** The client's half of the key that all of them have, and nobody else. */
  async credential(): Promise<ClientKeyFile> {
    return (await this.#pair()).client;
  }

  /** Starts a node's worker, unless it stands. */
  start(wanted: WantedWorker): void {
    // What goes wrong is heard of by whoever asks for a connection, and by `close`, which waits for all of them.
    this.#started(wanted).catch(() => undefined);
  }

  /** Another connection to a node's worker, which is started unless it stands: whoever answers has yet to prove that it is ours. */
  async connect(wanted: WantedWorker): Promise<Result<Duplex, LaunchFailure>> {
    const worker = await this.#started(wanted);
    if (worker.ok) return worker.value.connect();
    this.#workers.delete(wanted.node);
    return worker;
  }

  /** We are about to be stopped, for a while. */
  rest(): void {
    for (const worker of this.#standing) worker.rest();
  }

  /** Ends all of them. Resolves when what started them is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const go of this.#waiting.splice(0)) go();
    await Promise.all(this.#workers.values());
    await Promise.all([...this.#standing].map((worker) => worker.close()));
    const meeting = await this.#meeting;
    if (meeting?.ok === true) meeting.value.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #started(wanted: WantedWorker): Promise<Result<StartedWorker, LaunchFailure>> {
    const begun = this.#workers.get(wanted.node) ?? this.#begin(wanted);
    this.#workers.set(wanted.node, begun);
    return begun;
  }

  async #begin(wanted: WantedWorker): Promise<Result<StartedWorker, LaunchFailure>> {
    const { workerPath, remoteNode, ownNode, ports, onNote } = this.#options;
    if (this.#starting >= MAX_STARTING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#isClosed) return fail({ kind: "unreachable", reason: "it was not waited for" });
    this.#starting++;
    // All that takes time goes on while the other machine is being reached.
    const command = wanted.launcher.start(wanted);
    const keys = this.#pair();
    this.#meeting ??= MeetingPoint.open({
      ports,
      onRejected: (address, reason) => onNote(`${address} called, and was not taken: ${reason}`),
    });
    const [file, meeting] = await Promise.all([workerFile(workerPath).catch(unreadable), this.#meeting]);
    if ("reason" in file || !meeting.ok) {
      command.kill();
      this.#next();
      return fail("reason" in file ? file : { kind: "refused", reason: meeting.ok ? "" : meeting.error });
    }
    const { hash, bytes, path } = file;
    const { isDebug, isTunnelled, withinMs } = this.#options;
    const worker = new StartedWorker({
      ...{ command, file, isTunnelled, withinMs, meeting: meeting.value },
      script: workerScript({
        ...{ hash, bytes: bytes.length, node: remoteNode },
        ...{ path: fromUnicode(path), ownNode: fromUnicode(ownNode) },
      }),
      order: keys.then(({ worker: key }) => ({ key, slots: wanted.slots, isDebug })),
      onTunnel: (reason) => this.#tunnelled(wanted, reason),
    });
    this.#standing.add(worker);
    void worker.gone.then(({ reason }) => this.#gone(wanted, worker, reason)); // never rejects
    void worker.started.then(() => this.#next()); // never rejects
    return ok(worker);
  }

  /** Whoever wants one from now on gets another. */
  #gone({ node }: WantedWorker, worker: StartedWorker, reason: string): void {
    this.#options.onNote(`${node}: its worker is gone: ${reason}`);
    this.#workers.delete(node);
    void worker.close().then(() => this.#standing.delete(worker)); // never rejects
  }

  #next(): void {
    this.#starting--;
    this.#waiting.shift()?.();
  }

  #pair(): Promise<KeyPair> {
    this.#keys ??= makeKeyPair(randomBytes(SEED_BYTES));
    return this.#keys;
  }

  #tunnelled({ node, launcher }: WantedWorker, reason: string): void {
    if (!this.#hasTunnel) this.#options.onTunnel(node, launcher, reason);
    else this.#options.onNote(`${node} cannot call back: ${reason}`);
    this.#hasTunnel = true;
  }
}

function unreadable(error: unknown): LaunchFailure {
  return {
    kind: "refused",
    reason: `the worker's file cannot be read here (${errorText(error)})`,
  };
}
