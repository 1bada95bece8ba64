/** One make invocation from its arguments to its exit status. */

import { basename } from "node:path";
import { resolveIn } from "../os/bytes.js";
import { isInMask } from "../os/signals.js";
import { BrokenOutput, TextOutput } from "./text-output.js";
import { type CommandLine, readCommandLine } from "./command-line.js";
import {
  type CommandWish,
  environmentValue,
  FAILED,
  type InvocationContext,
  SUCCEEDED,
  WRITE_FAILED,
} from "./context.js";
import { expandAlone } from "./expand-alone.js";
import type { MakeOutcome } from "../base/exit-status.js";
import { MakeRun } from "./make-run.js";
import { VERSION_LINES } from "./version.js";
import type { Voice } from "./voice.js";

const SIGPIPE = 13;

/** Runs make as `context` says. Rejects only for a fault of ours. */
export async function runMake(context: InvocationContext): Promise<MakeOutcome> {
  const { stdout, stderr, makeRoom, launched } = context;
  const endsByPipe = !isInMask(launched.ignoredSignals, SIGPIPE);
  const output = new TextOutput({ stdout, stderr, endsByPipe, makeRoom });
  if (makeRoom !== undefined) output.waitForNobody(() => undefined);
  const level = levelOf(context.environment);
  const program = programName(context.argv0, level);
  try {
    const outcome = await dispatch(context, { output, level, program });
    if (outcome.kind === "exited") {
      await output.behind();
      if (makeRoom !== undefined && output.isBroken) return { kind: "signalled", signal: SIGPIPE };
    }
    const { complaint } = output;
    if (complaint === undefined) return outcome;
    output.write("stderr", `${program}: ${complaint}\n`);
    return outcome.kind === "exited" ? { kind: "exited", code: WRITE_FAILED } : outcome;
  } catch (error) {
    if (error instanceof BrokenOutput) return { kind: "signalled", signal: SIGPIPE };
    throw error;
  } finally {
    if (context.above !== undefined) output.close();
  }
}

async function dispatch(context: InvocationContext, voice: Voice): Promise<MakeOutcome> {
  const { output, program } = voice;
  const commandLine = commandLineOf(context, program);
  if (commandLine.errors.length > 0) {
    const { command } = context;
    if (command !== undefined && !(await hasGoal(command, context, voice))) return { kind: "exited", code: FAILED };
    const help = await context.help(basename(context.argv0));
    output.write("stderr", `${commandLine.errors.join("\n")}\n${help}`);
    return { kind: "exited", code: FAILED };
  }
  const misplaced = commandLine.switches.value("cluster");
  if (misplaced !== undefined) {
    output.write("stderr", `mpmake: --cluster=${misplaced} has to be the first word\n`);
    return { kind: "exited", code: FAILED };
  }
  if (commandLine.switches.has("help")) {
    output.writeOnly(await context.help(basename(context.argv0)));
    return { kind: "exited", code: SUCCEEDED };
  }
  if (commandLine.switches.has("version")) {
    output.writeOnly(`${VERSION_LINES.join("\n")}\n`);
    return { kind: "exited", code: SUCCEEDED };
  }
  if (commandLine.switches.has("doctor")) {
    const { runDoctor } = await import("./doctor.js");
    return { kind: "exited", code: await runDoctor({ context, voice, ...commandLine }) };
  }
  const readAgain = (): CommandLine => commandLineOf(context, program);
  const makeRun = (): MakeRun =>
    new MakeRun({ context: withOwnPath(context), voice, runMake, readCommandLine: readAgain }, commandLine);
  if (!commandLine.switches.has("watch")) return makeRun().run();
  const { keepMaking } = await import("./watching.js");
  return keepMaking({
    run: async () => {
      const run = makeRun();
      return { outcome: await run.run(), sources: run.sources };
    },
    say: (text) => output.write("stderr", `${program}: ${text}\n`),
    cancel: context.cancel,
    nowMs: () => Date.now(),
  });
}

/** Words that are not make's may be a command's: the makefiles say whether its name is a goal. False, too, if they cannot be read. */
async function hasGoal(command: CommandWish, context: InvocationContext, voice: Voice): Promise<boolean> {
  if (command.isOnlyAsked) {
    command.onAnswer(true); // what is wrong is in the environment, too, and told of by who asks
    return false;
  }
  let answer: boolean | undefined;
  const onAnswer = (has: boolean): void => void (answer = has);
  const { word } = command;
  await dispatch({ ...context, argv: [word], command: { word, isOnlyAsked: true, onAnswer } }, voice);
  if (answer !== undefined) command.onAnswer(answer);
  return answer === true;
}

/** What leads to make from where it was called is to lead there from anywhere; a name alone is looked for in PATH. */
function withOwnPath(context: InvocationContext): InvocationContext {
  const { argv0, directory } = context;
  return argv0.includes("/") ? { ...context, argv0: resolveIn(directory, argv0) } : context;
}

function commandLineOf(context: InvocationContext, program: string): CommandLine {
  const { argv0, argv, environment } = context;
  return readCommandLine({ argv0, program, argv, environment, expand: (value) => expandAlone(value, context) });
}

/** MAKELEVEL of the environment; 0 for what is none. */
function levelOf(environment: readonly string[]): number {
  const text = environmentValue(environment, "MAKELEVEL") ?? "";
  return /^[\t-\r ]*\+?\d/.test(text) ? Number.parseInt(text, 10) : 0;
}

/** `make`, or `make[2]` below others. */
function programName(argv0: string, level: number): string {
  const name = basename(argv0);
  return level === 0 ? name : `${name}[${String(level)}]`;
}
