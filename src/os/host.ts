/** The language's view of this machine: files, wildcards and `$(shell …)`, from one directory. */

import { openSync, closeSync, readFileSync, realpathSync, statSync, writeSync } from "node:fs";
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
import { descriptorPath } from "./proc.js";
import { errnoOf, hostError, strerror } from "./strerror.js";
import { openNameless } from "./temporary.js";

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
  /** Takes the errors of commands for which this process waits: it reads `stderr` itself. */
  readonly spill?: ((bytes: Uint8Array) => void) | undefined;
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
    if (spill === undefined) return spawner.capture(request);
    const aside = openNameless(temporaryDirectory);
    try {
      return spawner.capture({ ...request, stderr: aside });
    } finally {
      spill(readFileSync(descriptorPath("self", aside)));
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
