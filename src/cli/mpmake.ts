/** The tool `mpmake`: a make whose recipes run on a cluster. */

import { Canceller } from "../base/abort.js";
import { currentDirectory } from "../os/current-directory.js";
import { readProcessCall } from "../os/environment.js";
import { readUmask } from "../os/umask.js";
import { dieBy, keepIgnoring, onDebugSignal, onFatalSignals, onStops } from "../os/signals.js";
import { runMake } from "../session/invocation.js";
import type { InvocationContext } from "../session/context.js";
import { type CommandCall, commandIn } from "./cluster-command.js";

async function main(): Promise<void> {
  const call = readProcessCall();
  keepIgnoring(call.launched.ignoredSignals);
  const context = contextOf(call);
  if (isAboutCompletion(call.argv)) {
    const { answerCompletion } = await import("./mpmake-completion.js");
    process.exit(answerCompletion(context));
  }
  const command = commandIn(context);
  if (command?.claim === "certain") await endAs(command, context);
  const answer = { isGoal: true };
  const onAnswer = (isGoal: boolean): void => void (answer.isGoal = isGoal);
  const wish = command && { word: command.command, isOnlyAsked: false, onAnswer };
  const outcome = await runMake({ ...context, command: wish });
  if (command !== undefined && !answer.isGoal) await endAs(command, context);
  if (outcome.kind === "signalled") dieBy(outcome.signal);
  process.exit(outcome.code);
}

/** Does not return. */
async function endAs(command: CommandCall, context: InvocationContext): Promise<void> {
  const { runClusterCommand } = await import("./mpmake-cluster.js");
  process.exit(await runClusterCommand(command, context));
}

function isAboutCompletion(argv: readonly string[]): boolean {
  return argv[0] === "--get-yargs-completions" || argv.some((word) => /^--completion(?:=|$)/.test(word));
}

function contextOf(call: ReturnType<typeof readProcessCall>): InvocationContext {
  return {
    ...call,
    directory: currentDirectory(),
    stdin: 0,
    stdout: 1,
    stderr: 2,
    userId: process.getuid?.() ?? 0,
    umask: readUmask(),
    cancel: new Canceller(),
    onDebugSignal,
    onStops: (listener) => onStops(listener, call.launched.ignoredSignals),
    onSignals: (listener) => onFatalSignals(listener, call.launched.ignoredSignals),
    help: async (program) => (await import("./mpmake-help.js")).helpText(program),
    columns: columnsOfTerminal(),
  };
}

function columnsOfTerminal(): (() => number) | undefined {
  // Asked of the environment first: process.stderr makes a stream, which a plain run does not need.
  return process.argv.includes("--progress") && process.stderr.isTTY ? () => process.stderr.columns : undefined;
}

// A failure that nobody foresaw ends the program with its trace.
void main();
