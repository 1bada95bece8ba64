import { on, once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Rig } from "./rig.js";

/** `MPMAKE_TEST_FULL=1`: the sizes that are promised. Otherwise sizes at which the same faults would show, in less time. */
const isFull = process.env["MPMAKE_TEST_FULL"] === "1";
const OUTPUT_MIB = isFull ? 1024 : 200;
const JOBS = isFull ? 1000 : 300;
const GROWTH_MIB = 64;

/** What a process has in memory now, and had at most, in MiB. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${String(pid)}/status`, "latin1");
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return { now: mib("VmRSS"), peak: mib("VmHWM") };
}

/** On a busy machine a node may be called twice before it has time to answer; it loses nothing by that. */
const LATE = /^mpmake: node \S+ (?:is left out: no answer within [15] s|answers, and takes jobs)\n/gm;
/** All jobs have started by then, or they never will. */
const ALL_STARTED_MS = 240_000;

interface Awaited {
  readonly count: number;
  readonly make: ReturnType<Rig["start"]>;
}

/** The lines that jobs write into a FIFO, one each. @throws Error with how far they came, and what mpmake has said, if they are too few */
async function linesOf(fifo: string, { count, make }: Awaited): Promise<readonly string[]> {
  let [text, said] = ["", ""];
  make.stderr.on("data", (bytes: Buffer) => (said += bytes.toString("latin1")));
  // Open for writing too: it does not end between two writers.
  const stream = new Socket({ fd: openSync(fifo, "r+"), readable: true, writable: false }).setEncoding("latin1");
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ALL_STARTED_MS);
  void make.then(() => late.abort());
  try {
    for await (const [piece] of on(stream, "data", { signal: late.signal }) as AsyncIterable<[string]>) {
      text += piece;
      if (text.split("\n").length > count) return text.trimEnd().split("\n");
    }
  } catch (error) {
    if (!late.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
  const started = text.split("\n").length - 1;
  throw new Error(`${String(started)} of ${String(count)} jobs have started, and mpmake says:\n${said}`);
}

describe("much of it", () => {
  test("a slow reader of a recipe's output holds up the recipe, and nothing gathers in between", async (context) => {
    await using rig = new Rig();
    const { workers, nodes } = await rig.startWorkers({ count: 1 });
    writeFileSync(join(rig.tree, "Makefile"), `all:\n\t@head -c ${String(OUTPUT_MIB)}M /dev/zero\n`);
    const environment = { MPMAKE_KEY: `${rig.key}.pub` };
    const make = rig.start("mpmake", ["--nodes", nodes], { environment, buffer: false });
    const pids = [make.pid, workers[0]?.pid].map(Number);
    await once(make.stdout, "readable");
    const before = pids.map((pid) => memoryOf(pid).now);
    let received = 0;
    let growth: number[] = [];
    await pause(2000); // much longer than it takes to fill everything on the way
    for await (const bytes of make.stdout as AsyncIterable<Buffer>) {
      received += bytes.length;
      if (received % (1 << 20) < bytes.length) await pause(2);
      if (received < OUTPUT_MIB << 20) growth = pids.map((pid, i) => memoryOf(pid).peak - (before[i] ?? 0));
    }
    expect([(await make).exitCode, received]).toEqual([0, OUTPUT_MIB << 20]);
    const figures = growth.map((mib) => mib.toFixed(0)).join(" and ");
    await context.annotate(`${String(OUTPUT_MIB)} MiB: client and worker grew by ${figures} MiB`);
    for (const mib of growth) expect(mib).toBeLessThan(GROWTH_MIB);
  }, 300_000);

  test("a million short lines arrive as they were written", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1 });
    writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@seq 1000000\n");
    const { status, stdout } = await rig.make(["--nodes", nodes]);
    const lines = stdout.split("\n");
    expect([status, lines.length, lines.findIndex((line, at) => line !== String(at + 1))]).toEqual([0, 1_000_001, 1e6]);
  }, 60_000);

  test("many jobs at once on three workers: none is lost", async (context) => {
    context.skip(!existsSync("/usr/bin/flock"), "jobs that wait for each other need flock, which is not installed");
    await using rig = new Rig();
    const slots = Math.ceil(JOBS / 3) + 1;
    const { workers, nodes } = await rig.startWorkers({ count: 3, slots });
    const started = rig.makeFifo("started");
    const held = openSync(started, "r+"); // a job that is made again finds a reader, and tells of itself by what mpmake says
    const recipe = "\t@echo $@ > started; flock -s gate true; echo made > $@\n";
    const targets = Array.from({ length: JOBS }, (_, i) => `t${String(i)}`);
    writeFileSync(join(rig.tree, "Makefile"), `T := ${targets.join(" ")}\nall: $(T)\n$(T):\n${recipe}`);
    const gate = execa("flock", [join(rig.tree, "gate"), "sh", "-c", "echo shut; cat"], {
      stdin: "pipe",
      buffer: false,
    });
    await once(gate.stdout, "data");
    const environment = { MPMAKE_KEY: `${rig.key}.pub` };
    const make = rig.start("mpmake", [`-j${String(JOBS)}`, "--nodes", nodes], { environment });
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        make.kill("SIGKILL");
        gate.kill();
        await Promise.allSettled([make, gate]);
        closeSync(held);
      },
    };
    const names = await linesOf(started, { count: JOBS, make });
    const memory = [Number(make.pid), ...workers.map(({ pid }) => pid)].map((pid) => memoryOf(pid).now);
    gate.stdin.end();
    const [made] = await Promise.all([make, gate]);
    expect([made.exitCode, made.stderr.replace(LATE, "")]).toEqual([0, ""]);
    expect(new Set(names).size).toBe(JOBS);
    expect(targets.filter((name) => readFileSync(join(rig.tree, name), "utf8") !== "made\n")).toEqual([]);
    const figures = memory.map((mib) => mib.toFixed(0)).join(", ");
    await context.annotate(`${String(JOBS)} jobs at once: client and workers have ${figures} MiB`);
  }, 300_000);
});
