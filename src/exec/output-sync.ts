/** `-O`: the output of a line or of a whole target is taken aside and written in one piece when it is complete. */

import { toBytes } from "../base/latin1.js";
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from "node:fs";
import type { JobId } from "../base/ids.js";
import type { Stream } from "../events/event.js";
import type { OutputLock } from "../os/output-lock.js";
import { writeAll } from "../os/output.js";
import type { Batch, Piece } from "../os/output-queue.js";
import { leadToOneFile } from "../os/same-file.js";
import { hostError } from "../os/strerror.js";
import { temporaryName } from "../os/temporary.js";

/** What is written in one piece: each line, each target, or each target with all the makes that it runs. */
export type SyncMode = "line" | "target" | "recurse";

export interface OutputSyncOptions {
  readonly mode: SyncMode;
  readonly stdout: number;
  readonly stderr: number;
  readonly temporaryDirectory: string;
  readonly lock: OutputLock;
  /** Writes what was collected to them in the end, at once or as their reader takes it. */
  readonly put: (batch: Batch) => void;
  /** Writes all that was put, waiting for its reader. */
  readonly settle: () => void;
  /** Written to stdout before and behind each piece (`Entering directory …`). */
  readonly around?: (() => { readonly before: string; readonly after: string } | undefined) | undefined;
}

/** The groups that are being collected, one for each running job. */
export class OutputSync {
  readonly mode: SyncMode;
  /** Where nothing is taken aside. */
  readonly direct: { readonly stdout: number; readonly stderr: number };
  readonly #options: OutputSyncOptions;
  readonly #isOnePlace: boolean;
  readonly #groups = new Map<JobId, OutputGroup>();

  constructor(options: OutputSyncOptions) {
    this.#options = options;
    this.mode = options.mode;
    this.direct = { stdout: options.stdout, stderr: options.stderr };
    this.#isOnePlace = leadToOneFile(options.stdout, options.stderr);
  }

  /** Begins to take aside what belongs to a job; close it when its last message has been written. @throws HostError */
  open(job: JobId): OutputGroup {
    const group = new OutputGroup(this.#options, this.#isOnePlace, () => this.#groups.delete(job));
    this.#groups.set(job, group);
    return group;
  }

  /** The group of a job that runs, to which make's own words about it go too. */
  of(job: JobId): OutputGroup | undefined {
    return this.#groups.get(job);
  }
}

/** What one job has written and nobody has seen yet. Temporary files that have no name any more. */
export class OutputGroup {
  readonly stdout: number;
  readonly stderr: number;
  readonly #options: OutputSyncOptions;
  readonly #forget: () => void;
  /** As far as it is written, or will be without our doing. */
  readonly #givenAway: Record<Stream, number> = { stdout: 0, stderr: 0 };
  #batches = 0;
  #isClosed = false;

  constructor(options: OutputSyncOptions, isOnePlace: boolean, forget: () => void) {
    this.#options = options;
    this.#forget = forget;
    this.stdout = openUnnamed(options.temporaryDirectory);
    this.stderr = isOnePlace ? this.stdout : openUnnamed(options.temporaryDirectory);
  }

  /** Adds what make itself says, or what came from another node. @throws HostError */
  write(stream: Stream, text: string | Uint8Array): void {
    writeAll(stream === "stdout" ? this.stdout : this.stderr, text);
  }

  /** Gives what there is away, to be written in one piece, and begins anew. @throws HostError */
  flush(): void {
    const from = { ...this.#givenAway };
    const to = this.#sizes();
    if (to.stdout + to.stderr === from.stdout + from.stderr) return;
    Object.assign(this.#givenAway, to);
    const { lock, put, settle, around } = this.#options;
    const words = around?.();
    const pieces = this.#pieces({ from, to, before: words?.before ?? "", after: words?.after ?? "" });
    this.#batches++;
    put({
      begin: (mayWait) => lock.take(mayWait, settle),
      next: () => pieces.next().value,
      end: () => {
        lock.release(settle);
        this.#written();
      },
    });
  }

  close(): void {
    this.#forget();
    try {
      this.flush();
    } finally {
      this.#isClosed = true;
      if (this.#batches === 0) this.#closeFiles();
    }
  }

  *#pieces({ from, to, before, after }: Contents): Generator<Piece, undefined> {
    if (before !== "") yield { stream: "stdout", bytes: toBytes(before) };
    for (const stream of ["stdout", "stderr"] as const) yield* this.#contents(stream, from[stream], to[stream]);
    if (after !== "") yield { stream: "stdout", bytes: toBytes(after) };
    return undefined;
  }

  *#contents(stream: Stream, from: number, to: number): Generator<Piece> {
    const buffer = Buffer.allocUnsafe(Math.min(to - from, COPY_BYTES));
    for (let offset = from; offset < to;) {
      const count = readSync(this[stream], buffer, 0, Math.min(buffer.length, to - offset), offset);
      if (count === 0) break; // cut short by a recipe
      yield { stream, bytes: buffer.subarray(0, count) };
      offset += count;
    }
  }

  #sizes(): Record<Stream, number> {
    return { stdout: sizeOf(this.stdout), stderr: this.stderr === this.stdout ? 0 : sizeOf(this.stderr) };
  }

  /** Files whose contents nobody needs any more are emptied, or closed. */
  #written(): void {
    this.#batches--;
    if (this.#batches > 0) return;
    if (this.#isClosed) {
      this.#closeFiles();
      return;
    }
    const sizes = this.#sizes();
    for (const stream of ["stdout", "stderr"] as const) {
      if (sizes[stream] !== this.#givenAway[stream] || sizes[stream] === 0) continue;
      ftruncateSync(this[stream]);
      this.#givenAway[stream] = 0;
    }
  }

  #closeFiles(): void {
    closeSync(this.stdout);
    if (this.stderr !== this.stdout) closeSync(this.stderr);
  }
}

/** What is between two places in both files, and make's own words around it. */
interface Contents {
  readonly from: Readonly<Record<Stream, number>>;
  readonly to: Readonly<Record<Stream, number>>;
  readonly before: string;
  readonly after: string;
}

function openUnnamed(directory: string): number {
  const path = temporaryName(directory, "GMout");
  try {
    const fd = openSync(path, "ax+", 0o600);
    rmSync(path);
    return fd;
  } catch (error) {
    throw hostError(error, path);
  }
}

function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}

const COPY_BYTES = 65536;
