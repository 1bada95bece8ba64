/** How busy this machine is, and the limit of `-l`. */

import { availableParallelism, freemem, loadavg } from "node:os";
import type { LoadGate } from "../sched/ports.js";
import { readIfPossible } from "./attempt.js";

/** What a machine says of itself when jobs are to be placed. */
export interface MachineLoad {
  /** Over the last minute. */
  readonly loadAverage: number;
  /** Processors that this process may use. */
  readonly processors: number;
  readonly freeMemoryBytes: number;
}

export function machineLoad(): MachineLoad {
  return { loadAverage: loadavg()[0] ?? 0, processors: availableParallelism(), freeMemoryBytes: availableMemory() };
}

/** Memory that programs could get, caches given up; see MemAvailable in proc(5). */
function availableMemory(): number {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readProc("/proc/meminfo"));
  return found === null ? freemem() : Number(found[1]) * 1024;
}

/** Processes that run or could run now, all but this one; undefined where the system does not say. */
function runningProcesses(): number | undefined {
  const found = /^\S+ \S+ \S+ (\d+)\//.exec(readProc("/proc/loadavg"));
  return found === null ? undefined : Number(found[1]) - 1;
}

function readProc(path: string): string {
  return readIfPossible(path) ?? "";
}

const LOOK_AGAIN_MS = 1000;
/** For so long a job may not show in the load yet, as it waits for the disk or sleeps. */
const YOUNG_MS = 2000;

/**
 * `-l LIMIT`: a further job starts only while fewer processes than the limit run or could run now, and fewer jobs than that have
 * just been started. The load average stands in where the system does not count processes.
 */
export class MachineLoadGate implements LoadGate {
  readonly #limit: number;
  readonly #load: () => number;
  readonly #nowMs: () => number;
  /** When jobs were allowed of late, the oldest first. */
  #allowedMs: readonly number[] = [];

  /** @param load - how many processes are busy; given in tests, as is the clock */
  constructor(limit: number, load: () => number = currentLoad, nowMs: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#load = load;
    this.#nowMs = nowMs;
  }

  allows(running: number): boolean {
    const now = this.#nowMs();
    const recent = this.#allowedMs.filter((at) => now - at < YOUNG_MS);
    const young = Math.min(running, recent.length);
    const isAllowed = running === 0 || Math.max(this.#load(), young) < this.#limit;
    this.#allowedMs = isAllowed ? [...recent, now] : recent;
    return isAllowed;
  }

  whenChanged(listener: () => void): () => void {
    const timer = setInterval(listener, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }
}

function currentLoad(): number {
  return runningProcesses() ?? loadavg()[0] ?? 0;
}
