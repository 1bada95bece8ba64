/** What makefiles wait for is waited for here, while others use this process: commands, and files that are no plain ones. */

import type { Cancellation } from "../base/abort.js";
import type { FileWait, Wait, Waiting } from "../makefile/waits.js";
import type { MachineHost } from "../os/host.js";
import type { ClusterSettings } from "./config.js";
import type { InvocationContext } from "./context.js";
import { mayJoin } from "./sub-makes.js";

export interface WaitsRequest {
  readonly context: Pick<InvocationContext, "above" | "environment">;
  readonly settings: ClusterSettings | undefined;
}

export interface WaitingRoom {
  readonly host: MachineHost;
  /** For what reads files that have to be waited for. */
  readonly environment: readonly string[];
  readonly cancel: Cancellation;
}

/** A make that is a part of another's process keeps that waiting for nothing; nodes must be heard while recipes are expanded. */
export function waitsOf({ context, settings }: WaitsRequest): "always" | "for recipes" | undefined {
  if (context.above !== undefined) return "always";
  return settings !== undefined || mayJoin(context.environment) ? "for recipes" : undefined;
}

/** Drives something to its end. @returns what it comes to; undefined: it was cancelled. @throws what it throws */
export async function drive<T>(steps: Waiting<T>, room: WaitingRoom): Promise<T | undefined> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    // Makefiles are most often there at once, and nothing else is to come in between then.
    const answered = answer(step.value, room);
    if (answered !== undefined) await answered;
    if (room.cancel.aborted) return undefined;
  }
}

/** Puts the answer in. @returns undefined when it is there already */
export function answer(wait: Wait, room: WaitingRoom): Promise<void> | undefined {
  if (wait.kind === "file") return readFile(wait, room);
  return room.host.shellMeanwhile(wait.request, room.cancel).then((result) => {
    wait.result = result;
  });
}

function readFile(wait: FileWait, { host, environment, cancel }: WaitingRoom): Promise<void> | undefined {
  const { path } = wait;
  if (!host.isWaitedFor(path)) {
    wait.read = () => host.readFile(path);
    return undefined;
  }
  return host.readMeanwhile(path, environment, cancel).then((text) => {
    wait.read = () => text ?? host.readFile(path);
  });
}
