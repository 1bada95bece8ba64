/** What `cservice` does with its command line: hears announcements, says so, and does what signals tell it. */

import { tmpdir } from "node:os";
import { ok } from "../base/result.js";
import { readKeyFileOf } from "../net/key-store.js";
import { Audit } from "../node/audit.js";
import { Log, openLog } from "../node/log.js";
import { startService } from "../node/service.js";
import { currentDirectory } from "../os/current-directory.js";
import { readProcessCall } from "../os/environment.js";
import { closeInheritedDescriptors } from "../os/inherited-descriptors.js";
import { createSpawner } from "../os/spawn.js";
import { resolveIn } from "../os/bytes.js";
import { findProgram, programTrouble, type SearchPlace } from "../os/search-path.js";
import { strerror } from "../os/strerror.js";
import { readUmask } from "../os/umask.js";
import { readSetting } from "../session/config.js";
import { parseCserviceOptions } from "./cservice-options.js";
import { obeySignals } from "./obey-signals.js";

/** Status of a wrong call, and of a service that cannot start; the model's. */
const FAILED = 111;

const clock = { nowMs: (): number => Date.now() };

/** @returns the exit status */
export async function runCservice(): Promise<number> {
  const { argv: words, environment } = readProcessCall();
  const options = await parseCserviceOptions(words, (name) => readSetting(environment, name));
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'cservice --help'.`);
  const { key, argv, group, concurrency, name, debug, audit } = options.value;
  const credential = readKeyFileOf(key, "worker");
  if (!credential.ok) return complain(credential.error.text);
  const program = { argv, environment, directory: currentDirectory(), umask: readUmask() };
  const trouble = troubleOf(argv[0] ?? "", program);
  if (trouble !== undefined) return complain(`${argv[0] ?? ""}: ${strerror(trouble)}`);
  closeInheritedDescriptors();
  const stderr = new Log(2);
  const log = audit === undefined ? ok(stderr) : openLog(audit);
  if (!log.ok) return complain(log.error);
  const temporaryDirectory = tmpdir();
  const service = await startService({
    ...{ name, group, clock, temporaryDirectory },
    slots: concurrency,
    limits: { memoryBytes: undefined, processes: undefined },
    credential: credential.value,
    program,
    spawner: createSpawner({ temporaryDirectory }),
    uid: process.getuid?.() ?? 0,
    audit: new Audit((line) => log.value.line(line), clock),
    debug: debug ? (line) => stderr.line(`cservice: ${line}`) : undefined,
  });
  if (!service.ok) return complain(service.error);
  process.stdout.write("cservice: listening\n");
  await obeySignals(service.value);
  await log.value.idle();
  return 0;
}

/** Why a program could not be started now; it may be another matter when it is to be. */
function troubleOf(program: string, place: SearchPlace): string | undefined {
  const found = findProgram(program, place);
  return found.ok ? programTrouble(resolveIn(place.directory, found.path)) : found.errno;
}

function complain(message: string): number {
  process.stderr.write(`cservice: ${message}\n`);
  return FAILED;
}
