/** FIFOs by which programs of a worker's jobs take part in the jobserver, one for each job. */

import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { TokenFifo } from "../sched/lease-keeper.js";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";
import { INT_BYTES, nativeLibrary } from "./native.js";
import { makeFifo } from "./pipes.js";
import { errnoOf, refusalOf } from "./strerror.js";
import { temporaryName } from "./temporary.js";

/** A FIFO of one job. */
export interface JobFifo extends TokenFifo {
  readonly path: string;
  /** The job has ended: nobody can open it any more, and who has it open finds no token in it. */
  close(): void;
}

const READ = constants.O_RDONLY | constants.O_NONBLOCK;
const WRITE = constants.O_WRONLY | constants.O_NONBLOCK;
const FIONREAD = 0x541b;
const TOKEN = "+";
/** Paths that are a word of MAKEFLAGS for everybody who reads that. */
const PLAIN_PATH = /^[\w./+@%:,~-]+$/;

/** Those of one worker. */
export class JobFifos {
  /** Where they are; nobody but this user can see into it. */
  readonly directory: string;
  readonly #isUsable: boolean;
  #isMade = false;

  constructor(temporaryDirectory: string) {
    this.directory = temporaryName(temporaryDirectory, "mpmake-slots-");
    this.#isUsable = PLAIN_PATH.test(this.directory);
  }

  /** One for a job; undefined when none can be had. */
  open(): JobFifo | undefined {
    if (!this.#isUsable) return undefined;
    try {
      return this.#make();
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      this.#isMade &&= existsSync(toPath(this.directory)); // whoever cleans up there may have removed it
      return undefined;
    }
  }

  /** To be called when no job runs any more. */
  close(): void {
    if (this.#isMade) rmSync(toPath(this.directory), { recursive: true, force: true });
  }

  /** @throws HostError or ErrnoException */
  #make(): JobFifo {
    if (!this.#isMade) mkdirSync(toPath(this.directory), { mode: 0o700 });
    this.#isMade = true;
    const path = temporaryName(this.directory, "");
    makeFifo(path);
    return new OpenFifo(path);
  }
}

class OpenFifo implements JobFifo {
  readonly path: string;
  /** From the first look on that finds somebody who reads. */
  #writeEnd: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Who opens a FIFO to read waits for somebody who writes: that are we, from then on. */
  isOpen(): boolean {
    try {
      const fd = openSync(toPath(this.path), WRITE);
      if (this.#writeEnd === undefined) this.#writeEnd = fd;
      else closeSync(fd);
      return true;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return errno !== NOBODY_READS && errno !== REMOVED && this.#writeEnd !== undefined; // else it is as it was
    }
  }

  count(): number {
    const library = nativeLibrary();
    if (library === undefined || this.#writeEnd === undefined) return this.#countByTaking();
    const count = Buffer.alloc(INT_BYTES);
    return library.calls.ioctl(this.#writeEnd, FIONREAD, count) === 0 ? count.readInt32LE() : this.#countByTaking();
  }

  take(most: number): number {
    return most === 0 ? 0 : (attempt(() => readTokens(this.path, most)) ?? 0);
  }

  put(): boolean {
    return this.#put(1);
  }

  close(): void {
    if (this.#writeEnd !== undefined) {
      this.take(this.count());
      closeSync(this.#writeEnd);
    }
    attempt(() => unlinkSync(toPath(this.path)));
  }

  #countByTaking(): number {
    const count = this.take(MANY);
    if (count > 0) this.#put(count);
    return count;
  }

  #put(count: number): boolean {
    const fd = this.#writeEnd;
    return fd !== undefined && attempt(() => writeSync(fd, TOKEN.repeat(count))) === count;
  }
}

/** More than are leased. */
const MANY = 4096;
const NOBODY_READS = "ENXIO";
const REMOVED = "ENOENT";

/** @returns how many there were, at most. @throws ErrnoException */
function readTokens(path: string, most: number): number {
  const fd = openSync(toPath(path), READ);
  try {
    return readSync(fd, Buffer.alloc(Math.min(most, MANY)), 0, Math.min(most, MANY), null);
  } catch (error) {
    if (errnoOf(error) === "EAGAIN") return 0;
    throw error;
  } finally {
    closeSync(fd);
  }
}
