/** Running a job's lines on this machine, in order, until one fails: what the local runner and a worker have in common. */

import { type Cancellation, orAborted } from "../base/abort.js";
import { type ExitStatus, isSuccess, SUCCESS } from "../base/exit-status.js";
import type { JobId } from "../base/ids.js";
import type { ProcessSettings } from "../base/process-settings.js";
import type { SignalSource } from "../base/signals.js";
import { type Command, planCommand } from "./command.js";
import type { Cgroup } from "./cgroup.js";
import { endFamily, type Sweep } from "./process-tree.js";
import { signalsAreHeard } from "./signals.js";
import type { DescriptorMove, Spawner, SpawnRequest, Started } from "./spawn.js";
import type { StdinSource } from "./stdin.js";

export interface WorkLine {
  readonly text: string;
  readonly ignoreErrors: boolean;
  /** It is run with `-c` alone, whatever `shellFlags` are. */
  readonly plainFlags?: true;
  /** It runs a make; see `LinesIo.forMakes`. */
  readonly recursive: boolean;
}

/** What is to be run; a Job fits. */
export interface LinesWork {
  readonly id?: JobId;
  readonly lines: readonly WorkLine[];
  /** All lines are one script. */
  readonly oneShell: boolean;
  readonly shell: string;
  /** `.SHELLFLAGS` as written. */
  readonly shellFlags: string;
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly umask?: number;
  /** A program that is executed as it is, in the place of the only line. */
  readonly argv?: readonly string[] | undefined;
  /** Limits, priority and signals; ours when left out. */
  readonly settings?: ProcessSettings | undefined;
}

export interface LinesIo {
  readonly stdin: StdinSource;
  readonly stdout: number;
  readonly stderr: number;
  /** More descriptors, and the numbers above 2 under which the lines have them. */
  readonly further?: readonly DescriptorMove[] | undefined;
  /** What is otherwise for lines that run a make. */
  readonly forMakes?: MakeIo | undefined;
  /** Resolves when what we have written ourselves is out, so that a line's output comes behind it; undefined: it is out. */
  readonly behind?: (() => Promise<void> | undefined) | undefined;
  /** Process group of each line; see os/terminal.ts. */
  readonly group: "own" | "session" | "inherit";
  /** The path of the terminal that TERMINAL stands for. */
  readonly terminal?: string | undefined;
  /** Signals that the running program is to get; it ends by them, or does not. */
  readonly signals?: SignalSource | undefined;
  /** Where all processes of the job are kept together. */
  readonly cgroup?: Cgroup | undefined;
  /** `NAME=value` in `environment` by which processes that fled are found when all is to end. */
  readonly marker?: string;
  /** How long processes may take to end by themselves, in milliseconds; 2000 unless given. */
  readonly graceMs?: number | undefined;
}

/** A make shares more with us than other programs. */
export interface MakeIo {
  /** Descriptors that it has under their own numbers: a jobserver of the pipe style. */
  readonly keep: readonly number[];
  /** More `NAME=value` entries. It does not reject. */
  readonly invitation?: (() => Promise<readonly string[]>) | undefined;
  readonly stdout: number;
  readonly stderr: number;
}

/** Called in order, synchronously. With `oneShell` there is one line, number 0. */
export interface LinesObserver {
  /** Just before the line starts. */
  line(index: number): void;
  /** A process was started for the line; some need none. */
  started?(pid: number): void;
  /** What cancelling a line took. */
  swept?(sweep: Sweep): void;
  /** The line ended other than well; the next one starts only when it ignores errors. */
  lineFailed(index: number, status: ExitStatus): void;
  /** The line ended, however. */
  lineEnded?(index: number): void;
}

const GRACE_MS = 2000;
const SIGINT = 2;
const SIGQUIT = 3;
const SIGTERM = 15;
/** What a terminal sends to everybody in our group: INT, QUIT, CONT (by its shell), TSTP, WINCH. */
const FROM_KEYS: ReadonlySet<number> = new Set([SIGINT, SIGQUIT, 18, 20, 28]);

/**
 * Runs the lines. Aborting `cancel` ends every process of the running line: by the signal whose number is the abort's reason (by
 * SIGTERM when that is something else), then by SIGKILL; no line is started after that.
 *
 * @returns success, or the status of the first line that failed and does not ignore errors. Never rejects for what a line does.
 */
export async function runLines(
  spawner: Spawner,
  work: LinesWork,
  io: LinesIo,
  on: LinesObserver,
  cancel: Cancellation,
): Promise<ExitStatus> {
  for (const [index, line] of scripts(work).entries()) {
    const invitation = makeIoOf(io, line)?.invitation;
    const invited = invitation === undefined ? [] : await invitation();
    if (cancel.aborted) return cancelled(cancel);
    on.line(index);
    const behind = io.behind?.();
    if (behind !== undefined && (await isAborted(behind, cancel))) return cancelled(cancel);
    const status = await runLine(spawner, { work, line, invited, io, on }, cancel);
    if (!isSuccess(status)) on.lineFailed(index, status);
    on.lineEnded?.(index);
    if (!isSuccess(status) && !line.ignoreErrors) return status;
  }
  return SUCCESS;
}

