/**
 * Connections that a worker makes to a client which it has heard of by an announcement. Before TLS the worker says which announcement it
 * answers; from there on all is as if the client had called it.
 */

import { connect, createServer, type Server, type Socket } from "node:net";
import { fromBytes, toBytes } from "../base/latin1.js";
import { fail, ok, type Result } from "../base/result.js";
import { errnoOf, strerror } from "../os/strerror.js";
import { REQUEST_ID_BYTES } from "../wire/datagram.js";
import { peerAddress } from "./peer-address.js";
import { WaitingRoom } from "./waiting-room.js";

/** "CXB" and the version of what follows. */
const GREETING = "CXB\u0001";
const GREETING_BYTES = GREETING.length + REQUEST_ID_BYTES;
/** A client that takes longer to answer at one of its addresses is tried at the next. */
const REACH_WITHIN_MS = 3000;
/** The same, where several may be tried at a time. */
const STAGGER_MS = 200;
/** A worker that says nothing, or does not prove itself, is in the way of others. */
export const PROVE_WITHIN_MS = 5000;

/** What a worker's first bytes name: an announcement, nothing yet, or none because they are something else. */
function greetedId(bytes: Uint8Array): { readonly id: string } | "more" | "none" {
  const text = fromBytes(bytes.subarray(0, GREETING_BYTES));
  if (!GREETING.startsWith(text.slice(0, GREETING.length))) return "none";
  return text.length < GREETING_BYTES ? "more" : { id: text.slice(GREETING.length) };
}

export interface ReachBackRequest {
  /** Tried in order. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Of the announcement. */
  readonly id: string;
}

/** Calls a client back. The failure is a phrase: "192.0.2.1:4000 (Connection refused)". */
export async function reachBack({ addresses, port, id }: ReachBackRequest): Promise<Result<Socket, string>> {
  const failures: string[] = [];
  for (const address of addresses) {
    const socket = await callBack(address, port);
    if (socket.ok) {
      socket.value.write(toBytes(GREETING + id));
      return socket;
    }
    failures.push(`${address}:${String(port)} (${socket.error})`);
  }
  return fail(failures.join(", "));
}

/** The same at all addresses, each a little after the one before has not answered yet: the first that answers is taken. */
export async function reachBackAnywhere({ addresses, port, id }: ReachBackRequest): Promise<Result<Socket, string>> {
  const failures: string[] = [];
  let under = 0;
  return new Promise((resolve) => {
    let isFound = false;
    const [...left] = addresses;
    const next = (): void => {
      const address = isFound ? undefined : left.shift();
      if (address === undefined) {
        if (!isFound && under === 0) resolve(fail(failures.join(", ")));
        return;
      }
      under++;
      const soon = setTimeout(next, STAGGER_MS);
      void callBack(address, port).then((socket) => {
        under--;
        clearTimeout(soon);
        if (!socket.ok) {
          failures.push(`${address}:${String(port)} (${socket.error})`);
          next();
        } else if (isFound) socket.value.on("error", () => undefined).destroy();
        else {
          isFound = true;
          socket.value.write(toBytes(GREETING + id));
          resolve(socket);
        }
      });
    };
    next();
  });
}

function callBack(host: string, port: number): Promise<Result<Socket, string>> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 });
    const timer = setTimeout(() => socket.destroy(new Error("no answer")), REACH_WITHIN_MS);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      const errno = errnoOf(error);
      resolve(fail(errno === undefined ? error.message : strerror(errno)));
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve(ok(socket));
    });
  });
}

export interface ReachBackOptions {
  /** The first that is free is taken; none named: any. */
  readonly ports: readonly number[];
  /** Whether an announcement is one of ours that may still be answered. */
  readonly isOurs: (id: string) => boolean;
  /** Workers on their way to proving themselves. */
  readonly maxUnproved: number;
  /** Whether a worker may be at an address. */
  readonly admits: (address: string) => boolean;
  /** A worker that has named an announcement of ours: it is still to prove itself. `done` is to be called once it has, or not. */
  readonly onWorker: (worker: Caller, done: () => void) => void;
  /** Someone who has not. */
  readonly onRejected: (address: string, reason: string) => void;
}

