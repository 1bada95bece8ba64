/** Remaking of single targets: recipes become jobs, or are printed, or their targets touched (`-n`, `-t`, `-q`). */

import { isSuccess, type ExitStatus } from "../base/exit-status.js";
import type { JobId } from "../base/ids.js";
import type { Observer, Printed } from "../events/event.js";
import type { Expander } from "../makefile/expander.js";
import { HostError } from "../makefile/host.js";
import type { Recipe } from "../makefile/rule-sink.js";
import { isBourneShell } from "../makefile/shell-program.js";
import { fileOf, parseArchiveName } from "../rules/archive-name.js";
import type { RuleBook } from "../rules/rule-book.js";
import type { Disk } from "./disk.js";
import { firstProcess, type Given, giveTo, type Prepared, shellFor } from "./given.js";
import type { Job, Receipt, RecipeLine } from "./job.js";
import { Needs } from "./needs.js";
import type { UpdateOptions } from "./options.js";
import type { Reason } from "./out-of-date.js";
import { type Mode, type Plan, planOf } from "./plan.js";
import { hasAnyText, isRecursive, scriptOf, type Script } from "./recipe.js";
import type { TargetTable } from "./target-table.js";
import { STATUS, TIME, wantersOf, type Status, type Target } from "./target.js";
import type { Times } from "./times.js";
import type { Voice } from "./voice.js";

/** How a job ended. */
export interface JobEnd {
  readonly status: ExitStatus;
  readonly receipts: readonly Receipt[];
}

export interface RemakingPorts {
  readonly rules: RuleBook;
  readonly expander: Expander;
  readonly disk: Disk;
  readonly table: TargetTable;
  readonly times: Times;
  readonly voice: Voice;
  readonly observe: Observer;
  readonly options: UpdateOptions;
  readonly mode: () => Mode;
  readonly newJobId: () => JobId;
  readonly start: (job: Job, reason: Reason) => void;
  /** Does something; what it prints is added to `printed` instead of being shown. */
  readonly aside: <T>(act: () => T, printed: Printed[]) => T;
  /** A line is run or printed, or a file touched, on behalf of the target. */
  readonly acted: (target: Target) => void;
  readonly finish: (target: Target, status: Status) => void;
  readonly failed: (target: Target) => void;
  /** A make that a recipe ran has answered `-q`. */
  readonly answered: () => void;
}

/** A target being remade. */
interface Remake extends Plan {
  readonly target: Target;
  readonly reason: Reason;
  next: number;
  /** What its files' times were, by path. */
  readonly before: ReadonlyMap<string, bigint>;
  /** Once a process was started for it: all its lines have the same, expanded once. */
  environment: readonly string[] | undefined;
  /** For the lines that start first. */
  given: Given | undefined;
}

/** How a make that was asked `-q` says that something is to be remade. */
const NOT_UP_TO_DATE = 1;

export class Remaking {
  readonly #ports: RemakingPorts;
  readonly #running = new Map<JobId, Remake>();
  readonly #needs: Needs;

  constructor(ports: RemakingPorts) {
    this.#ports = ports;
    this.#needs = new Needs(ports.disk);
  }

  /** How many jobs are running. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether remaking it may take a job slot. */
  needsRoom(target: Target): boolean {
    const { recipe } = target;
    if (recipe === undefined || recipe.lines.length === 0) return false;
    return this.#ports.mode() === "run" || isRecursive(recipe);
  }

