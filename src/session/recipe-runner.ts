/** What runs recipes on this machine, with their output where the switches want it. */

import { LocalRunner, type LocalOutput } from "../exec/local.js";
import type { OutputSync } from "../exec/output-sync.js";
import type { Jobserver } from "../os/jobserver.js";
import type { Spawner } from "../os/spawn.js";
import { StdinShare } from "../os/stdin.js";
import { recipeGroup } from "../os/terminal.js";
import type { InvocationContext } from "./context.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import type { OutputPace } from "./text-output.js";

export interface RecipeRunnerRequest {
  readonly context: InvocationContext;
  readonly spawner: Spawner;
  readonly jobserver: Jobserver | undefined;
  /** `-O` in force. */
  readonly sync: OutputSync | undefined;
  readonly temporaryDirectory: string;
  /** `--debug=jobs` */
  readonly tellsProcesses: boolean;
  /** A live status line needs all output to pass through us. */
  readonly passesThrough: boolean;
  readonly pace: OutputPace;
}

export interface RecipeRunner {
  readonly local: LocalRunner;
  close(): void;
}

/** Opens what lines run with: standard input shared, output as -O says. */
export function openRecipeRunner(request: RecipeRunnerRequest): RecipeRunner {
  const { context, spawner, jobserver, temporaryDirectory } = request;
  const stdin = new StdinShare(context.stdin, temporaryDirectory);
  const local = new LocalRunner({
    spawner,
    stdin,
    output: outputOf(request),
    group: recipeGroup(),
    jobserverFds: jobserver?.inherited,
    further: inheritedDescriptors(context),
    tellsProcesses: request.tellsProcesses,
    behind: request.pace.behind,
    prepare: () => jobserver?.open(),
    nowMs: () => Date.now(),
  });
  const close = (): void => {
    stdin.close();
  };
  return { local, close };
}

function outputOf({ context, sync, temporaryDirectory, passesThrough }: RecipeRunnerRequest): LocalOutput {
  if (sync !== undefined) return { kind: "sync", sync };
  if (passesThrough) return { kind: "events", merged: true, temporaryDirectory };
  return { kind: "inherit", stdout: context.stdout, stderr: context.stderr };
}
