/** When `mpmake up`, `join`, `drain` and `status` are commands, and not goals. Part of every start: so it is small, and seldom looks at anything. */

import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { attempt } from "../os/attempt.js";
import { toPath } from "../os/bytes.js";
import type { OptionKey } from "../session/option-table.js";
import { parseArguments } from "../session/parse-arguments.js";

export const CLUSTER_COMMANDS = ["up", "join", "drain", "status"] as const;

export type ClusterCommand = (typeof CLUSTER_COMMANDS)[number];

/** What a command line asks for. */
export interface CommandCall {
  /** One of `CLUSTER_COMMANDS`, or what stands in its place. */
  readonly command: string;
  /** All behind it. */
  readonly words: readonly string[];
  /** `certain`: it is the command; `perhaps`: only if make has nothing to build by that name. */
  readonly claim: "certain" | "perhaps";
}

export interface CallQuestion {
  readonly argv0: string;
  readonly argv: readonly string[];
  /** `NAME=value` each. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
}

/** The spelling that no goal can have: for scripts, and where there is such a goal. */
const SPELLING = /^--cluster(?:=(.*))?$/s;
/** Called by these names it is make, and nothing else. */
const MAKES: ReadonlySet<string> = new Set(["make", "gmake"]);
/** What names makefiles, or makes something of a name, where no makefile is. */
const TELLING = /^(MAKEFLAGS|GNUMAKEFLAGS|MAKEFILES|VPATH)=./s;
const MAKEFILES: ReadonlySet<string> = new Set(["GNUmakefile", "makefile", "Makefile"]);
/** Where built-in rules look for sources. */
const REVISIONS: ReadonlySet<string> = new Set(["RCS", "SCCS"]);

/** @returns undefined: it is make that is called */
export function commandIn(question: CallQuestion): CommandCall | undefined {
  const [first = "", ...rest] = question.argv;
  const spelled = SPELLING.exec(first);
  if (spelled !== null) {
    const [command = "", ...words] = spelled[1] === undefined ? rest : [spelled[1], ...rest];
    return { command, words, claim: "certain" };
  }
  if (!(CLUSTER_COMMANDS as readonly string[]).includes(first) || !mayBeMeant(question)) return undefined;
  const claim = hasNothingToRead(question, first) ? "certain" : "perhaps";
  return isMakes(rest, claim) ? undefined : { command: first, words: rest, claim };
}

/** Recipes and scripts that call make mean make. */
function mayBeMeant({ argv0, environment }: CallQuestion): boolean {
  return !MAKES.has(basename(argv0)) && !environment.some((entry) => /^MAKELEVEL=.*[1-9]/s.test(entry));
}

/** Whether what stands behind a word is for make to read: assignments, and options of make's alone. Make would not go on with others. */
function isMakes(words: readonly string[], claim: CommandCall["claim"]): boolean {
  const { settings, operands, errors } = parseArguments(words);
  const isShared = (key: OptionKey): boolean => key === "json" || (key === "help" && claim === "certain");
  return (
    operands.some((word) => /^[^/]+=/s.test(word)) ||
    (errors.length === 0 && !settings.every(({ key }) => isShared(key)))
  );
}

/** No makefile, no file of that name, and nothing of which a built-in rule could make one. */
function hasNothingToRead({ environment, directory }: CallQuestion, command: string): boolean {
  if (environment.some((entry) => TELLING.test(entry))) return false;
  const names = attempt(() => readdirSync(toPath(directory), { encoding: "latin1" }));
  return names?.every((name) => !couldBeRead(name, command)) === true;
}

function couldBeRead(name: string, command: string): boolean {
  return MAKEFILES.has(name) || REVISIONS.has(name) || name.startsWith(command) || name.startsWith(`s.${command}`);
}
