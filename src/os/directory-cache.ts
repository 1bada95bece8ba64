/** What directories hold, read once and believed until something may have changed it: a recipe, or a `$(shell …)`. */

import { lstatSync, readdirSync, statSync } from "node:fs";
import { resolveIn, toPath } from "./bytes.js";
import { errnoOf } from "./strerror.js";

interface Listing {
  /** In no order. Empty for what is no directory, or cannot be read. */
  readonly names: ReadonlySet<string>;
  /** The directory's own time when it was read; undefined: there was none. */
  readonly mtimeNs: bigint | undefined;
  /** A change so shortly after the reading may have left the same time behind. */
  readonly isFresh: boolean;
  /** The last generation in which this was known to be true. */
  generation: number;
  /** In which generation names were looked for in the directory itself, and how many. */
  askedIn: number;
  asked: number;
}

/** Longer than the coarsest clock that stamps a directory which we read and change at the same time. */
const FRESH_NS = 2_000_000_000n;
/** After something ran, so many names are looked for one by one before a large directory is read again as a whole. */
const SINGLE_LOOKS = 32;

/** One invocation's; its host and its disk share it. */
export class DirectoryCache {
  readonly #directory: string;
  readonly #listings = new Map<string, Listing>();
  #generation = 0;

  /** @param directory - absolute: where relative names start */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Something ran: from now on listings are compared with their directories' times before they are believed. */
  somethingRan(): void {
    this.#generation++;
  }

  /** Counts how often something ran. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether a directory (empty, or with its slash) holds a name. `.` and `..` are not looked up here. */
  has(directory: string, name: string): boolean {
    const known = this.#listings.get(directory);
    if (known === undefined || known.generation === this.#generation) return this.list(directory).has(name);
    if (known.askedIn !== this.#generation) {
      known.askedIn = this.#generation;
      known.asked = 0;
    }
    if (known.asked++ >= SINGLE_LOOKS) return this.list(directory).has(name);
    return existsItself(resolveIn(this.#directory, directory + name));
  }

  /** The names in a directory; none when it cannot be read. */
  list(directory: string): ReadonlySet<string> {
    const known = this.#listings.get(directory);
    if (known !== undefined && this.#isTrue(known, directory)) return known.names;
    const listing = this.#read(directory);
    this.#listings.set(directory, listing);
    return listing.names;
  }

  #isTrue(listing: Listing, directory: string): boolean {
    if (listing.generation === this.#generation) return true;
    if (listing.isFresh || this.#mtimeOf(directory) !== listing.mtimeNs) return false;
    listing.generation = this.#generation;
    return true;
  }

  #read(directory: string): Listing {
    const mtimeNs = this.#mtimeOf(directory);
    const isFresh = mtimeNs !== undefined && BigInt(Date.now()) * 1_000_000n - mtimeNs < FRESH_NS;
    return {
      // what is not there (RCS, SCCS) is asked for in every directory: no error is to be made of it
      names: new Set(mtimeNs === undefined ? [] : namesIn(this.#path(directory))),
      mtimeNs,
      isFresh,
      generation: this.#generation,
      askedIn: -1,
      asked: 0,
    };
  }

  #mtimeOf(directory: string): bigint | undefined {
    try {
      return statSync(this.#path(directory), { bigint: true, throwIfNoEntry: false })?.mtimeNs;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return undefined;
    }
  }

  #path(directory: string): string | Buffer {
    return toPath(resolveIn(this.#directory, directory === "" ? "." : directory));
  }
}

/** Whether the name itself exists, be it a link that leads nowhere. @param path - absolute */
export function existsItself(path: string): boolean {
  try {
    return lstatSync(toPath(path), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function namesIn(path: string | Buffer): readonly string[] {
  try {
    return readdirSync(path, { encoding: "latin1" });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return []; // GNU make takes a directory that it cannot read for an empty one
  }
}
