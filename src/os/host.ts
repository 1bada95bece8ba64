/** The language's view of this machine: files, wildcards and `$(shell …)`, from one directory. */

import { openSync, closeSync, readFileSync, readSync, realpathSync, statSync, writeSync } from "node:fs";
import type { Cancellation } from "../base/abort.js";
import { isSuccess } from "../base/exit-status.js";
import type { Stream } from "../events/event.js";
import { toBytes } from "../base/latin1.js";
import type { Host, ShellRequest, ShellResult } from "../makefile/host.js";
import { attempt } from "./attempt.js";
import { accountOf, ownAccount } from "./account.js";
import { resolveIn, toPath } from "./bytes.js";
import { captureOutput } from "./capture.js";
import { planCommand } from "./command.js";
import type { DirectoryCache } from "./directory-cache.js";
import { globNames } from "./glob.js";
import type { Captured, CaptureRequest, DescriptorMove, Spawner } from "./spawn.js";
import { errnoOf, hostError, strerror } from "./strerror.js";
import { openNameless } from "./temporary.js";

/** Takes the errors of commands for which this process waits, in the place of a descriptor that it reads itself. */
export interface Spill {
  readonly stderr: number;
  /** The bytes may change later. */
  readonly write: (bytes: Uint8Array) => void;
}

export interface MachineHostOptions {
  /** Absolute. */
  readonly directory: string;
  /** `HOME`, for `~`. */
  readonly home?: string | undefined;
  readonly cache: DirectoryCache;
  readonly spawner: Spawner;
  /** Absolute. */
  readonly temporaryDirectory: string;
  /** Descriptors that `$(shell …)` shares. */
  readonly stdin: number;
  readonly stderr: number;
  /** More of our descriptors, and the numbers under which `$(shell …)` has them. */
  readonly further?: readonly DescriptorMove[] | undefined;
  readonly spill?: Spill | undefined;
  readonly print: (stream: Stream, text: string) => void;
}

/** @see Host */
export class MachineHost implements Host {
  readonly directory: string;
  readonly #options: MachineHostOptions;

  constructor(options: MachineHostOptions) {
    this.directory = options.directory;
    this.#options = options;
  }

  readFile(path: string): string | undefined {
    try {
      return readFileSync(this.#path(path), "latin1");
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw hostError(error, path);
    }
  }

  writeFile(path: string, text: string, mode: "truncate" | "append"): void {
    try {
      const fd = openSync(this.#path(path), mode === "append" ? "a" : "w");
      try {
        writeWhole(fd, toBytes(text));
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw hostError(error, path);
    }
    this.#options.cache.somethingRan();
  }

  glob(pattern: string): readonly string[] {
    return globNames(pattern, { directory: this.directory, cache: this.#options.cache });
  }

  realpath(path: string): string | undefined {
    try {
      return realpathSync.native(this.#path(path), { encoding: "latin1" });
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return undefined;
    }
  }

  exists(path: string): boolean {
    try {
      return statSync(this.#path(path), { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  }

  homeDirectory(user: string): string | undefined {
    if (user !== "") return accountOf(user)?.home;
    const { home } = this.#options;
    return home !== undefined && home !== "" ? home : ownAccount()?.home;
  }

  shell(request: ShellRequest): ShellResult {
    const planned = this.#planned(request);
    if (planned === undefined) return NOTHING_RAN;
    const captured = this.#capture(planned);
    this.#options.cache.somethingRan();
    return toShellResult(captured);
  }

  #capture(request: CaptureRequest): Captured {
    const { spawner, spill, temporaryDirectory } = this.#options;
    if (spill === undefined || spill.stderr !== request.stderr) return spawner.capture(request);
    const aside = openAside(temporaryDirectory);
    try {
      const captured = spawner.capture({ ...request, stderr: aside });
      readFromStart(aside, spill.write);
      return captured;
    } finally {
      closeSync(aside);
    }
  }

  /** The same while this process goes on. @param cancel - ends the command */
  async shellMeanwhile(request: ShellRequest, cancel: Cancellation): Promise<ShellResult> {
    const planned = this.#planned(request);
    if (planned === undefined) return NOTHING_RAN;
    const captured = await captureOutput(planned, { ...this.#options, cancel });
    this.#options.cache.somethingRan();
    return toShellResult(captured);
  }

  /** Whether a file is one that reading may wait for: a FIFO, a terminal. */
  isWaitedFor(path: string): boolean {
    const stat = attempt(() => statSync(this.#path(path)));
    return stat !== undefined && (stat.isFIFO() || (stat.isCharacterDevice() && path !== "/dev/null"));
  }

  /** Reads such a file while this process goes on; undefined: that was not possible. @param cancel - ends it */
  async readMeanwhile(path: string, environment: readonly string[], cancel: Cancellation): Promise<string | undefined> {
    const argv = ["cat", "--", path];
    const captured = await captureOutput(this.#request(argv, environment), { ...this.#options, cancel });
    return isSuccess(captured.status) ? captured.stdout : undefined;
  }

  print(stream: Stream, text: string): void {
    this.#options.print(stream, text);
  }

  #planned(request: ShellRequest): CaptureRequest | undefined {
    const command = planCommand({ ...request, text: request.script });
    return command.kind === "nothing" ? undefined : this.#request(command.argv, request.environment);
  }

  #request(argv: readonly string[], environment: readonly string[]): CaptureRequest {
    const { stdin, stderr, further } = this.#options;
    return { program: argv[0] ?? "", argv, environment, directory: this.directory, stdin, stderr, further };
  }

  #path(path: string): string | Buffer {
    return toPath(resolveIn(this.directory, path));
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
}

/** A file for errors; where there is no room for one they are lost. @throws HostError */
function openAside(directory: string): number {
  const file = attempt(() => openNameless(directory));
  if (file !== undefined) return file;
  try {
    return openSync("/dev/null", "r+");
  } catch (error) {
    throw hostError(error, "/dev/null");
  }
}

const READ_BYTES = 64 * 1024;

/** What cannot be read is lost. */
function readFromStart(fd: number, take: (bytes: Uint8Array) => void): void {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let at = 0; ;) {
    const count = attempt(() => readSync(fd, buffer, 0, READ_BYTES, at)) ?? 0;
    if (count === 0) return;
    take(buffer.subarray(0, count));
    at += count;
  }
}

const COMMAND_NOT_RUN = 127;
const NOTHING_RAN: ShellResult = { stdout: "", status: 0 };

function toShellResult({ stdout, status }: Captured): ShellResult {
  switch (status.kind) {
    case "exited":
      return { stdout, status: status.code };
    case "signalled":
      return { stdout, status: 128 + status.signal };
    case "unstarted":
      return { stdout, status: COMMAND_NOT_RUN, error: { program: status.program, message: strerror(status.errno) } };
    case "lost":
      throw new Error("internal error: a command of this machine was lost with a node");
  }
}
