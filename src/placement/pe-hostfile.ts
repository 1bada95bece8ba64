/** The file that Grid Engine names by $PE_HOSTFILE: `host slots queue processors` on each line. */

import { fail, ok, type Result } from "../base/result.js";
import type { AllocatedNode } from "./allocation.js";

/** The nodes of a parallel environment, in order. One that several queues give slots of has their sum. The failure is a phrase. */
export function parsePeHostfile(text: string): Result<readonly AllocatedNode[], string> {
  const slots = new Map<string, number>();
  for (const [at, line] of text.split("\n").entries()) {
    const [host, count, ...rest] = line.trim().split(/\s+/);
    if (host === undefined || host === "") continue;
    if (!/^[A-Za-z0-9_.-]+$/.test(host)) return fail(`line ${String(at + 1)}: "${host}" is no name of a host`);
    if (count === undefined || !/^[1-9]\d{0,5}$/.test(count) || rest.length > 2)
      return fail(`line ${String(at + 1)}: "HOST SLOTS QUEUE PROCESSORS" is expected, not "${line.trim()}"`);
    slots.set(host, (slots.get(host) ?? 0) + Number(count));
  }
  if (slots.size === 0) return fail("it names no host");
  return ok([...slots].map(([name, number]) => ({ name, slots: number })));
}
