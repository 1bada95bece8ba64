/** `--completion`, and the questions that the shell asks afterwards. */

import type { InvocationContext } from "../session/context.js";
import { listTargets } from "../session/list-targets.js";
import { completions, printCompletionScript } from "./mpmake-help.js";

const PROGRAM = "mpmake";

/** @returns the exit status */
export async function answerCompletion(context: InvocationContext): Promise<number> {
  const { argv } = context;
  if (argv[0] === "--get-yargs-completions") {
    const words = argv.slice(1);
    const found = await completions(words, PROGRAM, listTargets(context));
    process.stdout.write(found.map((word) => `${word}\n`).join(""));
    return 0;
  }
  const at = argv.findIndex((word) => word.startsWith("--completion"));
  const shell = argv[at]?.split("=")[1] ?? argv[at + 1];
  if (shell !== "bash" && shell !== "zsh") {
    process.stderr.write("mpmake: --completion is for bash or zsh\n");
    return 2;
  }
  printCompletionScript(PROGRAM, shell);
  return 0;
}
