/** What `mexecd` does with its command line: checks, listens, says so, and does what signals tell it. */

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fail, ok, type Result } from "../base/result.js";
import type { AccountBook } from "../node/admission.js";
import { Audit } from "../node/audit.js";
import { Log, openAppending, openLog } from "../node/log.js";
import { type MonitorOptions, type MonitorTerms, startMonitor } from "../node/monitor.js";
import { type PartIo, runNetworkPart } from "../node/network-part.js";
import { readTerms } from "../node/terms.js";
import { runUserPart } from "../node/user-part.js";
import { PART_WORDS } from "../node/user-parts.js";
import { startWorker, type Worker, type WorkerTerms } from "../node/worker.js";
import { accountFault, accountOf, accountOfUid } from "../os/account.js";
import { closeInheritedDescriptors } from "../os/inherited-descriptors.js";
import { createSpawner } from "../os/spawn.js";
import { errnoOf, strerror } from "../os/strerror.js";
import { startDaemon } from "./daemon.js";
import { type MexecdOptions, parseMexecdOptions } from "./mexecd-options.js";
import { obeySignals } from "./obey-signals.js";

/** Status of a wrong call, and of a worker that cannot start. */
const FAILED = 2;

const clock = { nowMs: (): number => Date.now() };

/** @returns the exit status */
export async function runMexecd(words: readonly string[]): Promise<number> {
  if (words[0] === PART_WORDS.network) return runPart(runNetworkPart);
  if (words[0] === PART_WORDS.user) return runPart(runUserPart);
  const options = await parseMexecdOptions(words, ownUid() === 0);
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'mexecd --help'.`);
  return options.value.daemon ? startInBackground(words) : serve(options.value);
}

/** Signals are for the monitor, which tells its parts in its own words. */
async function runPart(run: (io: PartIo) => Promise<void>): Promise<number> {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  await run({ input: process.stdin, tell: (line) => void process.stdout.write(`${line}\n`, "latin1"), clock });
  process.stdin.destroy(); // the monitor may still be there
  return 0;
}

async function serve(options: MexecdOptions): Promise<number> {
  const terms = readTerms(options.files);
  if (!terms.ok) return complain(terms.error);
  closeInheritedDescriptors();
  const stderr = new Log(2);
  const log = options.audit === undefined ? ok(stderr) : openLog(options.audit);
  if (!log.ok) return complain(log.error);
  const audit = new Audit((line) => log.value.line(line), clock);
  const debug = options.debug ? (line: string) => stderr.line(`mexecd: ${line}`) : undefined;
  const worker = await start(options, { terms: terms.value, audit, debug });
  if (!worker.ok) return complain(worker.error);
  const failure = options.pidFile === undefined ? undefined : writePidFile(options.pidFile);
  if (failure !== undefined) {
    await worker.value.stop();
    return complain(failure);
  }
  process.stdout.write(`mexecd: listening on ${where(worker.value)}\n`);
  await obeySignals(worker.value, () => readAgain(options, { worker: worker.value, audit, log: log.value }));
  if (options.pidFile !== undefined) rmSync(options.pidFile, { force: true });
  await log.value.idle();
  return 0;
}

interface Begin {
  readonly terms: WorkerTerms;
  readonly audit: Audit;
  readonly debug: ((line: string) => void) | undefined;
}

const ACCOUNTS: AccountBook = {
  byName: accountOf,
  byUid: accountOfUid,
  faultOf: (account) => accountFault(account, Date.now()),
};

function start(options: MexecdOptions, { terms, audit, debug }: Begin): Promise<Result<Worker, string>> {
  const uid = ownUid();
  const common = { ...options, audit, debug, clock, accounts: ACCOUNTS };
  if (uid === 0 && !options.allowRoot) return startAsRoot(options, { ...common, terms });
  const temporaryDirectory = tmpdir();
  // Recipes start with every signal at its default, however this worker was started.
  const spawner = createSpawner({ temporaryDirectory });
  return startWorker({ ...common, terms, uid, temporaryDirectory, spawner });
}

type RootOptions = Omit<MonitorOptions, "terms" | "networkAccount" | "runDirectory" | "program"> & Begin;

async function startAsRoot({ networkUsers }: MexecdOptions, common: RootOptions): Promise<Result<Worker, string>> {
  const networkAccount = networkUsers.map(accountOf).find((account) => account !== undefined);
  if (networkAccount === undefined || networkAccount.uid === 0)
    return fail(`there is no ordinary user ${networkUsers.join(" or ")} to talk to the network as`);
  const terms: MonitorTerms = { ...common.terms, grants: common.terms.grants ?? [] };
  const runDirectory = existsSync("/run") ? "/run" : tmpdir();
  return startMonitor({ ...common, terms, networkAccount, runDirectory, program: thisProgram() });
}

/** As it was started, with an environment of its own: nothing of root's is for users. */
function thisProgram() {
  return {
    file: process.execPath,
    words: [...process.execArgv, process.argv[1] ?? ""],
    environment: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      // Its requests would be carried out with the rights of before, and compiled code is not to be shared between accounts.
      UV_USE_IO_URING: "0",
      MPMAKE_CACHE: "",
    },
  };
}

/** SIGHUP: files that cannot be used change nothing, which is logged. The log goes on in a file of the same name. */
function readAgain(
  options: MexecdOptions,
  { worker, audit, log }: { readonly worker: Worker; readonly audit: Audit; readonly log: Log },
): void {
  if (options.audit !== undefined) {
    const fd = openAppending(options.audit);
    if (fd.ok) log.moveTo(fd.value);
    else audit.note({ event: "log-not-reopened", reason: fd.error });
  }
  const terms = readTerms(options.files);
  if (terms.ok) worker.reload(terms.value);
  audit.note(terms.ok ? { event: "reloaded" } : { event: "not-reloaded", reason: terms.error });
}

function complain(message: string): number {
  process.stderr.write(`mexecd: ${message}\n`);
  return FAILED;
}

function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function writePidFile(path: string): string | undefined {
  try {
    writeFileSync(path, `${String(process.pid)}\n`, { mode: 0o644 });
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return `${path} cannot be written (${strerror(errno)})`;
  }
}

function where({ address, port }: Worker): string {
  return `${address.includes(":") ? `[${address}]` : address}:${String(port)}`;
}

/** Starts the same again as a process of its own, and waits until it listens or fails. */
async function startInBackground(words: readonly string[]): Promise<number> {
  const again = [process.argv[1] ?? "", ...words.filter((word) => word !== "--daemon")];
  const started = await startDaemon({ words: again, directory: process.cwd() });
  if (!("ready" in started)) return started.status ?? FAILED;
  process.stdout.write(`${started.ready}\n`);
  return 0;
}
