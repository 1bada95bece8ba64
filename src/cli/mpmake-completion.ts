/** `--completion`, and the questions that the shell asks afterwards. */

import type { InvocationContext } from "../session/context.js";
import { listTargets } from "../session/list-targets.js";
import { OPTION_KEYS, optionSpec } from "../session/option-table.js";
import { COMPLETION_WORD, type CompletedOption, completionsOf, printCompletionScript, SHELLS } from "./completion.js";

const PROGRAM = "mpmake";

/** @returns the exit status */
export function answerCompletion(context: InvocationContext): number {
  const { argv } = context;
  if (argv[0] === COMPLETION_WORD) {
    const request = { options: completedOptions(), operands: listTargets(context), endsAtOperand: false };
    const found = completionsOf({ ...request, words: argv.slice(1) });
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

function completedOptions(): readonly CompletedOption[] {
  const shown = OPTION_KEYS.filter((key) => optionSpec(key).help !== undefined);
  return shown.map((key) => {
    const { letters, names, argument } = optionSpec(key);
    return {
      names: [...names.map((name) => `--${name}`), ...Array.from(letters, (letter) => `-${letter}`)],
      takesWord: argument === "required",
      choices: key === "completion" ? SHELLS : [],
    };
  });
}
