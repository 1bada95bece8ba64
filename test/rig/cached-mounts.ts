/** Views of one folder that remember names and attributes for seconds, as clients of a network file system do: bindfs over FUSE. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";

/** How long they remember, in seconds. */
const CACHE_SECONDS = 12;

/** Skips a test, with the reason, where such views cannot be had. */
export function needsCachedMounts(context: TestContext): void {
  if (process.getuid?.() !== 0) context.skip("mounting a file system needs root");
  if (!existsSync("/dev/fuse")) context.skip("there is no /dev/fuse");
  if (spawnSync("bindfs", ["--version"]).error !== undefined) context.skip("bindfs is not installed");
}

/** The command that mounts such a view of `backing` at `at`; with `-f` it lives as long as the mount. */
export function mountCommand(backing: string, at: string, ...options: readonly "-f"[]): readonly string[] {
  const memory = ["attr_timeout", "entry_timeout", "negative_timeout"].map(
    (name) => `${name}=${String(CACHE_SECONDS)}`,
  );
  return ["bindfs", ...options, "-o", memory.join(","), backing, at];
}

/** Two views of one folder. */
export class CachedMounts implements Disposable {
  readonly #views: readonly string[];

  /** @param directory - an empty folder of the test's own */
  constructor(directory: string) {
    const backing = join(directory, "backing");
    mkdirSync(backing);
    this.#views = ["one", "other"].map((name) => join(directory, name));
    for (const view of this.#views) {
      mkdirSync(view);
      const [program = "", ...words] = mountCommand(backing, view);
      execFileSync(program, words);
    }
  }

  get one(): string {
    return this.#views[0] ?? "";
  }

  get other(): string {
    return this.#views[1] ?? "";
  }

  [Symbol.dispose](): void {
    for (const view of this.#views) execFileSync("umount", [view]);
  }
}
