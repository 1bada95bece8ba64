/** What `mexecvp` does with its command line: runs the program somewhere, and ends as it ended. */

import { UserError } from "../base/user-error.js";
import type { MakeEvent } from "../events/event.js";
import { currentDirectory } from "../os/current-directory.js";
import { type ProcessCall, readProcessCall } from "../os/environment.js";
import { writeAll } from "../os/output.js";
import { keepIgnoring, onAllSignals } from "../os/signals.js";
import { furtherDescriptors } from "../os/inherited-descriptors.js";
import { readUmask } from "../os/umask.js";
import { readSetting } from "../session/config.js";
import type { NodeProbe } from "../session/probe-nodes.js";
import { type ProgramRequest, runProgram, testProgram } from "../session/run-program.js";
import { LostOutput } from "./lost-output.js";
import { type MexecvpOptions, parseMexecvpOptions } from "./mexecvp-options.js";
import { PassedSignals } from "./passed-signals.js";

/** A mistake of the user, as make's. */
const USAGE_STATUS = 2;
/** What programs mostly end with that could not read or write. */
const INCOMPLETE_STATUS = 1;

/** @returns the exit status; does not return when the program was ended by a signal */
export async function runMexecvp(): Promise<number> {
  const call = readProcessCall();
  const { ignoredSignals } = call.launched;
  keepIgnoring(ignoredSignals);
  const options = await parseMexecvpOptions(call.argv, (name) => readSetting(call.environment, name));
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'mexecvp --help'.`, USAGE_STATUS);
  const passing = new PassedSignals();
  const stop = onAllSignals((signal) => passing.arrived(signal), ignoredSignals);
  const lost = new LostOutput({ ignoredSignals, complain, failed: INCOMPLETE_STATUS });
  const request = { ...requestOf(options.value, call, passing), onLost: lost.add, onFailed: lost.cutShort };
  try {
    if (options.value.test) return tell(await testProgram(request));
    return lost.endAs((await runProgram(request)).status);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return complain(
      error.hint === undefined ? error.message : `${error.message}\nmexecvp: hint: ${error.hint}`,
      USAGE_STATUS,
    );
  } finally {
    stop();
  }
}

function requestOf(
  options: MexecvpOptions,
  call: ProcessCall,
  { cancel, relay, useTerminalOf }: PassedSignals,
): ProgramRequest {
  return {
    program: {
      file: options.file,
      arguments: options.arguments,
      environment: call.environment,
      directory: currentDirectory(),
    },
    environment: call.environment,
    options: options.cluster,
    userId: process.getuid?.() ?? 0,
    umask: readUmask(),
    stdin: 0,
    output: { kind: "inherit" },
    launched: call.launched,
    signals: relay,
    onStandIn: useTerminalOf,
    further: furtherDescriptors(call.launched, call.environment).filter((fd) => fd <= options.maxFd),
    observe: (event) => observe(event, options.debug),
    cancel,
  };
}

function observe(event: MakeEvent, debug: boolean): void {
  if (event.type === "message") complain(event.text, 0);
  if (!debug) return;
  if (event.type === "debug") complain(event.text, 0);
  if (event.type === "node-left-out") complain(`node ${event.node} is left out: ${event.reason}`, 0);
  if (event.type === "node-back") complain(`node ${event.node} answers, and takes jobs`, 0);
  if (event.type === "job-placed") complain(`runs on ${event.node}`, 0);
}

function tell(probes: readonly NodeProbe[] | undefined): number {
  if (probes === undefined) return complain("no nodes are named: set NODES or say --nodes", USAGE_STATUS);
  const width = Math.max(...probes.map(({ node }) => node.length));
  for (const { node, good, found } of probes)
    writeAll(1, `${node.padEnd(width)}  ${good ? "good" : "BAD "}  ${found.join("; ")}\n`);
  return probes.every(({ good }) => good) ? 0 : 1;
}

function complain(message: string, status: number): number {
  writeAll(2, `mexecvp: ${message}\n`);
  return status;
}
