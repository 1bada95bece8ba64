/** A Host in memory: files as a record, commands answered by a function. */

import { HostError, type Host, type ShellRequest, type ShellResult } from "../../src/makefile/host.js";
import type { Stream } from "../../src/events/event.js";
import { matches, parsePattern } from "../../src/makefile/pattern.js";

export interface FakeHostOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Answers `$(shell …)`; without it every command prints nothing and ends well. */
  readonly shell?: (request: ShellRequest) => ShellResult;
  readonly homes?: Readonly<Record<string, string>>;
}

export class FakeHost implements Host {
  readonly directory: string;
  readonly files: Map<string, string>;
  /** Names that are directories: reading or writing them fails. */
  readonly directories = new Set<string>();
  /** All that was printed, in order. */
  printed = "";
  readonly #options: FakeHostOptions;

  constructor(options: FakeHostOptions = {}) {
    this.#options = options;
    this.directory = options.directory ?? "/project";
    this.files = new Map(Object.entries(options.files ?? {}));
  }

  readFile(path: string): string | undefined {
    if (this.directories.has(path)) throw new HostError("EISDIR", path, "Is a directory");
    return this.files.get(path);
  }

  writeFile(path: string, text: string, mode: "truncate" | "append"): void {
    if (this.directories.has(path)) throw new HostError("EISDIR", path, "Is a directory");
    this.files.set(path, mode === "append" ? (this.files.get(path) ?? "") + text : text);
  }

  glob(pattern: string): readonly string[] {
    if (!/[*?[]/.test(pattern)) return this.exists(pattern) ? [pattern] : [];
    const parsed = parsePattern(pattern.replace("*", "%"));
    return [...this.files.keys()].filter((name) => matches(parsed, name)).sort();
  }

  realpath(path: string): string | undefined {
    if (!this.exists(path)) return undefined;
    return path.startsWith("/") ? path : `${this.directory}/${path}`;
  }

  exists(path: string): boolean {
    return this.files.has(path) || this.directories.has(path);
  }

  homeDirectory(user: string): string | undefined {
    return this.#options.homes?.[user];
  }

  shell(request: ShellRequest): ShellResult {
    return this.#options.shell?.(request) ?? { stdout: "", status: 0 };
  }

  print(_stream: Stream, text: string): void {
    this.printed += text;
  }
}
