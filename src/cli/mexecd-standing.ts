/** What `mexecd standing` does, which `mpmake join` starts: it is the worker of a node of a standing cluster. */

import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { fail, ok, type Result } from "../base/result.js";
import { parseAddressPairs } from "../node/address-pairs.js";
import { Audit } from "../node/audit.js";
import { BoundedLog, Log } from "../node/log.js";
import { StandingNode } from "../node/standing.js";
import { readTerms } from "../node/terms.js";
import type { WorkerTerms } from "../node/worker.js";
import { accountFault, accountOf, accountOfUid } from "../os/account.js";
import { ClusterFolder } from "../os/cluster-folder.js";
import { closeInheritedDescriptors } from "../os/inherited-descriptors.js";
import { addressesForOthers, interfaceAddresses } from "../os/interfaces.js";
import { createSpawner } from "../os/spawn.js";
import { MAX_ADDRESSES } from "../placement/node-record.js";
import { type JoinOptions, parseJoin } from "./cluster-options.js";
import { obeySignals } from "./obey-signals.js";

const FAILED = 2;
/** Of a node's log, and of the one before it. */
const MAX_LOG_BYTES = 1 << 20;
/** The mask that admits an address alone. */
const ONE_ADDRESS = "255.255.255.255";

const clock = { nowMs: (): number => Date.now() };

/** @param words - those of `mpmake join`, with an absolute folder. @returns the exit status */
export async function runStanding(words: readonly string[]): Promise<number> {
  const call = await parseJoin(words);
  if (call?.ok !== true) return complain(call?.error ?? "a worker answers no questions");
  const { folder: path = "", join, inForeground } = call.value;
  const uid = process.getuid?.() ?? 0;
  const folder = ClusterFolder.open(path, uid);
  if (!folder.ok) return complain(folder.error.text);
  const terms = termsOf(folder.value, join);
  if (!terms.ok) return complain(terms.error);
  closeInheritedDescriptors();
  const log = inForeground ? ok(new Log(2)) : BoundedLog.open(folder.value.logOf(join.name), MAX_LOG_BYTES);
  if (!log.ok) return complain(log.error);
  const audit = new Audit((line) => log.value.line(line), clock);
  const temporaryDirectory = tmpdir();
  const node = await StandingNode.start({
    ...join,
    ...{ folder: folder.value, terms: terms.value, audit, clock, uid, temporaryDirectory },
    addresses: join.address === undefined ? addressesForOthers().slice(0, MAX_ADDRESSES) : [join.address],
    id: randomBytes(8).toString("hex"),
    pid: process.pid,
    accounts: { byName: accountOf, byUid: accountOfUid, faultOf: (account) => accountFault(account, Date.now()) },
    spawner: createSpawner({ temporaryDirectory }),
    debug: undefined,
    limits: { memoryBytes: undefined, processes: undefined },
  });
  if (!node.ok) return complain(node.error);
  audit.note({ event: "joined", ...node.value.record });
  process.stdout.write(`${join.name} listens\n`);
  const reason = node.value.ended; // by itself, or since a signal said so
  void obeySignals(node.value, () => readAgain(node.value, audit, () => termsOf(folder.value, join))); // `ended` tells
  const why = await reason;
  await log.value.idle();
  if (inForeground) process.stderr.write(`mpmake: ${join.name} has left: ${why}\n`);
  return 0;
}

/**
 * No other users', so that a worker that root has started runs recipes as root, as its clients are root. This machine itself calls from
 * the address that it calls.
 */
function termsOf(folder: ClusterFolder, { admitted }: JoinOptions): Result<WorkerTerms, string> {
  const files = { key: folder.key, pairs: undefined, authorized: undefined, allowEveryone: true, opensMunge: false };
  const words = interfaceAddresses().flatMap(({ address, family }) =>
    family === "IPv4" ? [address, ONE_ADDRESS] : [],
  );
  const own = parseAddressPairs(words, { allowEveryone: false });
  const terms = readTerms({ ...files, admitted: [...admitted, ...(own.ok ? own.value : [])] });
  return terms.ok ? ok({ ...terms.value, admitsAnyone: admitted.length === 0 }) : fail(terms.error);
}

function readAgain(node: StandingNode, audit: Audit, read: () => Result<WorkerTerms, string>): void {
  const terms = read();
  if (terms.ok) node.reload(terms.value);
  audit.note(terms.ok ? { event: "reloaded" } : { event: "not-reloaded", reason: terms.error });
}

function complain(message: string): number {
  process.stderr.write(`mpmake: ${message}\n`);
  return FAILED;
}
