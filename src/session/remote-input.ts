/** Our standard input as recipes on nodes get it: one running job at a time has it, as GNU make gives it to one at a time here. */

import { createReadStream, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import type { Job } from "../sched/job.js";

/** What may be sent to a node. `terminal`: also what is typed, which is right for one program and wrong for a build. */
export type InputKind = "no-terminal" | "terminal";

/**
 * Shares a descriptor among jobs. It is opened when a job first gets it. What a job is sent and does not read is gone: nobody
 * can tell from here how much it wants.
 */
export class RemoteInput {
  readonly #fd: number;
  readonly #kind: InputKind;
  #stream: Readable | "none" | undefined;
  #owner: Job | undefined;

  constructor(fd: number, kind: InputKind) {
    this.#fd = fd;
    this.#kind = kind;
  }

  /** For one job; undefined when another has it, when it is at its end, or when there is nothing to be read. */
  lease(job: Job): Readable | undefined {
    if (this.#owner !== undefined) return undefined;
    this.#stream ??= openInput(this.#fd, this.#kind) ?? "none";
    if (this.#stream === "none" || this.#stream.readableEnded || this.#stream.destroyed) return undefined;
    this.#owner = job;
    return this.#stream;
  }

  release(job: Job): void {
    if (this.#owner === job) this.#owner = undefined;
  }

  close(): void {
    if (this.#stream !== undefined && this.#stream !== "none") this.#stream.destroy();
  }
}

/**
 * A stream of what can be read from a descriptor, made so that a read that waits for ever does not keep this process from
 * ending, and that the descriptor, which we share with others, does not become a non-blocking one.
 */
function openInput(fd: number, kind: InputKind): Readable | undefined {
  const stat = fstatSync(fd);
  if (stat.isFile()) return createReadStream("", { fd, autoClose: false });
  if (stat.isSocket()) return new Socket({ fd, readable: true, writable: false });
  if (stat.isFIFO()) return new Socket({ fd: openAnew(fd), readable: true, writable: false });
  if (kind === "terminal" && stat.isCharacterDevice()) return openDevice(fd);
  return undefined;
}

/** The same pipe or device, with flags of our own. */
function openAnew(fd: number): number {
  return openSync(`/proc/self/fd/${String(fd)}`, "r");
}

/** A terminal; every other device, /dev/null above all, is what a recipe has anyway. */
function openDevice(fd: number): Readable | undefined {
  return isatty(fd) ? new ReadStream(openAnew(fd)) : undefined;
}
