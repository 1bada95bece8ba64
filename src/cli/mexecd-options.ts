/** The command line of `mexecd`. */

import { isIP } from "node:net";
import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../base/result.js";
import { parseSize } from "../base/size.js";
import type { Munge } from "../net/munge.js";
import { parseAddressPairs } from "../node/address-pairs.js";
import type { JobLimits } from "../node/limit-watch.js";
import type { TermsFiles } from "../node/terms.js";
import { type GroupAddress, parseGroup } from "../wire/group.js";
import { type OptionTable, parseWords } from "./parse-words.js";

export interface MexecdOptions {
  readonly files: TermsFiles;
  readonly address: string;
  readonly port: number;
  /** Where announcements are heard; undefined: nowhere. */
  readonly group: readonly GroupAddress[] | undefined;
  readonly slots: number;
  readonly name: string;
  readonly debug: boolean;
  readonly daemon: boolean;
  /** Started as root, it runs recipes as root, in one process. */
  readonly allowRoot: boolean;
  /** Whom the half that talks to the network becomes; the first of these that there is. */
  readonly networkUsers: readonly string[];
  /** Where the log goes; standard error unless given. */
  readonly audit: string | undefined;
  readonly pidFile: string | undefined;
  readonly munge: Munge;
  readonly limits: JobLimits;
}

const USAGE = `Usage: mexecd --key NAME [--listen ADDRESS:PORT] [OPTION]... [ADDRESS MASK]...

Runs the recipes of clients. Started by a user: as that user, for clients that hold NAME.pub. Started by root: as the users that
--authorized gives each client's credential. Only this machine's own addresses are listened to, and those that an
ADDRESS MASK pair admits: 10.0.0.0 255.0.0.0 admits all that begin with 10.

SIGHUP reads all files again; SIGTERM lets jobs finish and ends, a second one, or SIGINT, ends at once.`;

/** The file that says who may do what, when root starts a worker and names no other. */
const AUTHORIZED = "/etc/mexec/authorized";

/** What mexecd takes. */
export const MEXECD_OPTIONS = {
  key: { type: "string", requiresArg: true, describe: "the worker's key file, made by ckeygen" },
  listen: {
    type: "string",
    requiresArg: true,
    default: "127.0.0.1:7070",
    describe: "ADDRESS:PORT; port 0 is a free one",
  },
  slots: { type: "number", requiresArg: true, default: availableParallelism(), describe: "jobs to offer at once" },
  name: { type: "string", requiresArg: true, default: hostname(), describe: "how this node is called" },
  group: {
    type: "string",
    requiresArg: true,
    describe:
      "be found by builds that announce themselves to [DEVICE:]ADDRESS[:PORT],...; 255.255.255.255 is all of the network",
  },
  pairs: { type: "string", requiresArg: true, describe: "read ADDRESS MASK pairs from this file too, one a line" },
  authorized: {
    type: "string",
    requiresArg: true,
    describe: `who may run recipes as whom; ${AUTHORIZED} when root starts it`,
  },
  "job-memory": {
    type: "string",
    requiresArg: true,
    describe: "end a job that takes more memory than this, such as 2G",
  },
  "job-pids": { type: "number", requiresArg: true, describe: "end a job that has more processes than this" },
  "munge-socket": {
    type: "string",
    requiresArg: true,
    describe: "where munged listens, for auth=munge; where it usually does",
  },
  debug: { type: "boolean", nargs: 0, describe: "say what happens, on standard error" },
  audit: {
    type: "string",
    requiresArg: true,
    describe: "append the log of all jobs to this file instead of standard error",
  },
  daemon: { type: "boolean", nargs: 0, describe: "go into the background when ready; needs --audit" },
  "pid-file": { type: "string", requiresArg: true, describe: "write the process's number to this file" },
  "any-address": { type: "boolean", nargs: 0, describe: "let the mask 0.0.0.0 admit every address" },
  "allow-root": { type: "boolean", nargs: 0, describe: "started as root, run all recipes as root" },
  "network-user": {
    type: "string",
    requiresArg: true,
    describe: "started as root: the account of the half that talks to the network; mexecd, else nobody",
  },
} as const satisfies OptionTable;

