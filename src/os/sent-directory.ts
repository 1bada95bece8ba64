/** The directory where sessions leave their sent records for each other: `SENTDIR`, `/var/mexec/sent`, or one of the user's own. */

import { constants } from "node:fs";
import { access, chmod, lstat, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  decayed,
  formatSentRecord,
  MAX_RECORD_BYTES,
  parseSentRecord,
  SENT_LIFE_MS,
  SentTally,
  sumSentRecords,
} from "../placement/sent-record.js";
import { errnoOf } from "./strerror.js";

/** What other sessions sent, and where this one says what it sends. Nothing here ever fails a build. */
export interface SentStore {
  /** Where the records are; undefined: nowhere could be written, this session counts alone. */
  readonly directory: string | undefined;
  /** Why there is no directory, or what went wrong in it last; for `--debug`. */
  readonly trouble: string | undefined;
  /** A job goes to this place now. */
  sent(place: string): void;
  /** A job that went there at this moment has ended, and counts no more. */
  ended(place: string, sentAtMs: number): void;
  /** Jobs that other sessions sent there lately, decayed. Answers from memory; reads again in the background. */
  byOthers(place: string): number;
  /** Resolves when nothing is being read or written. */
  settled(): Promise<void>;
  /** Leaves the last record behind for those who come after, if there is anything in it. */
  close(): Promise<void>;
}

export interface SentStoreOptions {
  /** `--sentdir` or `SENTDIR`. */
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
/** Behind the name of a record that is being written. */
const UNFINISHED = ".new";
/** A record that is ahead of the file system's own time by more was not stamped by it, or the time was put back since. */
const MAX_AHEAD_MS = 2000;
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
    if (errnoOf(error) !== "EEXIST") throw error;
  });
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== userId) throw new Error(`${path} belongs to someone else`);
  return writable(path);
}

class DirectoryStore implements SentStore {
  readonly directory: string | undefined;
  trouble: string | undefined;
  readonly #options: SentStoreOptions;
  readonly #own = new SentTally();
  #others: ReadonlyMap<string, number> = new Map();
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Records as they were read last; one that has not changed since is not read again. */
  #read: ReadonlyMap<string, ReadRecord> = new Map();

  constructor(options: SentStoreOptions, found: Found) {
    this.#options = options;
    this.directory = found.directory;
    this.trouble = found.trouble;
  }

  sent(place: string): void {
    this.#own.sent(place, this.#options.nowMs());
    this.#refreshWhenDue();
    this.#refreshSoon();
  }

  ended(place: string, sentAtMs: number): void {
    this.#own.ended(place, { sentAtMs, nowMs: this.#options.nowMs() });
    this.#refreshWhenDue();
  }

  byOthers(place: string): number {
    this.#refreshWhenDue();
    const sum = this.#others.get(place);
    return sum === undefined ? 0 : decayed({ weight: sum, atMs: this.#refreshedMs }, this.#options.nowMs());
  }

  async settled(): Promise<void> {
    await this.#refreshing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.settled();
    if (this.directory === undefined) return;
    const path = join(this.directory, this.#options.session + SUFFIX);
    await (this.#own.isEmpty ? rm(path, { force: true }) : this.#write(this.directory)).catch((error: unknown) => {
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

  /** What was sent just now is written soon, even if nothing is sent or asked for long. */
  #refreshSoon(): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#refreshWhenDue();
    }, REFRESH_MS).unref();
  }

  /** @returns the file system's time of the record, in milliseconds */
  async #write(directory: string): Promise<number> {
    const path = join(directory, this.#options.session + SUFFIX);
    const fresh = path + UNFINISHED;
    await writeFile(fresh, formatSentRecord(this.#own.weights(this.#options.nowMs())));
    await chmod(fresh, 0o644); // whatever the umask is: others are to read it
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

/** All records but our own, by name; what sessions that came to a sudden end have left is cleared away. */
async function readRecords(directory: string, options: ReadOptions): Promise<ReadonlyMap<string, ReadRecord>> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith(options.own));
  const records = new Map<string, ReadRecord>();
  const reading = names
    .filter((name) => name.endsWith(SUFFIX))
    .slice(0, MAX_RECORDS)
    .map(async (name) => {
      const record = await readRecord(join(directory, name), options.before.get(name), options.stampMs);
      if (record !== undefined) records.set(name, record);
    });
  const unfinished = names.filter((name) => name.endsWith(SUFFIX + UNFINISHED)).slice(0, MAX_RECORDS);
  await Promise.all([...reading, ...unfinished.map((name) => lookAt(join(directory, name), options.stampMs))]);
  return records;
}

async function readRecord(
  path: string,
  before: ReadRecord | undefined,
  stampMs: number,
): Promise<ReadRecord | undefined> {
  const mtimeMs = await lookAt(path, stampMs);
  if (mtimeMs === undefined || mtimeMs - stampMs > MAX_AHEAD_MS) return undefined;
  return before?.mtimeMs === mtimeMs ? before : parsedAt(mtimeMs, await readSafely(path));
}

/** @returns when a record was written; undefined: it is none, or so far from now, either way, that it is taken away */
async function lookAt(path: string, stampMs: number): Promise<number | undefined> {
  const stat = await lstat(path).catch(nothing);
  if (stat?.isFile() !== true || stat.size > MAX_RECORD_BYTES) return undefined;
  if (Math.abs(stampMs - stat.mtimeMs) <= SENT_LIFE_MS) return stat.mtimeMs;
  await rm(path, { force: true }).catch(nothing);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
