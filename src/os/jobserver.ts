/** The jobserver: the tokens that makes, and others who know the protocol, share. See the manual, "Integrating GNU make". */

import { closeSync, constants, fstatSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import type { Token, Tokens } from "../sched/ports.js";
import { toPath } from "./bytes.js";
import { makeFifo, openPipe } from "./pipes.js";
import { Readiness } from "./readiness.js";
import { errnoOf, hostError } from "./strerror.js";
import { temporaryName } from "./temporary.js";

export interface JobserverOptions {
  /** Further jobs beside the one that every make may run anyway: N-1 of `-jN`. */
  readonly tokens: number;
  readonly style: "fifo" | "pipe";
  /** Where the FIFO is made; absolute. */
  readonly temporaryDirectory: string;
}

/** What a descriptor pair or a FIFO amounts to. */
interface Channel {
  /** Ours alone, and non-blocking: the flags of a shared one are everybody's. */
  readonly read: number;
  readonly write: number;
  readonly auth: string;
  readonly inherited: readonly number[];
  /** Removed in the end. */
  readonly path?: string;
  readonly toClose: readonly number[];
}

const FIFO = "fifo:";
const TOKEN = "+";

/** The tokens of one jobserver, made here or by a make above us. */
export class Jobserver implements Tokens {
  /** The value of `--jobserver-auth`. */
  readonly auth: string;
  /** Descriptors that a program needs to take part, under these numbers; none for the FIFO style. */
  readonly inherited: readonly number[];
  readonly #channel: Channel;
  readonly #readiness: Readiness;
  #isClosed = false;

  private constructor(channel: Channel, temporaryDirectory: string) {
    this.auth = channel.auth;
    this.inherited = channel.inherited;
    this.#channel = channel;
    this.#readiness = new Readiness({ fd: channel.read, temporaryDirectory });
  }

  /** A new jobserver. Must be closed, lest its FIFO stay behind. @throws HostError */
  static create({ tokens, style, temporaryDirectory }: JobserverOptions): Jobserver {
    const channel = style === "fifo" ? makeFifoChannel(temporaryDirectory) : makePipeChannel(temporaryDirectory);
    writeSync(channel.write, TOKEN.repeat(tokens));
    return new Jobserver(channel, temporaryDirectory);
  }

  /** The jobserver named by a `--jobserver-auth` that was passed down; undefined when we were not given its descriptors, or it is gone. */
  static join(auth: string, temporaryDirectory: string): Jobserver | undefined {
    const channel = auth.startsWith(FIFO) ? joinFifo(auth) : joinPipe(auth);
    return channel && new Jobserver(channel, temporaryDirectory);
  }

  tryTake(): Token | undefined {
    const byte = Buffer.alloc(1);
    try {
      return readSync(this.#channel.read, byte, 0, 1, null) === 1 ? { byte: byte.readUInt8() } : undefined;
    } catch (error) {
      if (errnoOf(error) === "EAGAIN") return undefined;
      throw error;
    }
  }

  give(token: Token): void {
    writeSync(this.#channel.write, Buffer.of(token.byte));
  }

  whenFree(listener: () => void): () => void {
    return this.#readiness.listen(listener);
  }

  /** Takes no more part; one that was made here goes away. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#readiness.close();
    for (const fd of this.#channel.toClose) closeSync(fd);
    if (this.#channel.path !== undefined) rmSync(toPath(this.#channel.path), { force: true });
  }
}

/** A FIFO opened for both ends does not end when other programs leave it. */
function openFifo(path: string): number {
  return openSync(toPath(path), constants.O_RDWR | constants.O_NONBLOCK);
}

function makeFifoChannel(temporaryDirectory: string): Channel {
  const path = temporaryName(temporaryDirectory, "GMfifo");
  makeFifo(path);
  try {
    const fd = openFifo(path);
    return { read: fd, write: fd, auth: FIFO + path, inherited: [], path, toClose: [fd] };
  } catch (error) {
    rmSync(toPath(path), { force: true });
    throw hostError(error, path);
  }
}

function makePipeChannel(temporaryDirectory: string): Channel {
  const { read, write } = openPipe(temporaryDirectory);
  const own = reopen(read);
  const auth = `${String(read)},${String(write)}`;
  return { read: own, write, auth, inherited: [read, write], toClose: [own, read, write] };
}

function joinFifo(auth: string): Channel | undefined {
  try {
    const fd = openFifo(auth.slice(FIFO.length));
    if (!fstatSync(fd).isFIFO()) {
      closeSync(fd);
      return undefined;
    }
    return { read: fd, write: fd, auth, inherited: [], toClose: [fd] };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function joinPipe(auth: string): Channel | undefined {
  const found = /^(\d+),(\d+)$/.exec(auth);
  if (found === null) return undefined;
  const [read, write] = [Number(found[1]), Number(found[2])];
  try {
    if (!fstatSync(read).isFIFO() || !fstatSync(write).isFIFO()) return undefined;
    const own = reopen(read);
    return { read: own, write, auth, inherited: [read, write], toClose: [own] };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** The same pipe with flags of our own. */
function reopen(fd: number): number {
  return openSync(`/proc/self/fd/${String(fd)}`, constants.O_RDONLY | constants.O_NONBLOCK);
}
