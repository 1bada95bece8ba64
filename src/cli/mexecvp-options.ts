/** The command line of `mexecvp`. */

import yargs from "yargs";
import { fail, ok, type Result } from "../base/result.js";
import type { ClusterOptions } from "../session/config.js";
import { parseWords } from "./parse-words.js";

export interface MexecvpOptions {
  readonly cluster: ClusterOptions;
  /** `--test`: the program is run on every node, and what was found is told. */
  readonly test: boolean;
  readonly debug: boolean;
  readonly file: string;
  readonly arguments: readonly string[];
}

const USAGE = `Usage: mexecvp [OPTION]... PROGRAM [ARGUMENT]...
       mexecvp --test [OPTION]... PROGRAM [ARGUMENT]...

Runs PROGRAM on the least loaded node of NODES: in this directory, with this environment, umask, standard input, output and
error; and ends as it ends. Without NODES it runs here.`;

/** The options, or what is wrong with them. Asked for help or completion it prints that and returns undefined. */
export async function parseMexecvpOptions(
  words: readonly string[],
): Promise<Result<MexecvpOptions, string> | undefined> {
  const parser = yargs([...words])
    .scriptName("mexecvp")
    .usage(USAGE)
    .parserConfiguration({
      "halt-at-non-option": true,
      "parse-positional-numbers": false,
      "duplicate-arguments-array": false,
    })
    // Without nargs a flag would swallow a PROGRAM called true or false.
    .option("test", {
      type: "boolean",
      nargs: 0,
      describe: "ask every node, run PROGRAM there, and tell what was found",
    })
    .option("nodes", {
      type: "string",
      requiresArg: true,
      describe: "the nodes (NODES): 1-3,5,host:port,host*slots,n[01-16],local",
    })
    .option("key", { type: "string", requiresArg: true, describe: "the client's key file (MPMAKE_KEY)" })
    .option("config", { type: "string", requiresArg: true, describe: "the configuration file (MPMAKE_CONFIG)" })
    .option("strict", { type: "boolean", nargs: 0, describe: "fail when no node can be reached (MPMAKE_STRICT)" })
    .option("clock-skew", { type: "string", requiresArg: true, describe: "seconds that a node's clock may be off" })
    .option("memfree", {
      type: "string",
      requiresArg: true,
      describe: "a node with less memory free takes no further job",
    })
    .option("sentdir", {
      type: "string",
      requiresArg: true,
      describe: "where sessions tell each other what they sent (SENTDIR)",
    })
    .option("debug", { type: "boolean", nargs: 0, describe: "say what happens, on standard error" });
  const given = await parseWords(parser, words);
  if (given?.ok !== true) return given;
  const parsed = given.value;
  const { nodes, key, config, strict, clockSkew, memfree, sentdir, test = false, debug = false } = parsed;
  // The program's own words are taken as they came, not as the parser read them.
  const [file, ...rest] = words.slice(words.length - parsed._.length);
  if (file === undefined || file === "") return fail("which program? mexecvp PROGRAM [ARGUMENT]...");
  const cluster = { nodes, key, config, strict, clockSkew, memfree, sentDirectory: sentdir };
  return ok({ cluster, test, debug, file, arguments: rest });
}
