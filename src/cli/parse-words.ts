/** How every tool but mpmake reads its command line. */

import type { Argv } from "yargs";
import { fail, ok } from "../base/result.js";

/**
 * Reads a command line by a tool's options, or says what is wrong with it. Asked for help or completion it prints that and returns
 * undefined.
 */
export async function parseWords<T>(parser: Argv<T>, words: readonly string[]) {
  const mistakes: string[] = [];
  const answers: string[] = [];
  const parsed = await parser
    .completion("completion", "print a completion script for the shell")
    .strictOptions()
    .version(false)
    .wrap(null)
    .exitProcess(false)
    .fail((message, error) => mistakes.push(message || error.message))
    .parseAsync([...words], {}, (_, __, output) => {
      if (output !== "") answers.push(output);
    });
  const [mistake] = mistakes;
  if (mistake !== undefined) return fail(mistake);
  if (answers.length === 0) return ok(parsed);
  process.stdout.write(`${answers.join("\n")}\n`);
  return undefined;
}
