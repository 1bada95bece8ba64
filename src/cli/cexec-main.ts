/** What `cexec` does with its command line: finds a worker of an application, and ends as its program ended. */

import { UserError } from "../base/user-error.js";
import { readKeyFileOf } from "../net/key-store.js";
import { readProcessCall } from "../os/environment.js";
import { furtherDescriptors } from "../os/inherited-descriptors.js";
import { writeAll } from "../os/output.js";
import { dieWithoutCore, keepIgnoring, onAllSignals } from "../os/signals.js";
import { callService } from "../session/call-service.js";
import { readSetting } from "../session/config.js";
import { type CexecOptions, parseCexecOptions } from "./cexec-options.js";
import { LostOutput } from "./lost-output.js";
import { PassedSignals } from "./passed-signals.js";

/** Anything that went wrong before, around or instead of the program: it may go well another time. */
const FAILED = 111;

/** @returns the exit status; does not return when the program was ended by a signal */
export async function runCexec(): Promise<number> {
  const { argv, environment, launched } = readProcessCall();
  keepIgnoring(launched.ignoredSignals);
  const options = await parseCexecOptions(argv, (name) => readSetting(environment, name));
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'cexec --help'.`);
  const { key, accept, reject, debug, maxFd, ...rest } = options.value;
  const credential = readKeyFileOf(key, "client");
  if (!credential.ok) return complain(credential.error.text);
  const passing = new PassedSignals();
  const stop = onAllSignals((signal) => passing.arrived(signal), launched.ignoredSignals);
  const lost = new LostOutput({ ignoredSignals: launched.ignoredSignals, complain, failed: FAILED });
  try {
    const status = await callService({
      ...rest,
      credential: credential.value,
      admits: (address) => isAccepted(address, { accept, reject }),
      clock: { nowMs: () => Date.now() },
      launched,
      signals: passing.relay,
      onStandIn: passing.useTerminalOf,
      further: furtherDescriptors(launched, environment).filter((fd) => fd <= maxFd),
      onLost: lost.add,
      onFailed: lost.cutShort,
      onNote: (text) => (debug ? complain(text) : FAILED),
      cancel: passing.cancel,
    });
    const { reason } = passing.cancel;
    if (!status.ok && typeof reason === "number") return dieWithoutCore(reason);
    return status.ok ? lost.endAs(status.value) : complain(status.error);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return complain(error.message);
  } finally {
    stop();
  }
}

function isAccepted(address: string, { accept, reject }: Pick<CexecOptions, "accept" | "reject">): boolean {
  return accept?.includes(address) !== false && !reject.includes(address);
}

function complain(message: string): number {
  writeAll(2, `cexec: ${message}\n`);
  return FAILED;
}
