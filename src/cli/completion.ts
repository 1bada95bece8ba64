/** Completion in the shell: the scripts that ask a tool what could follow the words typed so far, and the answers. */

import yargs from "yargs";

/** The shells for which there is a script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What stands first when a shell asks; the tool's name and the words behind it follow, the one that is being typed last. */
export const COMPLETION_WORD = "--get-yargs-completions";

/** An option as completion sees it. */
export interface CompletedOption {
  /** With their dashes. */
  readonly names: readonly string[];
  /** Whether the next word is its argument. */
  readonly takesWord: boolean;
  /** What that may be, where it is one of a few. */
  readonly choices: readonly string[];
}

export interface CompletionRequest {
  /** All behind `COMPLETION_WORD`. */
  readonly words: readonly string[];
  readonly options: readonly CompletedOption[];
  /** What could stand where no option does. */
  readonly operands: readonly string[];
  /** What follows the first operand is another program's. */
  readonly endsAtOperand: boolean;
}

/** What could be meant; nothing where a file's name belongs, which is for the shell to see to. */
export function completionsOf({ words, options, operands, endsAtOperand }: CompletionRequest): readonly string[] {
  const typed = words.at(-1) ?? "";
  // bash parts words at equals signs, too.
  if (typed === "=" || words.at(-2) === "=") return [];
  const before = words.slice(1, -1).filter((word) => word !== "=");
  const valueOf = (at: number): CompletedOption | undefined =>
    options.find(({ names, takesWord }) => takesWord && names.includes(before[at - 1] ?? ""));
  const hasOperand = before.some((word, at) => !word.startsWith("-") && valueOf(at) === undefined);
  const starting = (candidates: readonly string[]): readonly string[] =>
    candidates.filter((it) => it.startsWith(typed));
  const awaiting = valueOf(before.length);
  if (awaiting !== undefined) return starting(awaiting.choices);
  if (endsAtOperand && (hasOperand || before.includes("--"))) return [];
  const isOption = typed.startsWith("-") && !before.includes("--");
  // Names that begin with a dot are offered to who types one, as a shell does with files.
  const shown = operands.filter((name) => !name.startsWith(".") || typed.startsWith("."));
  return starting(isOption ? options.flatMap(({ names }) => names) : shown);
}

/** Prints the script for a shell, which asks the program of that name in PATH. */
export function printCompletionScript(program: string, shell: (typeof SHELLS)[number]): void {
  if (shell === "fish") {
    process.stdout.write(fishScript(program));
    return;
  }
  // yargs writes for the shell that it finds in the environment.
  process.env["SHELL"] = `/bin/${shell}`;
  delete process.env["ZSH_NAME"];
  yargs([]).scriptName(program).completion(`--completion ${shell}`, false).showCompletionScript();
}

/** That of yargs does not say where the cursor is, and leaves files out. */
function fishScript(program: string): string {
  const ask = `${program} ${COMPLETION_WORD} (commandline -opc) "$(commandline -ct)"`;
  return `# Installation: ${program} --completion fish > ~/.config/fish/completions/${program}.fish\ncomplete -c ${program} -a '(${ask})'\n`;
}
