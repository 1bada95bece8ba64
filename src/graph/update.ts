/** The update: brings goals up to date, job by job; synchronous, driven by whoever runs the jobs. */

import type { JobId } from "../base/ids.js";
import { MakefileError } from "../base/location.js";
import { criticalPathMs } from "./critical-path.js";
import { deleteLeftovers } from "./leftovers.js";
import type { BeginOptions, GoalOutcome, GoalRequest, Outcome } from "./outcome.js";
import type { Mode } from "./plan.js";
import { RecipeFinder } from "./recipe-finder.js";
import { Remaking, type JobEnd } from "./remaking.js";
import { order } from "./shuffle.js";
import { resolve, TargetTable } from "./target-table.js";
import { STATUS, TIME, underWay, waitersOf, worse, type Status, type Target, type Waiter } from "./target.js";
import { Times } from "./times.js";
import type { UpdatePorts } from "./update-ports.js";
import { Voice } from "./voice.js";
import { type Remaining, type Turn, Turns } from "./turns.js";
import { Walker, type Walk } from "./walk.js";
import { WokenQueue } from "./woken-queue.js";

interface Goal extends Waiter {
  readonly request: GoalRequest;
  readonly target: Target;
  readonly timeBefore: bigint;
  /** Something was run, printed or touched for it. */
  acted: boolean;
  done: boolean;
  status: Status;
}

/**
 * One invocation's update. `begin` names the goals; `advance` walks on until a job must end first; `jobEnded` takes a
 * job's end, after which `advance` is to be called again. Errors of makefiles found on the way end the update and are said.
 */
export class Update {
  readonly #ports: UpdatePorts;
  readonly #table: TargetTable;
  readonly #times: Times;
  readonly #voice: Voice;
  readonly #remaking: Remaking;
  readonly #finder: RecipeFinder;
  readonly #walker: Walker;
  readonly #oneByOne: boolean;

  #goals: readonly Goal[] = [];
  #nextGoal = 0;
  #current: Goal | undefined = undefined;
  #makefiles = false;

  #stack: Walk[] = [];
  #value: Status = STATUS.success;
  #whenWalked: ((status: Status) => void) | undefined = undefined;
  /** The target with which the walk under way began again. */
  #resumed: Target | undefined = undefined;
  /** All that wait, directly or not, for `#resumed`; worked out when first needed. */
  #awaiting: Set<Target> | undefined = undefined;
  readonly #woken = new WokenQueue<Goal | Target>();
  readonly #turns: Turns;
  readonly #goalOf = new Map<Target, Goal>();

  #stopping = false;
  #interrupted = false;
  #finished = true;
  #closed = false;

