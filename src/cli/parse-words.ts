/** How every tool but mpmake reads its command line: by a table of options, from which help and completion come, too. */

import yargs, { type Options } from "yargs";
import { fail, ok } from "../base/result.js";
import { COMPLETION_WORD, type CompletedOption, completionsOf, printCompletionScript, SHELLS } from "./completion.js";

/** A tool's options by their long names. Of a flag, `nargs: 0` keeps it from swallowing an operand called true or false. */
export type OptionTable = Readonly<Record<string, Options>>;

export interface Tool<Table extends OptionTable> {
  readonly program: string;
  /** What `--help` says before the options. */
  readonly usage: string;
  readonly options: Table;
  /** What follows the first operand is another program's. */
  readonly endsAtOperand: boolean;
}

/** What every tool has besides. */
export const COMMON_OPTIONS = {
  completion: {
    type: "string",
    choices: SHELLS,
    requiresArg: true,
    describe: "print a completion script for this shell",
  },
  help: { type: "boolean", nargs: 0, describe: "print this, and exit" },
} as const satisfies OptionTable;

/**
 * Reads a command line by a tool's options, or says what is wrong with it. Asked for help or completion it prints that and returns
 * undefined.
 */
export async function parseWords<Table extends OptionTable>(tool: Tool<Table>, words: readonly string[]) {
  if (words[0] === COMPLETION_WORD) {
    complete(tool, words.slice(1));
    return undefined;
  }
  const mistakes: string[] = [];
  const answers: string[] = [];
  const parsed = await yargs([...words])
    .scriptName(tool.program)
    .usage(tool.usage)
    .parserConfiguration({
      "halt-at-non-option": tool.endsAtOperand,
      "parse-positional-numbers": false,
      "boolean-negation": !Object.keys(tool.options).some((name) => name.startsWith("no-")),
      "duplicate-arguments-array": Object.values(tool.options).some(({ array }) => array === true),
    })
    .options(tool.options)
    .options(COMMON_OPTIONS)
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
  const shell = SHELLS.find((name) => name === parsed["completion"]);
  if (answers.length > 0) process.stdout.write(`${answers.join("\n")}\n`);
  else if (shell !== undefined) printCompletionScript(tool.program, shell);
  else return ok(parsed);
  return undefined;
}

/** A table's options as completion sees them. */
export function completedOptions(table: OptionTable): readonly CompletedOption[] {
  return Object.entries<Options>(table).map(([name, { alias = [], type, choices }]) => {
    const names = [name, ...[alias].flat()].map((it) => (it.length === 1 ? `-${it}` : `--${it}`));
    return { names, takesWord: type !== "boolean", choices: [choices ?? []].flat().map(String) };
  });
}

function complete({ options: own, endsAtOperand }: Tool<OptionTable>, words: readonly string[]): void {
  const options = completedOptions({ ...own, ...COMMON_OPTIONS });
  for (const word of completionsOf({ words, options, operands: [], endsAtOperand })) process.stdout.write(`${word}\n`);
}
