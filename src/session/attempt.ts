/** One reading of the makefiles and what follows from it: makefiles remade, then goals made, or the wish to start over. */

import type { Canceller } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import { invocationId, jobId } from "../base/ids.js";
import { MakefileError } from "../base/location.js";
import type { MakeEvent, Observer } from "../events/event.js";
import { explainText, type Reason } from "../graph/out-of-date.js";
import type { UpdateOptions } from "../graph/options.js";
import { Update } from "../graph/update.js";
import { stripDotSlash } from "../makefile/file-name-list.js";
import { recipeGroup } from "../os/terminal.js";
import type { Job } from "../sched/job.js";
import { Builder } from "./build.js";
import { FAILED, NOT_UP_TO_DATE, SUCCEEDED } from "./context.js";
import { type Machine } from "./machine.js";
import { MakefileGoals, type RemadeVerdict } from "./makefile-goals.js";
import type { Reading } from "./reading.js";
import { RecipeOutput } from "./recipe-output.js";
import type { Switches } from "./switches.js";
import { updateOptions } from "./update-options.js";
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
  readonly restarts: number;
}

export type AttemptOutcome = { readonly kind: "start over" } | { readonly kind: "ended"; readonly status: number };

const SIGTERM = 15;

let invocations = 0;
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
      invocation: invocationId(invocations++),
      restarted: restarts > 0,
    });
    this.#output = new RecipeOutput({
      console: request.console,
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
    return { kind: "ended", status: await this.#makeGoals() };
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
    const goals = this.#goals();
    this.#debug("Updating goal targets....");
    const named = this.#request.reading.goals.length > 0;
    this.#update.begin(goals.map((name) => ({ name, named })));
    await this.#builder.run(this.#update);
    switch (this.#update.outcome().status) {
      case "success":
        return SUCCEEDED;
      case "question-not-up-to-date":
        return NOT_UP_TO_DATE;
      case "failed":
        return FAILED;
    }
  }

  #goals(): readonly string[] {
    const { goals, language, makefiles } = this.#request.reading;
    if (goals.length > 0) return goals.map(stripDotSlash);
    const goal = language.defaultGoal();
    if (goal !== undefined) return [goal];
    const isAnyRead = makefiles.some(({ found }) => found);
    throw new MakefileError(undefined, isAnyRead ? "No targets" : "No targets specified and no makefile found");
  }

  #openUpdate(): Update {
    const { reading, machine } = this.#request;
    return new Update({
      expander: reading.language,
      rules: reading.rules,
      disk: machine.disk,
      observe: (event) => this.#pass(event),
      options: this.#options,
      newJobId: () => jobId(jobs++),
      start: (job, why) => this.#start(job, why),
      failing: (names) => this.#explainFailure(names),
      aside: (act) => this.#request.console.aside(act),
      hasRoom: this.#builder.hasRoom,
    });
  }

  #openBuilder(): Builder {
    const { workshop, observe, cancel, machine } = this.#request;
    return new Builder({
      placement: workshop.places.placement,
      tokens: workshop.jobserver,
      gate: workshop.gate,
      slots: workshop.slots,
      observe,
      output: this.#output,
      behind: workshop.pace.behind,
      cancel,
      discard: (job) => {
        for (const path of job.writes) machine.disk.remove(path);
      },
      nowMs: () => Date.now(),
    });
  }

  #start(job: Job, why: Reason): void {
    const { switches, console } = this.#request;
    if (switches.has("explain")) console.write("stderr", `mpmake: '${job.target}' is remade: ${explainText(why)}\n`);
    this.#output.starting(job);
    this.#builder.start(job);
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
