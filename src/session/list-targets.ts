/** The targets of a directory's makefile, for completion: read, nothing made. */

import { MakefileError } from "../base/location.js";
import { Console } from "../observe/console.js";
import { isPattern } from "../makefile/pattern.js";
import type { InvocationContext } from "./context.js";
import { HostError } from "../makefile/host.js";
import { openMachine, openSpawner, temporaryDirectory } from "./machine.js";
import { readMakefiles } from "./reading.js";
import { StdinFile } from "./stdin-file.js";
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
  const machine = openMachine(context, context.directory, openSpawner(context), console);
  const stdinFile = new StdinFile(context.stdin, temporaryDirectory(context)).path;
  try {
    const reading = readMakefiles({ context, switches, machine, console, operands: [], restarts: 0, level: 0, stdinFile });
    return [...reading.rules.explicit.targets()].filter((name) => !isPattern(name) && !/^\.[A-Z_]+$/.test(name));
  } catch (error) {
    if (error instanceof MakefileError || error instanceof HostError) return [];
    throw error;
  }
}
