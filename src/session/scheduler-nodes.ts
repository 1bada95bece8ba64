/** The nodes that a scheduler of the site has given us: those of the Slurm allocation, or the Grid Engine parallel environment, that we run in. */

import { readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { LOCAL_NODE, nodeId } from "../base/ids.js";
import { UserError } from "../base/user-error.js";
import type { Variables } from "../base/variable-words.js";
import { toPath } from "../os/bytes.js";
import { errorText } from "../os/strerror.js";
import type { AllocatedNode, Allocation } from "../placement/allocation.js";
import type { LaunchedAddress, NodeAddress } from "../placement/node-directory.js";
import { parsePeHostfile } from "../placement/pe-hostfile.js";
import { readSlurmAllocation } from "../placement/slurm-allocation.js";
import type { SchedulerChoice } from "./launch-settings.js";

/** What starts workers on such nodes. */
export type SchedulerWay = { readonly kind: "srun"; readonly allocation: Allocation } | { readonly kind: "qrsh" };

export interface SchedulerNodes {
  readonly way: SchedulerWay;
  /** In the scheduler's order; this machine, if it is one of them, by its own name. */
  readonly nodes: readonly NodeAddress[];
}

/**
 * undefined: no scheduler has given us any, or none but this machine, which then is a machine like any other.
 *
 * @throws UserError when what the scheduler says cannot be read
 */
export function schedulerNodes(variable: Variables, choice: SchedulerChoice): SchedulerNodes | undefined {
  const found =
    (choice === "auto" || choice === "slurm" ? slurmNodes(variable) : undefined) ??
    (choice === "auto" || choice === "grid-engine" ? gridEngineNodes(variable) : undefined);
  return found?.nodes.every(({ kind }) => kind === "local") === true ? undefined : found;
}

function slurmNodes(variable: Variables): SchedulerNodes | undefined {
  const allocation = readSlurmAllocation(variable);
  if (!allocation.ok)
    throw new UserError(`the Slurm allocation around us cannot be read: ${allocation.error}`, NO_BACKEND);
  if (allocation.value === undefined) return undefined;
  const here = variable("SLURMD_NODENAME");
  return allocationNodes(allocation.value, (name) => name === here);
}

/** All of an allocation's nodes. */
export function allocationNodes(allocation: Allocation, isHere: (name: string) => boolean): SchedulerNodes {
  const nodes = allocation.parts.flatMap((part) => part.nodes);
  return { way: { kind: "srun", allocation }, nodes: addresses("srun", nodes, isHere) };
}

function gridEngineNodes(variable: Variables): SchedulerNodes | undefined {
  const path = variable("PE_HOSTFILE");
  if (path === undefined || variable("JOB_ID") === undefined) return undefined;
  const nodes = parsePeHostfile(readHostfile(path));
  if (!nodes.ok) throw new UserError(`${path} (PE_HOSTFILE): ${nodes.error}`, NO_BACKEND);
  const [here = ""] = hostname().split(".");
  return { way: { kind: "qrsh" }, nodes: addresses("qrsh", nodes.value, (name) => name.split(".")[0] === here) };
}

const NO_BACKEND = { hint: "--backend=none has mpmake build here" };

function readHostfile(path: string): string {
  try {
    return readFileSync(toPath(path), "latin1");
  } catch (cause) {
    throw new UserError(`${path} (PE_HOSTFILE) cannot be read (${errorText(cause)})`, { cause, ...NO_BACKEND });
  }
}

/** A node of a Slurm allocation. */
export function slurmNode(host: string, slots: number): LaunchedAddress {
  return launched("srun", { name: host, slots });
}

function launched(way: LaunchedAddress["way"], { name, slots }: AllocatedNode): LaunchedAddress {
  return { kind: "launched", way, node: nodeId(name), host: name, port: undefined, user: undefined, slots, speed: 1 };
}

/** A node that several parts of a job have has the slots of all. */
function addresses(
  way: LaunchedAddress["way"],
  nodes: readonly AllocatedNode[],
  isHere: (name: string) => boolean,
): readonly NodeAddress[] {
  const slots = new Map<string, number>();
  for (const { name, slots: more } of nodes) slots.set(name, (slots.get(name) ?? 0) + more);
  return [...slots].map(([name, count]) =>
    isHere(name)
      ? { kind: "local", node: LOCAL_NODE, slots: Math.min(count, availableParallelism()), speed: 1 }
      : launched(way, { name, slots: count }),
  );
}
