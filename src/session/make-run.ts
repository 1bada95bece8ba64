/** The work of one invocation: makefiles are read, remade and read again if need be; then the goals are made. */

import { accessSync, constants } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Canceller, orAborted } from "../base/abort.js";
import { resolveIn } from "../os/bytes.js";
import type { Jobserver } from "../os/jobserver.js";
import { toPath } from "../os/bytes.js";
import type { Spawner } from "../os/spawn.js";
import { hostError } from "../os/strerror.js";
import { Attempt, type AttemptOutcome } from "./attempt.js";
import type { CommandLine } from "./command-line.js";
import type { ClusterSettings } from "./config.js";
import { renderDataBase } from "./data-base.js";
import { environmentValue, FAILED, type InvocationContext, type MakeOutcome, NOT_EXECUTABLE, QUIT } from "./context.js";
import { changeDirectory } from "./directory.js";
import { describeFailure } from "./failure.js";
import { JobserverSeat } from "./jobs.js";
import { type Machine, openMachine, openSpawner } from "./machine.js";
import { OutputGroups } from "./output-groups.js";
import { type Observers, openObservers } from "./observers.js";
import { clusterEnvironment, clusterSettings } from "./places.js";
import { type Reading, readMakefiles } from "./reading.js";
import { StdinFile } from "./stdin-file.js";
import type { Switches } from "./switches.js";
import { findTemporaryDirectory, type TemporaryDirectory } from "./temporary-directory.js";
import { VERSION_LINES } from "./version.js";
import type { OutputPace } from "./text-output.js";
import type { Voice } from "./voice.js";
import { openWorkshop, type Workshop } from "./workshop.js";

const SIGQUIT = 3;

export interface MakeRunRequest {
  readonly context: InvocationContext;
  readonly voice: Voice;
  /** Reads the arguments anew, for starting over. */
  readonly readCommandLine: () => CommandLine;
}

export class MakeRun {
  readonly #request: MakeRunRequest;
  readonly #cancel = new Canceller();
  #commandLine: CommandLine;
  #workshop: Workshop | undefined;
  #stopListening: (() => void) | undefined;
  #sources: readonly string[] = [];

  constructor(request: MakeRunRequest, commandLine: CommandLine) {
    this.#request = request;
    this.#commandLine = commandLine;
  }

  /** Absolute paths of the makefiles, and of the files that no rule makes, of the run that has ended. */
  get sources(): readonly string[] {
    return this.#sources;
  }

  async run(): Promise<MakeOutcome> {
    const { context } = this.#request;
    let observers = this.#openObservers(context.directory);
    let status = FAILED;
    const stopToggling = context.onDebugSignal(() => {
      this.#switches.toggleDebug();
    });
    try {
      const directory = this.#enterDirectory();
      observers = this.#openObservers(directory);
      status = await this.#make(directory, observers);
    } catch (error) {
      this.#tell(error, observers);
    }
    try {
      observers.finish(status);
    } catch (error) {
      this.#tell(error, observers);
      status = FAILED;
    }
    stopToggling();
    if (typeof this.#cancel.reason !== "number") observers.console.leaveDirectory();
    return this.#outcome(status);
  }

  #outcome(status: number): MakeOutcome {
    const { aborted, reason } = this.#cancel;
    if (aborted && reason === SIGQUIT) return { kind: "exited", code: QUIT };
    if (aborted && typeof reason === "number") return { kind: "signalled", signal: reason };
    return { kind: "exited", code: aborted ? FAILED : status };
  }

