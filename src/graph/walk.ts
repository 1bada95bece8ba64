/** The walk over targets: each is considered after its prerequisites, and remade when it is out of date. */

import type { Printed } from "../events/event.js";
import type { RuleBook } from "../rules/rule-book.js";
import { culpritOf } from "./culprit.js";
import { dropEdge, edgeBefore, liveWalk, type CirclePlace } from "./circles.js";
import type { Disk } from "./disk.js";
import type { UpdateOptions } from "./options.js";
import { whyOutOfDate, type Reason } from "./out-of-date.js";
import type { RecipeFinder } from "./recipe-finder.js";
import { remarkOnEnd, remarkOnPrerequisites } from "./remarks.js";
import { completing, finding, type PausePorts, pausing } from "./pausing.js";
import type { Remaking } from "./remaking.js";
import { resolve, type TargetTable } from "./target-table.js";
import { STATUS, TIME, wantersOf, worse, type Edge, type Status, type Target } from "./target.js";
import type { Times } from "./times.js";
import type { Turn } from "./turns.js";
import type { Voice } from "./voice.js";

/**
 * A walk under way. It yields another walk to be done first, whose status it is then given, or "pause" when nothing can
 * go on before a job ends. Whoever drives it keeps the stack, so that no chain of targets is too long.
 */
export type Walk = Generator<Step, Status, Status>;
export type Step = "pause" | { readonly walk: Walk };

export interface WalkPorts extends PausePorts {
  readonly rules: RuleBook;
  readonly disk: Disk;
  readonly table: TargetTable;
  readonly times: Times;
  readonly finder: RecipeFinder;
  readonly remaking: Remaking;
  readonly voice: Voice;
  readonly options: UpdateOptions;
  /** `-B` applies to what is made now. */
  readonly alwaysMake: () => boolean;
  /** One target after the other: `-j1`, `.NOTPARALLEL`. */
  readonly oneByOne: boolean;
  readonly hasRoom: () => boolean;
  /** When it is the turn of this target, which is ready to be remade; one that comes later is considered again then. */
  readonly turnOf: (target: Target) => Turn;
  /** The target waits for these; it is to be considered again when they are done. */
  readonly suspend: (target: Target, awaited: ReadonlySet<Target>) => void;
  /** Whether the target waits, through others, for what this walk began with. */
  readonly isAwaitedBy: (target: Target) => boolean;
  /** The target has ended. */
  readonly finish: (target: Target, status: Status) => void;
  /** It is about to be told that no rule makes the first of these targets, which is made for the next one, and so on. */
  readonly failing: (names: readonly string[]) => void;
  /** A failure that ends all, unless `-k`. */
  readonly failed: (target: Target) => void;
}

/** What is found out about one target's prerequisites. */
interface Visit {
  time: bigint;
  readonly exists: boolean;
  missing: boolean;
  mustMake: boolean;
  status: Status;
  readonly awaited: Set<Target>;
}

/** Makes walks. */
export class Walker {
  readonly #ports: WalkPorts;
  #depth = 0;

  constructor(ports: WalkPorts) {
    this.#ports = ports;
  }