/** Who calls back. */
export interface Caller {
  readonly socket: Socket;
  readonly address: string;
  /** Of the announcement that it answers. */
  readonly id: string;
}

export interface ReachBackListener {
  readonly port: number;
  close(): void;
}

/** Waits for workers at all our addresses. The failure is a phrase. */
export async function listenForReachBacks(options: ReachBackOptions): Promise<Result<ReachBackListener, string>> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 });
  const unproved = new WaitingRoom(options.maxUnproved);
  server.on("connection", (socket) => new Newcomer(socket, unproved, options).judge());
  const wanted = options.ports.length === 0 ? [0] : options.ports;
  let failure = "";
  for (const port of wanted) {
    const tried = await listening(server, port);
    if (tried.ok) {
      const close = (): void => {
        server.close();
        unproved.close();
      };
      return ok({ port: tried.value, close });
    }
    failure = tried.error;
  }
  return fail(
    `cannot listen on ${wanted.length === 1 ? "port" : "any of the ports"} ${wanted.join(", ")} (${failure})`,
  );
}

/** On all addresses; without IPv6 on those of IPv4. */
async function listening(server: Server, port: number): Promise<Result<number, string>> {
  const both = await tryListening(server, "::", port);
  return both.ok || both.error !== "EAFNOSUPPORT" ? named(both) : named(await tryListening(server, "0.0.0.0", port));
}

function named(tried: Result<number, string>): Result<number, string> {
  return tried.ok ? tried : fail(strerror(tried.error));
}

function tryListening(server: Server, host: string, port: number): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve(fail(errnoOf(error) ?? error.message));
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      const bound = server.address();
      resolve(ok(typeof bound === "object" && bound !== null ? bound.port : port));
    });
  });
}

/** A connection that has not said yet what it answers. */
class Newcomer {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #unproved: WaitingRoom;
  readonly #options: ReachBackOptions;
  readonly #timer: NodeJS.Timeout;
  #heard = Buffer.alloc(0);

  constructor(socket: Socket, unproved: WaitingRoom, options: ReachBackOptions) {
    this.#socket = socket;
    this.#address = peerAddress(socket);
    this.#unproved = unproved;
    this.#options = options;
    this.#timer = setTimeout(() => this.#reject("it did not say in time what it answers"), PROVE_WITHIN_MS);
    socket.on("error", () => socket.destroy()).on("close", this.#gone);
  }

  judge(): void {
    if (!this.#options.admits(this.#address)) this.#reject("workers are not accepted from its address");
    else {
      const turnOut = (): void => this.#reject("too many workers call at once");
      this.#unproved.enter(this.#socket, { address: this.#address, turnOut });
      this.#socket.on("data", this.#hear);
    }
  }

  readonly #hear = (bytes: Buffer): void => {
    this.#heard = Buffer.concat([this.#heard, bytes]);
    const greeted = greetedId(this.#heard);
    if (greeted === "none") this.#reject("it speaks something else");
    else if (greeted === "more") return;
    else if (this.#options.isOurs(greeted.id)) this.#pass(greeted.id);
    else this.#reject("it answers no announcement of ours");
  };

  readonly #gone = (): void => this.#reject("it went away before it had proved itself");

  #pass(id: string): void {
    this.#stop();
    const socket = this.#socket.pause();
    if (this.#heard.length > GREETING_BYTES) socket.unshift(this.#heard.subarray(GREETING_BYTES));
    this.#unproved.spoke(socket, () => socket.destroy());
    this.#options.onWorker({ socket, address: this.#address, id }, () => this.#unproved.leave(socket));
  }

  #reject(reason: string): void {
    this.#stop();
    this.#unproved.leave(this.#socket);
    this.#socket.destroy();
    this.#options.onRejected(this.#address, reason);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#socket.off("close", this.#gone).off("data", this.#hear);
  }
}
