/** Where the jobs of a session go: to the least loaded of the nodes that joined, or here. */

import { Canceller } from "../base/abort.js";
import { LOCAL_NODE, type NodeId } from "../base/ids.js";
import { UserError } from "../base/user-error.js";
import type { Observer } from "../events/event.js";
import { formatOffset } from "../placement/clock-words.js";
import { chooseNode } from "../placement/choose-node.js";
import { addressKey, type LocalAddress, type NodeAddress, type RemoteAddress } from "../placement/node-directory.js";
import { type JobOutcome, NodeLedger, type ReportedLoad } from "../placement/node-ledger.js";
import type { Job, Runner } from "../sched/job.js";
import type { Placement } from "../sched/ports.js";
import { MAX_OPEN_STREAMS } from "../wire/limits.js";
import type { Certificates } from "./certificates.js";
import type { Dial, LeftOut, NodeLink } from "./cluster-link.js";
import { ClusterRunner, type RunnerWatch } from "./cluster-runner.js";

/** What sessions tell each other of jobs they sent. Real: os/sent-directory.ts. */
export interface SentCounts {
  sent(place: string): void;
  byOthers(place: string): number;
}

/** Nodes of which a make above us, or below, has told something. Real: os/told-list.ts. */
export interface ToldNodes {
  has(place: string): boolean;
  add(place: string): void;
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
  readonly warned: ToldNodes;
  readonly observe: Observer;
  /** undefined: receipts are not looked for. */
  readonly certificates: Certificates | undefined;
  readonly nowMs: () => number;
}

/** A node whose clock is off by more is named once; by how much it may be off is for the dial to decide. */
const CLOCK_WARNING_MS = 500;
/** A node takes no more jobs and questions of one client at a time than MAX_OPEN_STREAMS; some room is left for questions. */
const MAX_JOBS = MAX_OPEN_STREAMS - 8;
/** This machine's own load is read at most once in so long. */
const LOCAL_LOAD_MS = 1000;

interface Member {
  readonly runner: Runner;
  readonly place: string;
}

interface Complaint extends LeftOut {
  readonly node: NodeId;
  /** Whether the user has read it. */
  told: boolean;
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
 * answered but none is fit, or the last became unfit, that is the user's to put right, and an error.
 */
export class ClusterPlacement implements Placement, RunnerWatch {
  readonly #options: PlacementOptions;
  readonly #members = new Map<NodeId, Member>();
  readonly #ledger = new NodeLedger();
  readonly #links: NodeLink[] = [];
  readonly #complaints: Complaint[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #dialling = new Canceller();
  readonly #dials: Promise<void>;
  #pending: number;
  #localLoadAtMs = Number.NEGATIVE_INFINITY;
  #state: State = { kind: "open" };

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#pending = options.nodes.length;
    this.#dials = Promise.all(options.nodes.map((address, rank) => this.#admit(address, rank))).then(() => undefined);
  }

  /** The runner of the node that gets this job now, to be run there at once; undefined: wait until something changes. */
  choose(job: Job): Runner | undefined {
    const { local } = this.#options;
    if (job.local || this.#state.kind === "local-only") return local.runner;
    if (this.#state.kind !== "open" || this.#members.size === 0) return undefined;
    const { nowMs, sent, minFreeMemoryBytes } = this.#options;
    this.#lookAtLocalLoad();
    const loads = this.#ledger.loads(nowMs(), (node) => sent.byOthers(this.#members.get(node)?.place ?? node));
    const chosen = chooseNode(loads, minFreeMemoryBytes === undefined ? {} : { minFreeMemoryBytes });
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
    this.#dialling.abort();
    await this.#dials;
    await Promise.all(this.#links.map((link) => link.close()));
  }

  ended(node: NodeId, outcome: JobOutcome): void {
    this.#ledger.ended(node, outcome);
    this.#changed();
  }

  suspect(node: NodeId, reason: string): void {
    this.#drop(node, { kind: "unfit", reason });
  }

  /** Counts the job before it runs, that one slot is not given away twice in one turn. */
  #take(node: NodeId): Runner | undefined {
    const member = this.#members.get(node);
    if (member === undefined) return undefined;
    this.#options.sent.sent(member.place);
    this.#ledger.placed(node, this.#options.nowMs());
    return member.runner;
  }

  async #admit(address: NodeAddress, rank: number): Promise<void> {
    if (address.kind === "local") this.#joinLocal(address, rank);
    else await this.#dial(address, rank);
    this.#pending--;
    this.#settle();
  }

  #joinLocal(address: LocalAddress, rank: number): void {
    const { runner, slots, name } = this.#options.local;
    const { node, speed } = address;
    this.#members.set(node, { runner: new ClusterRunner(runner, this, undefined), place: name });
    this.#ledger.join({ node, rank, slots: address.slots ?? slots, speed }, this.#options.nowMs());
  }