  /** Brings a target up to date: all its `::` rules, one after the other. */
  *update(target: Target): Walk {
    let status: Status = STATUS.success;
    for (let each: Target | undefined = target.head; each !== undefined; each = each.next) {
      const own: Status = each.state === "done" ? this.#again(each) : yield { walk: this.#consider(each) };
      status = worse(status, own);
      if (resolve(each).isUnderWay) break;
      if (own !== STATUS.success && !this.#ports.options.keepGoing) break;
    }
    return status;
  }

  /** Considers a target once more whose prerequisites were under way. */
  *resume(target: Target): Walk {
    this.#depth = target.depth;
    target.state = "idle";
    return yield { walk: this.#consider(target) };
  }

  /** What is there before anything was done for it, be it a search for a rule, is a file like others. */
  noticeFile(target: Target): void {
    if (!target.intermediate || target.state !== "idle" || target.searched) return;
    if (this.#ports.times.of(target) !== TIME.missing) target.intermediate = false;
  }

  /** The walk before was given up. */
  reset(): void {
    this.#depth = 0;
  }

  *#consider(target: Target): Walk {
    const { voice, times } = this.#ports;
    if (target.isUnderWay) {
      voice.debug("verbose", this.#depth, () => `Still updating file '${target.path}'.`);
      return STATUS.success;
    }
    voice.debug("verbose", this.#depth, () => `Considering target file '${target.path}'.`);
    times.of(target);
    if (target.alias !== undefined) return yield { walk: this.update(resolve(target)) };
    target.head.onPath = true;
    target.depth = this.#depth++;
    const visit = yield* this.#beginVisit(target);
    yield* completing(target, this.#ports);
    this.#lookAtPeers(target, visit);
    yield* this.#lookAtPrerequisites(target, visit);
    if (visit.mustMake || this.#ports.alwaysMake()) yield* this.#makeIntermediates(target, visit);
    target.head.onPath = false;
    this.#depth = target.depth;
    return yield* this.#conclude(target, visit);
  }

  *#beginVisit(target: Target): Generator<Step, Visit, unknown> {
    const { voice, times } = this.#ports;
    const time = target.isDoubleColon ? (target.head.firstTime ??= times.comparable(target)) : times.comparable(target);
    const exists = time !== TIME.missing || times.isInMissingArchive(target);
    const missing = time === TIME.missing;
    if (missing) voice.debug("basic", this.#depth, () => `File '${target.path}' does not exist.`);
    yield* finding(target, this.#depth, this.#ports);
    return { time, exists, missing, mustMake: missing, status: STATUS.success, awaited: new Set() };
  }

  /** The peers of a pattern rule are not looked at: they matter only once its recipe runs. */
  #lookAtPeers(target: Target, visit: Visit): void {
    const { voice, times } = this.#ports;
    for (const peer of target.isImplicit ? [] : target.peers) {
      const peerTime = times.comparable(peer);
      if (peerTime === TIME.missing && !visit.missing) {
        visit.missing = visit.mustMake = true;
        voice.debug("basic", this.#depth, () => `Grouped target '${peer.path}' does not exist.`);
      }
      if (peerTime < visit.time) visit.time = peerTime;
    }
  }

  *#lookAtPrerequisites(target: Target, visit: Visit): Generator<Step, void, Status> {
    const { keepGoing } = this.#ports.options;
    for (const owner of [target, ...target.group]) {
      yield* completing(owner, this.#ports);
      let before: Edge | undefined;
      for (const { edge, place } of liveWalk(owner)) {
        if (this.#mustWait(edge, target, visit)) return;
        const status = yield* this.#lookAt(edge, target, visit);
        if (status === "circular") {
          this.#dropCircle(edge, target, { owner, place, before });
          continue;
        }
        before = place;
        visit.status = worse(visit.status, status);
        if (status !== STATUS.success && !keepGoing) return;
      }
    }
  }

  /** Whether what is under way has to end before this prerequisite is looked at: `.WAIT`, `.NOTPARALLEL: target`. */
  #mustWait(edge: Edge, target: Target, visit: Visit): boolean {
    if (visit.awaited.size === 0) return false;
    return edge.waitBefore || this.#ports.rules.special.names(".NOTPARALLEL", target.name);
  }

  /** The prerequisite is the target's that is considered, or of a peer that the same recipe makes. */
  *#lookAt(edge: Edge, target: Target, visit: Visit): Generator<Step, Status | "circular", Status> {
    const { times } = this.#ports;
    const before = times.of(edge.target);
    const prerequisite = (edge.target = resolve(edge.target));
    if (this.#isOnPath(prerequisite)) return "circular";
    edge.seen ??= before;
    want(prerequisite, target);
    this.noticeFile(prerequisite);
    const { mustMake } = visit;
    const status = yield* this.#check(prerequisite, visit);
    if (edge.orderOnly) visit.mustMake = mustMake;
    this.#noteResult(edge, visit);
    return status;
  }

  /** Brings a prerequisite up to date; of an intermediate one only finds out whether what is behind it is newer. */
  *#check(prerequisite: Target, visit: Visit): Generator<Step, Status, Status> {
    const { times } = this.#ports;
    if (prerequisite.phony || !prerequisite.intermediate) {
      const isDone = prerequisite.state === "done" && prerequisite.next === undefined;
      const status: Status = isDone ? this.#again(prerequisite) : yield { walk: this.update(prerequisite) };
      const time = times.of(resolve(prerequisite));
      if (time === TIME.missing || time > visit.time) visit.mustMake = true;
      return status;
    }
    yield* finding(prerequisite, this.#depth, this.#ports);
    if (times.of(prerequisite) > visit.time) {
      visit.mustMake = true;
      return STATUS.success;
    }
    return yield { walk: this.#checkIntermediate(prerequisite, visit) };
  }

  *#checkIntermediate(target: Target, visit: Visit): Walk {
    const { options } = this.#ports;
    yield* completing(target, this.#ports);
    target.head.onPath = true;
    const depth = this.#depth++;
    let status: Status = STATUS.success;
    for (const edge of target.edges) {
      if (this.#mustWait(edge, target, visit)) break;
      const own = yield* this.#lookBehind(edge, target, visit);
      status = worse(status, own);
      if (own !== STATUS.success && !options.keepGoing) break;
    }
    target.head.onPath = false;
    this.#depth = depth;
    return status;
  }

  *#lookBehind(edge: Edge, target: Target, visit: Visit): Generator<Step, Status, Status> {
    this.#ports.times.of(edge.target);
    const prerequisite = (edge.target = resolve(edge.target));
    if (this.#isOnPath(prerequisite)) {
      this.#dropCircle(edge, target, { owner: target, place: edge, before: edgeBefore(edge, target) });
      return STATUS.success;
    }
    want(prerequisite, target);
    const { mustMake } = visit;
    const status = yield* this.#check(prerequisite, visit);
    if (edge.orderOnly) visit.mustMake = mustMake;
    noteRunning(resolve(prerequisite), visit.awaited);
    return status;
  }

  /** The target is to be remade: now its intermediate prerequisites are needed. */
  *#makeIntermediates(target: Target, visit: Visit): Generator<Step, void, Status> {
    const { keepGoing } = this.#ports.options;
    for (const owner of [target, ...target.peers]) {
      for (const edge of owner.walkOrder) {
        const prerequisite = edge.target;
        if (!prerequisite.intermediate || prerequisite.phony || prerequisite.head.onPath) continue;
        if (visit.status !== STATUS.success && !keepGoing) return;
        if (this.#mustWait(edge, target, visit)) return;
        want(prerequisite, target);
        const status: Status = yield { walk: this.update(prerequisite) };
        visit.status = worse(visit.status, status);
        this.#noteResult(edge, visit);
      }
    }
  }

  #noteResult(edge: Edge, visit: Visit): void {
    edge.target = resolve(edge.target);
    if (noteRunning(edge.target, visit.awaited)) return;
    const time = this.#ports.times.of(edge.target);
    edge.target = resolve(edge.target);
    edge.changed = time !== edge.seen || (time === TIME.missing && !edge.target.intermediate);
  }

  *#conclude(target: Target, visit: Visit): Generator<Step, Status, Status> {
    const { voice, alwaysMake, times } = this.#ports;
    const { depth } = target;
    if (visit.awaited.size > 0) {
      voice.debug("verbose", depth, () => `The prerequisites of '${target.path}' are being made.`);
      this.#ports.suspend(target, visit.awaited);
      return STATUS.success;
    }
    voice.debug("verbose", depth, () => `Finished prerequisites of target file '${target.path}'.`);
    if (visit.status !== STATUS.success) return this.#giveUp(target, visit.status);
    const look = { ...visit, alwaysMake: alwaysMake(), timeOf: (each: Target) => times.of(each) };
    const reason = whyOutOfDate(target, look);
    remarkOnPrerequisites(target, look, reason, voice);
    if (reason === undefined) return this.#leave(target);
    return yield* this.#remake(target, reason);
  }

  #giveUp(target: Target, status: Status): Status {
    const { voice, options } = this.#ports;
    target.failedSilently = target.dontCare && status === STATUS.failed;
    target.wasOutOfDate = true;
    voice.debug("verbose", target.depth, () => `Giving up on target file '${target.path}'.`);
    this.#ports.finish(target, status);
    if (target.isRoot && options.keepGoing && !options.justPrint && !options.question) {
      voice.error(`Target '${target.path}' not remade because of errors.`);
    }
    return status;
  }

  #leave(target: Target): Status {
    this.#ports.voice.debug("verbose", target.depth, () => {
      const found = target.path === target.name ? "" : `; using VPATH name '${target.path}'`;
      return `No need to remake target '${target.name}'${found}.`;
    });
    this.#ports.finish(target, STATUS.success);
    return STATUS.success;
  }

  *#remake(target: Target, reason: Reason): Generator<Step, Status, Status> {
    const { voice, rules, remaking } = this.#ports;
    voice.debug("basic", target.depth, () => `Must remake target '${target.path}'.`);
    if (target.path !== target.name && !rules.searchPath.keeps(target.path, target.name)) {
      voice.debug("basic", target.depth, () => `  Ignoring VPATH name '${target.path}'.`);
      target.path = target.name;
      target.ignoresSearchPath = true;
    }
    if (target.recipe === undefined) return this.#ended(target, this.#remakeWithoutRecipe(target));
    target.wasOutOfDate = true;
    const turn = remaking.needsRoom(target) ? this.#ports.turnOf(target) : undefined;
    if (turn === "later") return STATUS.success;
    while (turn === "next" && !this.#ports.hasRoom()) yield "pause";
    const plan = yield* pausing(() => remaking.plan(target), this.#ports);
    while (turn === "next" && !this.#ports.hasRoom()) yield "pause"; // others may have taken it meanwhile
    if (plan !== undefined) remaking.trace(target, reason);
    const printed: Printed[] = [];
    const given = plan && (yield* pausing(() => remaking.given(target, plan, printed), this.#ports));
    while (turn === "next" && !this.#ports.hasRoom()) yield "pause";
    remaking.begin(target, reason, { plan, given });
    if (this.#ports.oneByOne) while (target.isUnderWay) yield "pause";
    if (target.isUnderWay) {
      voice.debug("verbose", target.depth, () => `Recipe of '${target.path}' is being run.`);
      return STATUS.success;
    }
    return this.#ended(target, target.status);
  }

  #ended(target: Target, status: Status): Status {
    const { voice, options } = this.#ports;
    if (status !== STATUS.failed || options.keepGoing) remarkOnEnd(target, status, voice);
    return status;
  }

  /** It counts as made when a rule names it; else nobody knows how to make it. */
  #remakeWithoutRecipe(target: Target): Status {
    if (target.phony || target.isTarget) {
      target.wasOutOfDate = true;
      this.#ports.finish(target, STATUS.success);
      return STATUS.success;
    }
    this.#ports.finish(target, STATUS.failed);
    target.wasOutOfDate = this.#ports.options.keepGoing;
    this.#complain(target);
    return STATUS.failed;
  }

  /** A target that is done already; a failure that nobody cared for before is told now. */
  #again(target: Target): Status {
    if (target.head === target) this.#ports.voice.debug("verbose", this.#depth, () => `Pruning file '${target.path}'.`);
    if (target.failedSilently && !target.dontCare) this.#complain(target);
    return target.status;
  }

  /** Nobody knows how to make the target, or what it needs. */
  #complain(target: Target): void {
    if (target.dontCare) {
      target.failedSilently = true;
      return;
    }
    const culprit = culpritOf(target);
    const { voice, options } = this.#ports;
    const needed = culprit.askedBy === undefined ? "" : `, needed by '${culprit.askedBy.path}'`;
    const stop = options.keepGoing ? "." : ".  Stop.";
    this.#ports.failing(wantersOf(culprit));
    voice.error(`*** No rule to make target '${culprit.path}'${needed}${stop}`);
    this.#ports.failed(target);
  }

  #isOnPath(target: Target): boolean {
    return target.head.onPath || (target.state === "waiting" && this.#ports.isAwaitedBy(target));
  }

  #dropCircle(edge: Edge, target: Target, from: CirclePlace): void {
    this.#ports.voice.error(`Circular ${target.path} <- ${edge.target.path} dependency dropped.`);
    dropEdge(target, from);
  }
}

/** `target` asks for `prerequisite`. */
function want(prerequisite: Target, target: Target): void {
  prerequisite.wantedBy ??= target;
  prerequisite.askedBy = target;
  prerequisite.dontCare = target.dontCare;
}

/** Adds what of a target is under way; says whether anything is. */
function noteRunning(target: Target, awaited: Set<Target>): boolean {
  let any = false;
  for (let each: Target | undefined = target.head; each !== undefined; each = each.next) {
    if (!each.isUnderWay) continue;
    awaited.add(each);
    any = true;
  }
  return any;
}
