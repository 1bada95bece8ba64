/** What the environment's MAKEFLAGS and the command line say together: switches, goals, assignments. */

import { environmentValue } from "./context.js";
import { makeflagsWords } from "./makeflags.js";
import { type ArgumentError, parseArguments } from "./parse-arguments.js";
import { Switches } from "./switches.js";

export interface CommandLine {
  readonly switches: Switches;
  /** Goals and assignments, those of the environment first. */
  readonly operands: readonly string[];
  /** What is wrong, and with which name before it. */
  readonly errors: readonly string[];
}

export interface CommandLineRequest {
  readonly argv0: string;
  /** What messages begin with. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  /** The value of an environment variable, its references to others expanded. */
  readonly expand: (value: string) => string;
}

/** Reads GNUMAKEFLAGS, MAKEFLAGS and the arguments, in that order. */
export function readCommandLine({ argv0, program, argv, environment, expand }: CommandLineRequest): CommandLine {
  const switches = new Switches();
  const operands: string[] = [];
  const errors: string[] = [];
  const take = (words: readonly string[], origin: "environment" | "command line"): void => {
    const parsed = parseArguments(words);
    switches.apply(parsed.settings, origin);
    operands.push(...parsed.operands.filter((word) => word !== "" && word !== "-"));
    // getopt knows no name for what stands in a variable.
    const getopt = origin === "command line" ? argv0 : "";
    errors.push(
      ...parsed.errors.map(({ kind, text }: ArgumentError) => `${kind === "option" ? getopt : program}: ${text}`),
    );
  };
  for (const name of ["GNUMAKEFLAGS", "MAKEFLAGS"]) {
    const value = environmentValue(environment, name);
    if (value !== undefined) take(makeflagsWords(expand(value)), "environment");
  }
  take(argv, "command line");
  if (switches.has("noBuiltinVariables")) switches.setFlag("noBuiltinRules", true);
  chooseShuffle(switches);
  return { switches, operands, errors };
}

/** `none` is as if never given; `random` is made a seed once, so that sub-makes shuffle alike. */
function chooseShuffle(switches: Switches): void {
  const mode = switches.value("shuffle");
  if (mode === undefined) return;
  const seed = mode.toLowerCase() === "random" ? Math.floor(Math.random() * SEEDS) : Number(mode) >>> 0;
  if (mode.toLowerCase() === "none") switches.setValue("shuffle", undefined);
  else if (mode.toLowerCase() === "random" || /^-?\d+$/.test(mode)) switches.setValue("shuffle", String(seed));
  else switches.setValue("shuffle", mode.toLowerCase());
}

const SEEDS = 2 ** 32;
