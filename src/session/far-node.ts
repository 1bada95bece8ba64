/** A node where makes are started that may run here: which directories it sees as we do. */

import { statSync } from "node:fs";
import { isBelow } from "../base/is-below.js";
import type { NodeOfMakes } from "../exec/job-far-makes.js";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";

export class FarNode implements NodeOfMakes {
  isOutdated = false;
  readonly #directory: string;
  readonly #shows: (directory: string) => Promise<boolean>;
  readonly #seen = new Map<string, Promise<boolean>>();

  /** @param directory - what it has shown that it sees; @param shows - has it show that of another; it does not reject */
  constructor(directory: string, shows: (directory: string) => Promise<boolean>) {
    this.#directory = directory;
    this.#shows = shows;
  }

  /** What is below the first make's directory on its device it sees as it sees that; of others it has to show it. */
  sees(directory: string): Promise<boolean> {
    const device = deviceOf(directory);
    if (device === undefined) return Promise.resolve(false);
    if (device === deviceOf(this.#directory) && isBelow(directory, this.#directory)) return Promise.resolve(true);
    const known = this.#seen.get(directory) ?? this.#shows(directory);
    this.#seen.set(directory, known);
    return known;
  }
}

function deviceOf(directory: string): number | undefined {
  return attempt(() => statSync(toPath(directory)).dev);
}