  /** What is done with a target's recipe, expanded; undefined: it is not, as the target is only touched. @throws MakefileError */
  plan(target: Target): Plan | undefined {
    const recipe = recipeOf(target);
    const mode = this.#ports.mode();
    return mode === "touch" && !isRecursive(recipe) ? undefined : planOf(this.#script(target, recipe), mode);
  }

  /** `--trace`: tells why it is remade, before what its processes are given is expanded. */
  trace(target: Target, reason: Reason): void {
    if (hasAnyText(recipeOf(target))) this.#ports.voice.trace(target, reason);
  }

  /** What the first lines that run are given; undefined: none do. @param printed - what that prints is added here */
  given(target: Target, { segments }: Plan, printed: Printed[]): Given | undefined {
    const first = segments.find(({ kind }) => kind === "run");
    if (first === undefined) return undefined;
    return this.#ports.table.within(target, (scope) => giveTo(first.lines, { target, scope, printed }, this.#ports));
  }

  /** Starts to remake a target that has a recipe; what needs no job is done at once. @throws MakefileError */
  begin(target: Target, reason: Reason, { plan, given }: Prepared): void {
    if (plan === undefined) {
      this.#end(target, this.#touch(target));
      return;
    }
    const remake: Remake = {
      target,
      reason,
      next: 0,
      before: this.#timesOf(target),
      environment: undefined,
      given,
      ...plan,
    };
    for (const each of [target, ...target.peers]) {
      // A peer may have made the target while its prerequisites were looked at.
      if (each === target || each.state !== "done") each.state = "running";
      if (remake.segments.length > 0) each.wasTried = true;
      each.wasOutOfDate = true;
    }
    this.#goOn(remake);
  }

  /** Whether nobody cares when a running job fails. */
  dontCare(id: JobId): boolean {
    return this.#running.get(id)?.target.dontCare ?? false;
  }

  /** A running job's target, the one that it is made for, and so on to the goal. */
  wantersOf(id: JobId): readonly string[] {
    const target = this.#running.get(id)?.target;
    return target === undefined ? [] : wantersOf(target);
  }

  /** A job has ended; its target's remake goes on or ends. */
  ended(id: JobId, end: JobEnd): void {
    const remake = this.#running.get(id);
    if (remake === undefined) throw new Error(`internal error: job ${String(id)} is not running`);
    this.#running.delete(id);
    const { target } = remake;
    this.#ports.disk.forget(target.path);
    if (isSuccess(end.status)) {
      this.#goOn(remake, end.receipts);
      return;
    }
    const { status } = end;
    const isDeleting = status.kind === "exited" && this.#ports.rules.isSpecialSet(".DELETE_ON_ERROR");
    if (status.kind === "signalled" || isDeleting) this.#deleteHalfMade(remake);
    if (this.#ports.mode() === "question" && status.kind === "exited" && status.code === NOT_UP_TO_DATE) {
      this.#end(target, STATUS.question);
      this.#ports.answered();
      return;
    }
    this.#forgetTimes(target);
    this.#warnOfPeers(remake);
    target.failedSilently = target.dontCare;
    this.#end(target, STATUS.failed);
    this.#ports.failed(target);
  }

  /** Deletes what interrupted jobs have begun to write, the youngest job first. */
  deleteAllHalfMade(): void {
    for (const remake of [...this.#running.values()].reverse()) this.#deleteHalfMade(remake);
  }

  #goOn(remake: Remake, receipts: readonly Receipt[] = []): void {
    const { voice, acted } = this.#ports;
    for (;;) {
      const segment = remake.segments[remake.next];
      if (segment === undefined) break;
      remake.next++;
      acted(remake.target);
      if (segment.kind === "run") {
        this.#start(remake, segment.lines);
        return;
      }
      for (const { text } of segment.lines) voice.print(text);
    }
    this.#complete(remake, receipts);
  }

  #start(remake: Remake, lines: readonly RecipeLine[]): void {
    const { observe, start, options } = this.#ports;
    const job = this.#job(remake, lines);
    this.#running.set(job.id, remake);
    const recursive = lines.some((line) => line.recursive);
    observe({ type: "job-planned", job: job.id, invocation: options.invocation, target: job.target, recursive });
    start(job, remake.reason);
  }

  #complete(remake: Remake, receipts: readonly Receipt[]): void {
    const { target, segments, pretended } = remake;
    let status: Status = STATUS.success;
    switch (remake.then) {
      case "question":
        // What lines that run under -q have begun is not finished.
        if (segments.length > 0) this.#deleteHalfMade(remake);
        this.#end(target, STATUS.question);
        return;
      case "touch":
        status = this.#touch(target);
        // As GNU make does: once for the line that is left out, once for the target that is done.
        if (remake.endsLeftOut && segments.length > 0) status = this.#touch(target);
        break;
      case "done":
        if (pretended) target.head.time = TIME.new;
        else if (segments.length > 0) {
          this.#learnTimes(target, receipts);
          if (this.#ports.options.isSpread) for (const each of [target, ...target.peers]) each.receipts = receipts;
          this.#warnOfPeers(remake);
        } else this.#forgetTimes(target); // an empty recipe says that someone else makes it, perhaps just now
    }
    this.#end(target, status);
  }

  #end(target: Target, status: Status): void {
    this.#ports.finish(target, status);
    for (const peer of target.peers) this.#ports.finish(peer, status);
  }

