/** The tool `ckeygen`: makes the two halves of a key pair. */

import { buffer } from "node:stream/consumers";
import { hideBin } from "yargs/helpers";
import yargs from "yargs";
import { USER_NAME } from "../base/user-name.js";
import { generateKeys } from "../net/generate-keys.js";
import { generateRelayKey } from "../net/generate-relay-key.js";
import { generateUserKey } from "../net/generate-user-key.js";

const USAGE = `Usage: ckeygen [--stdin] NAME [NAME.pub]
       ckeygen -c USER NAME [FILE]
       ckeygen --relay NAME [NAME.relay]

Writes a key pair: NAME for the workers, NAME.pub for the clients. Both are secret.
A NAME that exists is left as it is, and NAME.pub is made of it again.

With -c, writes a credential that is USER's alone to FILE (NAME.USER unless given), for workers that root started and that hold
NAME; and prints the line by which they are told to let it in, for their /etc/mexec/authorized.

With --relay, writes what cproxy needs to hand on announcements for NAME, and no more than that, to NAME.relay.`;

/** The status of a wrong call, as the tool's model has it. */
const USAGE_STATUS = 255;

async function main(): Promise<number> {
  // The historic spelling has one dash.
  const words = hideBin(process.argv).map((word) => (word === "-stdin" ? "--stdin" : word));
  const options = await yargs(words)
    .parserConfiguration({ "parse-positional-numbers": false })
    .scriptName("ckeygen")
    .usage(USAGE)
    .option("stdin", { type: "boolean", default: false, describe: "make the keys of the text on standard input" })
    .option("client", { alias: "c", type: "string", requiresArg: true, describe: "make a credential for this user" })
    .option("relay", { type: "boolean", default: false, describe: "make a relay's key" })
    .completion("completion", "print a completion script for the shell")
    .check(
      ({ client, stdin }) => client === undefined || !stdin || "-c makes a key of nothing but chance, never of a text",
    )
    .demandCommand(1, 2, "which files? give NAME, and NAME.pub if it is to be elsewhere", "too many names")
    .strictOptions()
    .version(false)
    .fail((message, error) => {
      process.stderr.write(`ckeygen: ${message || error.message}\nTry 'ckeygen --help'.\n`);
      process.exit(USAGE_STATUS);
    })
    .parse();
  const [name = "", pub = `${name}.pub`] = options._.map(String);
  if (options.relay) return makeRelay(options._.map(String));
  if (options.client !== undefined) return makeClient(options.client, options._.map(String));
  const text = options.stdin ? await buffer(process.stdin) : undefined;
  const { status, messages } = await generateKeys({ name, pub, text });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  return status;
}

async function makeClient(user: string, [name = "", file = `${name}.${user}`]: readonly string[]): Promise<number> {
  if (!USER_NAME.test(user)) {
    process.stderr.write(`ckeygen: '${user}' is no user's name\n`);
    return USAGE_STATUS;
  }
  const { status, messages, line } = await generateUserKey({ name, file, user });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  if (line !== undefined) process.stdout.write(`${line}\n`);
  return status;
}

function makeRelay([name = "", file = `${name}.relay`]: readonly string[]): number {
  const { status, messages } = generateRelayKey({ name, file });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  return status;
}

// A failure that nobody foresaw ends the program with its trace.
void main().then((status) => (process.exitCode = status));
