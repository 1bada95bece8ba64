/** Control groups (version 2) of this machine, where we may make some: no process leaves one by itself. See cgroups(7). */

import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { attempt, readIfPossible } from "./attempt.js";

/** A group for the processes of one job. */
export interface Cgroup {
  /** Starts something in it. We are in it ourselves meanwhile: put in later, a program would have started others by then. */
  within<T>(start: () => T): T;
  /** All that are in it. */
  members(): readonly number[];
  /** Kills all that are in it at once. */
  kill(): void;
  /** Takes it away, unless something runs on in it. */
  remove(): void;
}

/** A group of ours in which groups for jobs are made. */
export class CgroupHouse {
  /** The folder that holds a folder for each job. */
  readonly path: string;
  readonly #own: Group;
  readonly #left: Group[] = [];

  /** @param own - the folder of the group that we are in ourselves */
  constructor(path: string, own: string) {
    this.path = path;
    this.#own = new Group(own);
  }

  /** undefined: none can be made now. */
  open(name: string): Cgroup | undefined {
    for (const group of this.#left.splice(0)) this.#remove(group);
    const path = `${this.path}/${name}`;
    if (!succeeds(() => mkdirSync(path, { recursive: true }))) return undefined;
    const group = new Group(path);
    return {
      within: (start) => this.#within(group, start),
      members: () => group.members(),
      kill: () => group.kill(),
      remove: () => this.#remove(group),
    };
  }

  close(): void {
    for (const group of this.#left.splice(0)) attempt(() => rmdirSync(group.path));
    attempt(() => rmdirSync(this.path)); // not when something was left running in it
  }

  #within<T>(group: Group, start: () => T): T {
    if (!succeeds(() => group.enter())) return start();
    try {
      return start();
    } finally {
      this.#own.enter();
    }
  }

  /** What a job leaves in the background keeps its group; it is tried again later. */
  #remove(group: Group): void {
    if (!succeeds(() => rmdirSync(group.path)) && existsSync(group.path)) this.#left.push(group);
  }
}

class Group {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Puts this process in. @throws ErrnoException */
  enter(): void {
    writeFileSync(`${this.path}/cgroup.procs`, "0");
  }

  members(): readonly number[] {
    return (readIfPossible(`${this.path}/cgroup.procs`) ?? "")
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
  return succeeds(() => mkdirSync(path)) ? new CgroupHouse(path, own) : undefined;
}

/** The folder of the group that this process is in. */
function ownGroup(): string | undefined {
  const [, inside] = /^0::(\/.*)$/m.exec(readIfPossible("/proc/self/cgroup") ?? "") ?? [];
  const [, mount] = /^\S+ (\S+) cgroup2 /m.exec(readIfPossible("/proc/self/mounts") ?? "") ?? [];
  if (inside === undefined || mount === undefined) return undefined;
  return inside === "/" ? mount : `${mount}${inside}`;
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

function succeeds(work: () => unknown): boolean {
  return (
    attempt(() => {
      work();
      return true;
    }) ?? false
  );
}
