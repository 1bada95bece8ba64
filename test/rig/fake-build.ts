/**
 * A build in memory: a makefile read by the real language, its rules in a real RuleBook, an Update over a FakeDisk, and
 * recipes done by a handful of commands. All that make would print, and what recipes print, comes in one list of lines.
 */

import { formatLocation, type Location } from "../../src/base/location.js";
import { invocationId, jobId, type JobId } from "../../src/base/ids.js";
import { SUCCESS, type ExitStatus } from "../../src/base/exit-status.js";
import type { MakeEvent } from "../../src/events/event.js";
import type { Job, Receipt } from "../../src/graph/job.js";
import type { UpdateOptions } from "../../src/graph/options.js";
import type { BeginOptions, Outcome } from "../../src/graph/outcome.js";
import { Update } from "../../src/graph/update.js";
import { Language } from "../../src/makefile/language.js";
import { inOneGo } from "../../src/makefile/waits.js";
import { RuleBook } from "../../src/rules/rule-book.js";
import { FakeDisk } from "./fake-disk.js";
import { FakeHost } from "./fake-host.js";

export interface FakeBuildOptions extends Partial<UpdateOptions> {
  readonly makefile: string;
  /** Files and their times in seconds. */
  readonly files?: Readonly<Record<string, number>>;
  /** Built-in rules are off unless asked for. */
  readonly builtinRules?: boolean;
  /** Certifies what was written, in the place of the disk. */
  readonly receipts?: (job: Job) => readonly Receipt[];
  /** How long recipes are known to take: jobs are put in order by that. */
  readonly tookMs?: Readonly<Record<string, number>>;
  /** Jobs may be started that go before others which wait: those are in line elsewhere. */
  readonly hasLine?: boolean;
}

const DEFAULTS: UpdateOptions = {
  invocation: invocationId(1),
  directory: "/project",
  alwaysMake: false,
  keepGoing: false,
  ignoreErrors: false,
  justPrint: false,
  isSpread: false,
  question: false,
  touch: false,
  silent: false,
  checkSymlinks: false,
  oldFiles: [],
  newFiles: [],
  restarted: false,
  slots: 1,
  shuffle: undefined,
  debug: new Set(),
};

/**
 * Recipes are made of these commands, one a line: `touch FILE…`, `rm FILE…`, `echo TEXT`, `true`, `fail`, `killed`.
 * Unless told otherwise a job is run as soon as no other may start; a test may also end jobs in an order of its own.
 */
export class FakeBuild {
  readonly disk: FakeDisk;
  readonly rules: RuleBook;
  readonly language: Language;
  readonly update: Update;
  /** Everything printed so far. */
  readonly lines: string[] = [];
  readonly events: MakeEvent[] = [];
  /** Jobs that were started and have not ended, the oldest first. */
  readonly running: Job[] = [];
  readonly #options: FakeBuildOptions;
  #jobs = 0;

