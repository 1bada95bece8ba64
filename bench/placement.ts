/**
 * Claim: mpmake's choice of nodes is done sooner than simpler choices are, and how far it is from the best possible.
 *
 * A simulator: nobody has a thousand machines to hand, and here every rule meets the same jobs, the same machines and the
 * same neighbours. Ours is not modelled but called: src/placement as it is. `--only=WORD` runs the scenarios whose title holds it.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Chance } from "./lib/chance.js";
import { POLICIES } from "./lib/placement-policies.js";
import { type BuildSpec, type ClusterSpec, lowerBoundMs, simulateBuilds } from "./lib/simulate-builds.js";
import type { ForeignLoad, NodeSpec } from "./lib/simulated-node.js";

const isSmoke = process.argv.includes("--smoke");
const isQuick = isSmoke || process.argv.includes("--quick");
const only = process.argv.find((word) => word.startsWith("--only="))?.slice("--only=".length) ?? "";
const SEEDS = isSmoke ? 1 : isQuick ? 4 : 96;

interface Scenario {
  readonly title: string;
  /** How many seeds as a part of SEEDS. */
  readonly effort?: number;
  readonly cluster: (chance: Chance) => ClusterSpec;
}

const REPORTS = { reportEveryMs: 1000, reportDelayMs: 20, exitsTell: true };
/** Whatever is known of other builds, and of neighbours, is of ten seconds ago. */
const OLD_REPORTS = { reportEveryMs: 1000, reportDelayMs: 10_000, exitsTell: false };