  #learnTimes(target: Target, receipts: readonly Receipt[]): void {
    const { table, rules } = this.#ports;
    this.#forgetTimes(target);
    for (const { path, stat } of receipts) {
      // A search path may have it.
      if (stat === undefined && (path.startsWith("-l") || !rules.searchPath.isEmpty)) continue;
      const made = table.find(path);
      const isOurs = made !== undefined && (made === target || target.peers.includes(made));
      if (isOurs && made.path === path && !this.#ports.options.checkSymlinks)
        made.head.time = stat?.mtimeNs ?? TIME.missing;
    }
  }

  /** A pattern rule's recipe is to make all its targets. */
  #warnOfPeers({ target, before }: Remake): void {
    const { times, voice } = this.#ports;
    if (!target.isImplicit || target.peers.length === 0) return;
    const time = times.of(target);
    if (time === TIME.missing || time === before.get(target.path)) return;
    for (const peer of target.peers) {
      if (peer.phony || times.of(peer) !== TIME.missing) continue;
      voice.error(`warning: pattern recipe did not update peer target '${peer.path}'.`, target.recipe?.location);
    }
  }

  #forgetTimes(target: Target): void {
    const { times, disk } = this.#ports;
    for (const each of [target, ...target.peers]) {
      disk.forget(each.path);
      times.forget(each);
    }
  }

  #timesOf(target: Target): ReadonlyMap<string, bigint> {
    return new Map([target, ...target.peers].map((each) => [each.path, this.#ports.times.of(each)]));
  }

  #script(target: Target, recipe: Recipe): Script {
    const { rules, options, table, voice } = this.#ports;
    const oneShell = rules.isSpecialSet(".ONESHELL");
    return table.within(target, (scope) => {
      const { shell } = oneShell ? shellFor(target, scope, this.#ports.expander) : { shell: "" };
      const lineOptions = {
        oneShell: !oneShell ? "no" : isBourneShell(shell) ? "bourne" : "other",
        silent: options.silent || rules.special.covers(".SILENT", target.name),
        ignoreErrors: options.ignoreErrors || rules.special.covers(".IGNORE", target.name),
        plainFlagsIgnoring: rules.isSpecialSet(".POSIX") && this.#ports.expander.isDefault(".SHELLFLAGS", scope),
        showAll: voice.hears("print") || (options.justPrint && this.#ports.mode() !== "run"),
      } as const;
      return scriptOf(recipe, lineOptions, (text, at) => this.#ports.expander.expand(text, scope, at));
    });
  }

  #job(remake: Remake, lines: readonly RecipeLine[]): Job {
    const { target } = remake;
    const { expander, options, rules, table, newJobId } = this.#ports;
    return table.within(target, (scope) => {
      const { environment } = remake;
      const given = remake.given ?? giveTo(lines, { target, scope, environment, printed: [] }, this.#ports);
      remake.given = undefined;
      if (!given.shell.ok) throw given.shell.error;
      const shell = given.shell.value;
      const marks = expander.valueOf(".mpmake", scope)?.split(" ") ?? [];
      return {
        id: newJobId(),
        invocation: options.invocation,
        target: target.path,
        writes: [target, ...target.peers].filter((each) => !each.phony).map((each) => fileOf(each.path)),
        needs: options.isSpread ? [...this.#missing(target), ...this.#needs.of(target)] : [],
        lines,
        oneShell: rules.isSpecialSet(".ONESHELL"),
        ...shell,
        ...this.#environment(remake, lines, { ...given, behind: firstProcess(lines, shell) }),
        directory: options.directory,
        local: lines.some((line) => line.recursive) || marks.includes("local"),
        noRetry: marks.includes("no-retry"),
      };
    });
  }

  /** Files that are to be made are not there: other machines may remember them of an earlier time. */
  #missing(target: Target): readonly Receipt[] {
    const missing = [target, ...target.peers].filter((each) => !each.phony && each.head.time === TIME.missing);
    return missing.map(({ path }) => ({ path, stat: undefined }));
  }

  /**
   * As GNU make has it, the environment is expanded behind the echo of the first line for which a process is started, and
   * not at all when there is none. @throws MakefileError
   */
  #environment(
    remake: Remake,
    lines: readonly RecipeLine[],
    { environment, printed, behind }: Omit<Given, "shell"> & { readonly behind: number },
  ): Pick<Job, "environment" | "said"> {
    if (behind < 0) return { environment: [] };
    if (environment === undefined) return { environment: remake.environment ?? [] };
    if (environment.ok) {
      remake.environment = environment.value;
      return { environment: environment.value, said: printed.length === 0 ? undefined : { behind, printed } };
    }
    const { observe, voice } = this.#ports;
    for (const { text, silent } of lines.slice(0, behind + 1)) if (!silent) voice.print(text);
    for (const each of printed) observe({ type: "output", ...each });
    throw environment.error;
  }

  /** `-t`: phony targets are left alone, and so are those whose recipe only runs other makes. */
  #touch(target: Target): Status {
    const { disk, options, voice, acted } = this.#ports;
    if (target.phony) return STATUS.success;
    acted(target);
    target.wasTried = true;
    if (!options.silent) voice.print(`touch ${target.path}`);
    const isTouched =
      options.justPrint || this.#attempt("touch: open: ", target.path, () => touchOnDisk(disk, target.path));
    this.#forgetTimes(target);
    if (options.justPrint) target.head.time = TIME.new;
    return isTouched ? STATUS.success : STATUS.failed;
  }

  #deleteHalfMade(remake: Remake): void {
    const { target } = remake;
    for (const each of [target, ...target.peers]) {
      if (each.phony || each.precious) continue;
      const now = this.#ports.times.onDisk(each.path);
      if (now === TIME.missing || now === remake.before.get(each.path)) continue;
      this.#delete(each.path, each === target ? "" : `[${target.path}] `);
    }
  }

  #delete(path: string, behalf: string): void {
    const { disk, voice } = this.#ports;
    const member = parseArchiveName(path);
    if (member !== undefined) {
      voice.error(`*** ${behalf}Archive member '${path}' may be bogus; not deleted`);
      return;
    }
    if (disk.isDirectory(path)) return;
    voice.error(`*** ${behalf}Deleting file '${path}'`);
    this.#attempt("", path, () => disk.remove(path));
  }

  /** @returns false when the system does not let us, which is said */
  #attempt(what: string, path: string, act: () => unknown): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      this.#ports.voice.error(`${what}${path}: ${error.message}`);
      return false;
    }
  }
}

function recipeOf({ name, recipe }: Target): Recipe {
  if (recipe === undefined) throw new Error(`internal error: no recipe for ${name}`);
  return recipe;
}

function touchOnDisk(disk: Disk, path: string): void {
  const member = parseArchiveName(path);
  if (member === undefined) disk.touch(path);
  else disk.touchMember(member.archive, member.member);
}
