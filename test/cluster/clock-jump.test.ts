/** A clock that is put forward and back while a build runs. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { expect, test } from "vitest";
import { needsFaketime, readLines, Rig, tool, withClockOf, writeLine } from "./rig.js";

const HOUR = 3600;
const YEARS = 20 * 365 * 24 * HOUR;
const JUMPS = [-YEARS, -HOUR, HOUR, YEARS];

/** Each step waits until the clock has jumped, and for some heartbeats after that. */
const MAKEFILE = [
  "all: $(STEPS)",
  "$(STEPS):",
  "\t@echo $@ > started; read word < go; echo $$word >> log; touch $@",
  "1: 0\n2: 1\n3: 2\n4: 3",
].join("\n");

async function buildWhileClockJumps(rig: Rig, clock: string, make: PromiseLike<unknown>): Promise<void> {
  const [started, go] = [rig.makeFifo("started"), rig.makeFifo("go")];
  for (const [step, jump] of [...JUMPS, -HOUR].entries()) {
    const begun = await Promise.race([readLines(started, 1), make]);
    expect(begun).toEqual([String(step)]);
    writeFileSync(clock, `${jump < 0 ? "" : "+"}${String(jump)}`);
    await pause(1300); // a heartbeat is sent each second
    await writeLine(go, `step ${String(step)}`);
  }
}

test("of the worker: nobody notices", async (context) => {
  needsFaketime(context);
  await using rig = new Rig();
  const clock = join(rig.directory, "clock");
  writeFileSync(clock, "+0");
  const { nodes } = await rig.startWorkers({ count: 1, wrapper: () => withClockOf(clock) });
  writeFileSync(join(rig.tree, "Makefile"), `STEPS = 0 1 2 3 4\n${MAKEFILE}\n`);
  const make = rig.make(["-j2", "--nodes", nodes]);
  await buildWhileClockJumps(rig, clock, make);
  expect(await make).toEqual({ status: 0, stdout: "", stderr: "" });
  // It did jump: who comes now sees it.
  expect((await rig.make(["-B", "--nodes", nodes])).stderr).toMatch(
    /no node can be used: .*: its clock is \d+\.\d s behind, more than/,
  );
  expect(readFileSync(join(rig.tree, "log"), "latin1")).toBe("step 0\nstep 1\nstep 2\nstep 3\nstep 4\n");
});

test("of the client: no node is lost, nothing is made twice, and what is said is what make says of such a clock", async (context) => {
  needsFaketime(context);
  await using rig = new Rig();
  const clock = join(rig.directory, "clock");
  const { nodes } = await rig.startWorkers({ count: 1 });
  writeFileSync(join(rig.tree, "Makefile"), `STEPS = 0 1 2 3 4\n${MAKEFILE}\n`);
  const [program, ...words] = [...withClockOf(clock), tool("mpmake"), "-j2", "--nodes", nodes];
  const build = () =>
    execa(program, words, {
      cwd: rig.tree,
      env: { PATH: rig.path, TMPDIR: rig.directory, HOME: rig.directory, MPMAKE_KEY: `${rig.key}.pub`, LC_ALL: "C" },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    });
  writeFileSync(clock, "-1800");
  expect((await build()).stderr).toMatch(/its clock is 1[78]\d\d\.\d s ahead/); // it does go by the file
  writeFileSync(clock, "+0");
  const make = build();
  await buildWhileClockJumps(rig, clock, make);
  const { exitCode, stdout, stderr } = await make;
  expect([exitCode, stdout]).toEqual([0, ""]);
  const usual =
    /^mpmake: (Warning: File '\w+' has modification time .* s in the future|warning: {2}Clock skew detected\. .*)$/;
  expect(stderr.split("\n").filter((line) => line !== "" && !usual.test(line))).toEqual([]);
  expect(readFileSync(join(rig.tree, "log"), "latin1")).toBe("step 0\nstep 1\nstep 2\nstep 3\nstep 4\n");
});
