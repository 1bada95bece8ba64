/** The command line of `mexecd`. */

import { availableParallelism, hostname } from "node:os";
import yargs from "yargs";
import { fail, ok, type Result } from "../base/result.js";
import { type AddressPair, parseAddressPairs } from "../node/address-pairs.js";

export interface MexecdOptions {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly slots: number;
  readonly name: string;
  readonly admitted: readonly AddressPair[];
  readonly debug: boolean;
  readonly daemon: boolean;
  readonly allowRoot: boolean;
  /** Where the log goes; standard error unless given. */
  readonly audit: string | undefined;
}

const USAGE = `Usage: mexecd --key NAME [--listen ADDRESS:PORT] [OPTION]... [ADDRESS MASK]...

Runs the recipes of clients that hold NAME.pub, as the user who started it. Only this machine's own addresses are listened
to, and those that an ADDRESS MASK pair admits: 10.0.0.0 255.0.0.0 admits all that begin with 10.`;

/** The options, or what is wrong with them. @throws nothing; `--help` and the like print and return undefined */
export async function parseMexecdOptions(words: readonly string[]): Promise<Result<MexecdOptions, string> | undefined> {
  const heard: { mistake?: string; isAnswered: boolean } = { isAnswered: false };
  const parser = yargs([...words])
    .scriptName("mexecd")
    .usage(USAGE)
    .parserConfiguration({ "parse-positional-numbers": false, "duplicate-arguments-array": false })
    .option("key", { type: "string", describe: "the worker's key file, made by ckeygen" })
    .option("listen", { type: "string", default: "127.0.0.1:7070", describe: "ADDRESS:PORT; port 0 is a free one" })
    .option("slots", { type: "number", default: availableParallelism(), describe: "jobs to offer at once" })
    .option("name", { type: "string", default: hostname(), describe: "how this node is called" })
    .option("debug", { type: "boolean", default: false, describe: "say what happens, on standard error" })
    .option("audit", { type: "string", describe: "append the log of all jobs to this file instead of standard error" })
    .option("daemon", { type: "boolean", default: false, describe: "go into the background when ready; needs --audit" })
    .option("any-address", { type: "boolean", default: false, describe: "let the mask 0.0.0.0 admit every address" })
    .option("allow-root", { type: "boolean", default: false, describe: "run recipes as root when started as root" })
    .completion("completion", "print a completion script for the shell")
    .strictOptions()
    .version(false)
    .wrap(null)
    .exitProcess(false)
    .fail((message, error) => (heard.mistake = message || error.message));
  const parsed = await parser.parse([...words], {}, (_, __, output) => {
    heard.isAnswered = output !== "";
    if (output !== "") process.stdout.write(`${output}\n`);
  });
  if (heard.mistake !== undefined) return fail(heard.mistake);
  return heard.isAnswered ? undefined : checked(parsed);
}

interface Parsed {
  readonly _: readonly (string | number)[];
  readonly key?: string | undefined;
  readonly listen: string;
  readonly slots: number;
  readonly name: string;
  readonly debug: boolean;
  readonly audit?: string | undefined;
  readonly daemon: boolean;
  readonly anyAddress: boolean;
  readonly allowRoot: boolean;
}

function checked(parsed: Parsed): Result<MexecdOptions, string> {
  const { key, slots, name, debug, daemon, allowRoot, audit } = parsed;
  if (key === undefined || key === "") return fail("which key? --key NAME names the worker's file, made by ckeygen");
  if (!Number.isInteger(slots) || slots < 1 || slots > 65_535)
    return fail("--slots must be a whole number from 1 to 65535");
  if (name === "") return fail("--name must not be empty");
  if (daemon && audit === undefined) return fail("--daemon needs --audit FILE, where its log is to go");
  const listen = parseListen(parsed.listen);
  if (listen === undefined) return fail(`--listen must be ADDRESS:PORT, not '${parsed.listen}'`);
  const admitted = parseAddressPairs(parsed._.map(String), { allowEveryone: parsed.anyAddress });
  if (!admitted.ok) return admitted;
  return ok({ key, ...listen, slots, name, admitted: admitted.value, debug, daemon, allowRoot, audit });
}

/** `127.0.0.1:7070`, `[::1]:7070`, `host:0`. */
function parseListen(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const port = Number(digits);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}
