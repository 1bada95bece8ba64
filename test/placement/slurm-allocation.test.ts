import fc from "fast-check";
import { expect, test } from "vitest";
import type { Result } from "../../src/base/result.js";
import { expandCounts, readSlurmAllocation } from "../../src/placement/slurm-allocation.js";
import { expandHostlist } from "../../src/placement/slurm-hostlist.js";

/** What is read of an environment: `JOB group: name*slots …; …`, or the complaint. */
function read(environment: Readonly<Record<string, string>>): string | undefined {
  const allocation = readSlurmAllocation((name) => environment[name]);
  if (!allocation.ok) return allocation.error;
  if (allocation.value === undefined) return undefined;
  const { jobId, parts, endsAtMs } = allocation.value;
  const told = parts.map(({ group, nodes }) => {
    const names = nodes.map(({ name, slots }) => `${name}*${String(slots)}`).join(" ");
    return group === undefined ? names : `${String(group)}: ${names}`;
  });
  return `${jobId}| ${told.join("; ")}${endsAtMs === undefined ? "" : ` until ${String(endsAtMs)}`}`;
}

const JOB = { SLURM_JOB_ID: "7", SLURM_JOB_NODELIST: "n[1-3]" };

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ["no job", {}, undefined],
  ["a job's number alone, as a login shell may have kept it", { SLURM_JOB_ID: "7" }, undefined],
  ["processors of each node", { ...JOB, SLURM_JOB_CPUS_PER_NODE: "4(x2),2" }, "7| n1*4 n2*4 n3*2"],
  ["the older names", { SLURM_JOBID: "8", SLURM_NODELIST: "a,b2", SLURM_JOB_CPUS_PER_NODE: "72,1" }, "8| a*72 b2*1"],
  ["only tasks", { ...JOB, SLURM_TASKS_PER_NODE: "2(x3)" }, "7| n1*2 n2*2 n3*2"],
  [
    "only tasks, of several processors each",
    { ...JOB, SLURM_TASKS_PER_NODE: "2(x2),1", SLURM_CPUS_PER_TASK: "4" },
    "7| n1*8 n2*8 n3*4",
  ],
  [
    "processors count, not tasks",
    { ...JOB, SLURM_JOB_CPUS_PER_NODE: "8(x3)", SLURM_TASKS_PER_NODE: "1(x3)", SLURM_CPUS_PER_TASK: "4" },
    "7| n1*8 n2*8 n3*8",
  ],
  ["neither", JOB, "7| n1*1 n2*1 n3*1"],
  ["an end", { ...JOB, SLURM_JOB_END_TIME: "1790000000" }, "7| n1*1 n2*1 n3*1 until 1790000000000"],
  ["no end", { ...JOB, SLURM_JOB_END_TIME: "4294967294" }, "7| n1*1 n2*1 n3*1"],
  [
    "a heterogeneous job",
    {
      SLURM_JOB_ID: "10",
      SLURM_HET_SIZE: "2",
      SLURM_JOB_NODELIST_HET_GROUP_0: "n1",
      SLURM_JOB_CPUS_PER_NODE_HET_GROUP_0: "2",
      SLURM_JOB_NODELIST_HET_GROUP_1: "n[2-3]",
      SLURM_JOB_CPUS_PER_NODE_HET_GROUP_1: "2,1",
    },
    "10| 0: n1*2; 1: n2*2 n3*1",
  ],
  [
    "a heterogeneous job of which a part is missing",
    { SLURM_JOB_ID: "10", SLURM_HET_SIZE: "2", SLURM_JOB_NODELIST_HET_GROUP_0: "n1" },
    "SLURM_JOB_NODELIST_HET_GROUP_1 is not set",
  ],
  ["nonsense for a number", { SLURM_JOB_ID: "x y" }, 'SLURM_JOB_ID: "x y" is not a number'],
  [
    "counts that do not fit",
    { ...JOB, SLURM_JOB_CPUS_PER_NODE: "4(x2)" },
    'SLURM_JOB_CPUS_PER_NODE: "4(x2)" speaks of 2 nodes, the list of 3',
  ],
  [
    "counts that are none",
    { ...JOB, SLURM_JOB_CPUS_PER_NODE: "4(x2),?" },
    'SLURM_JOB_CPUS_PER_NODE: "?" is not a count such as 4 or 4(x3)',
  ],
  [
    "a list that is none",
    { SLURM_JOB_ID: "7", SLURM_JOB_NODELIST: "n[1-" },
    'SLURM_JOB_NODELIST: "n[1-" in the list of nodes: "n[1-" is no part of a name',
  ],
])("of the environment is read: %s", (_, environment, expected) => {
  expect(read(environment)).toBe(expected);
});

/** The names with blanks between, or the complaint. */
function hosts(text: string): string {
  const expanded = expandHostlist(text);
  return expanded.ok ? expanded.value.join(" ") : expanded.error;
}

test.each([
  ["n1", "n1"],
  ["login,n[01-03,7],rack[0-1]n[1-2]-ib", "login n01 n02 n03 n7 rack0n1-ib rack0n2-ib rack1n1-ib rack1n2-ib"],
  ["n[9-11]", "n9 n10 n11"],
  ["n[08-11]", "n08 n09 n10 n11"],
  ["", '"" in the list of nodes: a name is missing'],
  ["n[1-2],,n3", '"" in the list of nodes: a name is missing'],
  ["n[3-1]", '"n[3-1]" in the list of nodes: the range 3-1 runs backwards'],
  ["n[1-]", '"n[1-]" in the list of nodes: "1-" is not a number or a range'],
  ["n[0-999999999]", '"n[0-999999999]" in the list of nodes: more than 65536 nodes'],
  ["r[0-999]n[0-999]", '"r[0-999]n[0-999]" in the list of nodes: more than 65536 nodes'],
  ["$(true)", '"$(true)" in the list of nodes: "$(true)" is no part of a name'],
])("Slurm's list %j is read", (text, expected) => {
  expect(hosts(text)).toBe(expected);
});

/** Writes numbers as Slurm would: neighbours in ranges. */
function inRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const pad = (number: number): string => String(number).padStart(4, "0");
  return ranges.map(([from, to]) => (from === to ? pad(from) : `${pad(from)}-${pad(to)}`)).join(",");
}

test("any set of nodes with any counts is read as it was written", () => {
  const node = fc.record({ number: fc.integer({ min: 0, max: 200 }), slots: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(fc.uniqueArray(node, { selector: ({ number }) => number, minLength: 1 }), (nodes) => {
      const sorted = [...nodes].sort((a, b) => a.number - b.number);
      const environment = {
        SLURM_JOB_ID: "1",
        SLURM_JOB_NODELIST: `n[${inRanges(sorted.map(({ number }) => number))}]`,
        SLURM_JOB_CPUS_PER_NODE: sorted.map(({ slots }) => `${String(slots)}(x1)`).join(","),
      };
      const told = sorted.map(({ number, slots }) => `n${String(number).padStart(4, "0")}*${String(slots)}`);
      expect(read(environment)).toBe(`1| ${told.join(" ")}`);
    }),
  );
});

test("counts that are repeated are as many", () => {
  const run = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(fc.array(run, { minLength: 1 }), (runs) => {
      const text = runs.map(([count, times]) => `${String(count)}(x${String(times)})`).join(",");
      const expected = runs.flatMap(([count, times]) => Array.from({ length: times }, () => count));
      expect(expandCounts(text)).toEqual({ ok: true, value: expected } satisfies Result<readonly number[], string>);
    }),
  );
});
