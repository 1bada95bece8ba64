/** The directory where sessions leave their sent records for each other: `SENTDIR`, `/var/mexec/sent`, or one of the user's own. */

import { constants } from "node:fs";
import { access, lstat, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  decayed,
  formatSentRecord,
  MAX_RECORD_BYTES,
  parseSentRecord,
  SENT_LIFE_MS,
  type SentWeight,
  sumSentRecords,
  withOneMore,
} from "../placement/sent-record.js";

/** What other sessions sent, and where this one says what it sends. Nothing here ever fails a build. */
export interface SentStore {
  /** Where the records are; undefined: nowhere could be written, this session counts alone. */
  readonly directory: string | undefined;
  /** Why there is no directory, or what went wrong in it last; for `--debug`. */
  readonly trouble: string | undefined;
  /** A job goes to this place now. */
  sent(place: string): void;
  /** Jobs that other sessions sent there lately, decayed. Answers from memory; reads again in the background. */
  byOthers(place: string): number;
  /** Leaves the last record behind for those who come after. */
  close(): Promise<void>;
}

export interface SentStoreOptions {
  /** `SENTDIR`. */
  readonly sentDirectory?: string;
  /** `XDG_RUNTIME_DIR`. */
  readonly runtimeDirectory?: string;
  /** `TMPDIR`, or /tmp. */
  readonly temporaryDirectory: string;
  /** What the seed used; elsewhere only in tests. */
  readonly commonDirectory?: string;
  readonly userId: number;
  /** Names this session's record among all nodes' sessions: a file name without slashes. */
  readonly session: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

const COMMON_DIRECTORY = "/var/mexec/sent";
const SUFFIX = ".sent";
/** A record is written, and others are read, at most once in so long. */
const REFRESH_MS = 500;
/** So many records are looked at; more sessions than that make a rough sum good enough. */
const MAX_RECORDS = 256;

/** Finds a directory, reads what is there and leaves a first record, whose stamp also tells the file system's time. */
export async function openSentStore(options: SentStoreOptions): Promise<SentStore> {
  const found = await findDirectory(options);
  const store = new DirectoryStore(options, found);
  await store.refresh();
  return store;
}

interface Found {
  readonly directory: string | undefined;
  readonly trouble: string | undefined;
}

async function findDirectory(options: SentStoreOptions): Promise<Found> {
  let trouble: string | undefined;
  for (const attempt of candidates(options)) {
    try {
      return { directory: await attempt(), trouble: undefined };
    } catch (error) {
      trouble ??= messageOf(error);
    }
  }
  return { directory: undefined, trouble };
}

function candidates(options: SentStoreOptions): readonly (() => Promise<string>)[] {
  const { sentDirectory, runtimeDirectory, temporaryDirectory, userId } = options;
  if (sentDirectory !== undefined) return [() => writable(sentDirectory)];
  const own = (path: string) => () => ownDirectory(path, userId);
  return [
    () => writable(options.commonDirectory ?? COMMON_DIRECTORY),
    ...(runtimeDirectory === undefined ? [] : [own(join(runtimeDirectory, "mpmake-sent"))]),
    own(join(temporaryDirectory, `mpmake-sent-${String(userId)}`)),
  ];
}

async function writable(path: string): Promise<string> {
  await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  return path;
}

/** A directory of this user alone, made when missing; one that someone else put in its place is refused. */
async function ownDirectory(path: string, userId: number): Promise<string> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== userId) throw new Error(`${path} belongs to someone else`);
  return writable(path);
}

class DirectoryStore implements SentStore {
  readonly directory: string | undefined;
  trouble: string | undefined;
  readonly #options: SentStoreOptions;
  readonly #own = new Map<string, SentWeight>();
  #others: ReadonlyMap<string, number> = new Map();
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;
  #closed = false;
  /** Records as they were read last; one that has not changed since is not read again. */
  #read: ReadonlyMap<string, ReadRecord> = new Map();

  constructor(options: SentStoreOptions, found: Found) {
    this.#options = options;
    this.directory = found.directory;
    this.trouble = found.trouble;
  }

  sent(place: string): void {
    this.#own.set(place, withOneMore(this.#own.get(place), this.#options.nowMs()));
    this.#refreshWhenDue();
  }