  async #make(directory: string, observers: Observers): Promise<number> {
    const { console } = observers;
    const temporary = findTemporaryDirectory(this.#request.context.environment, directory);
    for (const text of temporary.troubles) console.say(text);
    const settings = await clusterSettings({ context: this.#request.context, switches: this.#switches, directory });
    const context = { ...this.#request.context, environment: await this.#environment(settings) };
    const temporaryDirectory = temporary.path;
    const stdinFile = new StdinFile(context.stdin, temporaryDirectory);
    const groups = new OutputGroups({ context, console, output: this.#request.voice.output, temporaryDirectory });
    const seat = new JobserverSeat(console, { directory, temporaryDirectory });
    const spawner = openSpawner(context, temporaryDirectory);
    try {
      return await this.#repeat({
        context,
        settings,
        directory,
        temporary,
        stdinFile,
        groups,
        seat,
        spawner,
        observers,
      });
    } finally {
      await this.#workshop?.close();
      await this.#outputIsOut();
      groups.close();
      stdinFile.close();
      this.#stopListening?.();
    }
  }

  /** Starts, and starts over for as long as makefiles are remade. */
  async #repeat(start: Start): Promise<number> {
    this.#sayVersion(start.observers);
    for (let restarts = 0; ; restarts++) {
      const outcome = await this.#start(start, restarts);
      if (outcome.kind === "ended") return outcome.status;
      this.#sayStartingOver(restarts + 1, start);
      const refusal = whyNotExecutable(this.#request.context.argv0);
      if (refusal !== undefined) {
        start.observers.console.say(refusal);
        return NOT_EXECUTABLE;
      }
      this.#commandLine = this.#request.readCommandLine();
    }
  }

  get #switches(): Switches {
    return this.#commandLine.switches;
  }

  /** Reads the makefiles, for the first time or again, and does what they say. */
  async #start(start: Start, restarts: number): Promise<AttemptOutcome> {
    const { context, directory, observers, seat, spawner, groups } = start;
    const { console, observe } = observers;
    const switches = this.#switches;
    switches.validate();
    const joined = seat.take(switches);
    // Asked for whenever a program of $(shell) is about to run: it may write, or be a make that takes tokens.
    const stderr = (): number => {
      console.enterDirectory();
      this.#workshop?.jobserver?.open();
      this.#request.voice.output.settle();
      return groups.stderr;
    };
    const machine = openMachine({ context, directory, spawner, console, stderr });
    const reading = this.#read(start, machine, restarts);
    if (reading === undefined) return { kind: "ended", status: FAILED };
    const workshop = await this.#workshopFor(start, joined);
    workshop.announce(switches);
    reading.flags.define();
    const cancel = this.#cancel;
    const attempt = new Attempt({ switches, machine, reading, workshop, console, observe, cancel, restarts });
    const outcome = await this.#run(attempt, observers);
    this.#sources = attempt.sources().map((path) => resolveIn(directory, path));
    if (outcome.kind === "ended" && switches.has("printDataBase")) this.#printDataBase(reading, observers);
    return outcome;
  }

  async #run(attempt: Attempt, observers: Observers): Promise<AttemptOutcome> {
    try {
      return await attempt.run();
    } catch (error) {
      this.#tell(error, observers);
      return { kind: "ended", status: FAILED };
    }
  }

