/** Where the jobs of a session go: to the least loaded of the nodes that joined, or here. */

import { LOCAL_NODE, type NodeId } from "../base/ids.js";
import type { Result } from "../base/result.js";
import { UserError } from "../base/user-error.js";
import type { Observer } from "../events/event.js";
import { formatOffset } from "../placement/clock-words.js";
import { chooseNode } from "../placement/choose-node.js";
import { addressKey, type LocalAddress, type NodeAddress, type RemoteAddress } from "../placement/node-directory.js";
import { type JobOutcome, NodeLedger, type ReportedLoad } from "../placement/node-ledger.js";
import type { Job, Runner } from "../sched/job.js";
import type { Placement } from "../sched/ports.js";
import { MAX_OPEN_STREAMS } from "../wire/limits.js";
import { BusyNodes } from "./busy-nodes.js";
import type { Certificates } from "./certificates.js";
import type { Dial, LeftOut, NodeLink } from "./cluster-link.js";
import { ClusterRunner, type RunnerWatch } from "./cluster-runner.js";
import { LeftOutNodes } from "./left-out-nodes.js";
import { type Later, NodeCalls } from "./node-calls.js";

/** What sessions tell each other of jobs they sent. Real: os/sent-directory.ts. */
export interface SentCounts {
  sent(place: string): void;
  ended(place: string, sentAtMs: number): void;
  byOthers(place: string): number;
}

/** Nodes of which a make above us, or below, has told something. Real: os/told-list.ts. */
export interface ToldNodes {
  has(place: string): boolean;
  add(place: string): void;
  /** It is so no more. @returns whether it was told, by any make of the session, and nobody has taken it back yet */
  takeBack(place: string): boolean;
}

/** This machine as a place for jobs. */
export interface LocalPlace {
  readonly runner: Runner;
  /** Slots when NODES says `local` without a number. */
  readonly slots: number;
  /** Its name in sent records. */
  readonly name: string;
  readonly load: () => ReportedLoad;
}

export interface PlacementOptions {
  /** In the user's order. */
  readonly nodes: readonly NodeAddress[];
  readonly strict: boolean;
  readonly minFreeMemoryBytes: number | undefined;
  readonly local: LocalPlace;
  readonly dial: Dial;
  readonly sent: SentCounts;
  /** That they are unreachable. */
  readonly down: ToldNodes;
  /** That their clocks are off. */
  readonly warned: Omit<ToldNodes, "takeBack">;
  readonly observe: Observer;
  /** undefined: receipts are not looked for. */
  readonly certificates: Certificates | undefined;
  readonly nowMs: () => number;
  readonly later: Later;
}

/** A node whose clock is off by more is named once; by how much it may be off is for the dial to decide. */
const CLOCK_WARNING_MS = 500;
/** A node takes no more jobs and questions of one client at a time than MAX_OPEN_STREAMS; some room is left for questions. */
const MAX_JOBS = MAX_OPEN_STREAMS - 8;
/** This machine's own load is read at most once in so long. */
const LOCAL_LOAD_MS = 1000;

/** A node that takes jobs. */
interface Member {
  readonly runner: Runner;
  /** undefined: this machine. */
  readonly link: NodeLink | undefined;
}

type State =
  | { readonly kind: "open" }
  /** No node can be reached: everything runs here. */
  | { readonly kind: "local-only" }
  | { readonly kind: "failed"; readonly error: UserError }
  | { readonly kind: "closed" };

/**
 * Nodes join in the background as they answer; a job waits until one has joined. This machine runs what must be local, what
 * NODES gives it by `local`, and everything when no node can be reached (said once; an error when `strict`). When nodes
 * answered but none is fit, or the last became unfit, that is the user's to put right, and an error. Nodes that cannot be reached
 * are called again while the session lasts, and take jobs when they answer, also when everything has run here meanwhile.
 */