  byOthers(place: string): number {
    this.#refreshWhenDue();
    const sum = this.#others.get(place);
    return sum === undefined ? 0 : decayed({ weight: sum, atMs: this.#refreshedMs }, this.#options.nowMs());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#refreshing;
    if (this.directory === undefined) return;
    const path = join(this.directory, this.#options.session + SUFFIX);
    await (this.#own.size === 0 ? rm(path, { force: true }) : this.#write(this.directory)).catch((error: unknown) => {
      this.trouble = messageOf(error);
    });
  }

  /** Writes this session's record and reads the others'. */
  async refresh(): Promise<void> {
    const { directory } = this;
    this.#refreshedMs = this.#options.nowMs();
    if (directory === undefined) return;
    try {
      const stampMs = await this.#write(directory);
      this.#read = await readRecords(directory, { own: this.#options.session + SUFFIX, stampMs, before: this.#read });
      const aged = [...this.#read.values()].map(({ weights, mtimeMs }) => ({ weights, ageMs: stampMs - mtimeMs }));
      this.#others = sumSentRecords(aged);
    } catch (error) {
      this.trouble = messageOf(error);
    }
  }

  #refreshWhenDue(): void {
    if (this.#closed || this.#refreshing !== undefined) return;
    if (this.#options.nowMs() - this.#refreshedMs < REFRESH_MS) return;
    this.#refreshing = this.refresh().finally(() => {
      this.#refreshing = undefined;
    });
  }

  /** @returns the file system's time of the record, in milliseconds */
  async #write(directory: string): Promise<number> {
    const nowMs = this.#options.nowMs();
    const weights = new Map([...this.#own].map(([place, sent]) => [place, decayed(sent, nowMs)]));
    const path = join(directory, this.#options.session + SUFFIX);
    const fresh = `${path}.new`;
    await writeFile(fresh, formatSentRecord(weights), { mode: 0o644 });
    await rename(fresh, path);
    return (await lstat(path)).mtimeMs;
  }
}

interface ReadRecord {
  readonly mtimeMs: number;
  readonly weights: ReadonlyMap<string, number>;
}

interface ReadOptions {
  /** This session's own record. */
  readonly own: string;
  /** Now, by the file system's clock. */
  readonly stampMs: number;
  /** What was read last. */
  readonly before: ReadonlyMap<string, ReadRecord>;
}

/** All records but our own, by name; what is too old is cleared away. */
async function readRecords(directory: string, options: ReadOptions): Promise<ReadonlyMap<string, ReadRecord>> {
  const names = (await readdir(directory)).filter((name) => name !== options.own && name.endsWith(SUFFIX));
  const records = new Map<string, ReadRecord>();
  const reading = names.slice(0, MAX_RECORDS).map(async (name) => {
    const record = await readRecord(join(directory, name), options.before.get(name), options.stampMs);
    if (record !== undefined) records.set(name, record);
  });
  await Promise.all(reading);
  return records;
}

async function readRecord(
  path: string,
  before: ReadRecord | undefined,
  stampMs: number,
): Promise<ReadRecord | undefined> {
  const stat = await lstat(path).catch(nothing);
  if (stat?.isFile() !== true || stat.size > MAX_RECORD_BYTES) return undefined;
  const { mtimeMs } = stat;
  if (stampMs - mtimeMs > SENT_LIFE_MS) await rm(path, { force: true }).catch(nothing);
  else if (before?.mtimeMs === mtimeMs) return before;
  else return parsedAt(mtimeMs, await readSafely(path));
  return undefined;
}

function parsedAt(mtimeMs: number, text: string | undefined): ReadRecord | undefined {
  const weights = text === undefined ? undefined : parseSentRecord(text);
  return weights === undefined ? undefined : { mtimeMs, weights };
}

/** A file that may have become anything since we looked: no link is followed, nothing is waited for, little is read. */
async function readSafely(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(nothing);
  if (file === undefined) return undefined;
  await using handle = file;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_RECORD_BYTES + 1));
  return buffer.toString("latin1", 0, bytesRead);
}

/** Another session's record went away or is not ours to read or remove: then it does not count, which is all that matters. */
function nothing(): undefined {
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
