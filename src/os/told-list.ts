/** What a session has found of nodes, kept in a file for its sub-makes: none of them tries again, or says it again. */

import { appendFileSync, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { attempt } from "./attempt.js";

/** `.down`: nodes that cannot be reached; `.clock`: nodes whose clock was warned of. */
export type ListSuffix = ".down" | ".clock";
/** Before a place that was told and is so no more; lines are only ever added, as several makes write. */
const TAKEN_BACK = "!";
const LIFE_MS = 86_400_000;

/** By the place's key, as in sent records. Without a directory each make of the session finds out for itself. */
export class ToldList {
  readonly #path: string | undefined;
  readonly #places: Set<string>;

  /**
   * @param directory - where sent records are, too
   * @param session - the same for a make and all its sub-makes, and no other: a file name without slashes
   */
  constructor(directory: string | undefined, session: string, suffix: ListSuffix) {
    this.#path = directory === undefined ? undefined : join(directory, session + suffix);
    this.#places = new Set(this.#path === undefined ? [] : readLines(this.#path));
  }

  has(place: string): boolean {
    return this.#places.has(place);
  }

  add(place: string): void {
    if (this.#places.has(place)) return;
    this.#places.add(place);
    const path = this.#path;
    if (path === undefined) return;
    attempt(() => {
      appendFileSync(path, `${place}\n`, { mode: 0o600 });
      clearOld(dirname(path));
    });
  }

  /** It holds no more. @returns whether it did, for any make of the session, and none of them has taken it back */
  takeBack(place: string): boolean {
    const path = this.#path;
    const wasHere = this.#places.delete(place);
    if (path === undefined) return wasHere;
    const isThere = new Set(readLines(path)).has(place);
    if (isThere) attempt(() => appendFileSync(path, `${TAKEN_BACK}${place}\n`));
    return isThere;
  }

  /** The session is over. */
  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}

/** The places that are told and not taken back, in the order of the lines. */
function readLines(path: string): readonly string[] {
  const places = new Set<string>();
  for (const line of attempt(() => readFileSync(path, "utf8").split("\n").slice(0, -1)) ?? [])
    if (line.startsWith(TAKEN_BACK)) places.delete(line.slice(TAKEN_BACK.length));
    else places.add(line);
  return [...places];
}

/** Lists of sessions that could not put theirs away. */
function clearOld(directory: string): void {
  const nowMs = Date.now();
  for (const name of readdirSync(directory).filter((one) => /\.(down|clock)$/.test(one))) {
    const path = join(directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && nowMs - stat.mtimeMs > LIFE_MS) rmSync(path, { force: true });
  }
}
