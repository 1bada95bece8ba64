/** What Slurm tells a program of its allocation, by the environment of salloc, sbatch and srun. */

import { fail, ok, type Result } from "../base/result.js";
import type { Variables } from "../base/variable-words.js";
import type { AllocatedNode, Allocation, AllocationPart } from "./allocation.js";
import { expandHostlist, MAX_HOSTS } from "./slurm-hostlist.js";

/**
 * The allocation that we run in; undefined: in none.
 *
 * A heterogeneous job's parts have variables of their own, which end in `_HET_GROUP_0` and so on; its leader's number names all.
 * The failure is a phrase that names the variable.
 *
 * @param variable - an empty one is to be as good as none
 *
 * @see salloc(1), "OUTPUT ENVIRONMENT VARIABLES"
 */
export function readSlurmAllocation(variable: Variables): Result<Allocation | undefined, string> {
  const jobId = variable("SLURM_JOB_ID") ?? variable("SLURM_JOBID");
  if (jobId === undefined) return ok(undefined);
  if (!/^\d+$/.test(jobId)) return fail(`SLURM_JOB_ID: "${jobId}" is not a number`);
  const parts = readParts(variable);
  if (!parts.ok) return parts;
  if (parts.value.length === 0) return ok(undefined);
  const endsAtS = Number(variable("SLURM_JOB_END_TIME") ?? "");
  // Slurm says 0 or the largest number of 32 bits where a job has no end.
  const hasEnd = Number.isSafeInteger(endsAtS) && endsAtS > 0 && endsAtS < 0xff_ff_ff_fe;
  return ok({ jobId, parts: parts.value, endsAtMs: hasEnd ? 1000 * endsAtS : undefined });
}

function readParts(variable: Variables): Result<readonly AllocationPart[], string> {
  const size = variable("SLURM_HET_SIZE");
  if (size === undefined) return inOne(readPart(variable, undefined));
  if (!/^[1-9]\d{0,3}$/.test(size)) return fail(`SLURM_HET_SIZE: "${size}" is not a number of parts`);
  const parts: AllocationPart[] = [];
  for (let group = 0; group < Number(size); group++) {
    const part = readPart(variable, group);
    if (!part.ok) return part;
    if (part.value === undefined) return fail(`SLURM_JOB_NODELIST_HET_GROUP_${String(group)} is not set`);
    parts.push(part.value);
  }
  return ok(parts);
}

function inOne(part: Result<AllocationPart | undefined, string>): Result<readonly AllocationPart[], string> {
  return part.ok ? ok(part.value === undefined ? [] : [part.value]) : part;
}

function readPart(variable: Variables, group: number | undefined): Result<AllocationPart | undefined, string> {
  const suffix = group === undefined ? "" : `_HET_GROUP_${String(group)}`;
  const of = (name: string): string | undefined => variable(name + suffix);
  const list = of("SLURM_JOB_NODELIST") ?? of("SLURM_NODELIST");
  if (list === undefined) return ok(undefined);
  const names = expandHostlist(list);
  if (!names.ok) return fail(`SLURM_JOB_NODELIST${suffix}: ${names.error}`);
  const slots = readSlots(of, { suffix, count: names.value.length });
  return slots.ok ? ok({ group, nodes: joined(names.value, slots.value) }) : slots;
}

function joined(names: readonly string[], slots: readonly number[]): readonly AllocatedNode[] {
  return names.map((name, at) => ({ name, slots: slots[at] ?? 1 }));
}

/** Processors count. Where only tasks are told, each has as many as `--cpus-per-task` said. */
function readSlots(
  of: Variables,
  { suffix, count }: { readonly suffix: string; readonly count: number },
): Result<readonly number[], string> {
  const [processors, tasks] = [of("SLURM_JOB_CPUS_PER_NODE"), of("SLURM_TASKS_PER_NODE")];
  const name = (processors === undefined ? "SLURM_TASKS_PER_NODE" : "SLURM_JOB_CPUS_PER_NODE") + suffix;
  const text = processors ?? tasks;
  if (text === undefined) return ok(Array.from({ length: count }, () => 1));
  const counts = expandCounts(text);
  if (!counts.ok) return fail(`${name}: ${counts.error}`);
  if (counts.value.length !== count)
    return fail(`${name}: "${text}" speaks of ${String(counts.value.length)} nodes, the list of ${String(count)}`);
  const each = processors === undefined ? Number(/^[1-9]\d{0,4}$/.exec(of("SLURM_CPUS_PER_TASK") ?? "")?.[0] ?? 1) : 1;
  return ok(counts.value.map((number) => number * each));
}

/** `4(x3),2` → 4 4 4 2. The failure is a phrase. */
export function expandCounts(text: string): Result<readonly number[], string> {
  const counts: number[] = [];
  for (const element of text.split(",")) {
    const [, number, times = "1"] = /^(\d{1,6})(?:\(x(\d{1,6})\))?$/.exec(element) ?? [];
    if (number === undefined || Number(number) === 0 || Number(times) === 0)
      return fail(`"${element}" is not a count such as 4 or 4(x3)`);
    if (counts.length + Number(times) > MAX_HOSTS) return fail(`more than ${String(MAX_HOSTS)} nodes`);
    for (let i = 0; i < Number(times); i++) counts.push(Number(number));
  }
  return ok(counts);
}
