/** Daemons: processes of their own that have said in a line that they are ready, and from then on have nobody to talk to. */

import { createInterface } from "node:readline";
import { execa } from "execa";

export interface DaemonRequest {
  /** For Node: the program, and its words. */
  readonly words: readonly string[];
  /** Where it works. */
  readonly directory: string;
}

/** Its line, or the status with which it ended before; what it had to say to that is on standard error. */
export type DaemonStart =
  { readonly ready: string; readonly pid: number | undefined } | { readonly status: number | undefined };

export function startDaemon({ words, directory }: DaemonRequest): Promise<DaemonStart> {
  const child = execa(process.execPath, words, {
    cwd: directory,
    detached: true,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    buffer: false,
    reject: false,
    cleanup: false,
  });
  child.stderr.pipe(process.stderr);
  const ready = new Promise<DaemonStart>((settle) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      // From here on it has nobody to talk to: its log goes to a file.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      settle({ ready: line, pid: child.pid });
    });
  });
  return Promise.race([ready, child.then(({ exitCode }) => ({ status: exitCode }))]);
}
