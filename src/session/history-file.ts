/** The file in which a session keeps how long its jobs took: `.mpmake/history` in its first directory, unless told otherwise. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../base/user-error.js";
import { HostError } from "../makefile/host.js";
import { resolveIn, toPath } from "../os/bytes.js";
import { errnoOf, hostError } from "../os/strerror.js";
import { temporaryName } from "../os/temporary.js";
import { JobHistory } from "../sched/history.js";
import { HISTORY_FOLDER } from "./history-folder.js";

/** In the first make's directory; the folder is ours. */
const DEFAULT_PATH = `${HISTORY_FOLDER}/history`;
const MAX_BYTES = 1 << 20;

export interface HistoryWish {
  /** The first make's, absolute. */
  readonly directory: string;
  /** A path, absolute or from that directory; empty: where it is unless told otherwise. */
  readonly path: string;
  /** Whether the user has asked for it: what goes wrong is told him then. */
  readonly isAskedFor: boolean;
}

/** @returns undefined when it cannot be read and nobody has asked for it. @throws UserError when somebody has */
export function openHistory(wish: HistoryWish): HistoryFile | undefined {
  return attempt(wish, () => new HistoryFile(resolveIn(wish.directory, wish.path || DEFAULT_PATH), wish.path === ""));
}

/** Keeps what is new. @returns why that failed, if somebody is to hear of it */
export function saveHistory(file: HistoryFile, wish: HistoryWish): string | undefined {
  try {
    attempt(wish, () => file.save());
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

/** A tree that may not be written to is built without a history. */
function attempt<T>({ isAskedFor }: HistoryWish, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (isAskedFor) throw new UserError(`--history: ${error.path}: ${error.message}`, { cause: error });
    return undefined;
  }
}

export class HistoryFile {
  readonly #path: string;
  readonly #isOwnFolder: boolean;
  readonly history: JobHistory;

  /** @param path - absolute. @param isOwnFolder - its folder is ours, and is made when it is missing. @throws HostError when it cannot be read */
  constructor(path: string, isOwnFolder: boolean) {
    this.#path = path;
    this.#isOwnFolder = isOwnFolder;
    this.history = new JobHistory(this.#text());
  }

  /**
   * Writes what is new, with what other sessions have written meanwhile. Whoever reads the file sees it whole, before or after; of two
   * that write in the same moment one loses its news. @throws HostError
   */
  save(): void {
    if (!this.history.hasChanged) return;
    const folder = dirname(this.#path);
    const fresh = temporaryName(folder, ".history");
    try {
      if (this.#isOwnFolder) this.#makeFolder(folder);
      writeFileSync(toPath(fresh), this.history.mergedInto(this.#text(), MAX_BYTES), "latin1");
      renameSync(toPath(fresh), toPath(this.#path));
    } catch (error) {
      if (existsSync(toPath(fresh))) rmSync(toPath(fresh));
      throw hostError(error, this.#path);
    }
  }

  #text(): string {
    try {
      return readFileSync(toPath(this.#path), "latin1");
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return "";
      throw hostError(error, this.#path);
    }
  }

  /** What keeps versions of the tree is not to see it. */
  #makeFolder(folder: string): void {
    if (mkdirSync(toPath(folder), { recursive: true }) === undefined) return;
    writeFileSync(toPath(`${folder}/.gitignore`), "*\n");
  }
}
