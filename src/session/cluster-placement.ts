/** Where the jobs of a session go: to the least loaded of the nodes that joined, or here. */

import type { NodeId } from "../base/ids.js";
import type { Result } from "../base/result.js";
import { UserError } from "../base/user-error.js";
import { formatOffset } from "../placement/clock-words.js";
import { addressKey, type FoundAddress, type NodeAddress, type RemoteAddress } from "../placement/node-directory.js";
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
  readonly #addresses: ReadonlyMap<NodeId, NodeAddress>;
  readonly #members: ClusterMembers;
  readonly #links = new Set<NodeLink>();
  readonly #leftOut: LeftOutNodes;
  readonly #listeners = new Set<() => void>();
  readonly #calls: NodeCalls;
  readonly #found: FoundNodes | undefined;
  readonly #dials: Promise<void>;
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
    this.#pending = options.nodes.length + (isSearchWaitedFor ? 1 : 0);
    this.#calls = new NodeCalls({ ...options, onAnswer: (address, answer) => this.#answeredLate(address, answer) });
    this.#dials = Promise.all(options.nodes.map((address) => this.#admit(address))).then(() => undefined);
    this.#found?.begin();
  }

  /** The runner of the node that gets this job now, to be run there at once; undefined: wait until something changes. */
  choose(job: Job): Runner | undefined {
    const { local } = this.#options;
    if (job.local) return local.runner;
    const isOpen = this.#state.kind === "open" && this.#members.size > 0;
    const chosen = isOpen ? this.#members.choose() : undefined;
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

  #join(link: NodeLink, address: RemoteAddress | FoundAddress): void {
    this.#links.add(link);
    if (this.#state.kind === "closed") return;
    const { node } = address;
    if (address.kind === "remote") {
      const same = this.#found?.listedJoined(node, link.name);
      if (same !== undefined) this.#members.leave(same);
    }
    if (this.#state.kind === "local-only") this.#state = { kind: "open" };
    this.#leftOut.remove(node);
    const slots = this.#members.join(link, address);
    this.#listen(link, node);
    this.#options.observe({ type: "node-joined", node, slots, clockOffsetMs: link.clockOffsetMs });
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

  #warnOfClock(address: RemoteAddress | FoundAddress, offsetMs: number): void {
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
    if (this.#state.kind === "closed") return;
    this.#leftOut.add(address.node, fault);
    if (fault.kind === "unfit" || address.kind === "local") return;
    this.#options.down.add(addressKey(address));
    this.#calls.callAgain(address);
  }

  /** Something came or went: when nobody is left and nobody is still to come, decides how to go on. */
  #settle(): void {
    if (!this.#isAlone) this.#leftOut.tell();
    else if (this.#pending === 0 && this.#state.kind === "open") this.#state = this.#withoutNodes();
    this.#changed();
  }

  /** Nobody takes jobs but this machine, which takes them for want of others. */
  get #isAlone(): boolean {
    if (this.#options.isUnlisted === true) return this.#found === undefined || this.#found.size === 0;
    return this.#members.size === 0;
  }

  #withoutNodes(): State {
    const { strict, observe } = this.#options;
    const why = this.#leftOut.summary();
    if (this.#leftOut.someIsUnfit) return { kind: "failed", error: new UserError(`no node can be used: ${why}`) };
    if (strict) {
      const told = why !== "" ? why : this.#found === undefined ? "as was found before" : NOBODY_ANSWERS;
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
