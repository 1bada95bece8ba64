/** What runs recipes on this machine, with their output where the switches want it. */

import { LocalRunner, type LocalOutput } from "../exec/local.js";
import type { OutputSync } from "../exec/output-sync.js";
import type { Jobserver } from "../os/jobserver.js";
import { StdinShare } from "../os/stdin.js";
import { recipeGroup } from "../os/terminal.js";
import type { InvocationContext } from "./context.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import type { SessionClusters } from "./session-clusters.js";
import type { SubMakes } from "./sub-makes.js";
import type { OutputPace } from "./text-output.js";

export interface RecipeRunnerRequest {
  readonly context: InvocationContext;
  readonly spawner: SubMakes;
  readonly jobserver: Jobserver | undefined;
  /** `-O` in force. */
  readonly sync: OutputSync | undefined;
  readonly temporaryDirectory: string;
  /** `--debug=jobs` */
  readonly tellsProcesses: boolean;
  /** All output is to pass through us. */
  readonly passesThrough: boolean;
  readonly pace: OutputPace;
  /** undefined: nobody names nodes, and recipes outlive a make that is killed, as with any make. */
  readonly clusters: SessionClusters | undefined;
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
    group: context.above?.group ?? recipeGroup(),
    jobserverFds: jobserver?.inherited,
    invitation: () => spawner.invitation(),
    further: inheritedDescriptors(context),
    tellsProcesses: request.tellsProcesses,
    behind: request.pace.behind,
    prepare: () => jobserver?.open(),
    guard: request.clusters?.guard(temporaryDirectory),
    nowMs: () => Date.now(),
  });
  const close = (): void => {
    stdin.close();
  };
  return { local, close };
}

function outputOf({ context, sync, temporaryDirectory, passesThrough }: RecipeRunnerRequest): LocalOutput {
  if (sync !== undefined) return { kind: "sync", sync };
  if (passesThrough) return { kind: "events", merged: true, keeps: true, temporaryDirectory };
  return { kind: "inherit", stdout: context.stdout, stderr: context.stderr };
}
