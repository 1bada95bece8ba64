/** The work of one invocation: makefiles are read, remade and read again if need be; then the goals are made. */

import { setTimeout as pause } from "node:timers/promises";
import { Canceller, orAborted } from "../base/abort.js";
import { resolveIn } from "../os/bytes.js";
import { TokenPool } from "../sched/token-pool.js";
import type { Jobserver } from "../os/jobserver.js";
import { Attempt, type AttemptOutcome } from "./attempt.js";
import type { CommandLine } from "./command-line.js";
import type { ClusterSettings } from "./config.js";
import { renderDataBase } from "./data-base.js";
import { environmentValue, FAILED, type InvocationContext, type MakeAbove, NOT_EXECUTABLE, QUIT } from "./context.js";
import { changeDirectory } from "./directory.js";
import { describeFailure } from "./failure.js";
import { JobserverSeat } from "./jobs.js";
import { type Machine, openMachine, openSpawner } from "./machine.js";
import { historyWish } from "./history-wish.js";
import type { MakeOutcome } from "../base/exit-status.js";
import type { Annotator } from "../observe/annotator.js";
import { MakeSession } from "./make-session.js";
import { OutputGroups } from "./output-groups.js";
import { type Observers, openObservers } from "./observers.js";
import { ownEnvironment } from "./own-environment.js";
import { clusterSettings } from "./places.js";
import { whyNotExecutable } from "./executable.js";
import { type Reading, readMakefiles } from "./reading.js";
import { StdinFile } from "./stdin-file.js";
import { SubMakes, type SubMakesOptions } from "./sub-makes.js";
import type { Switches } from "./switches.js";
import { findTemporaryDirectory, type TemporaryDirectory } from "./temporary-directory.js";
import { VERSION_LINES } from "./version.js";
import type { OutputPace } from "./text-output.js";
import type { Voice } from "./voice.js";
import { drive, waitsOf } from "./waiting-room.js";
import { openWorkshop, type Workshop } from "./workshop.js";

const SIGQUIT = 3;

export interface MakeRunRequest {
  readonly context: InvocationContext;
  readonly voice: Voice;
  /** Runs sub-makes. */
  readonly runMake: SubMakesOptions["runMake"];
  /** Reads the arguments anew, for starting over. */
  readonly readCommandLine: () => CommandLine;
}

