/** A small process beside whoever runs jobs that ends them when that one is killed: no recipe outlives its worker, or a make that is a node itself. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { attempt } from "./attempt.js";
import { toPath } from "./bytes.js";
import type { Cgroup, CgroupHouse } from "./cgroup.js";
import { ownGroup } from "./process-tree.js";
import { temporaryName } from "./temporary.js";

/**
 * Waits for the end of its standard input, which is its starter's, and reads the marks of the jobs that ran then in descriptor 3. If
 * there are any, that one was killed: all processes that have one in their environment, wherever they fled, and their groups are
 * stopped at once, that they write no more, and killed; and again, until none is found. The group $2 is the starter's own: at a
 * terminal its recipes are in it, but others, too. So is everything in their control groups: a mark may be followed by `group=` and a
 * folder's name in the folder $1. The folder $3, if there is one, was its starter's, and goes in any case.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM
read -r word
marks=$(cat <&3)
house=$1 ours=$2
[ -z "$3" ] || rm -rf -- "$3"
set --
for mark in $marks; do
  case $mark in
    group=*) echo 1 >"$house/\${mark#group=}/cgroup.kill" ;;
    *) set -- "$@" -e "$mark" ;;
  esac
done
[ $# -gt 0 ] || exit 0
for round in 1 2 3 4 5; do
  found=
  for file in $(grep -lzxF "$@" -- /proc/[0-9]*/environ); do
    pid=\${file#/proc/} pid=\${pid%/environ}
    read -r stat <"/proc/$pid/stat" || continue
    group=\${stat##*) } && group=\${group#* * } && group=\${group%% *}
    if [ "$group" = "$ours" ]; then whole=; else whole=-$group; fi
    kill -STOP "$pid" $whole
    kill -KILL "$pid" $whole
    found=yes
  done
  [ "$found" ] || exit 0
done
`;

export interface GuardianOptions {
  /** Where the jobs' control groups are; undefined: there are none. */
  readonly cgroups: CgroupHouse | undefined;
  readonly temporaryDirectory: string;
  /** A folder that is to be gone when this process is; it need not be there. */
  readonly leavings?: string;
}

/** Ends marked processes when this one is killed. */
export class Guardian {
  readonly #options: GuardianOptions;
  #marks: MarkFile | undefined;
  #process: ChildProcess | undefined;

  constructor(options: GuardianOptions) {
    this.#options = options;
  }

  /**
   * To be called before the first process that has `mark`, `NAME=value`, in its environment is started.
   *
   * @param group - of the same processes
   * @returns what is to be called when those that are left may stay
   * @throws ErrnoException
   */
  watch(mark: string, group: Cgroup | undefined): () => void {
    this.#marks ??= new MarkFile(this.#options.temporaryDirectory);
    this.#process ??= this.#start(this.#marks.fd);
    return this.#marks.write(group === undefined ? mark : `${mark} group=${group.name}`);
  }

  /** To be called when no job runs any more. Resolves when the small process is gone. */
  async close(): Promise<void> {
    const guardian = this.#process;
    this.#marks?.close();
    this.#marks = undefined;
    if (guardian === undefined) return;
    guardian.ref();
    await new Promise<void>((resolve) => {
      guardian.once("exit", () => resolve()).once("error", () => resolve());
      guardian.stdin?.end();
    });
  }

  /** One that dies is replaced when the next job starts. Of our environment it has nothing: it is no job's, even where we are. */
  #start(marks: number): ChildProcess {
    const { cgroups, leavings = "" } = this.#options;
    cgroups?.leave();
    const guardian = spawn("/bin/sh", ["-c", SCRIPT, "sh", cgroups?.path ?? "", String(ownGroup()), leavings], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: ["pipe", "ignore", "ignore", marks],
    });
    const forget = (): void => {
      if (this.#process === guardian) this.#process = undefined;
    };
    guardian.once("error", forget).once("exit", forget);
    guardian.unref();
    const { stdin } = guardian;
    stdin?.on("error", forget);
    if (stdin instanceof Socket) stdin.unref();
    return guardian;
  }
}

const IN_MEMORY = "/dev/shm";
const MARK_BYTES = 80;
const NO_MARK = "\n".padStart(MARK_BYTES);

/** A file without a name and without marks. @throws ErrnoException */
function openMarks(directory: string): number {
  const path = toPath(temporaryName(directory, "mpmake-marks-"));
  const fd = openSync(path, "wx+", 0o600);
  try {
    rmSync(path);
    writeSync(fd, NO_MARK.repeat(64), 0); // room for as many, should there be none later
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Marks in a file that has no name: writing one wakes nobody, and it is there when this process is not. */
class MarkFile {
  readonly fd: number;
  readonly #free: number[] = [];
  #slots = 0;
  #isOpen = true;

  /** In memory, where there is a place for that: a disk that is full keeps no job from running. @throws ErrnoException */
  constructor(directory: string) {
    this.fd = attempt(() => openMarks(IN_MEMORY)) ?? openMarks(directory);
  }

  /** @returns what takes it away. @throws ErrnoException */
  write(mark: string): () => void {
    const slot = this.#free.pop() ?? this.#slots++;
    try {
      this.#put(slot, `${mark}\n`.padStart(MARK_BYTES));
    } catch (error) {
      this.#free.push(slot);
      throw error;
    }
    return () => {
      if (!this.#isOpen) return;
      this.#put(slot, NO_MARK);
      this.#free.push(slot);
    };
  }

  close(): void {
    this.#isOpen = false;
    closeSync(this.fd);
  }

  #put(slot: number, text: string): void {
    if (text.length !== MARK_BYTES) throw new Error("internal error: a mark that is too long");
    writeSync(this.fd, text, slot * MARK_BYTES, "latin1");
  }
}
