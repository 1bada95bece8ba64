/** The command line of `cservice`, and its variables. */

import { isIP } from "node:net";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../base/result.js";
import { type GroupAddress, parseGroup } from "../wire/group.js";
import { type OptionTable, parseWords } from "./parse-words.js";

export interface CserviceOptions {
  /** The worker's key file. */
  readonly key: string;
  /** The program first; byte strings. */
  readonly argv: readonly string[];
  readonly group: readonly GroupAddress[];
  /** Programs at once. */
  readonly concurrency: number;
  readonly name: string;
  readonly debug: boolean;
  /** Where the log goes; standard error unless given. */
  readonly audit: string | undefined;
}

const USAGE = `Usage: cservice [OPTION]... NAME PROGRAM [ARGUMENT]...

Waits for cexec to announce work for the application NAME, calls it back the sooner the less there is to do here, and runs PROGRAM
with its standard input, output and error. The program finds REMOTE_ADDR, REMOTE_PORT, SERVER_ADDR and SERVER_PORT in its
environment, and what its client says of itself as PEER_...

SIGTERM lets programs finish and ends, a second one, or SIGINT, ends at once.`;

/** The model's. */
const CONCURRENCY = "50";

/** What cservice takes. */
export const CSERVICE_OPTIONS = {
  group: {
    type: "string",
    requiresArg: true,
    describe: "where to listen for announcements: [DEVICE:]ADDRESS[:PORT],... (GROUP)",
  },
  concurrency: {
    type: "string",
    requiresArg: true,
    describe: `programs to run at once; ${CONCURRENCY} (CONCURRENCY)`,
  },
  name: { type: "string", requiresArg: true, describe: "how this worker is called; the host's name" },
  debug: { type: "boolean", nargs: 0, describe: "say what happens, on standard error" },
  audit: {
    type: "string",
    requiresArg: true,
    describe: "append the log of all programs to this file instead of standard error",
  },
} as const satisfies OptionTable;

/** The options, or what is wrong with them. Asked for help or completion it prints that and returns undefined. */
export async function parseCserviceOptions(
  words: readonly string[],
  variable: (name: string) => string | undefined,
): Promise<Result<CserviceOptions, string> | undefined> {
  const tool = { program: "cservice", usage: USAGE, options: CSERVICE_OPTIONS, endsAtOperand: true };
  const given = await parseWords(tool, words);
  if (given?.ok !== true) return given;
  const parsed = given.value;
  // The program's own words are taken as they came, not as the parser read them.
  const [key, ...argv] = words.slice(words.length - parsed._.length);
  if (key === undefined || argv.length === 0) return fail("which program? cservice NAME PROGRAM [ARGUMENT]...");
  const group = parseGroup(parsed.group ?? variable("GROUP") ?? "", (text) => isIP(text) !== 0);
  if (!group.ok) return fail(`GROUP: ${group.error}`);
  const { name = hostname(), debug = false, audit } = parsed;
  const told = parsed.concurrency ?? variable("CONCURRENCY") ?? CONCURRENCY;
  const concurrency = /^\d{1,5}$/.test(told) ? Number(told) : 0;
  if (concurrency < 1) return fail(`--concurrency takes a whole number of 1 or more, not '${told}'`);
  if (name === "") return fail("--name must not be empty");
  return ok({
    ...{ key, argv, group: group.value, concurrency, name, debug },
    audit: audit === undefined ? undefined : resolve(audit),
  });
}
