/** The help of mpmake, by yargs from the table of options; loaded only when asked for. */

import yargs, { type Argv, type Options } from "yargs";
import { OPTION_KEYS, optionSpec, type OptionSpec } from "../session/option-table.js";

const GROUP = "Options:";
const OUR_GROUP = "Options of mpmake itself, to be spelled in full:";
const COLUMNS = 80;

/** The whole text of `--help`, newline included. */
export async function helpText(program: string): Promise<string> {
  const help = await describe(yargs([]), program).getHelp();
  return `${help.replace("\n\n", "\n")}\n\nThis program built for x86_64-pc-linux-gnu: mpmake, which does what GNU Make 4.4.1 does.\n`;
}

function describe(parser: Argv, program: string): Argv {
  let described = parser
    .scriptName(program)
    .usage("Usage: $0 [options] [target] ...")
    .help(false)
    .version(false)
    .wrap(COLUMNS)
    .parserConfiguration({ "boolean-negation": false });
  for (const key of OPTION_KEYS) {
    const spec: OptionSpec = optionSpec(key);
    if (spec.help === undefined) continue;
    const [name = "", ...aliases] = [...spec.names, ...Array.from(spec.letters)];
    described = described.option(name, { ...yargsOptions(spec), alias: aliases });
  }
  return described;
}

function yargsOptions(spec: OptionSpec): Options {
  const group = spec.isOurs === true ? OUR_GROUP : GROUP;
  const text = spec.value === undefined ? (spec.help ?? "") : `${spec.value}: ${spec.help ?? ""}`;
  // The type would be shown beside each option.
  return { group, describe: text, requiresArg: spec.argument === "required" };
}
