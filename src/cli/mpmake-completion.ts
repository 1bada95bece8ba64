/** `--completion`, and the questions that the shell asks afterwards. */

import type { InvocationContext } from "../session/context.js";
import { listTargets } from "../session/list-targets.js";
import { OPTION_KEYS, optionSpec } from "../session/option-table.js";
import { CLUSTER_COMMANDS } from "./cluster-command.js";
import { CLUSTER_OPTIONS } from "./cluster-options.js";
import {
  COMPLETION_WORD,
  type CompletedOption,
  type CompletionRequest,
  completionsOf,
  printCompletionScript,
  SHELLS,
} from "./completion.js";
import { completedOptions } from "./parse-words.js";

const PROGRAM = "mpmake";

/** @returns the exit status */
export function answerCompletion(context: InvocationContext): number {
  const { argv } = context;
  if (argv[0] === COMPLETION_WORD) {
    const found = completionsOf(requestFor(argv.slice(1), listTargets(context)));
    process.stdout.write(found.map((word) => `${word}\n`).join(""));
    return 0;
  }
  const at = argv.findIndex((word) => word.startsWith("--completion"));
  const named = argv[at]?.split("=")[1] ?? argv[at + 1];
  const shell = SHELLS.find((name) => name === named);
  if (shell === undefined) {
    process.stderr.write("mpmake: --completion is for bash, zsh or fish\n");
    return 2;
  }
  printCompletionScript(PROGRAM, shell);
  return 0;
}

/** Behind a command's word its own options follow; the word itself is offered to who has begun it. */
function requestFor(words: readonly string[], targets: readonly string[]): CompletionRequest {
  const [, first = ""] = words;
  const common = { words, endsAtOperand: false };
  const command = CLUSTER_COMMANDS.find((word) => word === first && words.length > 2 && !targets.includes(word));
  if (command !== undefined) return { ...common, options: completedOptions(CLUSTER_OPTIONS[command]), operands: [] };
  const isBegun = words.length === 2 && first !== "";
  return {
    ...common,
    options: makesOptions(),
    operands: [...new Set([...targets, ...(isBegun ? CLUSTER_COMMANDS : [])])],
  };
}

function makesOptions(): readonly CompletedOption[] {
  const shown = OPTION_KEYS.filter((key) => optionSpec(key).help !== undefined);
  return shown.map((key) => {
    const { letters, names, argument } = optionSpec(key);
    return {
      names: [...names.map((name) => `--${name}`), ...Array.from(letters, (letter) => `-${letter}`)],
      takesWord: argument === "required",
      choices: key === "completion" ? SHELLS : key === "cluster" ? CLUSTER_COMMANDS : [],
    };
  });
}
