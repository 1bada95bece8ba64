/** Starts a launcher's command on this machine: in a session of its own, so that Ctrl-C reaches it by us alone, and with its streams ours. */

import { spawn } from "node:child_process";
import { errorText } from "../os/strerror.js";
import type { CommandEnd, LaunchedCommand } from "./launcher.js";
import { ErrorTail } from "./error-tail.js";

export interface StartRequest {
  /** The program first. */
  readonly words: readonly string[];
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** What its end means. `status` undefined: it was never started. */
  readonly judge: (status: number | string | undefined, errors: readonly string[]) => CommandEnd;
  /** Hears what it says on standard error. */
  readonly onError?: ((line: string) => void) | undefined;
}

/** What a worker says on standard error begins so. */
const WORKER_SAYS = "mexecd: ";

/** How a command ended that said nothing of it: "ended with status 1". */
export function describeEnd(status: number | string): string {
  return typeof status === "number" ? `ended with status ${String(status)}` : `was ended by ${status}`;
}

/** The line that says best why a command has ended: its own last one, or the worker's where it said nothing itself. */
export function lastWords(errors: readonly string[]): string | undefined {
  return errors.findLast((line) => !line.startsWith(WORKER_SAYS)) ?? errors.at(-1);
}

/** Not by execa, which takes a third of the time to load in which ssh is there. */
export function startCommand({ words, environment, directory, judge, onError }: StartRequest): LaunchedCommand {
  const [file = "", ...rest] = words;
  const command = spawn(file, rest, {
    cwd: directory,
    env: { ...environment },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const errors = new ErrorTail(command.stderr, onError);
  command.stdin.on("error", () => undefined); // its end says it
  const ended = new Promise<CommandEnd>((resolve) => {
    // Not the end of its streams: what it leaves in the background, such as a master of ssh's, may hold them open. But what was said last is
    // read: its end may be heard of a turn of the loop before that.
    command.once("exit", (code, signal) =>
      setImmediate(() => setImmediate(() => resolve(judge(code ?? signal ?? undefined, errors.lines)))),
    );
    command.once("error", (error) => resolve(judge(undefined, [errorText(error)])));
  });
  return {
    toWorker: command.stdin,
    fromWorker: command.stdout,
    ended,
    kill: () => void command.kill("SIGKILL"),
  };
}
