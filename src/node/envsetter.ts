/** ENVSETTER: a program that a node runs before a recipe, which may change the recipe's environment and nothing else. */

import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execa } from "execa";
import { fail, ok, type Result } from "../base/result.js";
import { toPath, toUnicode } from "../os/bytes.js";
import { endFamily } from "../os/process-tree.js";
import { errnoOf, strerror } from "../os/strerror.js";
import { temporaryName } from "../os/temporary.js";
import { MAX_NOTE_BYTES } from "../wire/limits.js";

export interface EnvsetterRun {
  /** Absolute. */
  readonly program: string;
  readonly directory: string;
  /** Complete, `NAME=value` each. */
  readonly environment: readonly string[];
  readonly temporaryDirectory: string;
  readonly timeoutMs?: number;
}

export interface EnvsetterResult {
  /** What it printed, both streams together; for `--debug`. */
  readonly printed: string;
  /** The assignments, or why the recipe must not run: a phrase. */
  readonly assignments: Result<readonly string[], string>;
}

/** Where it puts its assignments. */
const FILE_VARIABLE = "MPMAKE_ENV";
const TIMEOUT_MS = 5000;
const MAX_FILE_BYTES = 1 << 20;
const SIGKILL = 9;

/** Runs the program and reads what it assigned. Never rejects for what the program does. */
export async function runEnvsetter(run: EnvsetterRun): Promise<EnvsetterResult> {
  const fault = fileFault(run.program);
  if (fault !== undefined) return { printed: "", assignments: fail(`ENVSETTER ${run.program} ${fault}`) };
  const file = temporaryName(run.temporaryDirectory, "mpmake-env-");
  writeFileSync(file, "", { flag: "wx", mode: 0o600 });
  try {
    const { printed, failure } = await execute(run, file);
    if (failure !== undefined) return { printed, assignments: fail(`ENVSETTER ${run.program} ${failure}`) };
    return { printed, assignments: readAssignments(file, run.program) };
  } finally {
    rmSync(file, { force: true });
  }
}

/** An environment with assignments carried out: a name keeps its place, new ones come last. */
export function withAssignments(environment: readonly string[], assignments: readonly string[]): readonly string[] {
  const byName = new Map([...environment, ...assignments].map((entry) => [nameOf(entry), entry]));
  return [...byName.values()];
}

function nameOf(entry: string): string {
  const at = entry.indexOf("=", 1);
  return at < 0 ? entry : entry.slice(0, at);
}

/** What forbids running it, as a phrase: whoever can change the file could run what he likes as the recipe's user. */
function fileFault(program: string): string | undefined {
  try {
    const stat = statSync(toPath(program));
    if (!stat.isFile()) return "is not a file";
    if (stat.uid !== 0 && stat.uid !== process.getuid?.()) return "belongs to another user";
    if ((stat.mode & 0o022) !== 0) return "may be changed by others; use chmod go-w";
    return (stat.mode & 0o111) === 0 ? "is not executable" : undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return `cannot be run (${strerror(errno)})`;
  }
}

interface Execution {
  readonly printed: string;
  readonly failure: string | undefined;
}

async function execute(run: EnvsetterRun, file: string): Promise<Execution> {
  const child = execa(text(run.program), [], {
    cwd: text(run.directory),
    env: environmentOf([...run.environment, `${FILE_VARIABLE}=${file}`]),
    extendEnv: false,
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    // A group of its own, so that it ends with all it started.
    detached: true,
  });
  const output = new Printed();
  child.all.on("data", (bytes: Buffer) => output.add(bytes));
  const late = { isLate: false };
  const end = (): void => {
    late.isLate = true;
    void endAll(child.pid); // resolves when the group is gone, which also ends `child`
  };
  const timeoutMs = run.timeoutMs ?? TIMEOUT_MS;
  const timer = setTimeout(end, timeoutMs);
  const result = await child;
  clearTimeout(timer);
  if (late.isLate) return { printed: output.text, failure: `took more than ${String(timeoutMs / 1000)} s` };
  if (result.exitCode === 0) return { printed: output.text, failure: undefined };
  return { printed: output.text, failure: failureOf(result) };
}

interface HowItEnded {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
}

function failureOf(result: HowItEnded): string {
  if (result.exitCode !== undefined) return `failed (exit status ${String(result.exitCode)})`;
  if (result.signal !== undefined) return `was ended by ${result.signal}`;
  return `cannot be run (${strerror(result.code ?? "")})`;
}

async function endAll(pid: number | undefined): Promise<void> {
  if (pid !== undefined) await endFamily({ roots: [pid], groups: [pid] }, { signal: SIGKILL, graceMs: 0 });
}

/** The first bytes of what a program prints. */
class Printed {
  text = "";

  add(bytes: Buffer): void {
    if (this.text.length < MAX_NOTE_BYTES)
      this.text += bytes.toString("latin1").slice(0, MAX_NOTE_BYTES - this.text.length);
  }
}

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=[^\0]*$/;

function readAssignments(file: string, program: string): Result<readonly string[], string> {
  const content = readFileSync(file, "latin1");
  if (content.length > MAX_FILE_BYTES) return fail(`ENVSETTER ${program} wrote too much to $${FILE_VARIABLE}`);
  const lines = content.split("\n").filter((line) => line !== "");
  const bad = lines.find((line) => !ASSIGNMENT.test(line));
  if (bad !== undefined)
    return fail(`ENVSETTER ${program} wrote '${bad.slice(0, 80)}' to $${FILE_VARIABLE}, not NAME=value`);
  return ok(lines);
}

/** Byte strings for `node:child_process`; one that is not UTF-8 cannot be passed exactly, and goes as near as may be. */
function text(bytes: string): string {
  return toUnicode(bytes) ?? bytes;
}

function environmentOf(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(entries.map((entry) => [text(nameOf(entry)), text(entry.slice(nameOf(entry).length + 1))]));
}
