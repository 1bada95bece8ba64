/** Watching a build's sources: tells when any of them has changed, also while nobody was waiting to be told. */

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { toUnicode } from "../os/bytes.js";

export class SourceWatch implements AsyncDisposable {
  readonly #watcher: FSWatcher;
  readonly #changed = new Set<string>();
  readonly #ready: Promise<void>;
  #followed: ReadonlySet<string> = new Set();
  #wake: (() => void) | undefined;

  constructor() {
    // Directories, for a file that is replaced takes what watches it along.
    this.#watcher = watch([], { ignoreInitial: true, depth: 0 });
    this.#ready = new Promise((resolve) => this.#watcher.once("ready", resolve));
    this.#watcher.on("all", (_, path) => {
      this.#note(path);
    });
  }

  /**
   * From now on these are watched, and no others.
   *
   * @param files - absolute byte strings; those that do not exist are told of when they appear
   * @param sinceMs - epoch: what has changed since then is told of, watched or not
   */
  async follow(files: readonly string[], sinceMs: number): Promise<void> {
    const known = this.#followed;
    const next = new Set(files.flatMap((file) => toUnicode(file) ?? [])); // names that are not UTF-8 cannot be watched
    const added = [...next].filter((file) => !known.has(file));
    this.#followed = next;
    this.#watcher.add([...new Set(added.map((file) => dirname(file)))]);
    await this.#ready;
    for (const file of next) if (await hasChanged(file, sinceMs)) this.#note(file);
  }

  /** Resolves with the files that have changed since the last time, as soon as there are any. */
  async changes(): Promise<readonly string[]> {
    if (this.#changed.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.close();
  }

  #note(path: string): void {
    if (!this.#followed.has(path)) return;
    this.#changed.add(path);
    this.#wake?.();
  }
}

async function hasChanged(file: string, sinceMs: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined); // a file that is gone: its coming back will be seen
  return found !== undefined && found.ctimeMs > sinceMs;
}
