/** Where the jobs of a session go: to the least loaded of the nodes that joined, or here. */

import { nodeId, type NodeId } from "../base/ids.js";
import type { Result } from "../base/result.js";
import { UserError } from "../base/user-error.js";
import { formatOffset } from "../placement/clock-words.js";
import {
  addressKey,
  type FoundAddress,
  type LaunchedAddress,
  type NodeAddress,
  type ReachedAddress,
  type StandingAddress,
} from "../placement/node-directory.js";
import type { Job, Runner } from "../sched/job.js";
import type { Placement } from "../sched/ports.js";
import type { LeftOut, NodeLink } from "./cluster-link.js";
import { ClusterMembers } from "./cluster-members.js";
import { FoundNodes, NOBODY_ANSWERS } from "./found-nodes.js";
import { LeftOutNodes } from "./left-out-nodes.js";
import { NodeCalls } from "./node-calls.js";
import type { PlacementOptions } from "./placement-options.js";

/** A node whose clock is off by more is named once; by how much it may be off is for the dial to decide. */
const CLOCK_WARNING_MS = 500;
/** What is complained of when nobody gives the nodes that were asked for. */
const NOT_GIVEN = nodeId("Slurm");
/** By this it is told once that a standing cluster has no nodes. */
const NO_NODES = "no nodes";
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
 * are called again while the session lasts, and take jobs when they answer, also when everything has run here meanwhile. So do nodes
 * that are found; those are looked for, and not waited for.
 */
