/** The nodes of a session that take jobs now, what is known of their load, and which of them gets the next job. */

import { LOCAL_NODE, type NodeId } from "../base/ids.js";
import { chooseNode } from "../placement/choose-node.js";
import {
  addressKey,
  type FoundAddress,
  type LocalAddress,
  type NodeAddress,
  type ReachedAddress,
} from "../placement/node-directory.js";
import { type JobOutcome, NodeLedger, type ReportedLoad } from "../placement/node-ledger.js";
import type { Job, Runner } from "../sched/job.js";
import { MAX_OPEN_STREAMS } from "../wire/limits.js";
import { BusyNodes } from "./busy-nodes.js";
import type { NodeLink } from "./cluster-link.js";
import { ClusterRunner, type RunnerWatch } from "./cluster-runner.js";
import { EndingNodes } from "./ending-nodes.js";
import type { PlacementOptions } from "./placement-options.js";

/** A node takes no more jobs and questions of one client at a time than MAX_OPEN_STREAMS; some room is left for questions. */
const MAX_JOBS = MAX_OPEN_STREAMS - 8;
/** This machine's own load is read at most once in so long. */
const LOCAL_LOAD_MS = 1000;

interface Member {
  readonly runner: Runner;
  /** undefined: this machine. */
  readonly link: NodeLink | undefined;
}

/** What members tell their owner. */
export interface MembersWatch {
  /** `choose` may answer otherwise than before. */
  changed(): void;
  /** A job has shown that a node is at fault. */
  suspect(node: NodeId, reason: string, link: NodeLink | undefined): void;
}

export type MembersOptions = Pick<
  PlacementOptions,
  | "nodes"
  | "minFreeMemoryBytes"
  | "local"
  | "sent"
  | "certificates"
  | "observe"
  | "nowMs"
  | "later"
  | "endsAtMs"
  | "tookMs"
>;

export class ClusterMembers {
  readonly #options: MembersOptions;
  readonly #watch: MembersWatch;
  readonly #addresses: Map<NodeId, NodeAddress | FoundAddress>;
  readonly #members = new Map<NodeId, Member>();
  readonly #busy: BusyNodes;
  readonly #ledger = new NodeLedger();
  readonly #ending: EndingNodes;
  /** Who waits for room on a node, behind the jobs that do. */
  readonly #roomListeners = new Set<() => void>();
  #localLoadAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: MembersOptions, watch: MembersWatch) {
    this.#options = options;
    this.#watch = watch;
    this.#busy = new BusyNodes(options);
    this.#ending = new EndingNodes(options);
    this.#addresses = new Map(options.nodes.map((address) => [address.node, address]));
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether one of them is another machine. */
  get hasOthers(): boolean {
    return [...this.#members.values()].some(({ link }) => link !== undefined);
  }

  /** Whether the node takes jobs by this link: one that has come back has another. */
  has(node: NodeId, link: NodeLink | undefined): boolean {
    const member = this.#members.get(node);
    return member !== undefined && member.link === link;
  }

  /** Whether the node takes jobs, by whatever link. */
  includes(node: NodeId): boolean {
    return this.#members.has(node);
  }

  joinLocal(address: LocalAddress): void {
    const { runner, slots } = this.#options.local;
    this.#add(address, { slots: address.slots ?? slots, runner, link: undefined });
  }

  /** @returns how many jobs it gets at once */
  join(link: NodeLink, address: ReachedAddress | FoundAddress): number {
    const wanted = address.kind === "found" ? undefined : address.slots;
    const slots = Math.min(link.slots, wanted ?? link.slots, MAX_JOBS);
    this.#addresses.set(address.node, address);
    this.#add(address, { slots, runner: link.runner, link });
    this.#ledger.reported(address.node, link.load, this.#options.nowMs());
    return slots;
  }

  leave(node: NodeId): void {
    this.#members.delete(node);
    this.#busy.forget(node);
    this.#ledger.leave(node);
  }

  reported(node: NodeId, load: ReportedLoad): void {
    this.#ledger.reported(node, load, this.#options.nowMs());
    if (this.#options.minFreeMemoryBytes !== undefined) this.#watch.changed(); // there may be room now without any job's end
  }

  /** It had no room for a job. */
  rest(node: NodeId, reason: string): void {
    this.#busy.rest(node, reason, () => this.#watch.changed());
  }

  /** The runner of the node that gets a job now, which counts from now on; undefined: none has room. */
  choose(job: Job): Runner | undefined {
    const { nowMs, sent, minFreeMemoryBytes } = this.#options;
    this.#lookAtLocalLoad();
    const loads = this.#ledger.loads(nowMs(), (node) => sent.byOthers(this.#placeOf(node)));
    const free = loads.filter(({ node }) => !this.#busy.isResting(node) && this.#hasTime(node, job));
    const chosen = chooseNode(free, minFreeMemoryBytes === undefined ? {} : { minFreeMemoryBytes });
    return chosen === undefined ? undefined : this.#take(chosen);
  }

  /** Nobody who rests is waited for any more. */
  close(): void {
    this.#busy.close();
  }

  #add(
    address: NodeAddress | FoundAddress,
    { slots, runner, link }: { readonly slots: number } & Pick<Member, "runner" | "link">,
  ): void {
    const { certificates, nodes, nowMs } = this.#options;
    const { node, speed } = address;
    const looked = link === undefined ? undefined : certificates; // what this machine writes it sees
    this.#members.set(node, { runner: new ClusterRunner(runner, this.#watchOf(node, link), looked), link });
    const listed = address.kind === "found" ? -1 : nodes.indexOf(address);
    const rank = listed < 0 ? nodes.length : listed;
    this.#ledger.join({ node, rank, slots, speed }, nowMs());
  }

  /** Nodes of an allocation are ours until its end. */
  #hasTime(node: NodeId, job: Job): boolean {
    const { endsAtMs, tookMs } = this.#options;
    const end = this.#addresses.get(node)?.kind === "launched" ? endsAtMs?.() : undefined;
    return end === undefined || this.#ending.hasTime(end, tookMs?.(job) ?? this.#ledger.typicalMs);
  }

  /** Counts the job before it runs, that one slot is not given away twice in one turn. */
  #take(node: NodeId): Runner | undefined {
    const member = this.#members.get(node);
    if (member === undefined) return undefined;
    this.#options.sent.sent(this.#placeOf(node));
    this.#ledger.placed(node, this.#options.nowMs());
    return member.runner;
  }