export class ClusterPlacement implements Placement {
  readonly #options: PlacementOptions;
  readonly #addresses: ReadonlyMap<NodeId, NodeAddress>;
  /** Those that take jobs. */
  readonly #members = new Map<NodeId, Member>();
  readonly #busy: BusyNodes;
  readonly #ledger = new NodeLedger();
  readonly #links = new Set<NodeLink>();
  readonly #leftOut: LeftOutNodes;
  readonly #listeners = new Set<() => void>();
  readonly #calls: NodeCalls;
  readonly #dials: Promise<void>;
  #pending: number;
  #localLoadAtMs = Number.NEGATIVE_INFINITY;
  #state: State = { kind: "open" };

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#addresses = new Map(options.nodes.map((address) => [address.node, address]));
    this.#leftOut = new LeftOutNodes(options.observe);
    this.#busy = new BusyNodes(options);
    this.#pending = options.nodes.length;
    this.#calls = new NodeCalls({ ...options, onAnswer: (address, answer) => this.#answeredLate(address, answer) });
    this.#dials = Promise.all(options.nodes.map((address) => this.#admit(address))).then(() => undefined);
  }

  /** The runner of the node that gets this job now, to be run there at once; undefined: wait until something changes. */
  choose(job: Job): Runner | undefined {
    const { local } = this.#options;
    if (job.local || this.#state.kind === "local-only") return local.runner;
    if (this.#state.kind !== "open" || this.#members.size === 0) return undefined;
    const { nowMs, sent, minFreeMemoryBytes } = this.#options;
    this.#lookAtLocalLoad();
    const loads = this.#ledger.loads(nowMs(), (node) => sent.byOthers(this.#placeOf(node)));
    const free = loads.filter(({ node }) => !this.#busy.isResting(node));
    const chosen = chooseNode(free, minFreeMemoryBytes === undefined ? {} : { minFreeMemoryBytes });
    return chosen === undefined ? undefined : this.#take(chosen);
  }

  /** Calls back whenever `choose` may answer otherwise than before. @returns the way to stop it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Set when jobs cannot be placed any more; `onChange` tells when. */
  get failure(): UserError | undefined {
    return this.#state.kind === "failed" ? this.#state.error : undefined;
  }

  /** Resolves when jobs can be placed. @throws UserError when they cannot be */
  async ready(): Promise<void> {
    while (this.#members.size === 0 && this.#state.kind === "open") {
      await new Promise<void>((resolve) => {
        const stop = this.onChange(() => {
          stop();
          resolve();
        });
      });
    }
    if (this.#state.kind === "failed") throw this.#state.error;
  }

  /** Resolves when every node has answered or been given up. */
  answered(): Promise<void> {
    return this.#dials;
  }

  /** Every connection ends, with the attempts still under way. */
  async close(): Promise<void> {
    this.#state = { kind: "closed" };
    this.#busy.close();
    await this.#calls.close();
    await this.#dials;
    await Promise.all([...this.#links].map((link) => link.close()));
  }

  /** What jobs tell of a node. One that has come back has another link, and what the old one's jobs tell is not of it. */
  #watch(link: NodeLink | undefined): RunnerWatch {
    return {
      ended: (node, outcome) => this.#ended(node, outcome, link),
      suspect: (node, reason) => this.#drop(node, { kind: "unfit", reason }, link),
    };
  }

  #ended(node: NodeId, outcome: JobOutcome, link: NodeLink | undefined): void {
    this.#options.sent.ended(this.#placeOf(node), outcome.startedMs);
    if (this.#members.get(node)?.link === link) {
      this.#ledger.ended(node, outcome);
      if (outcome.succeeded) this.#busy.forget(node);
    }
    this.#changed();
  }

  /** Its name in sent records. */
  #placeOf(node: NodeId): string {
    const address = this.#addresses.get(node);
    return address === undefined || address.kind === "local" ? this.#options.local.name : addressKey(address);
  }

  /** Counts the job before it runs, that one slot is not given away twice in one turn. */
  #take(node: NodeId): Runner | undefined {
    const member = this.#members.get(node);
    if (member === undefined) return undefined;
    this.#options.sent.sent(this.#placeOf(node));
    this.#ledger.placed(node, this.#options.nowMs());
    return member.runner;
  }

  async #admit(address: NodeAddress): Promise<void> {
    if (address.kind === "local") this.#joinLocal(address);
    else await this.#dial(address);
    this.#pending--;
    this.#settle();
  }

  #joinLocal(address: LocalAddress): void {
    const { runner, slots } = this.#options.local;
    const { node, speed } = address;
    this.#members.set(node, {
      runner: new ClusterRunner(runner, this.#watch(undefined), undefined),
      link: undefined,
    });
    this.#ledger.join(
      { node, rank: this.#rankOf(address), slots: address.slots ?? slots, speed },
      this.#options.nowMs(),
    );
  }

  /** This machine sends no heartbeats: its load is read when it is wanted. */
  #lookAtLocalLoad(): void {
    const nowMs = this.#options.nowMs();
    if (!this.#members.has(LOCAL_NODE) || nowMs - this.#localLoadAtMs < LOCAL_LOAD_MS) return;
    this.#localLoadAtMs = nowMs;
    this.#ledger.reported(LOCAL_NODE, this.#options.local.load(), nowMs);
  }

  #rankOf(address: NodeAddress): number {
    return this.#options.nodes.indexOf(address);
  }

  async #dial(address: RemoteAddress): Promise<void> {
    if (this.#options.down.has(addressKey(address))) {
      this.#calls.callAgain(address);
      return;
    }
    const answer = await this.#calls.call(address);
    if (answer.ok) this.#join(answer.value, address);
    else this.#complain(address, answer.error);
  }

  /** A node that could not be reached before. */
  #answeredLate(address: RemoteAddress, answer: Result<NodeLink, LeftOut>): void {
    if (!answer.ok) {
      this.#complain(address, answer.error);
      this.#leftOut.tell();
      return;
    }
    this.#join(answer.value, address);
    if (this.#state.kind === "local-only") this.#state = { kind: "open" };
    if (this.#state.kind === "open" && this.#options.down.takeBack(addressKey(address)))
      this.#options.observe({ type: "node-back", node: address.node });
    this.#changed();
  }

  #join(link: NodeLink, address: RemoteAddress): void {
    this.#links.add(link);
    if (this.#state.kind === "closed") return;
    const { node, speed } = address;
    const { nowMs, observe } = this.#options;
    const slots = Math.min(link.slots, address.slots ?? link.slots, MAX_JOBS);
    this.#leftOut.remove(node);
    this.#ledger.join({ node, rank: this.#rankOf(address), slots, speed }, nowMs());
    this.#ledger.reported(node, link.load, nowMs());
    this.#members.set(node, {
      runner: new ClusterRunner(link.runner, this.#watch(link), this.#options.certificates),
      link,
    });
    this.#listen(link, node);
    observe({ type: "node-joined", node, slots, clockOffsetMs: link.clockOffsetMs });
    this.#warnOfClock(address, link.clockOffsetMs);
  }

  #listen(link: NodeLink, node: NodeId): void {
    link.onLoad((load) => {
      if (this.#members.get(node)?.link !== link) return;
      this.#ledger.reported(node, load, this.#options.nowMs());
      if (this.#options.minFreeMemoryBytes !== undefined) this.#changed(); // there may be room now without any job's end
    });
    link.onRefused(({ kind, reason }) => {
      if (kind === "busy") this.#busy.rest(node, reason, () => this.#changed());
      else this.#drop(node, { kind, reason }, link);
    });
    link.onLost((reason) => {
      this.#links.delete(link);
      this.#drop(node, { kind: "unreachable", reason }, link);
    });
  }

  #warnOfClock(address: RemoteAddress, offsetMs: number): void {
    const { warned } = this.#options;
    const place = addressKey(address);
    if (Math.abs(offsetMs) <= CLOCK_WARNING_MS || warned.has(place)) return;
    warned.add(place);
    const text = `warning: the clock of node ${address.node} is ${formatOffset(offsetMs)}`;
    this.#options.observe({ type: "message", stream: "stderr", text });
  }

  /** A node that took jobs takes no more; those it runs may end. */
  #drop(node: NodeId, fault: LeftOut, link: NodeLink | undefined): void {
    const address = this.#addresses.get(node);
    if (address === undefined || this.#state.kind === "closed" || this.#members.get(node)?.link !== link) return;
    if (!this.#members.delete(node)) return;
    this.#busy.forget(node);
    this.#ledger.leave(node);
    this.#complain(address, fault);
    this.#leftOut.tell();
    this.#settle();
  }

  #complain(address: NodeAddress, fault: LeftOut): void {
    if (this.#state.kind === "closed") return;
    this.#leftOut.add(address.node, fault);
    if (fault.kind === "unfit" || address.kind === "local") return;
    this.#options.down.add(addressKey(address));
    this.#calls.callAgain(address);
  }

  /** Something came or went: when nobody is left and nobody is still to come, decides how to go on. */
  #settle(): void {
    if (this.#members.size > 0) this.#leftOut.tell();
    else if (this.#pending === 0 && this.#state.kind === "open") this.#state = this.#withoutNodes();
    this.#changed();
  }

  #withoutNodes(): State {
    const { strict, observe } = this.#options;
    const why = this.#leftOut.summary();
    if (this.#leftOut.someIsUnfit) return { kind: "failed", error: new UserError(`no node can be used: ${why}`) };
    if (strict) {
      const told = why === "" ? "as was found before" : why;
      return { kind: "failed", error: new UserError(`no node can be reached (--strict): ${told}`) };
    }
    // Without a complaint the nodes were known to be down, and the user has read it.
    if (why !== "")
      observe({ type: "message", stream: "stderr", text: `no node can be reached (${why}): everything runs here` });
    return { kind: "local-only" };
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener();
  }
}
