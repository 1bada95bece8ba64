/** Finding and ending whole families of processes, also those that left their group; by /proc, so on Linux alone. */

import { readdirSync } from "node:fs";
import type { Cgroup } from "./cgroup.js";
import { readProcFile } from "./proc.js";
import { errnoOf } from "./strerror.js";

/** A process, told from a later one of the same number by its start time. */
export interface ProcessRef {
  readonly pid: number;
  /** In clock ticks since the machine started. */
  readonly started: string;
}

interface ProcessStat extends ProcessRef {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly state: string;
}

/** What is to be ended: these processes, everything in these groups and sessions, and all their descendants. */
export interface Family {
  readonly roots: readonly number[];
  /** Groups that the roots lead; 0 and 1 are ignored. */
  readonly groups: readonly number[];
  /** `NAME=value`: processes that have it in their environment belong to it too. */
  readonly marker?: string;
  /** Everything in it belongs to the family, and it is by its group that what will not end is killed. */
  readonly cgroup?: Cgroup;
}

/** What ending a family came to: processes that were there and are gone, and those that would not go. */
export interface Sweep {
  readonly ended: number;
  readonly left: number;
}

/** All processes at one moment. What one was started with is read when it is first asked for. */
class Look {
  readonly all: readonly ProcessStat[] = listProcesses();
  readonly #environments = new Map<number, string>();

  isMarked(pid: number, marker: string): boolean {
    const environment = this.#environments.get(pid) ?? `\0${readProcFile(pid, "environ") ?? ""}`;
    this.#environments.set(pid, environment);
    return environment.includes(`\0${marker}\0`);
  }
}

let coming: Promise<Look> | undefined;

/** One that is taken after this was called, for all who call in the same turn of the loop: hundreds of families may have to end at once. */
function nextLook(): Promise<Look> {
  coming ??= new Promise((resolve) =>
    setImmediate(() => {
      coming = undefined;
      resolve(new Look());
    }),
  );
  return coming;
}

/** The living processes of several families, zombies left out, at one look; nothing is looked at where control groups say all. */
export function membersOfEach(families: readonly Family[]): readonly (readonly { readonly pid: number }[])[] {
  if (families.every(({ cgroup }) => cgroup !== undefined))
    return families.map(({ cgroup }) => (cgroup?.members() ?? []).map((pid) => ({ pid })));
  const look = new Look();
  return families.map((family) => membersAmong(look, family));
}

function membersAmong(look: Look, family: Family): readonly ProcessRef[] {
  const { all } = look;
  const groups = new Set(family.groups.filter((group) => group > 1));
  const found = new Set<number>([...family.roots, ...(family.cgroup?.members() ?? [])]);
  for (const process of all) {
    if (groups.has(process.group) || groups.has(process.session)) found.add(process.pid);
    else if (family.marker !== undefined && look.isMarked(process.pid, family.marker)) found.add(process.pid);
  }
  const children = new Map<number, ProcessStat[]>();
  for (const process of all) {
    const siblings = children.get(process.parent);
    if (siblings === undefined) children.set(process.parent, [process]);
    else siblings.push(process);
  }
  // A Set may grow while it is walked: what is added is walked too.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid);
  return all.filter((process) => found.has(process.pid) && process.state !== "Z" && process.state !== "X");
}

/** The process that has this number now; undefined: there is none. */
export function processOf(pid: number): ProcessRef | undefined {
  const stat = readStat(pid);
  return stat && { pid, started: stat.started };
}

/** Whether a process is another, or was started below it by processes that still live. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  let at = pid;
  for (let steps = 0; steps < MAX_DEPTH && at > 1; steps++) {
    if (at === ancestor) return true;
    at = readStat(at)?.parent ?? 0;
  }
  return false;
}

/** Deeper than any recipe's processes are. */
const MAX_DEPTH = 256;

/** The process group that we are in. */
export function ownGroup(): number {
  return groupOf({ pid: process.pid });
}

/** Whether a process still runs; a zombie does not. */
export function isRunning({ pid, started }: ProcessRef): boolean {
  const stat = readStat(pid);
  return stat?.started === started && stat.state !== "Z" && stat.state !== "X";
}

/** Sends a signal to those that still run. */
function signalAll(processes: readonly ProcessRef[], signal: number): void {
  for (const ref of processes) if (isRunning(ref)) sendSignal(ref.pid, signal);
}

/** Sends a signal to a process, or to a group when negative. @returns false when there was none */
function sendSignal(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ESRCH" || errno === "EPERM") return false; // gone, or become another user's
    throw error;
  }
}

const SIGKILL = 9;
const SIGCONT = 18;
const LOOK_AGAIN_MS = 20;
/** One that hangs in the kernel outlives SIGKILL: it is given up after so long. */
const GIVE_UP_MS = 5000;

/**
 * Ends a family: `signal` in the next turn of the loop (and SIGCONT, lest a stopped one sleep on), SIGKILL for those that outlive the grace.
 * Resolves when none is left, or some will not end in any way.
 */
export async function endFamily(
  family: Family,
  { signal, graceMs }: { readonly signal: number; readonly graceMs: number },
): Promise<Sweep> {
  let members = membersAmong(await nextLook(), family);
  const seen = new Set(members.map(keyOf));
  for (const group of family.groups) if (group > 1) sendSignal(-group, signal);
  signalAll(
    members.filter((member) => !family.groups.includes(groupOf(member))),
    signal,
  );
  signalAll(members, SIGCONT);
  const deadline = performance.now() + (signal === SIGKILL ? 0 : graceMs);
  for (;;) {
    members = await stillThere(members, family);
    for (const member of members) seen.add(keyOf(member));
    const lateMs = performance.now() - deadline;
    if (members.length === 0 || lateMs > GIVE_UP_MS) return { ended: seen.size - members.length, left: members.length };
    if (lateMs >= 0) killAll(members, family.cgroup);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function keyOf({ pid, started }: ProcessRef): string {
  return `${String(pid)} ${started}`;
}

function killAll(members: readonly ProcessRef[], cgroup: Cgroup | undefined): void {
  cgroup?.kill();
  signalAll(members, SIGKILL);
}

/** Those that are left, and what they started since. */
async function stillThere(members: readonly ProcessRef[], family: Family): Promise<readonly ProcessRef[]> {
  const left = members.filter(isRunning);
  const mayHaveMore = left.length > 0 || family.marker !== undefined || family.cgroup !== undefined;
  if (!mayHaveMore && !family.groups.some((group) => group > 1 && sendSignal(-group, 0))) return [];
  return membersAmong(await nextLook(), { ...family, roots: left.map(({ pid }) => pid) });
}

function groupOf({ pid }: Pick<ProcessRef, "pid">): number {
  return readStat(pid)?.group ?? 0;
}

function listProcesses(): readonly ProcessStat[] {
  const processes: ProcessStat[] = [];
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat !== undefined) processes.push(stat);
  }
  return processes;
}

/** The fields of /proc/PID/stat that count here; see proc(5). The name stands in parentheses and may hold any character. */
function readStat(pid: number): ProcessStat | undefined {
  const text = readProcFile(pid, "stat");
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "X", parent, group, session] = fields;
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: fields[19] ?? "",
  };
}
