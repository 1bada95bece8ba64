/** The ports of one make invocation to this machine: files, processes, the console. */

import { resolveIn, toPath } from "../os/bytes.js";
import { DirectoryCache } from "../os/directory-cache.js";
import { MachineDisk } from "../os/disk.js";
import { MachineHost } from "../os/host.js";
import { createSpawner, type Spawner } from "../os/spawn.js";
import { statSync } from "node:fs";
import type { Console } from "../observe/console.js";
import { environmentValue, type InvocationContext } from "./context.js";

export interface Machine {
  readonly host: MachineHost;
  readonly disk: MachineDisk;
  readonly cache: DirectoryCache;
}

/** Files and `$(shell …)` as seen from `directory`; one for each time the makefiles are read. */
export function openMachine(
  context: InvocationContext,
  directory: string,
  spawner: Spawner,
  console: Console,
): Machine {
  const cache = new DirectoryCache(directory);
  const host = new MachineHost({
    directory,
    home: environmentValue(context.environment, "HOME"),
    cache,
    spawner,
    stdin: context.stdin,
    stderr: context.stderr,
    print: (stream, text) => console.write(stream, text),
  });
  const disk = new MachineDisk({ directory, cache, complain: (text) => console.say(text) });
  return { host, disk, cache };
}

/** What starts programs; `MPMAKE_SPAWN` chooses how. */
export function openSpawner(context: InvocationContext): Spawner {
  const { environment, ignoredSignals } = context;
  const wanted = environmentValue(environment, "MPMAKE_SPAWN");
  const backend = wanted === "koffi" || wanted === "node" ? wanted : undefined;
  return createSpawner({ backend, ignoredSignals, temporaryDirectory: temporaryDirectory(context) });
}

/** MAKE_TMPDIR, TMPDIR or /tmp: the first that is a directory. Absolute. */
export function temporaryDirectory({ environment, directory }: InvocationContext): string {
  for (const name of ["MAKE_TMPDIR", "TMPDIR"]) {
    const named = environmentValue(environment, name) ?? "";
    if (named !== "" && isDirectory(resolveIn(directory, named))) return resolveIn(directory, named);
  }
  return "/tmp";
}

export function isDirectory(path: string): boolean {
  return statSync(toPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
