/** What GitHub's runner does with a composite action: its steps as processes with the runner's files, and its log as people see it. */

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

/** `action/` of this checkout. */
export const ACTION = join(import.meta.dirname, "../../action");

export interface ActionStep {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly shell: string;
  readonly "working-directory"?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

export function readAction(): Action {
  return parse(readFileSync(join(ACTION, "action.yml"), "utf8")) as Action;
}

export interface ActionRun {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Added to the environment of all steps. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with the process of a step when it has been started. */
  readonly started?: ((step: string, pid: number) => void) | undefined;
}

export interface ActionEnd {
  /** Of each step that ran, by its name. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** All that the steps wrote, byte for byte. */
  readonly raw: string;
  readonly log: RunnerLog;
  readonly summary: string;
}

/** Runs the action in a workspace. @param temporary - an empty directory */
export class ActionRunner {
  readonly #workspace: string;
  readonly #temporary: string;
  readonly #action = readAction();

  constructor(workspace: string, temporary: string) {
    this.#workspace = workspace;
    this.#temporary = temporary;
  }

  async run({ inputs = {}, environment = {}, started }: ActionRun = {}): Promise<ActionEnd> {
    const values = new Map<string, string>();
    for (const [name, { default: value }] of Object.entries(this.#action.inputs))
      values.set(`inputs.${name}`, inputs[name] ?? value);
    const statuses: Record<string, number> = {};
    let raw = "";
    let summary = "";
    const log = new RunnerLog();
    for (const [index, step] of this.#action.runs.steps.entries()) {
      const isWell = Object.values(statuses).every((status) => status === 0);
      if (!isWanted(step.if, isWell, values)) continue;
      const files = this.#files(index);
      const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value, values)] as const);
      const ended = await this.#start(step, index, {
        environment: { ...environment, ...files, ...Object.fromEntries(own) },
        directory: join(this.#workspace, expand(step["working-directory"] ?? ".", values)),
        started,
      });
      statuses[step.name] = ended.status;
      raw += ended.text;
      for (const line of ended.text.split(/\r\n|\r|\n/)) log.take(line);
      log.endStep();
      for (const [name, value] of readOutputs(readFileSync(files.GITHUB_OUTPUT, "utf8")))
        values.set(`steps.${step.id ?? "?"}.outputs.${name}`, value);
      summary += readFileSync(files.GITHUB_STEP_SUMMARY, "utf8");
    }
    const outputs = Object.entries(this.#action.outputs).map(
      ([name, { value }]) => [name, expand(value, values)] as const,
    );
    return { statuses, outputs: Object.fromEntries(outputs), raw, log, summary };
  }

  #files(index: number) {
    const folder = join(this.#temporary, "_runner_file_commands");
    mkdirSync(folder, { recursive: true });
    const file = (name: string): string => {
      const path = join(folder, `${name}_${String(index)}`);
      writeFileSync(path, "");
      return path;
    };
    return { GITHUB_OUTPUT: file("output"), GITHUB_STEP_SUMMARY: file("summary"), GITHUB_ENV: file("env") };
  }

  /** One pipe for both outputs: what the runner does of two is to write them into one log. */
  #start(
    { name, run, shell }: ActionStep,
    index: number,
    {
      environment,
      directory,
      started,
    }: { environment: Record<string, string>; directory: string } & Pick<ActionRun, "started">,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const script = join(this.#temporary, `step-${String(index)}.sh`);
    writeFileSync(script, run);
    const child = spawn(shell, ["-c", 'exec "$0" -e "$1" 2>&1', shell, script], {
      cwd: directory,
      env: {
        PATH: process.env["PATH"] ?? "/usr/bin:/bin",
        HOME: this.#temporary,
        TMPDIR: this.#temporary,
        GITHUB_ACTIONS: "true",
        GITHUB_ACTION_PATH: ACTION,
        GITHUB_WORKSPACE: this.#workspace,
        RUNNER_TEMP: this.#temporary,
        ...environment,
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (child.pid !== undefined) started?.(name, child.pid);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) =>
        resolve({ status: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), text }),
      );
    });
  }
}

/** `success()` unless said; the conditions of this action are `always()` and comparisons with nothing. */
function isWanted(condition: string | undefined, isWell: boolean, values: ReadonlyMap<string, string>): boolean {
  if (condition === undefined) return isWell;
  const [, name] = /^\$\{\{ always\(\) && (\S+) != '' \}\}$/.exec(condition) ?? [];
  if (name === undefined) throw new Error(`no condition that this runner knows: ${condition}`);
  return (values.get(name) ?? "") !== "";
}

function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{\{ (\S+) \}\}/g, (_, name: string) => values.get(name) ?? "");
}

function readOutputs(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/^([^=<\n]+)<<(.+)\n([^]*?)\n\2$/gm);
  return new Map(Array.from(found, ([, name = "", , value = ""]) => [name, value]));
}

export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** The log of a run: what is in which group, and which commands were obeyed. */
export class RunnerLog {
  /** Groups in order, with their lines. */
  readonly groups: { readonly title: string; readonly lines: string[] }[] = [];
  /** Lines outside of all groups. */
  readonly open: string[] = [];
  /** All that was obeyed but for groups and the stopping of commands. */
  readonly commands: Command[] = [];
  #isInGroup = false;
  #token: string | undefined;

  take(line: string): void {
    const command = parseCommand(line);
    if (this.#token !== undefined) {
      if (command?.name === this.#token) this.#token = undefined;
      else this.#show(line);
    } else if (command?.name === "stop-commands") this.#token = command.data;
    else if (command?.name === "group") {
      this.groups.push({ title: command.data, lines: [] });
      this.#isInGroup = true;
    } else if (command?.name === "endgroup") this.#isInGroup = false;
    else if (command !== undefined) this.commands.push(command);
    else this.#show(line);
  }

  endStep(): void {
    this.#token = undefined;
    this.#isInGroup = false;
  }

  #show(line: string): void {
    const group = this.#isInGroup ? this.groups.at(-1)?.lines : undefined;
    (group ?? this.open).push(line);
  }
}

/** As the runner reads them: behind blanks, `::NAME PROPERTIES::DATA`; or, older, `##[NAME]DATA` anywhere. */
function parseCommand(line: string): Command | undefined {
  const [, name, words = "", data = ""] =
    /^\s*::([^\s:]+)(?: ([^]*?))?::([^]*)$/.exec(line) ?? /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const properties = words.split(",").filter((word) => word.includes("="));
  const pair = (word: string): readonly [string, string] => [
    word.slice(0, word.indexOf("=")),
    unescape(word.slice(word.indexOf("=") + 1)),
  ];
  return { name, properties: Object.fromEntries(properties.map(pair)), data: unescape(data) };
}

function unescape(text: string): string {
  return text
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%0A", "\n")
    .replaceAll("%0D", "\r")
    .replaceAll("%25", "%");
}
