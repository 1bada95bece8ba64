/** One reading of the makefiles and what follows from it: makefiles remade, then goals made, or the wish to start over. */

import type { Canceller } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import { type JobId, jobId } from "../base/ids.js";
import { MakefileError } from "../base/location.js";
import type { MakeEvent, Observer } from "../events/event.js";
import { explainText, type Reason } from "../graph/out-of-date.js";
import type { UpdateOptions } from "../graph/options.js";
import { Update } from "../graph/update.js";
import type { Wait } from "../makefile/waits.js";
import { stripDotSlash } from "../makefile/file-name-list.js";
import { recipeGroup } from "../os/terminal.js";
import type { Job } from "../sched/job.js";
import { Builder } from "./build.js";
import { type CommandWish, FAILED, NOT_UP_TO_DATE, SUCCEEDED } from "./context.js";
import { type Machine } from "./machine.js";
import { MakefileGoals, type RemadeVerdict } from "./makefile-goals.js";
import type { Reading } from "./reading.js";
import { RecipeOutput } from "./recipe-output.js";
import type { SessionOrder } from "./session-order.js";
import type { Switches } from "./switches.js";
import { updateOptions } from "./update-options.js";
import { answer, drive, type WaitingRoom } from "./waiting-room.js";
import type { Workshop } from "./workshop.js";
import type { Console } from "../observe/console.js";

export interface AttemptRequest {
  readonly switches: Switches;
  readonly machine: Machine;
  readonly reading: Reading;
  readonly workshop: Workshop;
  readonly console: Console;
  readonly observe: Observer;
  readonly cancel: Canceller;
  /** For programs that are none of a recipe's. */
  readonly environment: readonly string[];
  readonly restarts: number;
  readonly order: SessionOrder | undefined;
  /** Whether it is to be said why a target is remade; and then by what name. */
  readonly explains: (target: string) => string | undefined;
  /** The job of the make above that runs this one. */
  readonly above: JobId | undefined;
  /** What the first goal may be instead. */
  readonly command: CommandWish | undefined;
}

export type AttemptOutcome = { readonly kind: "start over" } | { readonly kind: "ended"; readonly status: number };

const SIGTERM = 15;

let jobs = 0;

/** Brings the makefiles and then the goals up to date. @throws MakefileError, UserError */
export class Attempt {
  readonly #request: AttemptRequest;
  readonly #makefiles: MakefileGoals;
  readonly #output: RecipeOutput;
  readonly #builder: Builder;
  readonly #options: UpdateOptions;
  readonly #update: Update;
  #isRemakingMakefiles = false;

