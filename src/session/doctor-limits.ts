/** The limits of processes as `mpmake --doctor` compares them: recipes have those of their make, as far as the node may give them. */

import { ok, type Probe, warning } from "./doctor-judgement.js";

interface Limit {
  /** As /proc/PID/limits names it, after "Max". */
  readonly name: string;
  /** What happens where it is too low. */
  readonly effect: string;
  /** systemd's word for it. */
  readonly setting: string;
}

const LIMITS: readonly Limit[] = [
  { name: "open files", effect: 'linkers and archivers end there with "Too many open files"', setting: "LimitNOFILE" },
  { name: "processes", effect: 'recipes end there with "Cannot fork"', setting: "LimitNPROC" },
  { name: "stack size", effect: "compilers that recurse deeply are ended there by SIGSEGV", setting: "LimitSTACK" },
  { name: "file size", effect: "recipes that write large files are ended there by SIGXFSZ", setting: "LimitFSIZE" },
  { name: "core file size", effect: "programs that crash there leave no whole core file", setting: "LimitCORE" },
  { name: "locked memory", effect: "programs that lock memory fail there", setting: "LimitMEMLOCK" },
  { name: "cpu time", effect: "long recipes are ended there by SIGXCPU", setting: "LimitCPU" },
  { name: "address space", effect: "large links run out of memory there", setting: "LimitAS" },
  { name: "data size", effect: "large links run out of memory there", setting: "LimitDATA" },
];

export const LIMIT_PROBES: readonly Probe[] = LIMITS.map(({ name, effect, setting }) => ({
  name,
  judge: ({ here, there, remote }) => {
    const [mine, its] = [here, there].map((facts) => softOf(facts.get(`Max ${name}`)));
    if (mine === undefined || its === undefined) return ok("not known, as there is no /proc");
    if (remote === undefined) return ok(its);
    const text = `${its}, ${its === mine ? "as here" : `here ${mine}`}`;
    if (valueOf(its) >= valueOf(mine)) return ok(text);
    return warning(text, { effect, fix: `raise its hard limit where mexecd starts (${setting}= of a systemd unit)` });
  },
}));

/** The limit in force, of a line's rest: soft and hard limit, and perhaps a unit. */
function softOf(rest: string | undefined): string | undefined {
  return rest?.trim().split(/\s+/)[0];
}

function valueOf(limit: string): number {
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}
