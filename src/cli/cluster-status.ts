/** What `mpmake status` shows. */

import { formatMoment } from "../base/moment.js";
import type { ClusterFolder } from "../os/cluster-folder.js";
import type { NodeState } from "../session/standing-nodes.js";
import { say, tellUser } from "./cluster-voice.js";

/** A line for each node, and a hint if one does not answer. */
export function tellStates(folder: ClusterFolder, states: readonly NodeState[]): void {
  if (states.length === 0) {
    tellUser(`no node has joined the cluster ${folder.path}`);
    return;
  }
  const rows = [["NODE", "SLOTS", "RUNNING", "LOAD", "SINCE", ""], ...states.map(rowOf)];
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const isNumber = (at: number): boolean => at >= 1 && at <= 3;
  for (const row of rows) {
    const cells = row.map((cell, at) => (isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)));
    tellUser(cells.join("  ").trimEnd());
  }
  const [dead] = states.filter(({ answer }) => !answer.ok);
  if (dead === undefined) return;
  const again = `"mpmake join ${folder.path}" there starts a worker again`;
  say(`hint: ${again}; "mpmake drain ${dead.name}" removes the record of one that is gone for good`);
}

function rowOf({ name, record, answer }: NodeState): readonly string[] {
  const since = record.ok ? formatMoment(record.value.sinceMs) : "-";
  const offered = record.ok ? String(record.value.slots) : "-";
  if (!answer.ok) return [name, offered, "-", "-", since, `does not answer: ${answer.error}`];
  const { slots: count, running, loadAverage } = answer.value;
  const isDraining = record.ok && record.value.drainingMs !== undefined;
  return [name, String(count), String(running), loadAverage.toFixed(2), since, isDraining ? "draining" : ""];
}

/** The same for programs. */
export function inJson(folder: ClusterFolder, states: readonly NodeState[]): unknown {
  const nodes = states.map(({ name, record, answer }) => ({
    name,
    answers: answer.ok,
    ...(answer.ok
      ? { slots: answer.value.slots, running: answer.value.running, load: answer.value.loadAverage }
      : { why: answer.error }),
    ...(record.ok && {
      since: new Date(record.value.sinceMs).toISOString(),
      draining: record.value.drainingMs !== undefined,
      addresses: record.value.addresses,
      port: record.value.port,
      pid: record.value.pid,
    }),
  }));
  return { folder: folder.path, nodes };
}