  constructor(request: AttemptRequest) {
    this.#request = request;
    const { reading, observe, switches, machine, workshop, restarts } = request;
    this.#makefiles = new MakefileGoals(reading.makefiles, reading.rules, observe);
    const directory = machine.host.directory;
    this.#options = updateOptions({
      switches,
      silent: reading.rules.special.speaksOfAll(".SILENT"),
      directory,
      slots: workshop.slots,
      isSpread: workshop.isSpread,
      invocation: workshop.invocation,
      restarted: restarts > 0,
    });
    this.#output = new RecipeOutput({
      console: request.console,
      observe,
      sync: workshop.sync,
      failing: (job, status) => this.#failing(job, status),
      explain: (job) => this.#explain(job),
      tellsIgnored: () => !this.#options.silent,
      shuffle: switches.value("shuffle"),
    });
    this.#builder = this.#openBuilder();
    this.#update = this.#openUpdate();
  }

  async run(): Promise<AttemptOutcome> {
    const verdict = await this.#remakeMakefiles();
    if (verdict !== "go on") this.#update.close();
    if (verdict === "start over") return { kind: "start over" };
    if (verdict === "failed" || this.#request.cancel.aborted) return { kind: "ended", status: FAILED };
    const { command } = this.#request;
    if (command !== undefined && this.#isDeclined(command)) {
      this.#update.close();
      return { kind: "ended", status: FAILED };
    }
    return { kind: "ended", status: await this.#makeGoals() };
  }

  /** Whether nothing is made, as a word is no goal, or is only asked for. */
  #isDeclined({ word, isOnlyAsked, onAnswer }: CommandWish): boolean {
    const hasGoal = this.#request.reading.goals[0] !== word || !this.#update.isUnknown(word);
    onAnswer(hasGoal);
    return isOnlyAsked || !hasGoal;
  }

  /** Makefiles and files that no rule makes; relative ones to the invocation's directory. */
  sources(): readonly string[] {
    const makefiles = this.#request.reading.makefiles.filter(({ found }) => found).map(({ name }) => name);
    return [...new Set([...makefiles, ...this.#update.sources()])];
  }

  async #remakeMakefiles(): Promise<RemadeVerdict> {
    this.#debug("Updating makefiles....");
    const { requests } = this.#makefiles;
    if (requests.length === 0) return "go on";
    this.#isRemakingMakefiles = true;
    this.#update.begin(requests, { makefiles: true });
    await this.#builder.run(this.#update);
    this.#isRemakingMakefiles = false;
    return this.#makefiles.judge(this.#update.outcome());
  }

  async #makeGoals(): Promise<number> {
    const goals = await this.#goals();
    if (this.#request.cancel.aborted) return FAILED;
    this.#debug("Updating goal targets....");
    const named = this.#request.reading.goals.length > 0;
    this.#update.begin(goals.map((name) => ({ name, named })));
    await this.#builder.run(this.#update);
    this.#tellAbove();
    switch (this.#update.outcome().status) {
      case "success":
        return SUCCEEDED;
      case "question-not-up-to-date":
        return NOT_UP_TO_DATE;
      case "failed":
        return FAILED;
    }
  }

  /** How long this make takes at least is how long the line takes that ran it. */
  #tellAbove(): void {
    const { order, above, machine } = this.#request;
    if (above === undefined || !this.#isReal) return;
    order?.ran(above, (msOf) => this.#update.criticalPathMs(msOf), machine.host.directory);
  }

  /** Recipes are run, and not only spoken of. */
  get #isReal(): boolean {
    const { justPrint, question, touch } = this.#options;
    return !justPrint && !question && !touch;
  }

  async #goals(): Promise<readonly string[]> {
    const { goals, language, makefiles } = this.#request.reading;
    if (goals.length > 0) return goals.map(stripDotSlash);
    const goal = await drive(
      language.inSteps(() => language.defaultGoal()),
      this.#room,
    );
    if (goal !== undefined) return [goal];
    if (this.#request.cancel.aborted) return [];
    const isAnyRead = makefiles.some(({ found }) => found);
    throw new MakefileError(undefined, isAnyRead ? "No targets" : "No targets specified and no makefile found");
  }

  #openUpdate(): Update {
    const { reading, machine, order, above } = this.#request;
    const estimates = this.#isReal ? order?.estimatesFor(machine.host.directory, above) : undefined;
    const { runsAtOnce, hasRoomFor } = this.#builder;
    return new Update({
      expander: reading.language,
      rules: reading.rules,
      disk: machine.disk,
      observe: (event) => this.#pass(event),
      options: this.#options,
      newJobId: () => jobId(jobs++),
      start: (job, why) => this.#start(job, why),
      failing: (names) => this.#explainFailure(names),
      aside: (act, printed) => this.#request.console.aside(act, printed),
      hasRoom: this.#builder.hasRoom,
      wait: (wait) => this.#wait(wait),
      // A sub-make has few targets: which of them matters most is seen before the first one begins.
      order: estimates && { estimates, runsAtOnce: () => above === undefined && runsAtOnce(), hasRoomFor },
    });
  }

  #wait(wait: Wait): void {
    this.#builder.goOnWith(answer(wait, this.#room) ?? Promise.resolve());
  }

  get #room(): WaitingRoom {
    const { machine, environment, cancel } = this.#request;
    return { host: machine.host, environment, cancel };
  }

  #openBuilder(): Builder {
    const { workshop, observe, cancel, machine, order } = this.#request;
    return new Builder({
      placement: workshop.places.placement,
      permits: workshop.permits,
      gate: workshop.gate,
      slots: workshop.slots,
      observe,
      output: this.#output,
      behind: workshop.pace.behind,
      cancel,
      discard: (job) => {
        for (const path of job.writes) machine.disk.remove(path);
      },
      ended: (job, result) => order?.ended(job, result),
      nowMs: () => Date.now(),
    });
  }

  #start(job: Job, why: Reason): void {
    const { explains, console } = this.#request;
    const explained = explains(job.target);
    if (explained !== undefined) console.write("stderr", `mpmake: '${explained}' is remade: ${explainText(why)}\n`);
    this.#output.starting(job);
    const { fromBegin, fromEnd } = this.#update.remainingMs(job.target);
    this.#request.order?.begun(job, fromEnd);
    this.#builder.start(job, fromBegin);
  }

  /** Whether anybody is to hear that a recipe fails for good. */
  #failing(job: Job, status: ExitStatus): boolean {
    const { cancel, switches } = this.#request;
    // Recipes of groups of their own were only ended by us; a terminal's keys reach recipes without us.
    if (cancel.aborted && cancel.reason !== SIGTERM && recipeGroup() === "own") return false;
    // A sub-make's answer to -q.
    if (
      !this.#isRemakingMakefiles &&
      switches.has("question") &&
      status.kind === "exited" &&
      status.code === NOT_UP_TO_DATE
    )
      return false;
    return !this.#isRemakingMakefiles || !this.#update.dontCare(job.id);
  }

  /** A failure is about to be told. */
  #explain(job: Job): void {
    if (!this.#update.dontCare(job.id)) this.#explainFailure(this.#update.wantersOf(job.id));
  }

  #explainFailure(names: readonly string[]): void {
    if (this.#isRemakingMakefiles) this.#makefiles.explainFailure(names);
  }

  #pass(event: MakeEvent): void {
    const isDeeper = event.type === "debug" && this.#isRemakingMakefiles;
    this.#request.observe(isDeeper ? { ...event, depth: event.depth + 1 } : event);
  }

  #debug(text: string): void {
    this.#request.observe({ type: "debug", level: "basic", depth: 0, text });
  }
}