  /** This machine sends no heartbeats: its load is read when it is wanted. */
  #lookAtLocalLoad(): void {
    const nowMs = this.#options.nowMs();
    if (!this.#members.has(LOCAL_NODE) || nowMs - this.#localLoadAtMs < LOCAL_LOAD_MS) return;
    this.#localLoadAtMs = nowMs;
    this.#ledger.reported(LOCAL_NODE, this.#options.local.load(), nowMs);
  }

  async #dial(address: RemoteAddress, rank: number): Promise<void> {
    if (this.#options.down.has(addressKey(address))) return;
    const dialled = await this.#options.dial(address, this.#dialling);
    if (!dialled.ok) this.#complain(address, dialled.error);
    else if (this.#state.kind === "closed") await dialled.value.close();
    else this.#join(dialled.value, address, rank);
  }

  #join(link: NodeLink, address: RemoteAddress, rank: number): void {
    const { node, speed } = address;
    const { nowMs, observe } = this.#options;
    const slots = Math.min(link.slots, address.slots ?? link.slots, MAX_JOBS);
    this.#links.push(link);
    this.#ledger.join({ node, rank, slots, speed }, nowMs());
    this.#ledger.reported(node, link.load, nowMs());
    link.onLoad((load) => this.#ledger.reported(node, load, nowMs()));
    link.onUnfit((reason) => this.suspect(node, reason));
    link.onLost((reason) => this.#drop(node, { kind: "unreachable", reason }));
    this.#members.set(node, {
      runner: new ClusterRunner(link.runner, this, this.#options.certificates),
      place: addressKey(address),
    });
    observe({ type: "node-joined", node, slots, clockOffsetMs: link.clockOffsetMs });
    this.#warnOfClock(address, link.clockOffsetMs);
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
  #drop(node: NodeId, fault: LeftOut): void {
    const address = this.#options.nodes.find((candidate) => candidate.node === node);
    if (address === undefined || this.#state.kind === "closed" || !this.#members.delete(node)) return;
    this.#ledger.leave(node);
    this.#complain(address, fault);
    this.#tellComplaints();
    this.#settle();
  }

  #complain(address: NodeAddress, fault: LeftOut): void {
    if (this.#state.kind === "closed") return;
    if (fault.kind === "unreachable") this.#options.down.add(addressKey(address));
    this.#complaints.push({ node: address.node, ...fault, told: false });
  }

  #tellComplaints(): void {
    for (const complaint of this.#complaints) {
      if (!complaint.told)
        this.#options.observe({ type: "node-left-out", node: complaint.node, reason: complaint.reason });
      complaint.told = true;
    }
  }

  /** Something came or went: when nobody is left and nobody is still to come, decides how to go on. */
  #settle(): void {
    if (this.#members.size > 0) this.#tellComplaints();
    else if (this.#pending === 0 && this.#state.kind === "open") this.#state = this.#withoutNodes();
    this.#changed();
  }

  #withoutNodes(): State {
    const { strict, observe } = this.#options;
    const why = summarize(this.#complaints);
    if (this.#complaints.some((complaint) => complaint.kind === "unfit"))
      return { kind: "failed", error: new UserError(`no node can be used: ${why}`) };
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

const NAMED_COMPLAINTS = 3;

/** What is wrong with the first few nodes, and with how many more something is. */
function summarize(complaints: readonly Complaint[]): string {
  const named = complaints.slice(0, NAMED_COMPLAINTS).map(({ node, reason }) => `${node}: ${reason}`);
  const more = complaints.length - named.length;
  return [...named, ...(more > 0 ? [`and ${String(more)} more`] : [])].join("; ");
}