  constructor(ports: UpdatePorts) {
    this.#ports = ports;
    const { rules, expander, disk, observe, options, newJobId } = ports;
    this.#oneByOne = options.slots === 1 || rules.special.speaksOfAll(".NOTPARALLEL");
    const isFree = ports.order !== undefined && !this.#oneByOne && options.shuffle === undefined;
    this.#turns = new Turns(isFree ? ports.order : undefined);
    this.#voice = new Voice(observe, options.debug);
    const alwaysMake = (): boolean => options.alwaysMake && !(options.restarted && this.#makefiles);
    this.#table = new TargetTable({ rules, expander, disk, options, alwaysMake, voice: this.#voice });
    this.#times = new Times({ disk, rules, table: this.#table, observe, checkSymlinks: options.checkSymlinks });
    const shared = { rules, disk, expander, options, table: this.#table, times: this.#times, voice: this.#voice };
    this.#finder = new RecipeFinder(shared);
    this.#remaking = new Remaking({
      ...shared,
      observe,
      newJobId,
      mode: () => this.#mode(),
      start: (job, why) => ports.start(job, why),
      aside: (act, printed) => ports.aside(act, printed),
      acted: (target) => this.#noteAction(target),
      finish: (target, status) => this.#finish(target, status),
      failed: (target) => this.#failed(target),
      answered: () => this.#lookNoFurther(),
    });
    this.#walker = new Walker({
      ...shared,
      finder: this.#finder,
      remaking: this.#remaking,
      alwaysMake,
      oneByOne: this.#oneByOne,
      hasRoom: () => ports.hasRoom(),
      wait: (wait) => ports.wait(wait),
      turnOf: (target) => this.#turnOf(target),
      suspend: (target, awaited) => this.#suspend(target, awaited),
      isAwaitedBy: (target) => this.#isAwaitedBy(target),
      finish: (target, status) => this.#finish(target, status),
      failed: (target) => this.#failed(target),
      failing: (names) => ports.failing(names),
    });
  }

  /** Names the goals. May be called again once `finished`: what is done by then stays done. */
  begin(goals: readonly GoalRequest[], options: BeginOptions = {}): void {
    if (!this.#finished) throw new Error("internal error: the update is under way");
    this.#makefiles = options.makefiles ?? false;
    this.#voice.forMakefiles = this.#makefiles;
    const { rules, options: given } = this.#ports;
    if (given.restarted && !this.#makefiles) this.#table.heedNewFiles();
    const shuffle = rules.special.speaksOfAll(".NOTPARALLEL") ? undefined : given.shuffle;
    const requests = this.#makefiles ? goals : order(goals, shuffle, "");
    this.#goals = requests.map((request) => this.#goal(request));
    this.#nextGoal = 0;
    this.#finished = false;
    this.#stopping = false;
  }

  /** Whether make would end with "No rule to make target" were this a goal now: there is neither a rule nor a file. @throws MakefileError */
  isUnknown(name: string): boolean {
    return this.#finder.isUnknown(this.#table.get(name));
  }

  /** Nothing is left to do, and no job is running. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Walks on until everything is done or a job has to end first. */
  advance(): void {
    while (!this.#finished) {
      if (this.#stopping) this.#stack = [];
      if (this.#stack.length === 0 && !this.#chooseWalk()) {
        if (this.#remaking.running === 0 && (this.#stopping || this.#turns.isNobodyReady)) this.#end();
        return;
      }
      if (!this.#walk()) return;
    }
  }

  /** Whether the failure of a running job is to be passed over in silence, as all that is behind `-include`. */
  dontCare(id: JobId): boolean {
    return this.#remaking.dontCare(id);
  }

  /** A running job's target, the one that it is made for, and so on to the goal. */
  wantersOf(id: JobId): readonly string[] {
    return this.#remaking.wantersOf(id);
  }

  /** What of the session follows a target's recipe. */
  remainingMs(name: string): Remaining {
    return this.#turns.remaining(this.#table.find(name));
  }

  /** How long all of this takes at least, by what is known of its recipes; in milliseconds. */
  criticalPathMs(msOf: (target: string) => number): number {
    return criticalPathMs(
      this.#goals.map(({ target }) => target),
      ({ name }) => msOf(name),
    );
  }

  /** A job has ended. Call `advance` after it. */
  jobEnded(id: JobId, end: JobEnd): void {
    this.#finder.recipeHasEnded();
    this.#guard(() => this.#remaking.ended(id, end));
  }

  /** A signal has come: half-made files are deleted, and nothing more is started. The jobs' ends are still awaited. */
  interrupt(): void {
    if (this.#finished) return;
    this.#remaking.deleteAllHalfMade();
    this.#interrupted = true;
    this.#stopping = true;
  }

  /** What came of it; meaningful once `finished`. */
  outcome(): Outcome {
    const goals = this.#goals.map((goal) => this.#outcomeOf(goal));
    const stopped = this.#stopping;
    // As GNU make has it, the first goal that is not up to date says what the others are worth.
    const first = this.#goals.find(({ status }) => status !== STATUS.success)?.status;
    if (stopped || first === STATUS.failed) return { status: "failed", goals, stopped };
    return { status: first === STATUS.question ? "question-not-up-to-date" : "success", goals, stopped };
  }

  /** Paths of the files that came up and that no rule makes: what a change of may make the goals out of date. */
  sources(): readonly string[] {
    const sources = [...this.#table.all()].filter((t) => t.alias === undefined && t.recipe === undefined && !t.phony);
    return sources.filter(({ edges }) => edges.length === 0).map(({ path }) => path);
  }

  /** The end of the invocation: intermediate files are deleted. Done by itself behind goals that are no makefiles. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // An error that ends all while makefiles are made ends it in the way in which makefiles are made.
    const real = { question: false, touch: false, justPrint: false };
    const options = this.#makefiles && this.#stopping ? { ...this.#ports.options, ...real } : this.#ports.options;
    const [table, voice, interrupted] = [this.#table, this.#voice, this.#interrupted];
    deleteLeftovers({ ...this.#ports, options, table, voice, interrupted });
  }

  #goal(request: GoalRequest): Goal {
    const target = this.#table.get(request.name);
    if (this.#makefiles) target.isMakefile = true;
    else this.#table.shuffle(target);
    target.isGoal ||= request.named === true;
    if (request.unreadable === true) target.time = TIME.missing;
    const timeBefore = this.#times.of(target);
    return { request, target, timeBefore, acted: false, done: false, status: STATUS.success, pending: 0, order: -1 };
  }

  #mode(): Mode {
    const { question, touch, justPrint } = this.#ports.options;
    if (this.#makefiles) return "run";
    return touch ? "touch" : question ? "question" : justPrint ? "print" : "run";
  }

  /** Prepares the next walk: a goal not looked at yet, then whoever can go on. False: there is none. */
  #chooseWalk(): boolean {
    if (this.#stopping) return false;
    this.#resumed = undefined;
    this.#awaiting = undefined;
    this.#walker.reset();
    const goal = this.#goals[this.#nextGoal];
    if (goal !== undefined) {
      this.#nextGoal++;
      this.#walkGoal(goal);
      return true;
    }
    for (;;) {
      const woken = this.#woken.next() ?? this.#turns.next();
      if (woken === undefined) return false;
      if ("request" in woken) {
        this.#walkGoal(woken);
        return true;
      }
      if (woken.state !== "waiting") continue;
      this.#current = this.#goalOf.get(woken);
      this.#resumed = woken;
      this.#stack = [this.#walker.resume(woken)];
      this.#whenWalked = undefined;
      return true;
    }
  }

  #turnOf(target: Target): Turn {
    if (this.#makefiles) return "next";
    const turn = this.#turns.of(target);
    if (turn === "later" && this.#current !== undefined) this.#goalOf.set(target, this.#current);
    return turn;
  }

  #walkGoal(goal: Goal): void {
    this.#current = goal;
    const target = resolve(goal.target);
    target.dontCare = goal.request.dontCare ?? false;
    if (target.state === "idle" && !this.#makefiles) target.isRoot = true;
    this.#walker.noticeFile(target);
    this.#stack = [this.#walker.update(target)];
    this.#whenWalked = (status) => this.#goalWalked(goal, status);
  }

  /** Drives the walk on the stack. False: it waits for a job. */
  #walk(): boolean {
    while (!this.#stopping) {
      const top = this.#stack.at(-1);
      if (top === undefined) {
        this.#whenWalked?.(this.#value);
        return true;
      }
      const step = this.#guard(() => top.next(this.#value));
      if (step === undefined) return true;
      if (step.done === true) {
        this.#stack.pop();
        this.#value = step.value;
      } else if (step.value === "pause") return false;
      else this.#stack.push(step.value.walk);
    }
    return true;
  }

  #goalWalked(goal: Goal, status: Status): void {
    const running = underWay(resolve(goal.target));
    if (running.length > 0) {
      this.#await(goal, running);
      return;
    }
    goal.done = true;
    goal.status = worse(goal.status, status);
    this.#sayUpToDate(goal);
    // An error that is no reason to stop at once ends with this goal, unless files are only touched.
    if (status === STATUS.failed && goal.request.dontCare !== true && !this.#ports.options.touch) this.#lookNoFurther();
  }

  #sayUpToDate(goal: Goal): void {
    const { options } = this.#ports;
    const silent = options.silent || options.question;
    if (this.#makefiles || goal.acted || goal.status !== STATUS.success || silent) return;
    const target = resolve(goal.target);
    const isNothing = target.phony || target.recipe === undefined;
    this.#voice.say(isNothing ? `Nothing to be done for '${target.path}'.` : `'${target.path}' is up to date.`);
  }

  #suspend(target: Target, awaited: ReadonlySet<Target>): void {
    target.state = "waiting";
    if (this.#current !== undefined) this.#goalOf.set(target, this.#current);
    this.#await(target, [...awaited]);
  }

  #await(waiter: Goal | Target, awaited: readonly Target[]): void {
    if (waiter.order < 0) waiter.order = this.#woken.newOrder();
    const open = awaited.filter((each) => each.isUnderWay);
    waiter.pending = open.length;
    for (const each of open) each.waiters.push(waiter);
    if (open.length === 0) this.#woken.add(waiter);
  }

  #finish(target: Target, status: Status): void {
    target.state = "done";
    target.status = status;
    const { waiters } = target;
    target.waiters = [];
    for (const waiter of waiters) {
      waiter.pending--;
      if (waiter.pending === 0) this.#woken.add(waiter as Goal | Target);
    }
  }

  /** No further goal is looked at, unless `-k`. */
  #lookNoFurther(): void {
    if (!this.#ports.options.keepGoing) this.#nextGoal = this.#goals.length;
  }

  #failed(target: Target): void {
    if (this.#ports.options.keepGoing || target.dontCare) return;
    this.#stop();
  }

  #stop(): void {
    if (!this.#stopping && this.#remaking.running > 0) this.#voice.error("*** Waiting for unfinished jobs....");
    this.#stopping = true;
  }

  #noteAction(target: Target): void {
    const goal = this.#goalOf.get(target) ?? this.#current;
    if (goal !== undefined) goal.acted = true;
  }

  /** Whether `target` waits, directly or not, for the target with which this walk began. */
  #isAwaitedBy(target: Target): boolean {
    if (this.#resumed === undefined) return false;
    this.#awaiting ??= waitersOf(this.#resumed);
    return this.#awaiting.has(target);
  }

  /** Runs what may find a makefile at fault; the fault is said, and ends the update. */
  #guard<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof MakefileError)) throw error;
      this.#voice.error(`*** ${error.message}.  Stop.`, error.location);
      this.#stop();
      return undefined;
    }
  }

  #end(): void {
    this.#finished = true;
    this.#stack = [];
    if (this.#makefiles && !this.#stopping) return;
    if (this.#times.clockSkew && !this.#stopping) {
      this.#voice.error("warning:  Clock skew detected.  Your build may be incomplete.");
    }
    this.close();
  }

  #outcomeOf(goal: Goal): GoalOutcome {
    const target = resolve(goal.target);
    const time = this.#times.of(target);
    const status = goal.status === STATUS.success ? "success" : goal.status === STATUS.failed ? "failed" : "question";
    return { name: goal.request.name, status, changed: time !== goal.timeBefore, exists: time !== TIME.missing };
  }
}
