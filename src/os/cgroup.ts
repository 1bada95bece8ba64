/** Control groups of Linux, version 2: what is in one can be told and ended whole, whoever started it and wherever it fled. See cgroups(7). */

import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { attempt, readIfPossible } from "./attempt.js";

/** A group for the processes of one job. */
export interface Cgroup {
  /** Of its folder in the house. */
  readonly name: string;
  /** Starts something in it. We are in it ourselves meanwhile: put in later, a program would have started others by then. */
  within<T>(start: () => T): T;
  /** All that are in it, but not this process. */
  members(): readonly number[];
  /** Kills all that are in it at once. */
  kill(): void;
  /** The job is over: what runs on in it keeps it, else it is there for the next one. */
  release(): void;
}

/** Empty groups that are kept for jobs to come. */
const MAX_FREE = 64;

/**
 * A group of ours in which groups for jobs are made. To change the group of a process may take the kernel 10 ms. So this process stays
 * in the group of the job that it started last, and the next job has that one if it is empty: started one by one, jobs cost no change.
 */
export class CgroupHouse {
  /** The folder that holds the groups' folders. */
  readonly path: string;
  readonly #own: Group;
  /** Where this process is now; undefined: in its own. */
  #here: Group | undefined;
  #free: Group[] = [];
  /** Something was left running in these. */
  #left: Group[] = [];
  #made = 0;
  /** The kernel let us make or enter none lately: each start is followed by a return. */
  #isUnsure = false;

  /** @param own - the folder of the group that we are in ourselves */
  constructor(path: string, own: string) {
    this.path = path;
    this.#own = new Group("", own);
  }

  /** undefined: none can be made now. */
  open(): Cgroup | undefined {
    this.#tryAgain();
    const group = this.#take() ?? this.#make();
    if (group === undefined) {
      this.#isUnsure = true;
      this.leave();
      return undefined;
    }
    return {
      name: group.name,
      within: (start) => this.#within(group, start),
      members: () => group.members(),
      kill: () => this.#kill(group),
      release: () => this.#release(group),
    };
  }

  /** Goes back to our own group: what is started now belongs to no job. @throws ErrnoException */
  leave(): void {
    if (this.#here === undefined) return;
    this.#own.enter();
    this.#here = undefined;
  }

  close(): void {
    attempt(() => this.leave());
    for (const group of [...this.#left, ...this.#free]) attempt(() => rmdirSync(group.path));
    attempt(() => rmdirSync(this.path)); // not when something was left running in it
  }

  /** An empty one, best of all that in which we are. */
  #take(): Group | undefined {
    const group = this.#free.find((free) => free === this.#here) ?? this.#free.at(-1);
    this.#free = this.#free.filter((free) => free !== group);
    return group;
  }

  #make(): Group | undefined {
    const name = String(++this.#made);
    const group = new Group(name, `${this.path}/${name}`);
    return succeeds(() => group.make()) ? group : undefined;
  }

  #within<T>(group: Group, start: () => T): T {
    if (this.#here !== group && !this.#enter(group)) {
      this.leave();
      return start();
    }
    try {
      return start();
    } finally {
      if (this.#isUnsure) this.leave();
    }
  }

  /** Another worker may have taken it for a leftover while it was empty. */
  #enter(group: Group): boolean {
    const isIn =
      succeeds(() => group.enter()) ||
      succeeds(() => {
        group.make();
        group.enter();
      });
    if (isIn) this.#here = group;
    else this.#isUnsure = true;
    return isIn;
  }

  #kill(group: Group): void {
    if (this.#here === group) this.leave();
    group.kill();
  }

  #release(group: Group): void {
    if (!group.isEmpty()) this.#left.push(group);
    else if (this.#here === group || this.#free.length < MAX_FREE) this.#free.push(group);
    else if (!succeeds(() => rmdirSync(group.path)) && existsSync(group.path)) this.#left.push(group);
  }

  #tryAgain(): void {
    const left = this.#left;
    if (left.length === 0) return;
    this.#left = [];
    for (const group of left) this.#release(group);
  }
}

class Group {
  readonly name: string;
  readonly path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }

  /** @throws ErrnoException */
  make(): void {
    mkdirSync(this.path, { recursive: true });
  }

  /** Puts this process in. @throws ErrnoException */
  enter(): void {
    writeFileSync(`${this.path}/cgroup.procs`, "0");
  }

  members(): readonly number[] {
    return (readIfPossible(`${this.path}/cgroup.procs`) ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map(Number)
      .filter((pid) => pid !== process.pid);
  }

  /** Whether nobody but us is in it, and in no group that a job has made in it: a folder without folders has two links. */
  isEmpty(): boolean {
    if (this.members().length > 0) return false;
    return (attempt(() => statSync(this.path))?.nlink ?? 2) <= 2;
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
      attempt(() => rmdirSync(`${own}/${name}`)); // a living worker's may go too while it is empty: see CgroupHouse
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
