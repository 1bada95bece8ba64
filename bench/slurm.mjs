/**
 * Claims, on a Slurm of four nodes on this machine: how long it is from the command to the first recipe on a node, beside what a plain step
 * that starts Node takes; and what one more recipe costs, beside a make whose shell is srun.
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Missing, need } from "./lib/daemons.mjs";
import { compare, describeMachine, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { dist, findPrograms } from "./lib/programs.mjs";
import { holdAllocation, startSlurm } from "./lib/slurm.mjs";
import { firstOf, writeMakefile } from "./lib/trivial-jobs.mjs";

const ROUNDS = smoke ? 1 : quick ? 5 : 15;
const RUNS = smoke ? 1 : quick ? 3 : 5;
const MANY = smoke ? 40 : quick ? 200 : 400;
const FEW_OF_SRUN = smoke ? 4 : 20;

const folder = scratch("slurm");
const inner = (name) => path.join(folder, name);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Milliseconds until the first recipe runs, which writes down when that is. */
function untilFirstRecipe(env) {
  fs.rmSync(inner("stamp"), { force: true });
  const start = Date.now();
  const run = spawnSync(dist("mpmake"), ["-C", folder, "-f", inner("First"), "-j4", "-s", "--no-print-directory"], {
    env,
    encoding: "latin1",
  });
  if (run.status !== 0 || run.stderr !== "") throw new Error(`mpmake: ${run.status}: ${run.stderr}`);
  return Number(fs.readFileSync(inner("stamp"), "latin1")) / 1e6 - start;
}

/** Milliseconds until a plain step has started Node and ended: to write down when Node has started would take less. */
function plainStep(words, env) {
  const start = process.hrtime.bigint();
  const run = spawnSync(need("srun"), words, { env, encoding: "latin1", stdio: ["ignore", "pipe", "pipe"] });
  if (run.status !== 0) throw new Error(`srun: ${run.stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Both in turn. */
function measureStart(held, env) {
  fs.writeFileSync(inner("First"), "all:\n\t@date +%s%N >stamp\n");
  const one = ["--overlap", `--jobid=${held.job}`, "-Q", "-N1", "-n1", process.execPath, "-e", "0"];
  const all = ["--overlap", `--jobid=${held.job}`, "-Q", "-N4", "-n4", process.execPath, "-e", "0"];
  const times = { ours: [], one: [], all: [] };
  const inside = { ...env, ...held.variables };
  untilFirstRecipe(inside);
  plainStep(one, env);
  for (let round = 0; round < ROUNDS; round++) {
    times.one.push(plainStep(one, env));
    times.ours.push(untilFirstRecipe(inside));
    times.all.push(plainStep(all, env));
  }
  return [
    ["srun node -e 0, one task", times.one],
    ["srun node -e 0, a task on each of four nodes", times.all],
    ["mpmake, to its first recipe, four nodes", times.ours],
  ].map(([title, timesMs]) => ({ title, timesMs, medianMs: median(timesMs), cpuMs: undefined }));
}

/** What one more recipe costs: many less few. */
function measureRecipes(held, env) {
  const makefile = inner("Makefile");
  writeMakefile(makefile, MANY);
  fs.writeFileSync(inner("step"), `#!/bin/sh\nexec srun --overlap --jobid=${held.job} -Q -N1 -n1 /bin/sh "$@"\n`, {
    mode: 0o755,
  });
  const { found } = findPrograms(["gnu"]);
  const gnu = found.find(({ family }) => family === "gnu");
  if (gnu === undefined) throw new Missing("there is no GNU make here");
  const inside = { ...env, ...held.variables };
  const contenders = [1, 4].flatMap((jobs) => [
    {
      title: `${gnu.title} SHELL='srun …', -j${jobs}`,
      words: [gnu.program, `SHELL=${inner("step")}`, `-j${jobs}`],
      many: FEW_OF_SRUN * jobs,
      env,
    },
    { title: `mpmake in the allocation, -j${jobs}`, words: [dist("mpmake"), `-j${jobs}`], many: MANY, env: inside },
  ]);
  const both = contenders.flatMap(({ title, words, many, env: own }) =>
    [many, many / 10].map((count) => ({
      title,
      command: [...words, ...firstOf(makefile, Math.ceil(count))],
      cwd: folder,
      env: own,
    })),
  );
  const rows = compare(both, { runs: RUNS, memory: false });
  return contenders.map(({ title, many }, at) => {
    const [long, short] = rows.slice(2 * at, 2 * at + 2);
    const failure = long.failure ?? short.failure;
    if (failure !== undefined) return { title, failure };
    const each = (ms, other) => (ms - other) / (many - Math.ceil(many / 10));
    const timesMs = long.timesMs.map((ms, run) => each(ms, short.timesMs[run]));
    return { title, timesMs, medianMs: each(long.medianMs, short.medianMs), cpuMs: undefined };
  });
}

let stop;
try {
  const started = await startSlurm(folder, 4);
  stop = started.stop;
  const env = { PATH: process.env.PATH ?? "", HOME: folder, LC_ALL: "C", ...started.env };
  const held = holdAllocation(env, ["-N4", "-n16"]);
  report({
    name: "slurm-start",
    title: "from the command to the first recipe on a node of an allocation",
    rows: measureStart(held, env),
    reference: "srun node -e 0, a task on each of four nodes",
    note: "all nodes are this machine: four workers start on its processors at once",
  });
  const rows = measureRecipes(held, env);
  report({
    name: "slurm-recipes",
    title: 'one more recipe "true" through a shell, in an allocation of four nodes',
    rows,
    reference: rows[0].title,
    note: "without what starting costs: the difference of many and few recipes",
  });
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.log(`skipped on ${describeMachine().system}: ${error.message}`);
} finally {
  await stop?.();
}
