/** How claims are measured: contenders side by side in one run, interleaved, medians, and the peak memory of one more run. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** Whether only to see that everything runs: the smallest sizes, once, and figures that say nothing. */
export const smoke = process.argv.includes("--smoke");

/** Whether the short form was asked for: small sizes. */
export const quick = smoke || process.argv.includes("--quick");

/** A folder that is removed when the process ends. */
export function scratch(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `bench-${name}-`));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const environment = { PATH: process.env.PATH ?? "", HOME: os.homedir(), LC_ALL: "C" };

function runOnce({ command, cwd, env }) {
  const started = process.hrtime.bigint();
  const run = spawnSync(command[0], command.slice(1), {
    cwd,
    env: { ...environment, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 30,
    encoding: "latin1",
  });
  const elapsedMs = Number(process.hrtime.bigint() - started) / 1e6;
  if (run.error) throw run.error;
  if (run.status !== 0)
    throw new Error(
      `${command.join(" ")}: exit ${run.status ?? run.signal}\n${(run.stdout + run.stderr).slice(-2000)}`,
    );
  return elapsedMs;
}

/** Processor time of all children that have ended, in milliseconds, counted in hundredths of a second; undefined off Linux. */
function childrenCpuMs() {
  if (!fs.existsSync("/proc/self/stat")) return undefined;
  const fields = fs.readFileSync("/proc/self/stat", "latin1").replace(/.*\) /s, "").split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** Peak resident memory of the largest process, in MB, by time(1); undefined where that is missing. */
function peakMemoryMb({ command, cwd, env, before }) {
  if (!fs.existsSync("/usr/bin/time")) return undefined;
  before?.();
  const note = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "bench-rss-")), "rss");
  try {
    runOnce({ command: ["/usr/bin/time", "-o", note, "-f", "%M", ...command], cwd, env });
    return Number(fs.readFileSync(note, "latin1").trim().split("\n").at(-1)) / 1024;
  } finally {
    fs.rmSync(path.dirname(note), { recursive: true });
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Times every contender `runs` times in turn (A B C, A B C, …) after one unmeasured round, and returns rows in their order:
 * the median of the times that passed, and the mean of the processor times. To see that all runs, one round is enough.
 *
 * A contender is `{ title, command: [program, …arguments], cwd, env?, before? }`; `before` runs unmeasured before each run.
 * `per` divides each time (how many things one run does). One that fails is reported and left out.
 */
export function compare(contenders, { runs, per = 1, memory = true }) {
  const rows = contenders.map((contender) => ({
    contender,
    times: [],
    cpuMs: 0,
    failure: undefined,
    peakMb: undefined,
  }));
  for (let round = smoke ? 0 : -1; round < (smoke ? 1 : runs); round++) {
    for (const row of rows) {
      if (row.failure !== undefined) continue;
      try {
        row.contender.before?.();
        const cpuBefore = childrenCpuMs();
        const elapsedMs = runOnce(row.contender);
        if (round < 0) continue;
        row.times.push(elapsedMs / per);
        if (cpuBefore !== undefined) row.cpuMs += childrenCpuMs() - cpuBefore;
      } catch (error) {
        row.failure = error.message;
      }
    }
  }
  for (const row of smoke ? rows.slice(0, 1) : rows)
    if (memory && row.failure === undefined) row.peakMb = peakMemoryMb(row.contender);
  return rows.map(({ contender, times, cpuMs, failure, peakMb }) => ({
    title: contender.title,
    medianMs: failure === undefined ? median(times) : undefined,
    timesMs: times,
    cpuMs: failure === undefined && cpuMs > 0 ? cpuMs / times.length / per : undefined,
    peakMb,
    failure,
  }));
}

/** This machine, in general words. */
export function describeMachine() {
  const cpu = os.cpus()[0]?.model.trim() ?? "unknown processor";
  return {
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    node: process.versions.node,
    cpu,
  };
}

const pad = (text, width) => text + " ".repeat(Math.max(0, width - text.length));
const padLeft = (text, width) => " ".repeat(Math.max(0, width - text.length)) + text;

function figure(value, digits = 2) {
  if (value === undefined) return "-";
  return value >= 100 ? value.toFixed(0) : value.toFixed(digits);
}

/** Prints the table of ratios to the row named by `reference` (the first GNU make otherwise) and writes bench/results/NAME.json. */
export function report({ name, title, unit = "ms", rows, absent = [], reference, note }) {
  const base =
    rows.find((row) => row.title === reference && row.failure === undefined) ??
    rows.find((row) => row.title.startsWith("GNU make") && row.failure === undefined) ??
    rows.find((row) => row.failure === undefined);
  const width = Math.max(...rows.map((row) => row.title.length), 8);
  const lines = [title, ""];
  lines.push(
    `${pad("", width)} ${padLeft(`median ${unit}`, 14)} ${padLeft("ratio", 8)} ${padLeft("cpu ms", 9)} ${padLeft("ratio", 8)} ${padLeft("peak MB", 9)} ${padLeft("ratio", 8)}`,
  );
  for (const row of rows) {
    if (row.failure !== undefined) {
      lines.push(`${pad(row.title, width)}  failed: ${row.failure.split("\n")[0]}`);
      continue;
    }
    const time = base?.medianMs === undefined ? undefined : row.medianMs / base.medianMs;
    const cpu = base?.cpuMs && row.cpuMs ? row.cpuMs / base.cpuMs : undefined;
    const memory = base?.peakMb && row.peakMb ? row.peakMb / base.peakMb : undefined;
    lines.push(
      `${pad(row.title, width)} ${padLeft(figure(row.medianMs), 14)} ${padLeft(figure(time), 8)} ${padLeft(figure(row.cpuMs, 1), 9)} ${padLeft(figure(cpu), 8)} ${padLeft(figure(row.peakMb, 1), 9)} ${padLeft(figure(memory), 8)}`,
    );
  }
  lines.push("", `ratios are to ${base?.title ?? "nothing"}`);
  if (absent.length > 0) lines.push(`not found here: ${absent.join(", ")}`);
  if (note !== undefined) lines.push(note);
  process.stdout.write(`${lines.join("\n")}\n`);
  const folder = path.join(import.meta.dirname, "..", "results");
  fs.mkdirSync(folder, { recursive: true });
  const result = { name, title, unit, quick, machine: describeMachine(), reference: base?.title, absent, rows };
  fs.writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  if (rows.some((row) => row.title.startsWith("mpmake") && row.failure !== undefined)) {
    for (const row of rows) if (row.failure !== undefined) process.stderr.write(`${row.title}: ${row.failure}\n`);
    process.exitCode = 1;
  }
}