  constructor(options: FakeBuildOptions) {
    this.#options = options;
    this.disk = new FakeDisk(options.files ?? {});
    const host = new FakeHost({ files: { Makefile: options.makefile } });
    const warn = (at: Location | undefined, text: string): void => this.#say(at, text);
    this.rules = new RuleBook({ host, warn });
    this.language = new Language({
      host,
      rules: this.rules,
      warn,
      special: { makeflagsAssigned: () => undefined },
      options: {
        warnUndefined: false,
        environmentOverrides: false,
        noBuiltinVariables: false,
        noBuiltinRules: options.builtinRules !== true,
        includeDirectories: [],
      },
    });
    this.#read();
    const { makefile: _makefile, files: _files, builtinRules: _builtinRules, receipts: _receipts, ...more } = options;
    const { tookMs, hasLine, ...given } = more;
    const settings = { ...DEFAULTS, ...given };
    const hasRoom = (): boolean => this.running.length < settings.slots;
    const estimates = { behindMs: 0, msOf: (target: string) => tookMs?.[target] ?? 0 };
    this.update = new Update({
      wait: () => {
        throw new Error("nothing is waited for here");
      },
      expander: this.language,
      rules: this.rules,
      disk: this.disk,
      observe: (event) => this.#observe(event),
      options: settings,
      newJobId: (): JobId => jobId(++this.#jobs),
      start: (job) => void this.running.push(job),
      failing: () => undefined,
      aside: (act) => act(),
      hasRoom,
      ...(tookMs !== undefined && {
        order: { estimates, runsAtOnce: hasRoom, hasRoomFor: hasLine === true ? () => true : hasRoom },
      }),
    });
  }

  /** Makes the goals, running each job when nothing else can be started. */
  make(...goals: readonly string[]): Outcome {
    this.begin(goals);
    while (!this.update.finished) this.endOldest();
    return this.update.outcome();
  }

  /** Names the goals and walks as far as it goes. */
  begin(goals: readonly string[], options?: BeginOptions): void {
    this.update.begin(
      goals.map((name) => ({ name, named: true })),
      options,
    );
    this.update.advance();
  }

  /** Runs the job of that target and lets the update go on. */
  end(target: string): void {
    const index = this.running.findIndex((job) => job.target === target);
    if (index < 0) throw new Error(`${target} is not running: ${this.running.map((job) => job.target).join(" ")}`);
    this.#end(index);
  }

  endOldest(): void {
    if (this.running.length === 0) throw new Error("nothing is running, and the update is not finished");
    this.#end(0);
  }

  /** The targets whose recipes are running. */
  get runningTargets(): readonly string[] {
    return this.running.map((job) => job.target);
  }

  #end(index: number): void {
    const [job] = this.running.splice(index, 1);
    if (job === undefined) return;
    const status = this.#run(job);
    this.update.jobEnded(job.id, { status, receipts: this.#options.receipts?.(job) ?? [] });
    this.update.advance();
  }

  #read(): void {
    const { language, rules } = this;
    const { builtinRules } = this.#options;
    language.defineBuiltinVariables();
    if (builtinRules === true) rules.addBuiltinSuffixRules();
    inOneGo(language.read("Makefile", { from: "default" }));
    language.finish();
    const value = (name: string): string => language.valueOf(name, language.globalScope) ?? "";
    rules.finishReading({
      noBuiltinRules: builtinRules !== true,
      vpath: value("VPATH"),
      gpath: value("GPATH"),
      libraryPatterns: value(".LIBPATTERNS"),
      extraPrerequisites: { ofAll: "", of: () => undefined },
    });
  }

  #run(job: Job): ExitStatus {
    for (const line of job.lines) {
      if (!line.silent) this.lines.push(line.text);
      const status = this.#command(line.text);
      if (status !== SUCCESS && !line.ignoreErrors) {
        this.lines.push(`*** [${formatLocation(line.location)}: ${job.target}] failed`);
        return status;
      }
    }
    return SUCCESS;
  }

  #command(text: string): ExitStatus {
    const [command, ...words] = text.split(" ");
    switch (command) {
      case "touch":
        for (const word of words) this.disk.write(word);
        return SUCCESS;
      case "rm":
        for (const word of words) this.disk.remove(word);
        return SUCCESS;
      case "echo":
        this.lines.push(words.join(" "));
        return SUCCESS;
      case "true":
        return SUCCESS;
      case "fail":
        return { kind: "exited", code: 1 };
      case "killed":
        return { kind: "signalled", signal: 15, core: false };
      default:
        throw new Error(`the fake shell does not know: ${text}`);
    }
  }

  #observe(event: MakeEvent): void {
    this.events.push(event);
    if (event.type === "message") this.#say(event.location, event.text);
    else if (event.type === "output") this.lines.push(event.text.replace(/\n$/, ""));
    else if (event.type === "debug") this.lines.push(" ".repeat(event.depth) + event.text);
  }

  #say(at: Location | undefined, text: string): void {
    this.lines.push(`${at === undefined ? "make" : formatLocation(at)}: ${text}`);
  }
}

/** What making the goals prints. */
export function made(options: FakeBuildOptions, ...goals: readonly string[]): readonly string[] {
  const build = new FakeBuild(options);
  build.make(...goals);
  return build.lines;
}

/** A makefile of these lines; recipe lines begin with a tab. */
export function makefile(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