function scripts({ lines, oneShell }: LinesWork): readonly WorkLine[] {
  const [first] = lines;
  if (!oneShell || first === undefined) return lines;
  return [
    { ...first, text: lines.map(({ text }) => text).join("\n"), recursive: lines.some(({ recursive }) => recursive) },
  ];
}

interface LineWork {
  readonly work: LinesWork;
  readonly line: WorkLine;
  /** More of its environment. */
  readonly invited: readonly string[];
  readonly io: LinesIo;
  readonly on: LinesObserver;
}

function makeIoOf({ forMakes }: LinesIo, line: WorkLine): MakeIo | undefined {
  return line.recursive ? forMakes : undefined;
}

async function runLine(
  spawner: Spawner,
  { work, line, invited, io, on }: LineWork,
  cancel: Cancellation,
): Promise<ExitStatus> {
  const command = commandOf(work, line);
  if (command.kind === "nothing") return SUCCESS;
  const stdin = io.stdin.lease();
  const { stdout, stderr, keep } = makeIoOf(io, line) ?? { ...io, keep: [] };
  try {
    const request: SpawnRequest = {
      ...(work.id === undefined ? undefined : { job: work.id }),
      program: command.argv[0],
      argv: command.argv,
      environment: invited.length === 0 ? work.environment : [...work.environment, ...invited],
      directory: work.directory,
      ...(work.umask === undefined ? undefined : { umask: work.umask }),
      settings: work.settings,
      stdin: stdin.fd,
      stdout,
      stderr,
      keep,
      further: io.further,
      terminal: io.terminal,
      group: io.group,
    };
    const spawn = (): Started => spawner.spawn(request);
    const started = io.cgroup === undefined ? spawn() : io.cgroup.within(spawn);
    if (started.pid !== undefined) on.started?.(started.pid);
    return await waitFor(started, { io, on }, cancel);
  } finally {
    stdin.release();
  }
}

function commandOf(work: LinesWork, line: WorkLine): Command {
  const [program, ...rest] = work.argv ?? [];
  if (program !== undefined) return { kind: "run", argv: [program, ...rest] };
  const shellFlags = line.plainFlags === true ? "-c" : work.shellFlags;
  return planCommand({ ...work, shellFlags, text: line.text });
}

/** Waits for the end of a program; of its whole family once it is cancelled. */
async function waitFor(
  started: Started,
  { io, on }: Pick<LineWork, "io" | "on">,
  cancel: Cancellation,
): Promise<ExitStatus> {
  const { pid, exit } = started;
  if (pid === undefined) return waitForPart(started, cancel);
  let ending: Promise<Sweep> | undefined;
  const end = (): void => {
    ending = endFamily(
      {
        roots: [pid],
        groups: io.group === "inherit" ? [] : [pid],
        ...(io.marker === undefined ? undefined : { marker: io.marker }),
        ...(io.cgroup === undefined ? undefined : { cgroup: io.cgroup }),
      },
      { signal: signalToSend(cancel, io.group), graceMs: io.graceMs ?? GRACE_MS },
    );
  };
  cancel.addEventListener("abort", end, { once: true });
  const deaf = io.signals?.subscribe((signal) => {
    if (io.group !== "inherit" || !FROM_KEYS.has(signal)) started.kill(signal);
  });
  const status = await exit;
  // Who ended it means us, too, and is not heard yet: it did not fail then.
  if (status.kind === "signalled") await signalsAreHeard();
  deaf?.();
  cancel.removeEventListener("abort", end);
  const sweep = await ending;
  if (sweep !== undefined) on.swept?.(sweep);
  return status;
}

/** Waits for the end of what is no process of its own. */
async function waitForPart(started: Started, cancel: Cancellation): Promise<ExitStatus> {
  const end = (): void => started.kill(signalOf(cancel));
  cancel.addEventListener("abort", end, { once: true });
  const status = await started.exit;
  cancel.removeEventListener("abort", end);
  return status;
}

/** What a terminal's keys send has reached all processes of our group already: nothing (0) is sent a second time. */
function signalToSend(cancel: Cancellation, group: LinesIo["group"]): number {
  const signal = signalOf(cancel);
  return group === "inherit" && (signal === SIGINT || signal === SIGQUIT) ? 0 : signal;
}

/** Waits for something that does not reject. */
async function isAborted(awaited: Promise<void>, cancel: Cancellation): Promise<boolean> {
  await orAborted(awaited, cancel);
  return cancel.aborted;
}

function cancelled(cancel: Cancellation): ExitStatus {
  return { kind: "signalled", signal: signalOf(cancel), core: false };
}

function signalOf({ reason }: Cancellation): number {
  return typeof reason === "number" ? reason : SIGTERM;
}
