/** Workers that are killed in mid-build, at moments that nobody chose. */

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { LocalWorker } from "../../src/launch/local.js";
import { digestTree, processesWith, Rig } from "./rig.js";

/** `MPMAKE_TEST_FULL=1`: as many as are promised. */
const KILLS = process.env["MPMAKE_TEST_FULL"] === "1" ? 20 : 3;
const SEED = Number(process.env["MPMAKE_TEST_SEED"] ?? Date.now() % 1_000_000_007);
/** After so long the client may start what was lost a second time. */
const FENCE_MS = 3000;

/**
 * Each target is written bit by bit, by its shell, by a child of it and by one in a session of its own, and by a second line: what
 * outlives its job writes into what another job has made.
 */
const MAKEFILE = `N := $(shell seq 10 39)
all: sum
sum: $(N:%=o%)
	@cat $^ > $@
o%: | started
	@echo begun $* > $@; echo >> started; for i in 1 2 3; do echo $$i >> $@; sleep 0.02; done
	@(sleep 0.05; echo child >> $@) & wait; setsid -w sh -c 'sleep 0.1; echo session >> $@'
	@echo ended >> $@
started:
	@: > $@
`;

/** Numbers from 0 to 1 that follow from a seed: a linear congruential generator. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** For each worker that runs jobs with a mark: what their own marks begin with, as all do that one client has there. */
function tokensOf(workers: readonly LocalWorker[], mark: string): ReadonlyMap<LocalWorker, string> {
  const tokens = new Map<LocalWorker, string>();
  for (const pid of processesWith(mark)) {
    const [stat, environment] = [readProc(pid, "stat"), readProc(pid, "environ")];
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const worker = workers.find((one) => one.pid === Number(parent));
    const token = /\0(MPMAKE_JOB=[0-9a-f]+\.)/.exec(`\0${environment}`)?.[1];
    if (worker !== undefined && token !== undefined) tokens.set(worker, token);
  }
  return tokens;
}

function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return ""; // it has just ended
  }
}

test(
  `${String(KILLS)} workers killed at random moments: every build ends right, and nothing of a dead job is left`,
  { timeout: 120_000 + KILLS * 30_000 },
  async (context) => {
    await context.annotate(`MPMAKE_TEST_SEED=${String(SEED)}`);
    await using rig = new Rig();
    const random = numbersFrom(SEED);
    const workers = [...(await rig.startWorkers({ count: 3, slots: 2 })).workers];
    const nodes = workers.map(({ port }) => `127.0.0.1:${String(port)}*2`).join(",");
    /** A fresh folder, always of the same name. */
    const folderOf = (name: string): string => {
      const directory = join(rig.directory, name, "tree");
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "Makefile"), MAKEFILE);
      return directory;
    };
    const digest = (directory: string) => ({ ...digestTree(directory), started: "" });
    const here = folderOf("here");
    expect(await rig.make(["-j6"], { directory: here })).toEqual({ status: 0, stdout: "", stderr: "" });

    let kills = 0;
    let round = 0;
    for (; kills < KILLS; round++) {
      const name = `round-${String(round)}`;
      const directory = folderOf(name);
      const mark = `MPMAKE_TEST_MARK=killed-${String(process.pid)}-${name}`;
      const environment = { MPMAKE_KEY: `${rig.key}.pub`, MPMAKE_TEST_MARK: mark.split("=")[1] ?? "" };
      const make = rig.start("mpmake", ["-j6", "--nodes", nodes], { directory, environment });
      const begun = join(directory, "started");
      const count = 1 + random() * 25; // of 30 that write a byte when they start; so it does not matter how fast they are
      while (!existsSync(begun) || statSync(begun).size < count) await pause(5);
      await pause(random() * 100);
      const busy = tokensOf(workers, mark);
      const candidates = busy.size > 0 ? [...busy.keys()] : workers;
      const victim = candidates[Math.floor(random() * candidates.length)] as LocalWorker;
      const token = busy.get(victim);
      victim.kill("SIGKILL");
      await victim.ended;
      const endedMs = performance.now();
      workers[workers.indexOf(victim)] = (await rig.startWorkers({ count: 1, slots: 2, port: victim.port }))
        .workers[0] as LocalWorker;
      if (token !== undefined) {
        kills++;
        const timeout = Math.max(1, FENCE_MS - (performance.now() - endedMs));
        await expect.poll(() => processesWith(token), { timeout, interval: 20 }).toEqual([]);
      }
      const made = await make;
      expect([made.exitCode, made.stdout, processesWith(mark)], `${name}: ${made.stderr}`).toEqual([0, "", []]);
      expect(digest(directory), name).toEqual(digest(here));
    }
    await context.annotate(`${String(round)} builds, in ${String(KILLS)} of them a worker was killed that ran jobs`);
  },
);
