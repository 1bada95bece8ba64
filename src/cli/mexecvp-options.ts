/** The command line of `mexecvp`. */

import { fail, ok, type Result } from "../base/result.js";
import type { ClusterOptions } from "../session/config.js";
import { parseMaxFd } from "./descriptor-options.js";
import { type OptionTable, parseWords } from "./parse-words.js";

export interface MexecvpOptions {
  readonly cluster: ClusterOptions;
  /** `--test`: the program is run on every node, and what was found is told. */
  readonly test: boolean;
  readonly debug: boolean;
  /** Inherited descriptors up to this number are the program's, too. */
  readonly maxFd: number;
  readonly file: string;
  readonly arguments: readonly string[];
}

const USAGE = `Usage: mexecvp [OPTION]... PROGRAM [ARGUMENT]...
       mexecvp --test [OPTION]... PROGRAM [ARGUMENT]...

Runs PROGRAM on the least loaded node of NODES: in this directory, with this environment, umask, standard input, output and
error; and ends as it ends. Without NODES it runs here.`;

/** What mexecvp takes. */
export const MEXECVP_OPTIONS = {
  test: {
    type: "boolean",
    nargs: 0,
    describe: "ask every node, run PROGRAM there, and tell what was found",
  },
  nodes: {
    type: "string",
    requiresArg: true,
    describe: "the nodes (NODES): 1-3,5,host:port,host*slots,n[01-16],local",
  },
  key: { type: "string", requiresArg: true, describe: "the client's key file (MPMAKE_KEY)" },
  config: { type: "string", requiresArg: true, describe: "the configuration file (MPMAKE_CONFIG)" },
  strict: { type: "boolean", nargs: 0, describe: "fail when no node can be reached (MPMAKE_STRICT)" },
  "clock-skew": { type: "string", requiresArg: true, describe: "seconds that a node's clock may be off" },
  memfree: {
    type: "string",
    requiresArg: true,
    describe: "a node with less memory free takes no further job",
  },
  sentdir: {
    type: "string",
    requiresArg: true,
    describe: "where sessions tell each other what they sent (SENTDIR)",
  },
  maxfd: {
    type: "string",
    requiresArg: true,
    describe: "give PROGRAM the inherited descriptors up to this number; 2 (MEXEC_MAXFD)",
  },
  debug: { type: "boolean", nargs: 0, describe: "say what happens, on standard error" },
} as const satisfies OptionTable;

/** The options, or what is wrong with them. Asked for help or completion it prints that and returns undefined. */
export async function parseMexecvpOptions(
  words: readonly string[],
  variable: (name: string) => string | undefined,
): Promise<Result<MexecvpOptions, string> | undefined> {
  const tool = { program: "mexecvp", usage: USAGE, options: MEXECVP_OPTIONS, endsAtOperand: true };
  const given = await parseWords(tool, words);
  if (given?.ok !== true) return given;
  const parsed = given.value;
  const { nodes, key, config, strict, clockSkew, memfree, sentdir, maxfd, test = false, debug = false } = parsed;
  // The program's own words are taken as they came, not as the parser read them.
  const [file, ...rest] = words.slice(words.length - parsed._.length);
  if (file === undefined || file === "") return fail("which program? mexecvp PROGRAM [ARGUMENT]...");
  const maxFd = parseMaxFd(maxfd ?? variable("MEXEC_MAXFD") ?? "2");
  if (!maxFd.ok) return maxFd;
  const cluster = { nodes, key, config, strict, clockSkew, memfree, sentDirectory: sentdir };
  return ok({ cluster, test, debug, maxFd: maxFd.value, file, arguments: rest });
}
