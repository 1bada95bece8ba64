/** What runs recipes on this machine, with their output where the switches want it. */

import { LocalRunner, type LocalOutput } from "../exec/local.js";
import { OutputSync } from "../exec/output-sync.js";
import type { Console } from "../observe/console.js";
import type { Jobserver } from "../os/jobserver.js";
import { OutputLock } from "../os/output-lock.js";
import type { Spawner } from "../os/spawn.js";
import { StdinShare } from "../os/stdin.js";
import { recipeGroup } from "../os/terminal.js";
import type { InvocationContext } from "./context.js";
import type { Switches } from "./switches.js";

export interface RecipeRunnerRequest {
  readonly context: InvocationContext;
  readonly switches: Switches;
  readonly console: Console;
  readonly spawner: Spawner;
  readonly jobserver: Jobserver | undefined;
  readonly slots: number;
  readonly temporaryDirectory: string;
  /** A live status line needs all output to pass through us. */
  readonly passesThrough: boolean;
}

export interface RecipeRunner {
  readonly local: LocalRunner;
  /** `-O` in force. */
  readonly sync: OutputSync | undefined;
  close(): void;
}

/** Opens what lines run with: standard input shared, output as -O says. @throws MakefileError for an unknown -O type */
export function openRecipeRunner(request: RecipeRunnerRequest): RecipeRunner {
  const { context, switches, console, spawner, jobserver, slots, temporaryDirectory } = request;
  const mode = slots > 1 ? switches.outputSync : "none";
  const lock = mode === "none" ? undefined : openLock(switches, temporaryDirectory);
  const sync = mode === "none" || lock === undefined ? undefined : openSync(mode, lock, request);
  if (sync !== undefined) console.useGroups((job) => sync.of(job), sync.mode !== "recurse");
  const stdin = new StdinShare(context.stdin, temporaryDirectory);
  const local = new LocalRunner({
    spawner,
    stdin,
    output: outputOf(request, sync),
    group: recipeGroup(),
    jobserverFds: jobserver?.inherited,
    prepare: () => jobserver?.open(),
    nowMs: () => Date.now(),
  });
  const close = (): void => {
    stdin.close();
    lock?.close();
  };
  return { local, sync, close };
}

/** The lock of the make above us, or a new one, which those below us are told of. */
function openLock(switches: Switches, temporaryDirectory: string): OutputLock {
  const inherited = switches.value("syncMutex");
  const lock = (inherited === undefined ? undefined : OutputLock.join(inherited)) ?? OutputLock.create(temporaryDirectory);
  switches.setValue("syncMutex", lock.argument);
  return lock;
}

function openSync(mode: OutputSync["mode"], lock: OutputLock, request: RecipeRunnerRequest): OutputSync {
  const { stdout, stderr } = request.context;
  const { temporaryDirectory, console } = request;
  return new OutputSync({ mode, stdout, stderr, temporaryDirectory, lock, around: console.aroundGroup });
}

function outputOf({ context, temporaryDirectory, passesThrough }: RecipeRunnerRequest, sync: OutputSync | undefined): LocalOutput {
  if (sync !== undefined) return { kind: "sync", sync };
  if (passesThrough) return { kind: "events", merged: true, temporaryDirectory };
  return { kind: "inherit", stdout: context.stdout, stderr: context.stderr };
}
