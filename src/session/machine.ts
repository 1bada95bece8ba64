/** The ports of one make invocation to this machine: files, processes, the console. */

import { toPath } from "../os/bytes.js";
import { DirectoryCache } from "../os/directory-cache.js";
import { MachineDisk } from "../os/disk.js";
import { MachineHost, type Spill } from "../os/host.js";
import { createSpawner, type Spawner } from "../os/spawn.js";
import { statSync } from "node:fs";
import type { Console } from "../observe/console.js";
import { environmentValue, type InvocationContext } from "./context.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";

export interface Machine {
  readonly host: MachineHost;
  readonly disk: MachineDisk;
  readonly cache: DirectoryCache;
}

export interface MachineRequest {
  readonly context: InvocationContext;
  /** Absolute. */
  readonly directory: string;
  readonly spawner: Spawner;
  /** Absolute. */
  readonly temporaryDirectory: string;
  readonly console: Console;
  /** Where `$(shell …)` writes its errors; our own stderr unless given. */
  readonly stderr?: () => number;
  readonly spill?: Spill | undefined;
}

/** Files and `$(shell …)` as seen from `directory`; one for each time the makefiles are read. */
export function openMachine(request: MachineRequest): Machine {
  const { context, directory, spawner, temporaryDirectory, console, stderr, spill } = request;
  const cache = new DirectoryCache(directory);
  const host = new MachineHost({
    directory,
    home: environmentValue(context.environment, "HOME"),
    cache,
    spawner,
    temporaryDirectory,
    stdin: context.stdin,
    get stderr() {
      return stderr?.() ?? context.stderr;
    },
    further: inheritedDescriptors(context),
    spill,
    print: (stream, text) => console.print(stream, text),
  });
  const disk = new MachineDisk({ directory, cache, complain: (text) => console.say(text) });
  return { host, disk, cache };
}

/** What starts programs; `MPMAKE_SPAWN` chooses how. */
export function openSpawner({ environment, launched }: InvocationContext, temporaryDirectory: string): Spawner {
  const wanted = environmentValue(environment, "MPMAKE_SPAWN");
  const backend = wanted === "koffi" || wanted === "node" ? wanted : undefined;
  return createSpawner({ backend, launched, temporaryDirectory });
}

export function isDirectory(path: string): boolean {
  return statSync(toPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
