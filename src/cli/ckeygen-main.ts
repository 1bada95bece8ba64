/** What `ckeygen` does with its command line: makes the halves of a key pair, a user's credential, or a relay's key. */

import { buffer } from "node:stream/consumers";
import { formatMoment, parseFutureMoment } from "../base/moment.js";
import { USER_NAME } from "../base/user-name.js";
import { generateKeys } from "../net/generate-keys.js";
import { LAST_EXPIRY_MS } from "../net/key-expiry.js";
import { generateRelayKey } from "../net/generate-relay-key.js";
import { generateUserKey } from "../net/generate-user-key.js";
import { type OptionTable, parseWords } from "./parse-words.js";

const USAGE = `Usage: ckeygen [--stdin] [--expires WHEN] NAME [NAME.pub]
       ckeygen -c USER [--expires WHEN] NAME [FILE]
       ckeygen --relay NAME [NAME.relay]

Writes a key pair: NAME for the workers, NAME.pub for the clients. Both are secret.
A NAME that exists is left as it is, and NAME.pub is made of it again.

With -c, writes a credential that is USER's alone to FILE (NAME.USER unless given), for workers that root started and that hold
NAME; and prints the line by which they are told to let it in, for their /etc/mexec/authorized.

With --expires, everyone refuses the keys from then on. That cannot be changed afterwards.

With --relay, writes what cproxy needs to hand on announcements for NAME, and no more than that, to NAME.relay.`;

/** The status of a wrong call, as the tool's model has it. */
const USAGE_STATUS = 255;

/** What ckeygen takes. */
export const CKEYGEN_OPTIONS = {
  stdin: { type: "boolean", nargs: 0, describe: "make the keys of the text on standard input" },
  client: { alias: "c", type: "string", requiresArg: true, describe: "make a credential for this user" },
  expires: {
    type: "string",
    requiresArg: true,
    describe: "refuse the keys from then on: 2027-01-31, 2027-01-31T12:00Z, or in 90m, 12h, 30d, 8w, 2y",
  },
  relay: { type: "boolean", nargs: 0, describe: "make a relay's key" },
} as const satisfies OptionTable;

/** @returns the exit status */
export async function runCkeygen(given: readonly string[]): Promise<number> {
  // The historic spelling has one dash.
  const words = given.map((word) => (word === "-stdin" ? "--stdin" : word));
  const tool = { program: "ckeygen", usage: USAGE, options: CKEYGEN_OPTIONS, endsAtOperand: false };
  const parsed = await parseWords(tool, words);
  if (parsed === undefined) return 0;
  if (!parsed.ok) return misused(parsed.error);
  const { client, stdin = false, relay = false } = parsed.value;
  const names = parsed.value._.map(String);
  if (names.length > 2) return misused("too many names");
  const [name, pub = `${name ?? ""}.pub`] = names;
  if (name === undefined) return misused("which files? give NAME, and NAME.pub if it is to be elsewhere");
  if (relay && (stdin || client !== undefined || parsed.value.expires !== undefined))
    return misused("--relay makes nothing but a relay's key");
  if (client !== undefined && stdin) return misused("-c makes a key of nothing but chance, never of a text");
  const nowMs = Date.now();
  const expiresMs = parsed.value.expires === undefined ? undefined : parseFutureMoment(parsed.value.expires, nowMs);
  if (parsed.value.expires !== undefined && (expiresMs === undefined || expiresMs > LAST_EXPIRY_MS))
    return misused(`--expires takes 2027-01-31, 2027-01-31T12:00Z or 30d, not '${parsed.value.expires}'`);
  if (expiresMs !== undefined && expiresMs <= nowMs) return misused(`--expires: ${formatMoment(expiresMs)} is past`);
  if (relay) return makeRelay(names);
  if (client !== undefined) return makeClient({ user: client, expiresMs }, names);
  const text = stdin ? await buffer(process.stdin) : undefined;
  const { status, messages } = await generateKeys({ name, pub, text, expiresMs });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  return status;
}

function misused(message: string): number {
  process.stderr.write(`ckeygen: ${message}\nTry 'ckeygen --help'.\n`);
  return USAGE_STATUS;
}

interface ClientOf {
  readonly user: string;
  readonly expiresMs: number | undefined;
}

async function makeClient(
  { user, expiresMs }: ClientOf,
  [name = "", file = `${name}.${user}`]: readonly string[],
): Promise<number> {
  if (!USER_NAME.test(user)) {
    process.stderr.write(`ckeygen: '${user}' is no user's name\n`);
    return USAGE_STATUS;
  }
  const { status, messages, line } = await generateUserKey({ name, file, user, expiresMs });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  if (line !== undefined) process.stdout.write(`${line}\n`);
  return status;
}

function makeRelay([name = "", file = `${name}.relay`]: readonly string[]): number {
  const { status, messages } = generateRelayKey({ name, file });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  return status;
}