  /** What is said while reading belongs together under -O, also why it failed. @returns undefined when it did */
  #read({ context, observers, groups, stdinFile }: Start, machine: Machine, restarts: number): Reading | undefined {
    const { console } = observers;
    const switches = this.#switches;
    groups.beginReading(switches, restarts);
    try {
      const { operands } = this.#commandLine;
      const { level } = this.#request.voice;
      return readMakefiles({
        context,
        switches,
        operands,
        machine,
        console,
        restarts,
        level,
        stdinFile: stdinFile.path,
      });
    } catch (error) {
      this.#tell(error, observers);
      return undefined;
    } finally {
      groups.endReading();
    }
  }

  #printDataBase({ language, rules }: Reading, { console }: Observers): void {
    const version = VERSION_LINES.map((line) => `# ${line}\n`).join("");
    console.write("stdout", version + renderDataBase({ language, rules, now: new Date() }));
  }

  async #workshopFor(start: Start, joined: Jobserver | undefined): Promise<Workshop> {
    if (this.#workshop !== undefined) return this.#workshop;
    this.#listen();
    const { console, observe, passesThrough } = start.observers;
    const switches = this.#switches;
    this.#workshop = await openWorkshop({
      ...start,
      ...{ joined, console, observe, passesThrough, switches, pace: this.#pace },
    });
    return this.#workshop;
  }

  get #pace(): OutputPace {
    const { output } = this.#request.voice;
    const cancel = (): void => this.#cancel.abort(SIGPIPE);
    return { waitForNobody: () => output.waitForNobody(cancel), behind: () => output.behind() };
  }

  /** A reader that is slow is waited for, unless somebody wants an end. */
  async #outputIsOut(): Promise<void> {
    const { output } = this.#request.voice;
    const behind = output.behind();
    if (behind === undefined) return;
    await orAborted(behind, this.#cancel);
    if (!this.#cancel.aborted) return;
    await Promise.race([behind, pause(LAST_WORDS_MS)]);
    output.giveUp();
  }

  /** From now on signals end the recipes first. */
  #listen(): void {
    const { context } = this.#request;
    const abort = (): void => this.#cancel.abort(context.cancel.reason);
    if (context.cancel.aborted) abort();
    context.cancel.addEventListener("abort", abort, { once: true });
    const stop = context.onSignals((signal) => this.#cancel.abort(signal));
    this.#stopListening = () => {
      context.cancel.removeEventListener("abort", abort);
      stop();
    };
  }

  /** Sub-makes are given the cluster by variables, which the options may have set. */
  async #environment(settings: ClusterSettings | undefined): Promise<readonly string[]> {
    const { environment } = this.#request.context;
    const own = await clusterEnvironment(settings);
    const names = new Set(own.map(nameOf));
    return own.length === 0 ? environment : [...environment.filter((entry) => !names.has(nameOf(entry))), ...own];
  }

  #enterDirectory(): string {
    const { directory, environment } = this.#request.context;
    return changeDirectory(directory, this.#switches.list("directory"), environmentValue(environment, "HOME"));
  }

  #openObservers(directory: string): Observers {
    const { context, voice } = this.#request;
    const { output, program, level } = voice;
    return openObservers({ context, output, program, level, directory, switches: () => this.#switches });
  }

  #sayVersion({ observe }: Observers): void {
    for (const text of VERSION_LINES) observe({ type: "debug", level: "basic", depth: 0, text });
  }

  #sayStartingOver(restarts: number, { observers, stdinFile }: Start): void {
    const { argv0, argv } = this.#request.context;
    const words = argv.map((word) => (STDIN_OPTIONS.has(word) ? `--temp-stdin=${stdinFile.path()}` : word));
    const text = `Re-executing[${String(restarts)}]: ${[argv0, ...words].join(" ")}`;
    observers.observe({ type: "debug", level: "basic", depth: 0, text });
  }

  #tell(error: unknown, { console }: Observers): void {
    const text = describeFailure(error, this.#request.voice.program);
    if (text === undefined) throw error;
    console.write("stderr", text);
  }
}

const SIGPIPE = 13;
/** An interrupted make waits for a slow reader for so long. */
const LAST_WORDS_MS = 1000;

/** How standard input is named as a makefile in one word. */
const STDIN_OPTIONS: ReadonlySet<string> = new Set(["-f-", "--file=-", "--makefile=-"]);

/** What stays the same however often make starts over. */
interface Start {
  readonly context: InvocationContext;
  readonly settings: ClusterSettings | undefined;
  /** Absolute. */
  readonly directory: string;
  readonly temporary: TemporaryDirectory;
  readonly stdinFile: StdinFile;
  readonly groups: OutputGroups;
  readonly seat: JobserverSeat;
  readonly spawner: Spawner;
  readonly observers: Observers;
}

/** GNU make executes itself to start over, and so notices when it is not there any more, as its sub-makes would. */
function whyNotExecutable(argv0: string): string | undefined {
  if (!argv0.includes("/")) return undefined;
  try {
    accessSync(toPath(argv0), constants.X_OK);
    return undefined;
  } catch (error) {
    return `${argv0}: ${hostError(error, argv0).message}`;
  }
}

function nameOf(entry: string): string {
  return entry.slice(0, entry.indexOf("="));
}
