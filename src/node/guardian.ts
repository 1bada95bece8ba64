/** A small process beside the worker that ends its jobs when it dies without having been able to: no recipe outlives its worker. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { CaptureRequest, Captured, Spawner, SpawnRequest, Started } from "../os/spawn.js";

/**
 * Keeps a list of jobs' marks, that it is told on its standard input (`+ MARK`, `- MARK`). When that ends with marks on the
 * list, the worker was killed: all processes that have one in their environment, wherever they fled, and their groups are
 * stopped at once, that they write no more, and killed; and again, until none is found. So is everything in their control groups,
 * which are in the folder $1 if there is one.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM
marks=' '
while read -r change mark; do
  case $change in
    +) marks="$marks$mark " ;;
    -) marks="\${marks%%" $mark "*} \${marks#*" $mark "}" ;;
  esac
done
house=$1
set --
for mark in $marks; do
  set -- "$@" -e "$mark"
  [ -z "$house" ] || echo 1 >"$house/\${mark#*=}/cgroup.kill"
done
[ $# -gt 0 ] || exit 0
for round in 1 2 3 4 5; do
  found=
  for file in $(grep -lzxF "$@" -- /proc/[0-9]*/environ); do
    pid=\${file#/proc/} pid=\${pid%/environ}
    read -r stat <"/proc/$pid/stat" && group=\${stat##*) } && group=\${group#* * } && group=\${group%% *}
    kill -STOP "$pid" "-$group"
    kill -KILL "$pid" "-$group"
    found=yes
  done
  [ "$found" ] || exit 0
done
`;

/** A spawner whose marked programs end when this process is killed. */
export class GuardedSpawner implements Spawner {
  readonly kind: Spawner["kind"];
  readonly #spawner: Spawner;
  readonly #marker: string;
  readonly #cgroups: string;
  readonly #marks = new Set<string>();
  #guardian: Guardian | undefined;

  /**
   * @param marker - the variable that marks a job's processes
   * @param cgroups - the folder of their control groups, which are named by the variable's value; undefined: there are none
   */
  constructor(spawner: Spawner, marker: string, cgroups: string | undefined) {
    this.kind = spawner.kind;
    this.#spawner = spawner;
    this.#marker = `${marker}=`;
    this.#cgroups = cgroups ?? "";
    this.#guardian = this.#start();
  }

  /** The guardian is told before the program starts: there is no moment in which it would be missed. */
  spawn(request: SpawnRequest): Started {
    const mark = request.environment.findLast((entry) => entry.startsWith(this.#marker));
    if (mark === undefined) return this.#spawner.spawn(request);
    this.#guardian ??= this.#start();
    this.#marks.add(mark);
    this.#guardian.stdin.write(`+ ${mark}\n`);
    const started = this.#spawner.spawn(request);
    void started.exit.then(() => {
      this.#marks.delete(mark);
      this.#guardian?.stdin.write(`- ${mark}\n`);
    });
    return started;
  }

  capture(request: CaptureRequest): Captured {
    return this.#spawner.capture(request);
  }

  /** One that dies is replaced when the next job starts; the new one is told of those that run. */
  #start(): Guardian {
    const guardian = spawn("/bin/sh", ["-c", SCRIPT, "sh", this.#cgroups], {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const forget = (): void => {
      if (this.#guardian === guardian) this.#guardian = undefined;
    };
    guardian.once("error", forget).once("exit", forget);
    guardian.stdin.on("error", forget);
    guardian.unref();
    if (guardian.stdin instanceof Socket) guardian.stdin.unref();
    for (const mark of this.#marks) guardian.stdin.write(`+ ${mark}\n`);
    return guardian;
  }
}

type Guardian = ChildProcessByStdio<Writable, null, null>;
