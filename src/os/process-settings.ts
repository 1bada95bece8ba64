/** What processes inherit beside environment and descriptors: reading our own, and giving a program what it should have. */

import { readFileSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { type ProcessSettings, type ResourceLimit, UNLIMITED } from "../base/process-settings.js";
import { type NativeLibrary, SIGACTION_BYTES } from "./native.js";
import { executableIn } from "./search-path.js";
import { readIfPossible } from "./attempt.js";

/** The lines of /proc/PID/limits, in the order of Linux's numbers; see proc(5). */
const NAMES = [
  ...["cpu time", "file size", "data size", "stack size", "core file size", "resident set", "processes", "open files"],
  ...["locked memory", "address space", "file locks", "pending signals", "msgqueue size", "nice priority"],
  ...["realtime priority", "realtime timeout"],
];
const CORE_SIZE = 4;
const STACK_SIZE = 3;
const PROCESSES = 6;
const OPEN_FILES = 7;
const PENDING_SIGNALS = 11;
/** What a running process may have otherwise for a moment without harm: nothing that it does in that moment meets them. */
const HARMLESS: readonly number[] = [STACK_SIZE, CORE_SIZE, OPEN_FILES];
/** prlimit(1)'s names of the limits, by number. */
const OPTIONS = [
  ...["cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending"],
  ...["msgqueue", "nice", "rtprio", "rttime"],
];
const OOM_SCORE = "/proc/self/oom_score_adj";
const SIG_IGN = 1;
const LIMIT_BYTES = 16;

/** What was lost when Node started, and only its launcher could see. */
export interface Launched {
  readonly ignoredSignals: bigint;
  readonly blockedSignals?: bigint | undefined;
  /** The soft limit of open files, which Node raises to the hard one. */
  readonly openFiles?: bigint | undefined;
  /** Standard descriptors that were closed, in whose place Node has opened /dev/null. */
  readonly closed?: readonly number[];
  /** Descriptors above 2 that our caller left open, in order; Node closes them on exec. */
  readonly further?: readonly number[];
}

/**
 * Ours, as our caller gave them to us. The numbers of processes and of pending signals are told only when someone has changed them:
 * otherwise they follow from a machine's memory, half of kernel.threads-max.
 */
export function readProcessSettings({ ignoredSignals, blockedSignals = 0n, openFiles }: Launched): ProcessSettings {
  const limits = readLimits().map((limit) =>
    limit.resource === OPEN_FILES && openFiles !== undefined ? { ...limit, soft: openFiles } : limit,
  );
  const usual = BigInt(readIfPossible("/proc/sys/kernel/threads-max")?.trim() ?? 0) / 2n;
  const told = limits.filter(
    ({ resource, soft, hard }) =>
      (resource !== PROCESSES && resource !== PENDING_SIGNALS) || soft !== usual || hard !== usual,
  );
  return { limits: told, nice: getPriority(), oomScoreAdjust: readOomScore(), ignoredSignals, blockedSignals };
}

interface Ours {
  /** By number; none where there is no /proc. */
  readonly limits: ReadonlyMap<number, ResourceLimit>;
  readonly nice: number;
  readonly oomScore: number;
  readonly atMs: number;
}

let known: Ours | undefined;
/** Others seldom change what we have, and we change it only for a moment. */
const KNOWN_MS = 1000;

/** What this process has had of late. */
function ours(): Ours {
  const atMs = performance.now();
  if (known !== undefined && atMs - known.atMs <= KNOWN_MS) return known;
  const limits = new Map(readLimits().map((limit) => [limit.resource, limit]));
  known = { limits, nice: getPriority(), oomScore: readOomScore(), atMs };
  return known;
}

function readOomScore(): number {
  return Number(readIfPossible(OOM_SCORE) ?? 0);
}

function readLimits(): readonly ResourceLimit[] {
  const lines = (readIfPossible("/proc/self/limits") ?? "").split("\n");
  return NAMES.flatMap((name, resource) => {
    const line = lines.find((one) => one.startsWith(`Max ${name} `));
    const [soft, hard] = line?.slice(`Max ${name} `.length).trim().split(/\s+/) ?? [];
    return soft === undefined || hard === undefined ? [] : [{ resource, soft: valueOf(soft), hard: valueOf(hard) }];
  });
}

function valueOf(word: string): bigint {
  return word === "unlimited" ? UNLIMITED : BigInt(word);
}

/** How many files this process may have open: its descriptors are below. */
export function openFilesOfOurs(): number {
  const limit = readLimits().find(({ resource }) => resource === OPEN_FILES);
  return limit === undefined || limit.soft === UNLIMITED ? Number.POSITIVE_INFINITY : Number(limit.soft);
}

/** The limit of open files with this soft one, as programs that we start are to have it; none when it is ours already. */
export function openFilesLimit(soft: bigint): readonly ResourceLimit[] {
  const limit = readLimits().find(({ resource }) => resource === OPEN_FILES);
  return limit === undefined || limit.soft === soft || soft > limit.hard ? [] : [{ ...limit, soft }];
}

/** How a program gets its settings: by what we are for the moment in which it starts, and by words before its own. */
export interface Entry {
  /** Programs that change themselves and then become what their arguments say. */
  readonly words: readonly string[];
  /** What is to be set, for that moment. */
  readonly limits: readonly ResourceLimit[];
  readonly oomScoreAdjust: number | undefined;
  readonly ignoredSignals: bigint;
}

/**
 * What it takes to start a program with these settings. No hard limit can be more than ours, no priority higher, no score lower:
 * what asks for more gets what we have.
 *
 * @param harmless - limits that can be set in this process for the moment; the others take a word
 */
export function planEntry(settings: ProcessSettings, harmless: readonly number[] = HARMLESS): Entry {
  const { limits: own, nice, oomScore } = ours();
  const wanted = settings.limits.flatMap((limit) => {
    const before = own.get(limit.resource);
    if (before === undefined) return [];
    const hard = smaller(limit.hard, before.hard);
    const soft = smaller(limit.soft, hard);
    return soft === before.soft && hard === before.hard ? [] : [{ resource: limit.resource, soft, hard }];
  });
  const inPlace = wanted.filter(
    ({ resource, hard }) => harmless.includes(resource) && hard === own.get(resource)?.hard,
  );
  const rest = wanted.filter((limit) => !inPlace.includes(limit));
  const score = Math.max(settings.oomScoreAdjust, oomScore);
  return {
    words: [...niceWords(settings.nice - nice), ...prlimitWords(rest)],
    limits: inPlace,
    oomScoreAdjust: score === oomScore ? undefined : score,
    ignoredSignals: settings.ignoredSignals,
  };
}

function niceWords(difference: number): readonly string[] {
  const path = difference > 0 ? executableIn("nice") : undefined;
  return path === undefined ? [] : [path, "-n", String(difference), "--"];
}

function prlimitWords(limits: readonly ResourceLimit[]): readonly string[] {
  const path = limits.length > 0 ? executableIn("prlimit") : undefined;
  if (path === undefined) return [];
  const options = limits.map(
    ({ resource, soft, hard }) => `--${OPTIONS[resource] ?? ""}=${wordOf(soft)}:${wordOf(hard)}`,
  );
  return [path, ...options, "--"];
}

function wordOf(value: bigint): string {
  return value === UNLIMITED ? "unlimited" : String(value);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Does `work` while this process is as `entry` wants it, and then is itself again. */
export function entering<T>({ calls }: NativeLibrary, entry: Entry, work: () => T): T {
  const undo: (() => void)[] = [];
  try {
    for (const limit of entry.limits) undo.push(setLimit(calls, limit));
    if (entry.ignoredSignals !== 0n) undo.push(...ignoreSignals(calls, entry.ignoredSignals));
    if (entry.oomScoreAdjust !== undefined) undo.push(setScore(entry.oomScoreAdjust));
    return work();
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

function setLimit(calls: NativeLibrary["calls"], { resource, soft, hard }: ResourceLimit): () => void {
  const [wanted, before] = [Buffer.alloc(LIMIT_BYTES), Buffer.alloc(LIMIT_BYTES)];
  wanted.writeBigUInt64LE(soft, 0);
  wanted.writeBigUInt64LE(hard, 8);
  calls.prlimit(0, resource, wanted, before);
  return () => void calls.prlimit(0, resource, before, null);
}

function ignoreSignals(calls: NativeLibrary["calls"], signals: bigint): readonly (() => void)[] {
  const undo: (() => void)[] = [];
  for (let signal = 1; signal < 65; signal++)
    if (((signals >> BigInt(signal - 1)) & 1n) === 1n) undo.push(ignoreSignal(calls, signal));
  return undo;
}

function ignoreSignal(calls: NativeLibrary["calls"], signal: number): () => void {
  const before = Buffer.alloc(SIGACTION_BYTES);
  if (calls.sigaction(signal, null, before) !== 0) return () => undefined; // not one that can be ignored
  calls.signal(signal, SIG_IGN);
  return () => void calls.sigaction(signal, before, null);
}

function setScore(score: number): () => void {
  const before = readFileSync(OOM_SCORE, "latin1");
  writeFileSync(OOM_SCORE, String(score));
  return () => writeFileSync(OOM_SCORE, before);
}
