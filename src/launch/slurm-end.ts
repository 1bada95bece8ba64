/** When a Slurm job ends, as far as Slurm says it. */

import { execa } from "execa";
import { parseTimeLeft } from "../placement/slurm-time.js";
import { environmentForSlurm } from "./srun.js";

/** A slurmctld that takes longer is not waited for. */
const WITHIN_MS = 20_000;

/**
 * In milliseconds from now; undefined: it has no end, or nobody knows it.
 *
 * @param onNote - hears why it is not known
 */
export async function slurmTimeLeft(
  jobId: string,
  { environment, onNote }: { environment: Readonly<Record<string, string>>; onNote: (text: string) => void },
): Promise<number | undefined> {
  const asked = await execa("squeue", ["--noheader", `--jobs=${jobId}`, "--format=%L"], {
    env: { ...environmentForSlurm(environment) },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: WITHIN_MS,
  });
  // A heterogeneous job has a line for each part, and ends as one.
  const [first = ""] = asked.stdout.split("\n");
  const left = parseTimeLeft(first);
  if (left === undefined) onNote(`squeue does not say when job ${jobId} ends: ${asked.stderr || first || "nothing"}`);
  return left === "none" ? undefined : left;
}
