/** `-O`: the output of a line or of a whole target is taken aside and written in one piece when it is complete. */

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from "node:fs";
import type { JobId } from "../base/ids.js";
import type { Stream } from "../events/event.js";
import type { OutputLock } from "../os/output-lock.js";
import { writeAll } from "../os/output.js";
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
  /** Writes a piece to one of them in the end. */
  readonly put: (stream: Stream, piece: string | Uint8Array) => void;
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
    this.#isOnePlace = isSameFile(options.stdout, options.stderr);
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

  /** Writes what there is, in one piece, and begins anew. @throws HostError */
  flush(): void {
    const [out, err] = [sizeOf(this.stdout), this.stderr === this.stdout ? 0 : sizeOf(this.stderr)];
    if (out + err === 0) return;
    const { lock, put, around } = this.#options;
    const words = around?.();
    lock.hold(() => {
      if (words !== undefined) put("stdout", words.before);
      moveContents(this.stdout, out, (piece) => put("stdout", piece));
      moveContents(this.stderr, err, (piece) => put("stderr", piece));
      if (words !== undefined) put("stdout", words.after);
    });
  }

  close(): void {
    this.#forget();
    try {
      this.flush();
    } finally {
      closeSync(this.stdout);
      if (this.stderr !== this.stdout) closeSync(this.stderr);
    }
  }
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

function isSameFile(a: number, b: number): boolean {
  const [one, other] = [fstatSync(a, { bigint: true }), fstatSync(b, { bigint: true })];
  return one.dev === other.dev && one.ino === other.ino;
}

function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}

const COPY_BYTES = 65536;

/** Hands a file's first `size` bytes on and empties the file. */
function moveContents(from: number, size: number, put: (piece: Uint8Array) => void): void {
  if (size === 0) return;
  const buffer = Buffer.allocUnsafe(Math.min(size, COPY_BYTES));
  for (let offset = 0; offset < size;) {
    const count = readSync(from, buffer, 0, Math.min(buffer.length, size - offset), offset);
    if (count === 0) break; // cut short by a recipe
    put(buffer.subarray(0, count));
    offset += count;
  }
  ftruncateSync(from);
}
