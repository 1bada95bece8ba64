/** The allocation that the options ask Slurm for: `--backend=slurm --nodes=4` and what goes with it. */

import { UserError } from "../base/user-error.js";
import type { SlurmWish } from "../launch/slurm-request.js";
import { isTimeLimit } from "../placement/slurm-time.js";

export interface WishOptions {
  /** `--nodes`, or NODES: how many. */
  readonly nodes: string;
  /** `--partition`. */
  readonly partition: string | undefined;
  /** `--time`. */
  readonly time: string | undefined;
  /** `--slurm-options`: words. */
  readonly slurmOptions: string | undefined;
  /** How many are to run at once; undefined: there is no limit. */
  readonly jobs: number | undefined;
}

const MAX_NODES = 65_536;

/** @throws UserError naming the option */
export function readSlurmWish({ nodes, partition, time, slurmOptions, jobs }: WishOptions): SlurmWish {
  const count = /^[1-9]\d{0,5}$/.test(nodes) ? Number(nodes) : 0;
  if (nodes === "" || count === 0 || count > MAX_NODES)
    throw new UserError(`--backend=slurm: "${nodes}" is not a number of machines to ask Slurm for`, {
      hint: "say --nodes=4; inside salloc or sbatch nothing need be said at all",
    });
  if (time !== undefined && !isTimeLimit(time))
    throw new UserError(`--time: "${time}" is not a limit of time such as 30 (minutes), 1:30:00 or 2-12`);
  if (partition !== undefined && !/^[\w.,-]+$/.test(partition))
    throw new UserError(`--partition: "${partition}" is not the name of a partition`);
  const options = (slurmOptions ?? "").split(/\s+/).filter((word) => word !== "");
  const wrong = options.find((word) => /^--?(no-shell|test-only|help|usage|version|h|V)$/.test(word));
  if (wrong !== undefined) throw new UserError(`--slurm-options: ${wrong} asks for no allocation`);
  const processors = jobs === undefined ? undefined : Math.ceil(jobs / count);
  return { nodes: count, processors, partition, time, options };
}
