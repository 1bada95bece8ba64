/** The command line of `cexec`, and its variables. */

import { isIP } from "node:net";
import { fail, ok, type Result } from "../base/result.js";
import { parseCommaList } from "../base/comma-list.js";
import { type GroupAddress, parseGroup } from "../wire/group.js";
import { parseMaxFd } from "./descriptor-options.js";
import { type OptionTable, parseWords } from "./parse-words.js";

export interface CexecOptions {
  /** The client's key file. */
  readonly key: string;
  /** What the service is told of us, `PEER_NAME=value` each. */
  readonly told: readonly string[];
  readonly group: readonly GroupAddress[];
  readonly ports: readonly number[];
  readonly findWithinMs: number | undefined;
  readonly silenceMs: number;
  /** Workers may be at these addresses alone; undefined: at any. */
  readonly accept: readonly string[] | undefined;
  readonly reject: readonly string[];
  readonly debug: boolean;
  /** Inherited descriptors up to this number are the program's, too. */
  readonly maxFd: number;
}

const USAGE = `Usage: cexec [OPTION]... NAME.pub [KEY=VALUE]...

Has the service of the application NAME do its work with the descriptors that are open here, on the machine that answers first, and
ends as its program ends. The program finds each KEY=VALUE in its environment as PEER_KEY=VALUE. Status 111 says that cexec itself
has failed, and that it may go well another time.`;

/** Seconds; the model's. */
const ACCEPT_WITHIN = "60";
const SILENT_FOR = "600";
const LAST_DESCRIPTOR = "32";

/** What cexec takes. */
export const CEXEC_OPTIONS = {
  group: {
    type: "string",
    requiresArg: true,
    describe: "where to look for workers: [DEVICE:]ADDRESS[:PORT],... (CEXEC_GROUP, GROUP)",
  },
  "listen-ports": {
    type: "string",
    requiresArg: true,
    describe: "where workers call back, the first that is free: 4000,4010:4020 (CEXEC_LISTEN_PORTS)",
  },
  "timeout-accept": {
    type: "string",
    requiresArg: true,
    describe: `seconds to look for a worker, 0 for ever; ${ACCEPT_WITHIN} (CEXEC_TIMEOUT_ACCEPT)`,
  },
  "timeout-pingpong": {
    type: "string",
    requiresArg: true,
    describe: `seconds of silence after which a worker is lost; ${SILENT_FOR} (CEXEC_TIMEOUT_PINGPONG)`,
  },
  "accept-servers": {
    type: "string",
    requiresArg: true,
    describe: "addresses where alone workers may be (CEXEC_ACCEPT_SERVERS)",
  },
  "reject-servers": {
    type: "string",
    requiresArg: true,
    describe: "addresses where no worker may be (CEXEC_REJECT_SERVERS)",
  },
  maxfd: {
    type: "string",
    requiresArg: true,
    describe: `give the program the inherited descriptors up to this number; ${LAST_DESCRIPTOR} (CEXEC_MAXFD, MAXFD)`,
  },
  debug: { type: "boolean", nargs: 0, describe: "say what happens, on standard error" },
} as const satisfies OptionTable;

/** The options, or what is wrong with them. Asked for help or completion it prints that and returns undefined. */
export async function parseCexecOptions(
  words: readonly string[],
  variable: (name: string) => string | undefined,
): Promise<Result<CexecOptions, string> | undefined> {
  const tool = { program: "cexec", usage: USAGE, options: CEXEC_OPTIONS, endsAtOperand: false };
  const given = await parseWords(tool, words);
  if (given?.ok !== true) return given;
  const parsed = given.value;
  const { group, listenPorts, timeoutAccept, timeoutPingpong, acceptServers, rejectServers, maxfd } = parsed;
  return checked(parsed._.map(String), {
    debug: parsed.debug ?? false,
    maxFd: maxfd ?? variable("CEXEC_MAXFD") ?? variable("MAXFD") ?? LAST_DESCRIPTOR,
    group: group ?? variable("CEXEC_GROUP") ?? variable("GROUP") ?? "",
    ports: listenPorts ?? variable("CEXEC_LISTEN_PORTS") ?? variable("CEXEC_LISTEN_PORT") ?? "",
    accept: acceptServers ?? variable("CEXEC_ACCEPT_SERVERS") ?? "",
    reject: rejectServers ?? variable("CEXEC_REJECT_SERVERS") ?? "",
    findWithin: timeoutAccept ?? variable("CEXEC_TIMEOUT_ACCEPT") ?? ACCEPT_WITHIN,
    silence: timeoutPingpong ?? variable("CEXEC_TIMEOUT_PINGPONG") ?? SILENT_FOR,
  });
}

interface Words {
  readonly debug: boolean;
  readonly maxFd: string;
  readonly group: string;
  readonly ports: string;
  readonly accept: string;
  readonly reject: string;
  readonly findWithin: string;
  readonly silence: string;
}

function checked([key, ...pairs]: readonly string[], words: Words): Result<CexecOptions, string> {
  if (key === undefined) return fail("which application? cexec NAME.pub [KEY=VALUE]...");
  const told = pairs.map(toldVariable);
  const wrong = told.indexOf(undefined);
  if (wrong >= 0) return fail(`'${pairs[wrong] ?? ""}' is not KEY=VALUE`);
  const group = parseGroup(words.group, (text) => isIP(text) !== 0);
  if (!group.ok) return fail(`GROUP: ${group.error}`);
  const ports = parsePorts(words.ports);
  if (ports === undefined) return fail(`'${words.ports}' are not ports, such as 4000,4010:4020`);
  const findWithinMs = milliseconds(words.findWithin);
  if (findWithinMs === undefined) return fail(`--timeout-accept takes seconds, not '${words.findWithin}'`);
  const silenceMs = milliseconds(words.silence);
  if (silenceMs === undefined || silenceMs === 0)
    return fail(`--timeout-pingpong takes seconds, not '${words.silence}'`);
  const maxFd = parseMaxFd(words.maxFd);
  if (!maxFd.ok) return maxFd;
  const [accept, reject] = [parseCommaList(words.accept), parseCommaList(words.reject)];
  if (accept === undefined) return fail(`'${words.accept}' has nothing where an address should be`);
  if (reject === undefined) return fail(`'${words.reject}' has nothing where an address should be`);
  const notAddress = [...accept, ...reject].find((word) => isIP(word) === 0);
  if (notAddress !== undefined) return fail(`'${notAddress}' is not an address`);
  return ok({
    key,
    told: told.filter((entry) => entry !== undefined),
    group: group.value,
    ports,
    findWithinMs: findWithinMs === 0 ? undefined : findWithinMs,
    silenceMs,
    accept: accept.length === 0 ? undefined : accept,
    reject,
    debug: words.debug,
    maxFd: maxFd.value,
  });
}

function toldVariable(pair: string): string | undefined {
  const [, name = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(pair) ?? [];
  if (name === "") return undefined;
  return name.startsWith("PEER_") ? pair : `PEER_${pair}`;
}

/** `4000,4010:4020`. */
function parsePorts(text: string): readonly number[] | undefined {
  const ports: number[] = [];
  const words = parseCommaList(text);
  if (words === undefined) return undefined;
  for (const word of words) {
    const [, first = "", last = first] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(word) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === "" || from < 1 || to > 65_535 || from > to) return undefined;
    for (let port = from; port <= to; port++) ports.push(port);
  }
  return ports;
}

function milliseconds(text: string): number | undefined {
  return /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) * 1000 : undefined;
}
