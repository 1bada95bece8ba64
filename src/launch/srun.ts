/** The launcher for nodes of a Slurm allocation: one step a node, which lasts as long as its worker. */

import type { CommandEnd, Launcher, LaunchTarget } from "./launcher.js";
import { WORKER_COMMAND } from "./launcher.js";
import { describeEnd, lastWords, startCommand } from "./start-command.js";

export interface SrunOptions {
  readonly jobId: string;
  /** The part of a heterogeneous job that a node is in; undefined: the job has but one. */
  readonly groupOf: (host: string) => number | undefined;
  /** The user's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onError?: ((line: string) => void) | undefined;
}

/**
 * Each node has a step of its own, so that one that dies, or hangs, takes nothing of the others with it: what srun reads it sends to all
 * tasks of a step alike. How srun ends says nothing of the worker: it was seen to exit 0 when the node died.
 */
export function srunLauncher(options: SrunOptions): Launcher {
  const environment = environmentForSlurm(options.environment);
  const { onError } = options;
  return {
    name: "srun",
    start: (target) =>
      startCommand({ words: srunWords(target, options), environment, directory: "/", judge: judgeSrun, onError }),
  };
}

/**
 * The step may use all that the allocation has on its node, beside any other step (`--overlap`, `--mem=0`, no binding to some of the
 * processors): a worker that had only what one task is given would starve its recipes.
 */
function srunWords({ host }: LaunchTarget, { jobId, groupOf }: SrunOptions): readonly string[] {
  const group = groupOf(host);
  const where = [`--jobid=${jobId}`, ...(group === undefined ? [] : [`--het-group=${String(group)}`])];
  const one = ["--nodes=1", "--ntasks=1", `--nodelist=${host}`];
  const shared = ["--overlap", "--cpu-bind=none", "--mem=0", "--mpi=none", "--wait=0", "--quiet", "--job-name=mpmake"];
  return ["srun", ...where, ...one, ...shared, ...WORKER_COMMAND];
}

/** What says where Slurm is; all else of its describes a job, or asks for one, and would change the step. */
const SLURM_KEPT: ReadonlySet<string> = new Set(["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_CLUSTERS", "SLURM_JWT"]);

/** An environment for Slurm's programs, as if no allocation were around them. */
export function environmentForSlurm(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(environment).filter(
    ([name]) => SLURM_KEPT.has(name) || !/^(SLURM|SLURMD|SRUN|SALLOC|SBATCH)_/.test(name),
  );
  return Object.fromEntries(kept);
}

/** Where no plugin binds tasks to processors srun says so, even when it is to bind none. */
const IDLE = /lacks support for cpu binding/;
/** Of what srun says, what no later attempt can change. */
const FINAL = /Unable to confirm allocation|Expired or invalid job|Invalid job id|not in this job|unrecognized option/i;

/** @public for its test */
export function judgeSrun(status: number | string | undefined, errors: readonly string[]): CommandEnd {
  const told = errors.filter((line) => !IDLE.test(line)).map((line) => line.replace(/^srun: (error: )?/, ""));
  const last = lastWords(told);
  if (status === undefined) return { kind: "refused", reason: `srun cannot be started (${last ?? "nobody says why"})` };
  const final = told.find((line) => FINAL.test(line));
  if (final !== undefined) return { kind: "refused", reason: `srun: ${final}` };
  if (last !== undefined) return { kind: "unreachable", reason: `srun: ${last}` };
  const how = describeEnd(status);
  return { kind: "unreachable", reason: `its srun ${how}` };
}