  /** What jobs tell of a node. One that has come back has another link, and what the old one's jobs tell is not of it. */
  #watchOf(node: NodeId, link: NodeLink | undefined): RunnerWatch {
    return {
      ended: (_, outcome) => this.#ended(node, outcome, link),
      suspect: (_, reason) => this.#watch.suspect(node, reason, link),
      room: {
        isFree: () => this.has(node, link) && this.#ledger.hasRoom(node),
        enter: () => this.#enter(node, link),
        lend: () => this.#lend(node, link),
        whenChanged: (listener) => {
          this.#roomListeners.add(listener);
          return () => this.#roomListeners.delete(listener);
        },
      },
    };
  }

  /** @returns the way to leave */
  #enter(node: NodeId, link: NodeLink | undefined): () => void {
    this.#ledger.placed(node, this.#options.nowMs());
    return () => {
      if (this.has(node, link)) this.#ledger.left(node, this.#options.nowMs());
      this.#changed();
    };
  }

  /** @returns the way to have it again */
  #lend(node: NodeId, link: NodeLink | undefined): () => void {
    if (this.has(node, link)) this.#ledger.left(node, this.#options.nowMs());
    this.#changed();
    return () => {
      if (this.has(node, link)) this.#ledger.placed(node, this.#options.nowMs());
    };
  }

  /** Jobs come first. */
  #changed(): void {
    this.#watch.changed();
    for (const listener of [...this.#roomListeners]) listener();
  }

  #ended(node: NodeId, outcome: JobOutcome, link: NodeLink | undefined): void {
    this.#options.sent.ended(this.#placeOf(node), outcome.startedMs);
    if (this.has(node, link)) {
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

  /** This machine sends no heartbeats: its load is read when it is wanted. */
  #lookAtLocalLoad(): void {
    const nowMs = this.#options.nowMs();
    if (!this.#members.has(LOCAL_NODE) || nowMs - this.#localLoadAtMs < LOCAL_LOAD_MS) return;
    this.#localLoadAtMs = nowMs;
    this.#ledger.reported(LOCAL_NODE, this.#options.local.load(), nowMs);
  }
}