export class ClusterPlacement implements Placement {
  readonly #options: PlacementOptions;
  readonly #addresses: Map<NodeId, NodeAddress>;
  readonly #members: ClusterMembers;
  readonly #links = new Set<NodeLink>();
  readonly #leftOut: LeftOutNodes;
  readonly #listeners = new Set<() => void>();
  readonly #calls: NodeCalls;
  readonly #found: FoundNodes | undefined;
  /** Nodes of a standing cluster of which the user has read that they are left out, and that have gone since. */
  readonly #retired = new Set<NodeId>();
  #dials: Promise<void>;
  #pending: number;
  #state: State = { kind: "open" };
  /** Whether the last job that wanted a place found none. */
  #isWanting = false;

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#addresses = new Map(options.nodes.map((address) => [address.node, address]));
    this.#members = new ClusterMembers(options, {
      changed: () => this.#changed(),
      suspect: (node, reason, link) => this.#drop(node, { kind: "unfit", reason }, link),
    });
    this.#leftOut = new LeftOutNodes(options.observe);
    this.#found = this.#foundNodes();
    // With nodes that are listed, nobody waits for what may be found besides.
    const isSearchWaitedFor = this.#found !== undefined && (options.strict || options.isUnlisted === true);
    const { coming, roll } = options;
    const awaited = [isSearchWaitedFor, coming !== undefined, roll !== undefined].filter((is) => is).length;
    this.#pending = options.nodes.length + awaited;
    this.#calls = new NodeCalls({ ...options, onAnswer: (address, answer) => this.#answeredLate(address, answer) });
    this.#dials = Promise.all(options.nodes.map((address) => this.#admit(address))).then(() => undefined);
    void coming?.then((nodes) => this.#come(nodes)); // never rejects
    this.#found?.begin();
    roll?.begin({
      joined: (address) => this.#enter(address),
      left: (node, reason) => this.#retire(node, reason),
      looked: () => this.#looked(),
    });
  }

  /** The runner of the node that gets this job now, to be run there at once; undefined: wait until something changes. */
  choose(job: Job): Runner | undefined {
    const { local } = this.#options;
    if (job.local) return local.runner;
    const isOpen = this.#state.kind === "open" && this.#members.size > 0;
    const chosen = isOpen ? this.#members.choose(job) : undefined;
    this.#isWanting = chosen === undefined;
    return this.#state.kind === "local-only" ? local.runner : chosen;
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
    this.#members.close();
    await this.#options.roll?.close();
    await this.#calls.close();
    await this.#dials;
    await this.#found?.close();
    await Promise.all([...this.#links].map((link) => link.close()));
  }

  async #admit(address: NodeAddress): Promise<void> {
    if (address.kind === "local") this.#members.joinLocal(address);
    else await this.#dial(address);
    this.#pending--;
    this.#settle();
  }

  /** Nodes that were asked for, or the reason why there are none. */
  #come(nodes: Result<readonly LaunchedAddress[], string>): void {
    if (nodes.ok) {
      for (const address of nodes.value) this.#addresses.set(address.node, address);
      this.#pending += nodes.value.length;
      const admitted = nodes.value.map((address) => this.#admit(address));
      this.#dials = Promise.all([this.#dials, ...admitted]).then(() => undefined);
    } else if (!this.#options.down.has(NOT_GIVEN)) {
      this.#options.down.add(NOT_GIVEN); // the makes of a session complain of it once
      this.#leftOut.add(NOT_GIVEN, { kind: "refused", reason: nodes.error });
    }
    this.#pending--;
    this.#settle();
  }

  /** A node of a standing cluster is there. */
  #enter(address: StandingAddress): void {
    this.#addresses.set(address.node, address);
    this.#pending++;
    this.#dials = Promise.all([this.#dials, this.#admit(address)]).then(() => undefined);
  }

  #looked(): void {
    this.#pending--;
    this.#settle();
  }

  /** A node of a standing cluster gets no more jobs. Its link stays for those that it has; it ends them, and then the link. */
  #retire(node: NodeId, reason: string): void {
    const address = this.#addresses.get(node);
    if (this.#state.kind === "closed" || address === undefined || address.kind === "local") return;
    this.#addresses.delete(node);
    this.#calls.forget(address);
    if (this.#leftOut.remove(node)) this.#retired.add(node);
    if (this.#members.includes(node)) {
      this.#members.leave(node);
      this.#found?.left(node, reason);
      this.#options.observe({ type: "node-left-out", node, reason });
      this.#retired.add(node);
    }
    this.#settle();
  }

  /** One of a standing cluster may have left, or have been started anew, while it was called. */
  #isStillThere(address: ReachedAddress | FoundAddress): boolean {
    return address.kind !== "standing" || this.#addresses.get(address.node) === address;
  }

  async #dial(address: ReachedAddress): Promise<void> {
    if (this.#options.down.has(addressKey(address))) {
      this.#calls.callAgain(address);
      return;
    }
    const answer = await this.#calls.call(address);
    if (answer.ok) this.#join(answer.value, address);
    else this.#complain(address, answer.error);
  }

  /** A node that could not be reached before. */
  #answeredLate(address: ReachedAddress, answer: Result<NodeLink, LeftOut>): void {
    if (!answer.ok) {
      // Another make of the session has told the user.
      if (answer.error.kind === "refused" && this.#options.down.has(addressKey(address))) return;
      this.#complain(address, answer.error);
      this.#leftOut.tell();
      return;
    }
    this.#join(answer.value, address);
    if (this.#state.kind === "open" && this.#options.down.takeBack(addressKey(address)))
      this.#options.observe({ type: "node-back", node: address.node });
    this.#changed();
  }

  #foundNodes(): FoundNodes | undefined {
    const { search, nodes, observe, later, strict, isUnlisted } = this.#options;
    if (search === undefined) return undefined;
    return new FoundNodes({
      ...{ search, observe, later },
      listed: nodes.map(({ node }) => node),
      isWanting: () => this.#isWanting,
      onJoin: (link, address) => {
        this.#join(link, address);
        this.#changed();
      },
      onSettled: () => {
        if (strict || isUnlisted === true) this.#pending--;
        this.#settle();
      },
    });
  }

  #join(link: NodeLink, address: ReachedAddress | FoundAddress): void {
    this.#links.add(link);
    if (this.#state.kind === "closed" || !this.#isStillThere(address)) return;
    const { node } = address;
    if (address.kind !== "found") {
      const same = this.#found?.listedJoined(node, link.name);
      if (same !== undefined) this.#members.leave(same);
    }
    if (this.#state.kind === "local-only") this.#state = { kind: "open" };
    this.#leftOut.remove(node);
    const slots = this.#members.join(link, address);
    this.#listen(link, node);
    this.#options.observe({ type: "node-joined", node, slots, clockOffsetMs: link.clockOffsetMs });
    if (this.#retired.delete(node)) this.#options.observe({ type: "node-back", node });
    this.#warnOfClock(address, link.clockOffsetMs);
  }

  #listen(link: NodeLink, node: NodeId): void {
    link.onLoad((load) => {
      if (this.#members.has(node, link)) this.#members.reported(node, load);
    });
    link.onRefused(({ kind, reason }) => {
      if (kind === "busy") this.#members.rest(node, reason);
      else this.#drop(node, { kind, reason }, link);
    });
    link.onLost((reason) => {
      this.#links.delete(link);
      this.#drop(node, { kind: "unreachable", reason }, link);
    });
  }

  #warnOfClock(address: ReachedAddress | FoundAddress, offsetMs: number): void {
    const { warned } = this.#options;
    const place = addressKey(address);
    if (Math.abs(offsetMs) <= CLOCK_WARNING_MS || warned.has(place)) return;
    warned.add(place);
    const text = `warning: the clock of node ${address.node} is ${formatOffset(offsetMs)}`;
    this.#options.observe({ type: "message", stream: "stderr", text });
  }

  /** A node that took jobs takes no more; those it runs may end. */
  #drop(node: NodeId, fault: LeftOut, link: NodeLink | undefined): void {
    if (this.#state.kind === "closed" || !this.#members.has(node, link)) return;
    this.#members.leave(node);
    this.#found?.left(node, fault.reason);
    const address = this.#addresses.get(node);
    if (address !== undefined) this.#complain(address, fault);
    this.#leftOut.tell();
    this.#settle();
  }

  #complain(address: NodeAddress, fault: LeftOut): void {
    if (this.#state.kind === "closed" || (address.kind !== "local" && !this.#isStillThere(address))) return;
    this.#leftOut.add(address.node, fault);
    if (fault.kind === "unfit" || address.kind === "local") return;
    this.#options.down.add(addressKey(address));
    if (fault.kind === "unreachable") this.#calls.callAgain(address);
  }

  /** Something came or went: when nobody is left and nobody is still to come, decides how to go on. */
  #settle(): void {
    if (!this.#isAlone) this.#leftOut.tell();
    else if (this.#pending === 0 && this.#state.kind === "open") this.#state = this.#withoutNodes();
    this.#changed();
  }

  /** Nobody takes jobs but this machine, which takes them for want of others. */
  get #isAlone(): boolean {
    if (this.#options.isUnlisted === true) return !this.#members.hasOthers;
    return this.#members.size === 0;
  }

  #withoutNodes(): State {
    const { strict, observe, roll } = this.#options;
    const why = this.#leftOut.summary();
    if (this.#leftOut.someIsUnfit) return { kind: "failed", error: new UserError(`no node can be used: ${why}`) };
    const nobody = roll === undefined ? NOBODY_ANSWERS : `no node of the cluster ${roll.folder} takes jobs`;
    if (strict) {
      const isAsked = this.#found !== undefined || roll !== undefined;
      const told = why !== "" ? why : isAsked ? nobody : "as was found before";
      return { kind: "failed", error: new UserError(`no node can be reached (--strict): ${told}`) };
    }
    // Without a complaint the nodes were known to be down, and the user has read it.
    if (why !== "")
      observe({ type: "message", stream: "stderr", text: `no node can be reached (${why}): everything runs here` });
    else if (roll !== undefined) this.#sayOnce(NO_NODES, `${nobody}: everything runs here`);
    return { kind: "local-only" };
  }

  /** Once for all makes of a session. */
  #sayOnce(what: string, text: string): void {
    const { down, observe } = this.#options;
    if (down.has(what)) return;
    down.add(what);
    observe({ type: "message", stream: "stderr", text });
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener();
  }
}