export class MakeRun {
  readonly #request: MakeRunRequest;
  readonly #cancel = new Canceller();
  /** Nobody reads our output any more: make ends as by SIGPIPE. */
  readonly #onBroken = (): void => this.#cancel.abort(SIGPIPE);
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
    if (context.makeRoom !== undefined) this.#pace.waitForNobody(); // to be told when nobody reads
    let observers = this.#openObservers(context.directory);
    let status = FAILED;
    const stopToggling = context.onDebugSignal(() => {
      this.#switches.toggleDebug();
    });
    try {
      const directory = this.#enterDirectory();
      observers = this.#openObservers(directory, await this.#annotator(directory));
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
    observers.close();
    if (observers.annotates) await this.#outputIsOut();
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
    const context = {
      ...this.#request.context,
      environment: await ownEnvironment(this.#request.context, settings, this.#switches),
    };
    const temporaryDirectory = temporary.path;
    const stdinFile = new StdinFile(context.stdin, temporaryDirectory);
    const { output } = this.#request.voice;
    const isOff = observers.annotates;
    const seat = new JobserverSeat(console, { directory, temporaryDirectory, above: context.above?.jobserver });
    const session = context.above?.session ?? (await this.#openSession({ directory, settings, observers }));
    const { outputLocks: locks } = session;
    const onBroken = this.#onBroken;
    const groups = new OutputGroups({ context, console, output, locks, temporaryDirectory, isOff, onBroken });
    const spawner = new SubMakes({
      context,
      runMake: this.#request.runMake,
      spawner: openSpawner(context, temporaryDirectory),
      session,
      above: () => ({ session, ...this.#shared() }),
      invitation: observers.inviteSubMakes(temporaryDirectory),
      joinPoint: () => session.joinPoint(temporaryDirectory),
      temporaryDirectory,
    });
    try {
      return await this.#repeat({
        context,
        session,
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
      await this.#workshop?.close(this.#cancel);
      await spawner.close();
      if (this.#workshop !== undefined)
        observers.observe({ type: "make-ended", invocation: this.#workshop.invocation });
      try {
        if (context.above === undefined) await session.close();
        await this.#outputIsOut();
      } finally {
        groups.close();
        stdinFile.close();
        this.#stopListening?.();
      }
    }
  }

  #openSession({
    directory,
    settings,
    observers,
  }: Pick<Start, "directory" | "settings" | "observers">): Promise<MakeSession> {
    const history = historyWish({ switches: this.#switches, settings, directory });
    const { observe, watch } = observers;
    const { onStops } = this.#request.context;
    const explained = this.#switches.value("explain");
    return MakeSession.open({ directory, settings, observe, watch, onStops, explained, history });
  }

  /** A sub-make that was told so itself names targets as its makefile does. */
  #explained(target: string): string | undefined {
    const wanted = this.#switches.value("explain");
    return wanted === "" || wanted === target ? target : undefined;
  }

  #shared(): Pick<MakeAbove, "jobserver" | "pool"> {
    return this.#workshop ?? { jobserver: undefined, pool: new TokenPool(undefined) };
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
    // What sub-makes print comes in one piece, then, and with its directory.
    if (observers.annotates && !switches.isGiven("outputSync")) switches.setValue("outputSync", "target");
    const joined = seat.take(switches);
    // Asked for whenever a program of $(shell) is about to run: it may write, or be a make that takes tokens.
    const stderr = (): number => {
      console.enterDirectory();
      this.#workshop?.jobserver?.open();
      this.#request.voice.output.settle();
      return groups.stderr;
    };
    const temporaryDirectory = start.temporary.path;
    // The file of -O needs none: nobody waits for room in it.
    const write = (bytes: Uint8Array): void => void this.#request.voice.output.write("stderr", bytes);
    const spill = context.makeRoom && { stderr: context.stderr, write };
    const machine = openMachine({ context, directory, spawner, temporaryDirectory, console, stderr, spill });
    const reading = await this.#read(start, machine, restarts);
    if (reading === undefined) return { kind: "ended", status: FAILED };
    const workshop = await this.#workshopFor(start, joined);
    const { order } = start.session;
    workshop.announce(switches);
    reading.flags.define();
    const cancel = this.#cancel;
    const attempt = new Attempt({
      ...{ switches, machine, reading, workshop, console, observe, cancel, restarts, order },
      explains: (target) => start.session.explains(directory, target) ?? this.#explained(target),
      above: context.above?.job,
      environment: context.environment,
      command: context.command,
    });
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

  /** What is said while reading belongs together under -O, also why it failed. @returns undefined when it did, or was cancelled */
  async #read(start: Start, machine: Machine, restarts: number): Promise<Reading | undefined> {
    const { context, observers, groups, stdinFile } = start;
    const { console } = observers;
    const switches = this.#switches;
    groups.beginReading(switches, restarts);
    try {
      const { operands } = this.#commandLine;
      const { level } = this.#request.voice;
      const steps = readMakefiles({
        context,
        switches,
        operands,
        machine,
        console,
        restarts,
        level,
        stdinFile: stdinFile.path,
        waits: waitsOf(start),
      });
      const reading = await drive(steps, { ...context, host: machine.host });
      if (reading === undefined) this.#cancel.abort(context.cancel.reason);
      return reading;
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
    const { session, settings, observers } = start;
    const { console, passesThrough } = observers;
    const switches = this.#switches;
    const invocation = session.newInvocation();
    const { directory, context } = start;
    observers.observe({ type: "make-began", invocation, above: context.above?.job, directory });
    this.#workshop = await openWorkshop({
      ...start,
      ...{ joined, console, passesThrough, switches, pace: this.#pace },
      invocation,
      clusters: settings === undefined ? undefined : await session.clusters(),
    });
    return this.#workshop;
  }

  get #pace(): OutputPace {
    const { output } = this.#request.voice;
    return { waitForNobody: () => output.waitForNobody(this.#onBroken), behind: () => output.behind() };
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

  #enterDirectory(): string {
    const { directory, environment, above } = this.#request.context;
    return changeDirectory(directory, this.#switches.list("directory"), {
      home: environmentValue(environment, "HOME"),
      hasNoLinks: above !== undefined,
    });
  }

  #openObservers(directory: string, annotator?: Annotator): Observers {
    const { context, voice } = this.#request;
    const { output, program, level } = voice;
    return openObservers({ context, output, program, level, directory, switches: () => this.#switches, annotator });
  }

  /** @throws UserError for a log that nobody knows */
  async #annotator(directory: string): Promise<Annotator | undefined> {
    const wanted = this.#switches.value("annotate");
    if (wanted === undefined) return undefined;
    const { openAnnotator } = await import("./annotating.js");
    const { context, voice } = this.#request;
    this.#pace.waitForNobody(); // it writes when nobody awaits what comes of that
    return openAnnotator({ wanted, context, directory, sink: voice.output });
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
  readonly session: MakeSession;
  readonly settings: ClusterSettings | undefined;
  /** Absolute. */
  readonly directory: string;
  readonly temporary: TemporaryDirectory;
  readonly stdinFile: StdinFile;
  readonly groups: OutputGroups;
  readonly seat: JobserverSeat;
  readonly spawner: SubMakes;
  readonly observers: Observers;
}
