/**
 * Whether files that another machine says it wrote are seen here as it saw them, and the ladder climbed until they are. File
 * systems that are shared remember names that were not there and times that have passed, for seconds or a minute; each rung
 * makes another kind of them look again.
 */

import { randomBytes } from "node:crypto";
import { type BigIntStats, existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, open, readdir, rename, rmdir, unlink, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Cancellation } from "../base/abort.js";
import { resolveIn, toPath } from "./bytes.js";
import { type CertifiedFile, isSeen, isSeenAt } from "./certified-file.js";
import { nativeLibrary } from "./native.js";
import { statOf } from "./receipt.js";
import { errnoOf } from "./strerror.js";

export interface LookOptions {
  /** Ends the looking; what was not seen by then is told. */
  readonly cancel?: Cancellation;
  /** How long to go on, in milliseconds; longer than file systems remember, unless given. */
  readonly windowMs?: number;
}

/** A file that was not seen, and one phrase that says how it is here. */
export interface UnseenFile<T extends CertifiedFile> {
  readonly file: T;
  readonly text: string;
}

/** NFS remembers attributes for up to a minute, but looks again when a file is opened; others were seen to take 20 s. */
const WINDOW_MS = 30_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;
/** From then on a name that is not seen is asked for by trying to create it: only that ends what some caches believe. */
const CREATE_AFTER_MS = 250;

/** Looks for files, relative ones below `directory`, until all are seen as certified, or newer. @returns the first that is not */
export async function firstUnseen<T extends CertifiedFile>(
  files: readonly T[],
  directory: string,
  { cancel, windowMs = WINDOW_MS }: LookOptions = {},
): Promise<UnseenFile<T> | undefined> {
  let missing = files.filter((file) => !isSeenAt(file, directory));
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; missing.length > 0; waitedMs += pauseMs, pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const left: T[] = [];
    for (const file of missing) {
      const path = resolveIn(directory, file.path);
      if (file.stat === undefined) {
        if (await isRememberedThoughGone(path)) left.push(file);
        continue;
      }
      if (await isGone(path, waitedMs)) return { file, text: describe(file, path) };
      if (!isSeen(file, path)) left.push(file);
    }
    missing = left;
    const [first] = missing;
    if (first === undefined) return undefined;
    if (waitedMs >= windowMs || cancel?.aborted === true)
      return { file: first, text: describe(first, resolveIn(directory, first.path)) };
    await pause(pauseMs);
  }
  return undefined;
}

/** Makes the file system look again. @returns true when it is certain that there is no such file */
async function isGone(path: string, waitedMs: number): Promise<boolean> {
  await reopen(path);
  const seen = statOf(path);
  if (seen !== undefined) {
    nativeLibrary()?.refreshAttributes(path);
    if (seen.isDirectory() && waitedMs >= CREATE_AFTER_MS) await setAsItIs(path, seen).catch(unlessOfSystem);
    return false;
  }
  const parent = parentOf(path);
  await reread(parent);
  if (waitedMs < CREATE_AFTER_MS || statOf(path) !== undefined) return false;
  await remakeDirectories(parent);
  return statOf(parent) === undefined || isCreatable(path);
}

/**
 * A file that is gone may be remembered: then `mkdir -p` makes nothing, and `>` writes to nowhere. Opening makes NFS ask its server.
 * Others believe only the failure of what would remove it, or that another one is put in its place; both are tried when the server has
 * said that it is not there.
 */
async function isRememberedThoughGone(path: string): Promise<boolean> {
  if (!existsSync(toPath(path)) || !(await isGoneAtServer(path))) return false;
  await rmdir(toPath(path)).catch(unlessOfSystem);
  await unlink(toPath(path)).catch(unlessOfSystem);
  if (existsSync(toPath(path))) await putInPlace(path);
  return existsSync(toPath(path));
}

