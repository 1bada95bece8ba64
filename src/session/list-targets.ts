/** The targets of a directory's makefile, for completion: read, nothing made. */

import { MakefileError } from "../base/location.js";
import { Console } from "../observe/console.js";
import { inOneGo } from "../makefile/waits.js";
import { isPattern } from "../makefile/pattern.js";
import type { InvocationContext } from "./context.js";
import { HostError } from "../makefile/host.js";
import { openMachine, openSpawner } from "./machine.js";
import { readMakefiles } from "./reading.js";
import { StdinFile } from "./stdin-file.js";
import { findTemporaryDirectory } from "./temporary-directory.js";
import { Switches } from "./switches.js";

/** Names that a user may ask for; none when the makefile cannot be read. */
export function listTargets(context: InvocationContext): readonly string[] {
  const switches = new Switches();
  const console = new Console({
    program: "mpmake",
    directory: context.directory,
    sink: { write: () => undefined },
    tellsDirectory: () => false,
    debugLevels: () => new Set(),
    directoryPrefix: () => "",
  });
  const { directory, environment } = context;
  const temporary = findTemporaryDirectory(environment, directory);
  const temporaryDirectory = temporary.path;
  const spawner = openSpawner(context, temporaryDirectory);
  const machine = openMachine({ context, directory, spawner, temporaryDirectory, console });
  const stdinFile = new StdinFile(context.stdin, temporary.path).path;
  try {
    const reading = inOneGo(
      readMakefiles({
        context,
        switches,
        machine,
        console,
        operands: [],
        restarts: 0,
        level: 0,
        stdinFile,
        waits: undefined,
      }),
    );
    return [...reading.rules.explicit.targets()].filter((name) => !isPattern(name) && !/^\.[A-Z_]+$/.test(name));
  } catch (error) {
    if (error instanceof MakefileError || error instanceof HostError) return [];
    throw error;
  }
}