function recorded(name: string): readonly number[] {
  const file = join(import.meta.dirname, "recorded", `${name}.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly lengthsMs: readonly number[] }).lengthsMs;
}

interface Neighbours {
  /** How many nodes have them. */
  readonly share: number;
}

interface NodesOptions {
  readonly slots: readonly [number, ...number[]];
  readonly speeds: readonly [number, ...number[]];
  readonly neighbours?: Neighbours;
}

function nodes(count: number, { slots, speeds, neighbours }: NodesOptions, chance: Chance): readonly NodeSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const own = chance.of(slots);
    const foreign = neighbours !== undefined && chance.next() < neighbours.share ? foreignLoad(own, chance) : [];
    return { name: `n${String(i + 1)}`, slots: own, speed: chance.of(speeds), foreign };
  });
}

const FOREIGN_UNTIL_MS = 1_800_000;
const FOREIGN_IDLE_MS = 60_000;
const FOREIGN_BUSY_MS = 40_000;

/** Others' work comes and goes: up to twice as many processes as there are processors. */
function foreignLoad(slots: number, chance: Chance): readonly ForeignLoad[] {
  const loads: ForeignLoad[] = [];
  let isBusy = chance.next() < FOREIGN_BUSY_MS / (FOREIGN_BUSY_MS + FOREIGN_IDLE_MS);
  for (let fromMs = 0; fromMs < FOREIGN_UNTIL_MS; isBusy = !isBusy) {
    loads.push({ fromMs, processes: isBusy ? 1 + chance.below(2 * slots) : 0 });
    fromMs += chance.exponential(isBusy ? FOREIGN_BUSY_MS : FOREIGN_IDLE_MS);
  }
  return loads;
}

/** Heavy-tailed: half of the jobs below half a second, one in fifty beyond four, none beyond twelve. */
function drawn(count: number, chance: Chance): readonly number[] {
  return Array.from({ length: count }, () => Math.min(12_000, chance.logNormal(500, 1)));
}

function build(jobsMs: readonly number[], startMs = 0): BuildSpec {
  return { startMs, jobsMs, slots: Number.POSITIVE_INFINITY };
}

const EQUAL = { slots: [4], speeds: [1] } as const;
const UNEQUAL = { slots: [2, 4, 4, 8], speeds: [0.5, 1, 1, 1.5, 2] } as const;
const SHARED = { ...UNEQUAL, neighbours: { share: 0.4 } } as const;

const times = (count: number, make: (i: number) => BuildSpec): readonly BuildSpec[] =>
  Array.from({ length: count }, (_, i) => make(i));

const SCENARIOS: readonly Scenario[] = [
  {
    title: "3 equal nodes, nginx",
    cluster: (chance) => ({ ...REPORTS, nodes: nodes(3, EQUAL, chance), builds: [build(recorded("nginx"))] }),
  },
  {
    title: "12 unequal nodes, nginx",
    cluster: (chance) => ({ ...REPORTS, nodes: nodes(12, UNEQUAL, chance), builds: [build(recorded("nginx"))] }),
  },
  {
    title: "12 unequal nodes with neighbours, cpython",
    cluster: (chance) => ({ ...REPORTS, nodes: nodes(12, SHARED, chance), builds: [build(recorded("cpython"))] }),
  },
  {
    title: "12 such nodes, 4 builds of nginx at once",
    cluster: (chance) => ({
      ...REPORTS,
      nodes: nodes(12, SHARED, chance),
      builds: times(4, () => build(chance.shuffled(recorded("nginx")), chance.below(2000))),
    }),
  },
  {
    title: "12 such nodes, -j8, 4 builds of nginx",
    cluster: (chance) => ({
      ...REPORTS,
      nodes: nodes(12, SHARED, chance),
      builds: times(4, () => ({ ...build(chance.shuffled(recorded("nginx")), chance.below(2000)), slots: 8 })),
    }),
  },
  {
    title: "50 such nodes, 40 builds of 12 jobs, -j8, within 4 s",
    cluster: (chance) => ({
      ...REPORTS,
      nodes: nodes(50, SHARED, chance),
      builds: times(40, () => ({ ...build(drawn(12, chance), chance.below(4000)), slots: 8 })),
    }),
  },
  {
    title: "100 such nodes, 8000 drawn lengths",
    effort: 0.25,
    cluster: (chance) => ({ ...REPORTS, nodes: nodes(100, SHARED, chance), builds: [build(drawn(8000, chance))] }),
  },
  {
    title: "100 such nodes, reports 10 s old, 4 builds of 2000",
    effort: 0.25,
    cluster: (chance) => ({
      ...OLD_REPORTS,
      nodes: nodes(100, SHARED, chance),
      builds: times(4, () => build(drawn(2000, chance), chance.below(5000))),
    }),
  },
  {
    title: "100 such nodes, reports 10 s old, 16 builds of 500, -j32",
    effort: 0.25,
    cluster: (chance) => ({
      ...OLD_REPORTS,
      nodes: nodes(100, SHARED, chance),
      builds: times(16, () => ({ ...build(drawn(500, chance), chance.below(5000)), slots: 32 })),
    }),
  },
  {
    title: "50 such nodes, reports 10 s old, 100 builds of 40, -j8, within 20 s",
    effort: 0.5,
    cluster: (chance) => ({
      ...OLD_REPORTS,
      nodes: nodes(50, SHARED, chance),
      builds: times(100, () => ({ ...build(drawn(40, chance), chance.below(20_000)), slots: 8 })),
    }),
  },
  {
    title: "1000 such nodes, 8 builds of 4000, -j500",
    effort: 0.125,
    cluster: (chance) => ({
      ...REPORTS,
      nodes: nodes(1000, SHARED, chance),
      builds: times(8, () => ({ ...build(drawn(4000, chance), chance.below(2000)), slots: 500 })),
    }),
  },
];

interface Outcome {
  /** When all was done, to the lower bound. */
  readonly done: number;
  /** By how much that mean would come out otherwise with other seeds: its standard error. */
  readonly doneError: number;
  /** How long a build took in the mean, to the lower bound of all. */
  readonly took: number;
}

function runScenario({ cluster: make, effort = 1 }: Scenario): Readonly<Record<string, Outcome>> {
  const seeds = Math.max(1, Math.round(SEEDS * effort));
  const runs = Array.from({ length: seeds }, (_, i) => {
    const cluster = make(new Chance(i + 1));
    const boundMs = lowerBoundMs(cluster);
    return Object.values(POLICIES).map((policy) => {
      const { doneMs, tookMs } = simulateBuilds(cluster, policy(i + 1));
      return { done: doneMs / boundMs, took: mean(tookMs) / boundMs };
    });
  });
  return Object.fromEntries(
    Object.keys(POLICIES).map((name, at) => {
      const own = runs.flatMap((run) => run[at] ?? []);
      const done = own.map((run) => run.done);
      return [name, { done: mean(done), doneError: errorOfMean(done), took: mean(own.map(({ took }) => took)) }];
    }),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function errorOfMean(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) / values.length);
}

const results = SCENARIOS.filter(({ title }) => title.includes(only)).map((scenario) => {
  const outcome = runScenario(scenario);
  print(scenario.title, outcome);
  return { title: scenario.title, outcome };
});
const folder = join(import.meta.dirname, "results");
const result = { name: "placement", quick: isQuick, results };
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "placement.json"), `${JSON.stringify(result, undefined, 2)}\n`);

/** A column a rule: all done with its standard error, and a build in the mean, both to the lower bound for all. */
function print(title: string, outcome: Readonly<Record<string, Outcome>>): void {
  const names = Object.keys(outcome).map((name) => name.padStart(12));
  const done = Object.values(outcome).map((one) => one.done.toFixed(2).padStart(12));
  const took = Object.values(outcome).map((one) => one.took.toFixed(2).padStart(12));
  const errors = Object.values(outcome).map((one) => one.doneError.toFixed(2).padStart(12));
  const rows = [
    ["", names],
    ["  all done", done],
    ["  +/-", errors],
    ["  a build", took],
  ] as const;
  process.stdout.write(`${title}\n${rows.map(([head, cells]) => `${head.padEnd(12)}${cells.join("")}\n`).join("")}`);
}
