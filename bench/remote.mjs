/** Claim: what sending trivial recipes to three workers on this machine costs against running them here. */

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch } from "./lib/measure.mjs";
import { dist, findPrograms } from "./lib/programs.mjs";

const COUNT = quick ? 200 : 2000;
const WORKERS = 3;
const SLOTS = 2;

const folder = scratch("remote");
const key = path.join(folder, "key");
const made = spawnSync(dist("ckeygen"), [key, `${key}.pub`], { encoding: "latin1" });
if (made.status !== 0) throw new Error(`ckeygen: ${made.stdout}${made.stderr}`);

const build = path.join(folder, "build");
fs.mkdirSync(build);
const targets = Array.from({ length: COUNT }, (_, i) => `t${i}`);
fs.writeFileSync(
  path.join(build, "Makefile"),
  `.PHONY: all ${targets.join(" ")}\nall: ${targets.join(" ")}\n${targets.join(" ")}:\n\t@echo x >/dev/null; true\n`,
);

/** A worker refuses to run jobs as root unless told to. */
const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];

/** Starts a worker and waits for the line that tells its port. */
function startWorker() {
  const child = spawn(
    dist("mexecd"),
    [
      "--key",
      key,
      "--listen",
      "127.0.0.1:0",
      "--slots",
      String(SLOTS),
      "--audit",
      path.join(folder, "audit"),
      ...asRoot,
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: folder,
    },
  );
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stdout.setEncoding("latin1");
    child.stdout.on("data", (text) => {
      seen += text;
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(seen)?.[1];
      if (port !== undefined) resolve({ child, port });
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`a worker ended with ${code}: ${seen}`)));
  });
}

/** Ends a worker and waits until it has gone. */
function stopWorker({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  return gone;
}

const started = await Promise.allSettled(Array.from({ length: WORKERS }, startWorker));
const workers = started.filter((outcome) => outcome.status === "fulfilled").map((outcome) => outcome.value);
try {
  if (workers.length !== WORKERS) throw started.find((outcome) => outcome.status === "rejected").reason;
  const nodes = workers.map(({ port }) => `127.0.0.1:${port}*${SLOTS}`).join(",");
  const jobs = `-j${WORKERS * SLOTS}`;
  const { found, absent } = findPrograms(["gnu"]);
  const contenders = [
    {
      title: "mpmake, three workers",
      command: [dist("mpmake"), jobs, "--strict", "--nodes", nodes, "--key", `${key}.pub`, "all"],
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
  await Promise.all(workers.map(stopWorker));
}
