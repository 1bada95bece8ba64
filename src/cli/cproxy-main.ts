/** What `cproxy` does with its command line: relays between two groups until it is told to end. */

import { once } from "node:events";
import { isIP } from "node:net";
import { fail, ok, type Result } from "../base/result.js";
import { readKeyFileOf } from "../net/key-store.js";
import { startRelay } from "../net/relay.js";
import { Log } from "../node/log.js";
import { readProcessCall } from "../os/environment.js";
import { readSetting } from "../session/config.js";
import { type GroupAddress, parseGroup } from "../wire/group.js";
import type { RelayKeyFile } from "../wire/key-file.js";
import { type OptionTable, parseWords } from "./parse-words.js";

/** The model's status of all that goes wrong. */
const FAILED = 111;

const USAGE = `Usage: cproxy --key NAME.relay [--key NAME.relay]... [OPTION]... SELF [TARGET]

Hands on what is announced to SELF, a group in one network, to TARGET, a group in another (GROUP unless given), and joins workers that
answer there to their clients here. It can read and forge nothing of what passes. SELF and TARGET are [DEVICE:]ADDRESS[:PORT],...`;

interface CproxyOptions {
  readonly keys: readonly string[];
  readonly from: readonly GroupAddress[];
  readonly to: readonly GroupAddress[];
  readonly debug: boolean;
}

/** @returns the exit status */
export async function runCproxy(): Promise<number> {
  const { argv, environment } = readProcessCall();
  const options = await parseCproxyOptions(argv, readSetting(environment, "GROUP") ?? "");
  if (options === undefined) return 0;
  if (!options.ok) return complain(`${options.error}\nTry 'cproxy --help'.`);
  const { from, to, debug } = options.value;
  const keys = readKeys(options.value.keys);
  if (!keys.ok) return complain(keys.error);
  const stderr = new Log(2);
  const onNote = (text: string): void => (debug ? stderr.line(`cproxy: ${text}`) : undefined);
  const relay = await startRelay({ keys: keys.value, from, to, clock: { nowMs: () => Date.now() }, onNote });
  if (!relay.ok) return complain(relay.error);
  process.stdout.write("cproxy: listening\n");
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
  relay.value.close();
  return 0;
}

function readKeys(files: readonly string[]): Result<readonly RelayKeyFile[], string> {
  const keys: RelayKeyFile[] = [];
  for (const file of files) {
    const key = readKeyFileOf(file, "relay");
    if (!key.ok) return fail(key.error.text);
    keys.push(key.value);
  }
  return ok(keys);
}

/** What cproxy takes. */
export const CPROXY_OPTIONS = {
  key: { type: "string", array: true, nargs: 1, describe: "a relay's key, made by ckeygen --relay" },
  debug: { type: "boolean", nargs: 0, describe: "say what happens, on standard error" },
} as const satisfies OptionTable;

async function parseCproxyOptions(
  words: readonly string[],
  groupVariable: string,
): Promise<Result<CproxyOptions, string> | undefined> {
  const tool = { program: "cproxy", usage: USAGE, options: CPROXY_OPTIONS, endsAtOperand: false };
  const given = await parseWords(tool, words);
  if (given?.ok !== true) return given;
  const { key = [], debug = false, _ } = given.value;
  const [self, target = groupVariable, ...more] = _.map(String);
  if (key.length === 0) return fail("which application? --key NAME.relay names a key, made by ckeygen --relay");
  if (self === undefined || more.length > 0) return fail("between which networks? cproxy SELF [TARGET]");
  const [from, to] = [parse(self), parse(target)];
  if (!from.ok) return fail(`SELF: ${from.error}`);
  return to.ok ? ok({ keys: key, from: from.value, to: to.value, debug }) : fail(`TARGET: ${to.error}`);
}

function parse(group: string): Result<readonly GroupAddress[], string> {
  return parseGroup(group, (text) => isIP(text) !== 0);
}

function complain(message: string): number {
  process.stderr.write(`cproxy: ${message}\n`);
  return FAILED;
}
