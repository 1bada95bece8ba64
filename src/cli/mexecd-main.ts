/** What `mexecd` does with its command line: checks, listens, says so, and ends when told to. */

import { openSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { readKeyFileOf } from "../net/key-store.js";
import { Log } from "../node/log.js";
import { startWorker, type Worker } from "../node/worker.js";
import { closeInheritedDescriptors } from "../os/inherited-descriptors.js";
import { createSpawner } from "../os/spawn.js";
import { errnoOf, strerror } from "../os/strerror.js";
import { type MexecdOptions, parseMexecdOptions } from "./mexecd-options.js";

/** Status of a wrong call, and of a worker that cannot start. */
const FAILED = 2;

/** @returns the exit status */
export async function runMexecd(words: readonly string[]): Promise<number> {
  const options = await parseMexecdOptions(words);
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'mexecd --help'.`);
  return options.value.daemon ? startInBackground(words) : serve(options.value);
}

async function serve(options: MexecdOptions): Promise<number> {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0 && !options.allowRoot)
    return complain(
      "recipes would run as root; start mexecd as the user whose recipes it is to run, or say --allow-root",
    );
  const key = readKeyFileOf(resolve(options.key), "worker");
  if (!key.ok) return complain(key.error.text);
  closeInheritedDescriptors();
  const stderr = new Log(2);
  const audit = openAudit(options.audit, stderr);
  if (typeof audit === "string") return complain(audit);
  const temporaryDirectory = tmpdir();
  const worker = await startWorker({
    ...options,
    credential: key.value,
    clock: { nowMs: () => Date.now() },
    // Recipes start with every signal at its default, however this worker was started.
    spawner: createSpawner({ temporaryDirectory }),
    temporaryDirectory,
    uid,
    audit,
    debug: options.debug ? stderr : undefined,
  });
  if (!worker.ok) return complain(worker.error);
  process.stdout.write(`mexecd: listening on ${where(worker.value)}\n`);
  await untilTold();
  await worker.value.stop();
  await audit.idle();
  return 0;
}

function complain(message: string): number {
  process.stderr.write(`mexecd: ${message}\n`);
  return FAILED;
}

/** The log, or why there is none. */
function openAudit(path: string | undefined, stderr: Log): Log | string {
  if (path === undefined) return stderr;
  try {
    return new Log(openSync(path, "a", 0o600));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return `the log ${path} cannot be opened (${strerror(errno)})`;
  }
}

function where({ address, port }: Worker): string {
  return `${address.includes(":") ? `[${address}]` : address}:${String(port)}`;
}

function untilTold(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => done());
  });
}

/** Starts the same again as a process of its own, and waits until it listens or fails. */
async function startInBackground(words: readonly string[]): Promise<number> {
  const program = process.argv[1] ?? "";
  const child = execa(process.execPath, [program, ...words.filter((word) => word !== "--daemon")], {
    detached: true,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    buffer: false,
    reject: false,
    cleanup: false,
  });
  child.unref();
  child.stderr.pipe(process.stderr);
  const ready = new Promise<number>((settle) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      process.stdout.write(`${line}\n`);
      // From here on it has nobody to talk to: its log goes to a file.
      child.stdout.destroy();
      child.stderr.destroy();
      settle(0);
    });
  });
  return Promise.race([ready, child.then(({ exitCode }) => exitCode ?? FAILED)]);
}
