/** Control groups (version 2) of this machine, where we may make some: no process leaves one by itself. See cgroups(7). */

import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { errnoOf } from "./strerror.js";

/** A group for the processes of one job. */
export interface Cgroup {
  /** Puts a process in; what it starts from then on is in too. */
  add(pid: number): void;
  /** All that are in it. */
  members(): readonly number[];
  /** Kills all that are in it at once. */
  kill(): void;
  /** Takes it away, unless something runs on in it. */
  remove(): void;
}

/** A group of ours in which groups for jobs are made. */
export class CgroupHouse {
  readonly #path: string;
  readonly #left: Group[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** undefined: none can be made now. */
  open(name: string): Cgroup | undefined {
    for (const group of this.#left.splice(0)) this.#remove(group);
    const path = `${this.#path}/${name}`;
    if (!attempt(() => mkdirSync(path, { recursive: true }))) return undefined;
    const group = new Group(path);
    return {
      add: (pid) => group.add(pid),
      members: () => group.members(),
      kill: () => group.kill(),
      remove: () => this.#remove(group),
    };
  }

  close(): void {
    for (const group of this.#left.splice(0)) attempt(() => rmdirSync(group.path));
    attempt(() => rmdirSync(this.#path)); // not when something was left running in it
  }

  /** What a job leaves in the background keeps its group; it is tried again later. */
  #remove(group: Group): void {
    if (!attempt(() => rmdirSync(group.path))) this.#left.push(group);
  }
}

class Group {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  add(pid: number): void {
    attempt(() => writeFileSync(`${this.path}/cgroup.procs`, String(pid))); // it may have ended already
  }

  members(): readonly number[] {
    let text = "";
    attempt(() => (text = readFileSync(`${this.path}/cgroup.procs`, "latin1")));
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  }

  kill(): void {
    attempt(() => writeFileSync(`${this.path}/cgroup.kill`, "1"));
  }
}

const PREFIX = "mpmake-";

/** The place for groups of ours, below the group that we are in; undefined: there is none, or we may not. */
export function openCgroupHouse(): CgroupHouse | undefined {
  const own = ownGroup();
  if (own === undefined) return undefined;
  sweepLeftovers(own);
  const path = `${own}/${PREFIX}${String(process.pid)}`;
  return attempt(() => mkdirSync(path)) ? new CgroupHouse(path) : undefined;
}

/** The folder of the group that this process is in. */
function ownGroup(): string | undefined {
  let folder: string | undefined;
  attempt(() => {
    const [, inside] = /^0::(\/.*)$/m.exec(readFileSync("/proc/self/cgroup", "latin1")) ?? [];
    const mounts = readFileSync("/proc/self/mounts", "latin1");
    const [, mount] = /^\S+ (\S+) cgroup2 /m.exec(mounts) ?? [];
    if (inside !== undefined && mount !== undefined) folder = inside === "/" ? mount : `${mount}${inside}`;
  });
  return folder;
}

/** Empty groups of workers that were killed. */
function sweepLeftovers(own: string): void {
  attempt(() => {
    for (const name of readdirSync(own)) {
      if (!name.startsWith(PREFIX)) continue;
      for (const entry of readdirSync(`${own}/${name}`, { withFileTypes: true }))
        if (entry.isDirectory()) attempt(() => rmdirSync(`${own}/${name}/${entry.name}`));
      attempt(() => rmdirSync(`${own}/${name}`)); // a living worker's may go too while it is empty: see CgroupHouse.open
    }
  });
}

/** @returns whether it went well; what the system refuses is no error here */
function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
