/** The language's view of this machine: files, wildcards and `$(shell …)`, from one directory. */

import { openSync, closeSync, readFileSync, realpathSync, statSync, writeSync } from "node:fs";
import type { Stream } from "../events/event.js";
import { toBytes } from "../base/latin1.js";
import type { Host, ShellRequest, ShellResult } from "../makefile/host.js";
import { accountOf, ownAccount } from "./account.js";
import { resolveIn, toPath } from "./bytes.js";
import { planCommand } from "./command.js";
import type { DirectoryCache } from "./directory-cache.js";
import { globNames } from "./glob.js";
import type { Captured, DescriptorMove, Spawner } from "./spawn.js";
import { errnoOf, hostError, strerror } from "./strerror.js";

export interface MachineHostOptions {
  /** Absolute. */
  readonly directory: string;
  /** `HOME`, for `~`. */
  readonly home?: string | undefined;
  readonly cache: DirectoryCache;
  readonly spawner: Spawner;
  /** Descriptors that `$(shell …)` shares. */
  readonly stdin: number;
  readonly stderr: number;
  /** More of our descriptors, and the numbers under which `$(shell …)` has them. */
  readonly further?: readonly DescriptorMove[] | undefined;
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
    const { spawner, stdin, stderr, further, cache } = this.#options;
    const command = planCommand({ ...request, text: request.script });
    if (command.kind === "nothing") return { stdout: "", status: 0 };
    const { environment } = request;
    const { argv } = command;
    const program = argv[0];
    const captured = spawner.capture({ program, argv, environment, directory: this.directory, stdin, stderr, further });
    cache.somethingRan();
    return toShellResult(captured);
  }

  print(stream: Stream, text: string): void {
    this.#options.print(stream, text);
  }

  #path(path: string): string | Buffer {
    return toPath(resolveIn(this.directory, path));
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
}

const COMMAND_NOT_RUN = 127;

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
