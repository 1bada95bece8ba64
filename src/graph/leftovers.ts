/** Intermediate files that an update has made on the way and nobody wants: deleted at its end. */

import { inFileOrder } from "../base/hash-order.js";
import { HostError } from "../makefile/host.js";
import type { RuleBook } from "../rules/rule-book.js";
import type { Disk } from "./disk.js";
import type { UpdateOptions } from "./options.js";
import type { TargetTable } from "./target-table.js";
import type { Target } from "./target.js";
import type { Voice } from "./voice.js";

export interface LeftoversPorts {
  readonly rules: RuleBook;
  readonly disk: Disk;
  readonly table: TargetTable;
  readonly voice: Voice;
  readonly options: UpdateOptions;
  /** A signal has ended the update: every file is named by itself. */
  readonly interrupted: boolean;
}

/** Deletes them and says so: `rm a b`. */
export function deleteLeftovers(ports: LeftoversPorts): void {
  const { options, rules, table, voice, interrupted } = ports;
  if (options.question || options.touch || rules.special.speaksOfAll(".SECONDARY")) return;
  const left = [...table.all()].filter(isLeftover);
  if (left.length === 0) return;
  const paths = inFileOrder(left, (target) => target.name, table.knownNames).map((target) => target.path);
  const deleted = paths.filter((path) => remove(path, ports));
  if (deleted.length === 0 || interrupted) return;
  voice.debug("basic", 0, () => "Removing intermediate files...");
  if (!options.silent) voice.print(`rm ${deleted.join(" ")}`);
}

function isLeftover(target: Target): boolean {
  if (!target.intermediate || target.secondary || target.isGoal || target.phony || !target.wasOutOfDate) return false;
  return target.dontCare || !target.precious;
}

function remove(path: string, { disk, options, voice, interrupted }: LeftoversPorts): boolean {
  if (options.justPrint) return true;
  try {
    if (interrupted && disk.mtimeNs(path) !== undefined) voice.error(`*** Deleting intermediate file '${path}'`);
    return disk.remove(path);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    voice.error(`unlink: ${path}: ${error.message}`);
    return false;
  }
}
