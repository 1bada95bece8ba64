/** The graph's view of this machine's files, from one directory. */

import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { Disk } from "../graph/disk.js";
import type { Receipt } from "../graph/job.js";
import { type MemberEntry, readIndex, touchMemberEntry } from "./archive.js";
import { resolveIn, toPath } from "./bytes.js";
import type { DirectoryCache } from "./directory-cache.js";
import { receiptOf } from "./receipt.js";
import { errnoOf, hostError, strerror } from "./strerror.js";
import { wildcardMatcher } from "./wildcard.js";

export interface MachineDiskOptions {
  /** Absolute. */
  readonly directory: string;
  readonly cache: DirectoryCache;
  /** Takes what is odd but not fatal, as `stat: x: Permission denied`; the session puts `make: ` before it. */
  readonly complain: (text: string) => void;
  /** How much the file system's clock is ahead of this machine's, in nanoseconds; 0 unless measured. */
  readonly clockAheadNs?: () => bigint;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;
const MAX_LINKS = 40;

/** @see Disk */
export class MachineDisk implements Disk {
  readonly #options: MachineDiskOptions;
  /** What was read of archives since something ran last. */
  readonly #archives = new Map<string, readonly MemberEntry[] | undefined>();
  #archivesGeneration = 0;

  constructor(options: MachineDiskOptions) {
    this.#options = options;
  }

  mtimeNs(path: string): bigint | undefined {
    return this.#stat(path)?.mtimeNs;
  }

  mtimeWithLinksNs(path: string): bigint | undefined {
    const file = this.#stat(path);
    if (file === null) return undefined;
    let newest = file?.mtimeNs;
    let name = resolveIn(this.#options.directory, path);
    for (let links = 0; links < MAX_LINKS; links++) {
      const stat = lstatOf(name);
      if (stat === undefined || !stat.isSymbolicLink()) break;
      if (newest === undefined || stat.mtimeNs > newest) newest = stat.mtimeNs;
      const target = readlinkSync(toPath(name), { encoding: "latin1" });
      name = resolveIn(name.slice(0, name.lastIndexOf("/") + 1), target);
    }
    return newest;
  }

  existsCached(path: string): boolean {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    if (name === "" || name === "." || name === "..") return this.mtimeNs(path) !== undefined;
    return this.#options.cache.has(path.slice(0, slash + 1), name);
  }

  /** All of it at once: a recipe may have changed any directory. */
  forget(): void {
    this.#options.cache.somethingRan();
  }

  memberTimeNs(archive: string, member: string): bigint | undefined {
    const entry = this.#index(archive)?.find(({ name }) => name === member);
    return entry && BigInt(entry.mtimeSeconds) * NS_PER_S;
  }

  certify(path: string): Receipt {
    return receiptOf(path, this.#options.directory);
  }

  touchMember(archive: string, member: string): void {
    this.#options.cache.somethingRan();
    touchMemberEntry(this.#path(archive), member, Number(this.nowNs() / NS_PER_S));
  }

  membersMatching(archive: string, pattern: string): readonly string[] {
    const matches = wildcardMatcher(pattern);
    return (this.#index(archive) ?? []).map(({ name }) => name).filter(matches);
  }

  isDirectory(path: string): boolean {
    try {
      return statSync(this.#path(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
    } catch (error) {
      this.#complainOfStat(error, path);
      return false;
    }
  }

  touch(path: string): void {
    try {
      touchByWriting(this.#path(path));
    } catch (error) {
      throw hostError(error, path);
    }
    this.#options.cache.somethingRan();
  }

  remove(path: string): boolean {
    try {
      unlinkSync(this.#path(path));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      throw hostError(error, path);
    }
    this.#options.cache.somethingRan();
    return true;
  }

  /** The end of the present millisecond, so that what was just stamped is never in the future. */
  nowNs(): bigint {
    return BigInt(Date.now() + 1) * NS_PER_MS + (this.#options.clockAheadNs?.() ?? 0n);
  }

  #index(archive: string): readonly MemberEntry[] | undefined {
    const { generation } = this.#options.cache;
    if (generation !== this.#archivesGeneration) this.#archives.clear();
    this.#archivesGeneration = generation;
    if (!this.#archives.has(archive)) this.#archives.set(archive, readIndex(this.#path(archive)));
    return this.#archives.get(archive);
  }

  /** undefined: there is nothing, but perhaps a link that leads nowhere; null: nobody can tell, as has been complained. */
  #stat(path: string): { readonly mtimeNs: bigint } | undefined | null {
    try {
      return statSync(this.#path(path), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      this.#complainOfStat(error, path);
      return errnoOf(error) === "ENOTDIR" ? undefined : null;
    }
  }

  #complainOfStat(error: unknown, path: string): void {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    if (errno !== "ENOTDIR") this.#options.complain(`stat: ${path}: ${strerror(errno)}`);
  }

  #path(path: string): string | Buffer {
    return toPath(resolveIn(this.#options.directory, path));
  }
}

function lstatOf(path: string): { mtimeNs: bigint; isSymbolicLink(): boolean } | undefined {
  try {
    return lstatSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** The file system's own clock stamps what is written: a byte again, or nothing into an empty file. */
function touchByWriting(path: string | Buffer): void {
  const fd = openSync(path, "a+", 0o666);
  let isEmpty: boolean;
  try {
    isEmpty = fstatSync(fd).size === 0;
  } finally {
    closeSync(fd);
  }
  const again = openSync(path, isEmpty ? "w" : "r+");
  try {
    const byte = Buffer.alloc(1);
    if (!isEmpty && readSync(again, byte, 0, 1, 0) === 1) writeSync(again, byte, 0, 1, 0);
  } finally {
    closeSync(again);
  }
}
