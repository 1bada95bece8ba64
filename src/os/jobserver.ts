/** The jobserver: the tokens that makes, and others who know the protocol, share. See the manual, "Integrating GNU make". */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import type { Token, Tokens } from "../sched/ports.js";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";
import { nativeLibrary } from "./native.js";
import { openAnew } from "./open-file.js";
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
  readonly toClose: readonly number[];
}

/** How a jobserver is named, and come by. */
interface Place {
  readonly auth: string;
  readonly inherited: readonly number[];
  readonly open: () => Channel;
  /** Removed in the end. */
  readonly path?: string;
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const OWN_DESCRIPTORS = "/proc/self/fd";
const FIFO = "fifo:";
const TOKEN = "+";

/** The tokens of one jobserver, made here or by a make above us. */
export class Jobserver implements Tokens {
  /** The value of `--jobserver-auth`. */
  readonly auth: string;
  /** Descriptors that a program needs to take part, under these numbers; none for the FIFO style. */
  readonly inherited: readonly number[];
  readonly #place: Place;
  readonly #temporaryDirectory: string;
  #channel: Channel | undefined;
  #readiness: Readiness | undefined;
  #users = 1;

  private constructor(place: Place, temporaryDirectory: string) {
    this.auth = place.auth;
    this.inherited = place.inherited;
    this.#place = place;
    this.#temporaryDirectory = temporaryDirectory;
  }

  /**
   * A new jobserver. Its FIFO is made by `open`, so that a build with nothing to do makes none; it must be closed, lest that stay
   * behind. @throws HostError when there is no place for it
   */
  static create(options: JobserverOptions): Jobserver {
    const jobserver = new Jobserver(
      options.style === "fifo" ? newFifo(options) : newPipe(options),
      options.temporaryDirectory,
    );
    if (options.style === "pipe") jobserver.open();
    return jobserver;
  }

  /**
   * The jobserver named by a `--jobserver-auth` that was passed down; undefined when it is gone, or `giver`, the process of which
   * descriptors are inherited, did not give us its descriptors.
   */
  static join(auth: string, temporaryDirectory: string, giver = process.ppid): Jobserver | undefined {
    const channel = auth.startsWith(FIFO) ? joinFifo(auth) : joinPipe(auth, giver);
    if (channel === undefined) return undefined;
    const inherited = auth.startsWith(FIFO) ? [] : auth.split(",").map(Number);
    const jobserver = new Jobserver({ auth, inherited, open: () => channel }, temporaryDirectory);
    jobserver.open();
    return jobserver;
  }

  /** Makes sure that others can take part: to be called before the first program is started that may. @throws HostError */
  open(): void {
    this.#opened();
  }

  tryTake(): Token | undefined {
    const byte = Buffer.alloc(1);
    try {
      return readSync(this.#opened().read, byte, 0, 1, null) === 1 ? { byte: byte.readUInt8() } : undefined;
    } catch (error) {
      if (errnoOf(error) === "EAGAIN") return undefined;
      throw error;
    }
  }

  give(token: Token): void {
    writeSync(this.#opened().write, Buffer.of(token.byte));
  }

  whenFree(listener: () => void): () => void {
    this.#readiness ??= new Readiness({ fd: this.#opened().read, temporaryDirectory: this.#temporaryDirectory });
    return this.#readiness.listen(listener);
  }

  /** The same for another make in this process, which closes it too. */
  share(): this {
    this.#users++;
    return this;
  }

  /** Takes no more part; one that was made here goes away when all have closed it. */
  close(): void {
    if (this.#users === 0 || --this.#users > 0 || this.#channel === undefined) return;
    this.#readiness?.close();
    for (const fd of this.#channel.toClose) closeSync(fd);
    if (this.#place.path !== undefined) rmSync(toPath(this.#place.path), { force: true });
  }

  #opened(): Channel {
    return (this.#channel ??= this.#place.open());
  }
}

/** A FIFO opened for both ends does not end when other programs leave it. */
function openFifo(path: string): number {
  return openSync(toPath(path), constants.O_RDWR | constants.O_NONBLOCK);
}

function newFifo({ tokens, temporaryDirectory }: JobserverOptions): Place {
  try {
    accessSync(toPath(temporaryDirectory), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw hostError(error, temporaryDirectory);
  }
  const path = temporaryName(temporaryDirectory, "GMfifo");
  return { auth: FIFO + path, inherited: [], path, open: () => makeFifoChannel(path, tokens) };
}

function makeFifoChannel(path: string, tokens: number): Channel {
  makeFifo(path);
  try {
    const fd = openFifo(path);
    writeSync(fd, TOKEN.repeat(tokens));
    return { read: fd, write: fd, toClose: [fd] };
  } catch (error) {
    rmSync(toPath(path), { force: true });
    throw hostError(error, path);
  }
}

/** Descriptors have their numbers only when they are open. */
function newPipe({ tokens, temporaryDirectory }: JobserverOptions): Place {
  const { read, write } = openPipe(temporaryDirectory);
  writeSync(write, TOKEN.repeat(tokens));
  const own = openAnew(read, constants.O_RDONLY | constants.O_NONBLOCK);
  const auth = `${String(read)},${String(write)}`;
  return { auth, inherited: [read, write], open: () => ({ read: own, write, toClose: [own, read, write] }) };
}

function joinFifo(auth: string): Channel | undefined {
  return attempt(() => {
    const fd = openFifo(auth.slice(FIFO.length));
    if (fstatSync(fd).isFIFO()) return { read: fd, write: fd, toClose: [fd] };
    closeSync(fd);
    return undefined;
  });
}

function joinPipe(auth: string, giver: number): Channel | undefined {
  const found = /^(\d+),(\d+)$/.exec(auth);
  if (found === null) return undefined;
  const [read, write] = [Number(found[1]), Number(found[2])];
  return attempt(() => {
    if (!isGivenPipe(read, giver) || !isGivenPipe(write, giver)) return undefined;
    const own = openAnew(read, constants.O_RDONLY | constants.O_NONBLOCK);
    closeOnExec(read);
    closeOnExec(write);
    return { read: own, write, toClose: [own] };
  });
}

/** Node has pipes of its own, which may have these numbers when nobody gave us any: ours is one that its giver has as well. */
function isGivenPipe(fd: number, giver: number): boolean {
  if (!fstatSync(fd).isFIFO()) return false;
  if (!existsSync(OWN_DESCRIPTORS)) return true;
  const pipe = readlinkSync(`${OWN_DESCRIPTORS}/${String(fd)}`);
  const parents = `/proc/${String(giver)}/fd`;
  return readdirSync(parents).some((name) => linkOf(`${parents}/${name}`) === pipe);
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return undefined; // closed since the list was read
  }
}

/** Only programs to which we mean to pass a descriptor are to have it. */
function closeOnExec(fd: number): void {
  nativeLibrary()?.calls.fcntl(fd, F_SETFD, FD_CLOEXEC);
}
