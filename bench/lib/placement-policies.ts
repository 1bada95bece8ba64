/** Rules by which a build could choose nodes: the one that mpmake has, from src/placement, and those it is compared with. */

import { nodeId } from "../../src/base/ids.js";
import { chooseNode } from "../../src/placement/choose-node.js";
import { NodeLedger } from "../../src/placement/node-ledger.js";
import { Chance } from "./chance.js";
import type { Chooser, Policy, Report } from "./simulate-builds.js";
import type { NodeSpec } from "./simulated-node.js";
import { type SimulatedDirectory, SimulatedSentRecords } from "./simulated-sent-records.js";

/** Made anew for each run, so that nothing is left of the run before. */
export type PolicyMaker = (seed: number) => Policy;

/** By the title in the table. */
export const POLICIES: Readonly<Record<string, PolicyMaker>> = {
  mpmake: () => mpmake({ sharesRecords: true }),

  "no records": () => mpmake({ sharesRecords: false }),
  MOSIX: () => (nodes) => new OpportunityCost(nodes),
  "two choices": (seed) => (nodes, build) => new TwoChoices(nodes, new Chance(seed * 1009 + build)),
  "round robin": () => (nodes) => new RoundRobin(nodes),
  random: (seed) => (nodes, build) => new AtRandom(nodes, new Chance(seed * 1009 + build)),
};

function mpmake({ sharesRecords }: { readonly sharesRecords: boolean }): Policy {
  const directory: SimulatedDirectory = new Map();
  return (nodes, build) =>
    new LeastLoaded(nodes, sharesRecords ? new SimulatedSentRecords(directory, build) : undefined);
}

/** The code of src/placement, called as session/cluster-placement.ts calls it. */
class LeastLoaded implements Chooser {
  readonly #nodes: readonly NodeSpec[];
  readonly #ledger = new NodeLedger();
  readonly #sent: SimulatedSentRecords | undefined;
  readonly #ranks: ReadonlyMap<string, number>;

  constructor(nodes: readonly NodeSpec[], sent: SimulatedSentRecords | undefined) {
    this.#nodes = nodes;
    this.#sent = sent;
    this.#ranks = new Map(nodes.map(({ name }, rank) => [name, rank]));
    nodes.forEach(({ name, slots, speed }, rank) => this.#ledger.join({ node: nodeId(name), rank, slots, speed }, 0));
  }

  choose(nowMs: number): number | undefined {
    const chosen = chooseNode(this.#ledger.loads(nowMs, (node) => this.#sent?.byOthers(node, nowMs) ?? 0));
    if (chosen === undefined) return undefined;
    this.#sent?.sent(chosen, nowMs);
    this.#ledger.placed(chosen, nowMs);
    return this.#ranks.get(chosen);
  }

  ended(node: number, startedMs: number, nowMs: number): void {
    this.#sent?.ended(this.#idOf(node), { sentAtMs: startedMs, nowMs });
    this.#ledger.ended(this.#idOf(node), { succeeded: true, startedMs, endedMs: nowMs });
  }

  reported(node: number, { loadAverage, running, takenMs }: Report, nowMs: number): void {
    this.#ledger.reported(this.#idOf(node), { loadAverage, running, takenMs }, nowMs);
  }

  #idOf(node: number) {
    return nodeId(this.#nodes[node]?.name ?? "");
  }
}

/** What the others have in common: they count their own jobs, and none beyond a node's slots. */
abstract class Counting implements Chooser {
  protected readonly nodes: readonly NodeSpec[];
  protected readonly running: number[];

  constructor(nodes: readonly NodeSpec[]) {
    this.nodes = nodes;
    this.running = nodes.map(() => 0);
  }

  choose(): number | undefined {
    const chosen = this.pick();
    if (chosen !== undefined) this.running[chosen] = this.runningOn(chosen) + 1;
    return chosen;
  }

  ended(node: number): void {
    this.running[node] = this.runningOn(node) - 1;
  }

  reported(_node: number, _report: Report): void {
    // Most look at nothing but their own jobs.
  }

  protected abstract pick(): number | undefined;

  protected runningOn(node: number): number {
    return this.running[node] ?? 0;
  }

  protected slots(node: number): number {
    return this.nodes[node]?.slots ?? 1;
  }

  protected speed(node: number): number {
    return this.nodes[node]?.speed ?? 1;
  }

  protected withRoom(): readonly number[] {
    return [...this.nodes.keys()].filter((node) => this.runningOn(node) < this.slots(node));
  }
}

/** One after the other, passing over those that are full. */
class RoundRobin extends Counting {
  #last = -1;

  protected pick(): number | undefined {
    for (let step = 1; step <= this.nodes.length; step++) {
      const node = (this.#last + step) % this.nodes.length;
      if (this.runningOn(node) >= this.slots(node)) continue;
      this.#last = node;
      return node;
    }
    return undefined;
  }
}

/** Those that leave something to chance. */
abstract class ByChance extends Counting {
  readonly #chance: Chance;

  constructor(nodes: readonly NodeSpec[], chance: Chance) {
    super(nodes);
    this.#chance = chance;
  }

  /** Any one of these; undefined when there is none. */
  protected anyOf(open: readonly number[]): number | undefined {
    return open[this.#chance.below(open.length)];
  }
}

/** Any that has room. */
class AtRandom extends ByChance {
  protected pick(): number | undefined {
    return this.anyOf(this.withRoom());
  }
}

/** Of any two that have room the one with fewer jobs of ours per slot of speed (Mitzenmacher, "the power of two choices"). */
class TwoChoices extends ByChance {
  protected pick(): number | undefined {
    const open = this.withRoom();
    const one = this.anyOf(open);
    const other = this.anyOf(open);
    if (one === undefined || other === undefined) return undefined;
    return this.#load(other) < this.#load(one) ? other : one;
  }

  #load(node: number): number {
    return this.runningOn(node) / (this.slots(node) * this.speed(node));
  }
}

/**
 * The rule that MOSIX's authors published for the first placing of a job, with processors as the one resource: the least
 * marginal cost, where a machine at load l costs N^(l / L); N machines, L the smallest power of two above the greatest load
 * seen (Amir, Awerbuch, Barak, Borgstrom, Keren, "An opportunity cost approach …", 2000). Load is processes per processor of
 * speed, as the node told it last, and what this build has sent there and got back since. It does not move jobs that run.
 */
class OpportunityCost extends Counting {
  readonly #told: number[];
  #highest = 1;

  constructor(nodes: readonly NodeSpec[]) {
    super(nodes);
    this.#told = nodes.map(() => 0);
  }

  override reported(node: number, { processes }: Report): void {
    this.#told[node] = processes;
    const load = processes / (this.slots(node) * this.speed(node));
    while (this.#highest <= load) this.#highest *= 2;
  }

  override ended(node: number): void {
    super.ended(node);
    this.#told[node] = Math.max(0, (this.#told[node] ?? 0) - 1);
  }

  protected pick(): number | undefined {
    let best: number | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const node of this.withRoom()) {
      const cost = this.#marginalCost(node);
      if (cost >= lowest) continue;
      best = node;
      lowest = cost;
    }
    if (best !== undefined) this.#told[best] = (this.#told[best] ?? 0) + 1;
    return best;
  }

  #marginalCost(node: number): number {
    const capacity = this.slots(node) * this.speed(node) * this.#highest;
    const processes = this.#told[node] ?? 0;
    return this.nodes.length ** ((processes + 1) / capacity) - this.nodes.length ** (processes / capacity);
  }
}
