/** The tool `ckeygen`: makes the two halves of a key pair. */

import { buffer } from "node:stream/consumers";
import { hideBin } from "yargs/helpers";
import yargs from "yargs";
import { generateKeys } from "../net/generate-keys.js";

const USAGE = `Usage: ckeygen [--stdin] NAME [NAME.pub]

Writes a key pair: NAME for the workers, NAME.pub for the clients. Both are secret.
A NAME that exists is left as it is, and NAME.pub is made of it again.`;

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
    .completion("completion", "print a completion script for the shell")
    .demandCommand(1, 2, "which files? give NAME, and NAME.pub if it is to be elsewhere", "too many names")
    .strictOptions()
    .version(false)
    .fail((message, error) => {
      process.stderr.write(`ckeygen: ${message || error.message}\nTry 'ckeygen --help'.\n`);
      process.exit(USAGE_STATUS);
    })
    .parse();
  const [name = "", pub = `${name}.pub`] = options._.map(String);
  const text = options.stdin ? await buffer(process.stdin) : undefined;
  const { status, messages } = await generateKeys({ name, pub, text });
  for (const message of messages) process.stderr.write(`ckeygen: ${message}\n`);
  return status;
}

// A failure that nobody foresaw ends the program with its trace.
void main().then((status) => (process.exitCode = status));
