/** What `mpshd` does with its command line: starts a session in the background, and says so by ending; or is that session. */

import { spawn } from "node:child_process";
import { constants, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { Canceller } from "../base/abort.js";
import { UserError } from "../base/user-error.js";
import { closeInheritedDescriptors } from "../os/inherited-descriptors.js";
import { checkShellDirectory, leaveShellDirectory } from "../session/shell-directory.js";
import { ShellSession } from "../session/shell-session.js";

const FAILED = 2;
const USAGE = `Usage: mpshd DIRECTORY

Serves the lines of stock makes whose SHELL is mpsh, by a FIFO in DIRECTORY, until no such make is there. mpsh starts it.
`;

/** @returns the exit status */
export async function runMpshd(words: readonly string[]): Promise<number> {
  const [directory, ...rest] = words;
  if (directory === "--help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (directory === undefined || rest.length > 1 || (rest.length === 1 && rest[0] !== SERVE)) {
    process.stderr.write(USAGE);
    return FAILED;
  }
  try {
    return rest.length === 0 ? await startInBackground(resolve(directory)) : await serve(directory);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`mpshd: ${error.message}\n`);
    return FAILED;
  }
}

const SERVE = "--serve";
const READY = "ready\n";

/** The session has neither our terminal nor our process group: what ends a make does not end it. */
function startInBackground(directory: string): Promise<number> {
  checkShellDirectory(directory, process.getuid?.() ?? 0);
  const log = openSync(
    join(directory, "log"),
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW,
    0o600,
  );
  const [, program = ""] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, program, directory, SERVE], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", log],
  });
  child.unref();
  return new Promise((settle) => {
    child.stdout?.once("data", () => settle(0));
    child.once("exit", () => settle(FAILED));
  });
}

async function serve(directory: string): Promise<number> {
  closeInheritedDescriptors();
  process.chdir(directory);
  const session = ShellSession.open(directory, process.getuid?.() ?? 0);
  process.stdout.write(READY);
  if (session === undefined) return 0;
  process.once("exit", () => leaveShellDirectory(directory));
  const stop = new Canceller();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  await session.serve(stop);
  return 0;
}
