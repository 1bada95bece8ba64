/** The launcher for nodes of a Grid Engine parallel environment: `qrsh -inherit`, a task a node, which lasts as long as its worker. */

import type { CommandEnd, Launcher } from "./launcher.js";
import { WORKER_COMMAND } from "./launcher.js";
import { describeEnd, lastWords, startCommand } from "./start-command.js";

export interface QrshOptions {
  /** The user's, with JOB_ID and all else that Grid Engine has set. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onError?: ((line: string) => void) | undefined;
}

/** The execution daemons know these tasks, count what they use and end them with the job. */
export function qrshLauncher({ environment, onError }: QrshOptions): Launcher {
  return {
    name: "qrsh",
    start: ({ host }) => {
      const words = ["qrsh", "-inherit", host, ...WORKER_COMMAND];
      return startCommand({ words, environment, directory: "/", judge: judgeQrsh, onError });
    },
  };
}

/** @public for its test */
export function judgeQrsh(status: number | string | undefined, errors: readonly string[]): CommandEnd {
  const last = lastWords(errors)?.replace(/^error: /, "");
  if (status === undefined) return { kind: "refused", reason: `qrsh cannot be started (${last ?? "nobody says why"})` };
  const how = describeEnd(status);
  return { kind: "unreachable", reason: last === undefined ? `its qrsh ${how}` : `qrsh: ${last}` };
}