/** Asks the server, and not what is remembered. @returns false also when it cannot be asked */
async function isGoneAtServer(path: string): Promise<boolean> {
  const seen = statOf(path);
  if (seen === undefined) return true; // the name alone is remembered
  const asked = seen.isDirectory() ? setAsItIs(path, seen) : open(toPath(path), "r");
  const answer = await asked.then(
    async (file) => {
      await file?.close();
      return undefined;
    },
    (error: unknown) => {
      unlessOfSystem(error);
      return errnoOf(error);
    },
  );
  return answer === "ENOENT" || nativeLibrary()?.refreshAttributes(path) === "ENOENT";
}

/** A directory can be opened from memory; what sets something of it goes to the server. @throws ErrnoException */
async function setAsItIs(path: string, { mode }: BigIntStats): Promise<undefined> {
  await chmod(toPath(path), Number(mode) & 0o7777);
  return undefined;
}

/** Makes another one beside it, of the same kind, takes that to its place, and removes it there. */
async function putInPlace(path: string): Promise<void> {
  const other = `${path}.${randomBytes(6).toString("hex")}`;
  const isDirectory = statOf(path)?.isDirectory() === true;
  if (isDirectory) await mkdir(toPath(other)).catch(unlessOfSystem);
  else await writeFile(toPath(other), "", { flag: "wx" }).catch(unlessOfSystem);
  await rename(toPath(other), toPath(path)).catch(unlessOfSystem);
  for (const each of [other, path]) {
    if (isDirectory) await rmdir(toPath(each)).catch(unlessOfSystem);
    else await unlink(toPath(each)).catch(unlessOfSystem);
  }
}

/** Opening makes NFS ask its server for a file's attributes. */
async function reopen(path: string): Promise<void> {
  const file = await open(toPath(path), "r").catch(unlessOfSystem);
  await file?.close();
}

/** Reading a directory makes NFS forget which names were not in it. */
async function reread(directory: string): Promise<void> {
  await readdir(toPath(directory)).catch(unlessOfSystem);
}

/** The same as `isCreatable` for directories, the outermost first. */
async function remakeDirectories(path: string): Promise<void> {
  if (path === "/" || statOf(path) !== undefined) return;
  await remakeDirectories(parentOf(path));
  const isMade = await mkdir(toPath(path)).then(() => true, unlessOfSystem);
  if (isMade === true) await rmdir(toPath(path)).catch(unlessOfSystem);
}

/** Tries to create it: the server then says that it is there. If it is not, it is removed at once. */
async function isCreatable(path: string): Promise<boolean> {
  const file = await open(toPath(path), "wx", 0o600).catch(unlessOfSystem);
  if (file === undefined) return false;
  await file.close();
  await unlink(toPath(path)).catch(unlessOfSystem);
  return true;
}

/** What the system refuses is a look that showed nothing; the next one, or the time, decides. */
function unlessOfSystem(error: unknown): undefined {
  if (errnoOf(error) === undefined) throw error;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function describe({ path, stat }: CertifiedFile, at: string): string {
  const seen = statOf(at);
  const here = seen === undefined ? "nothing" : formatStat(seen.size, seen.mtimeNs);
  const there = stat === undefined ? "nothing" : formatStat(stat.sizeBytes, stat.mtimeNs);
  return `"${path}" is ${there} there and ${here} here (${mountOf(at)})`;
}

function formatStat(sizeBytes: bigint | number, mtimeNs: bigint): string {
  return `${sizeBytes.toString()} bytes of ${new Date(Number(mtimeNs / 1_000_000n)).toISOString()}`;
}

/** Type and options of the file system that a path is in, as the kernel lists them. */
function mountOf(path: string): string {
  const mounts = readFileSync("/proc/self/mounts", "latin1").split("\n");
  let best = { length: -1, text: "unknown file system" };
  for (const line of mounts) {
    const [, escaped = "", type = "", options = ""] = line.split(" ");
    const point = escaped.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isAbove = point === "/" || path === point || path.startsWith(`${point}/`);
    if (isAbove && point.length >= best.length) best = { length: point.length, text: `${type}, ${options}` };
  }
  return best.text;
}