/** The options, or what is wrong with them. Asked for help or completion it prints that and returns undefined. */
export async function parseMexecdOptions(
  words: readonly string[],
  isRoot: boolean,
): Promise<Result<MexecdOptions, string> | undefined> {
  const tool = { program: "mexecd", usage: USAGE, options: MEXECD_OPTIONS, endsAtOperand: false };
  const given = await parseWords(tool, words);
  return given?.ok === true ? checked(given.value, isRoot) : given;
}

interface Parsed {
  readonly _: readonly (string | number)[];
  readonly key?: string | undefined;
  readonly listen: string;
  readonly slots: number;
  readonly name: string;
  readonly group?: string | undefined;
  readonly pairs?: string | undefined;
  readonly authorized?: string | undefined;
  readonly debug?: boolean | undefined;
  readonly audit?: string | undefined;
  readonly daemon?: boolean | undefined;
  readonly pidFile?: string | undefined;
  readonly anyAddress?: boolean | undefined;
  readonly allowRoot?: boolean | undefined;
  readonly networkUser?: string | undefined;
  readonly mungeSocket?: string | undefined;
  readonly jobMemory?: string | undefined;
  readonly jobPids?: number | undefined;
}

function checked(parsed: Parsed, isRoot: boolean): Result<MexecdOptions, string> {
  const { slots, name, debug = false, daemon = false, allowRoot = false, audit, networkUser } = parsed;
  if (!Number.isInteger(slots) || slots < 1 || slots > 65_535)
    return fail("--slots must be a whole number from 1 to 65535");
  if (name === "") return fail("--name must not be empty");
  if (daemon && audit === undefined) return fail("--daemon needs --audit FILE, where its log is to go");
  if (allowRoot && parsed.authorized !== undefined) return fail("--allow-root and --authorized exclude each other");
  const listen = parseListen(parsed.listen);
  if (listen === undefined) return fail(`--listen must be ADDRESS:PORT, not '${parsed.listen}'`);
  const group = parsed.group === undefined ? ok(undefined) : parseGroup(parsed.group, (text) => isIP(text) !== 0);
  if (!group.ok) return fail(`--group: ${group.error}`);
  const limits = limitsOf(parsed);
  if (!limits.ok) return limits;
  const files = filesOf(parsed, isRoot);
  if (!files.ok) return files;
  return ok({
    files: files.value,
    ...listen,
    group: group.value,
    slots,
    name,
    debug,
    daemon,
    allowRoot,
    networkUsers: networkUser === undefined ? ["mexecd", "nobody"] : [networkUser],
    audit: absolute(audit),
    pidFile: absolute(parsed.pidFile),
    munge: { socket: absolute(parsed.mungeSocket) },
    limits: limits.value,
  });
}

function limitsOf({ jobMemory, jobPids: processes }: Parsed): Result<JobLimits, string> {
  const memoryBytes = jobMemory === undefined ? undefined : parseSize(jobMemory);
  if (jobMemory !== undefined && (memoryBytes === undefined || memoryBytes === 0))
    return fail(`--job-memory must be a size such as 512M or 2G, not '${jobMemory}'`);
  if (processes !== undefined && (!Number.isInteger(processes) || processes < 1))
    return fail("--job-pids must be a whole number, at least 1");
  return ok({ memoryBytes, processes });
}

function filesOf(parsed: Parsed, isRoot: boolean): Result<TermsFiles, string> {
  const { key, anyAddress: allowEveryone = false, allowRoot = false } = parsed;
  if (key === undefined || key === "") return fail("which key? --key NAME names the worker's file, made by ckeygen");
  const admitted = parseAddressPairs(parsed._.map(String), { allowEveryone });
  if (!admitted.ok) return admitted;
  return ok({
    key: resolve(key),
    pairs: absolute(parsed.pairs),
    authorized: absolute(parsed.authorized) ?? (isRoot && !allowRoot ? AUTHORIZED : undefined),
    admitted: admitted.value,
    allowEveryone,
    opensMunge: isRoot && !allowRoot,
  });
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

/** `127.0.0.1:7070`, `[::1]:7070`, `host:0`. */
function parseListen(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const port = Number(digits);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}
