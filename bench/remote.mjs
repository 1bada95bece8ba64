/** Claim: what sending trivial recipes to three workers on this machine costs against running them here. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { dist, findPrograms } from "./lib/programs.mjs";
import { startWorkers } from "./lib/workers.mjs";

const COUNT = smoke ? 50 : quick ? 200 : 2000;
const WORKERS = 3;
const SLOTS = 2;

const folder = scratch("remote");
const build = path.join(folder, "build");
fs.mkdirSync(build);
const targets = Array.from({ length: COUNT }, (_, i) => `t${i}`);
fs.writeFileSync(
  path.join(build, "Makefile"),
  `.PHONY: all ${targets.join(" ")}\nall: ${targets.join(" ")}\n${targets.join(" ")}:\n\t@echo x >/dev/null; true\n`,
);

const workers = await startWorkers({ count: WORKERS, slots: SLOTS, folder });
try {
  const jobs = `-j${WORKERS * SLOTS}`;
  const { found, absent } = findPrograms(["gnu"]);
  const contenders = [
    {
      title: "mpmake, three workers",
      command: [dist("mpmake"), jobs, "--strict", "--nodes", workers.nodes, "--key", workers.key, "all"],
      cwd: build,
    },
    ...found.map(({ title, program }) => ({ title: `${title}, here`, command: [program, jobs, "all"], cwd: build })),
  ];
  report({
    name: "remote",
    title: `${COUNT} trivial recipes at ${jobs}: three workers of ${SLOTS} slots on loopback, and the same here`,
    rows: compare(contenders, { runs: quick ? 1 : 5 }),
    absent,
    note: "all three workers share this machine's processors: this is the cost of sending, not a gain",
  });
} finally {
  await workers.stop();
}
