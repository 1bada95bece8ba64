/** Claim: what a trivial recipe costs on a connection that stands, one at a time and four at once, beside other ways to run it elsewhere. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { freePort, listens, Missing, startDaemon, waitUntil } from "./lib/daemons.mjs";
import { distcc, slurm, warmSsh } from "./lib/dispatch-rivals.mjs";
import { gridEngine } from "./lib/grid-engine.mjs";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { dist, findPrograms } from "./lib/programs.mjs";
import { firstOf, times, writeMakefile } from "./lib/trivial-jobs.mjs";

/** Jobs of the cheapest; what costs more gets fewer. */
const COUNT = smoke ? 20 : quick ? 200 : 1000;
const FEWEST = smoke ? 2 : 5;
const RUNS = quick ? 3 : 5;

const folder = scratch("dispatch");
const inner = (name) => path.join(folder, name);
const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];

const makefile = inner("Makefile");
const ofMake = (words) => (count, jobs) => [...words, `-j${jobs}`, ...firstOf(makefile, count)];

/** How many jobs, and how few; with several at once, as many for each of these. */
function countsOf(cost, jobs) {
  const long = Math.max(FEWEST * jobs, Math.round(COUNT / cost));
  return { long, short: Math.max(jobs, Math.round(long / 10)) };
}

async function startWorker() {
  const made = spawnSync(dist("ckeygen"), [inner("key"), inner("key.pub")], { encoding: "latin1" });
  if (made.status !== 0) throw new Error(`ckeygen: ${made.stdout}${made.stderr}`);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const words = ["--key", inner("key"), "--listen", address, "--slots", "8", "--audit", inner("audit"), ...asRoot];
  return { address, stop: await startDaemon([dist("mexecd"), ...words], { cwd: folder, isUp: () => listens(port) }) };
}

/** A script that makes calls of the library. */
function library() {
  const file = inner("calls.mjs");
  fs.writeFileSync(
    file,
    `import { mexecvp } from ${JSON.stringify(dist("lib/index.js"))};
     let left = Number(process.argv[2]);
     const lane = async () => { while (left-- > 0) await mexecvp("/bin/sh", ["sh", "-c", "true"]); };
     await Promise.all(Array.from({ length: Number(process.argv[3]) }, lane));\n`,
  );
  return (count, jobs) => [process.execPath, file, `${count}`, `${jobs}`];
}

function ours(address) {
  const env = { NODES: address, MPMAKE_KEY: inner("key.pub"), MPSH_DIR: inner("session") };
  const remote = ["--strict", "--nodes", address, "--key", inner("key.pub")];
  const { found } = findPrograms(["gnu"]);
  const gnu = found.filter(({ family }) => family === "gnu").slice(0, 1);
  return [
    { title: REFERENCE, command: times(["/bin/sh", "-c", "true"]), cost: 1 },
    ...gnu.map(({ title, program }) => ({ title: `${title}, here`, command: ofMake([program]), cost: 1 })),
    { title: "mpmake, here", command: ofMake([dist("mpmake")]), cost: 1 },
    { title: "mpmake, a worker on loopback", command: ofMake([dist("mpmake"), ...remote]), cost: 1 },
    { title: "mpsh -c true, its session is there", command: times([dist("mpsh"), "-c", "true"]), cost: 1, env },
    { title: "the library's mexecvp()", command: library(), cost: 4, env },
    {
      title: "mexecvp sh -c true, which starts Node",
      command: times([dist("mexecvp"), "/bin/sh", "-c", "true"]),
      cost: 80,
      env,
    },
  ];
}

const REFERENCE = "/bin/sh -c true, here";

/** Each is measured with many jobs and with few: the difference is theirs alone, without what starting costs. */
function measure(contenders, jobs) {
  const both = contenders.flatMap(({ title, command, cost, env }) =>
    Object.values(countsOf(cost, jobs)).map((count) => ({ title, command: command(count, jobs), cwd: folder, env })),
  );
  const rows = compare(both, { runs: RUNS, memory: false });
  return contenders.map(({ title, cost }, at) => {
    const [many, few] = rows.slice(2 * at, 2 * at + 2);
    const { long, short } = countsOf(cost, jobs);
    const each = (times, other) => (times - other) / (long - short);
    const failure = many.failure ?? few.failure;
    if (failure !== undefined) return { title, failure };
    const timesMs = many.timesMs.map((ms, run) => each(ms, few.timesMs[run]));
    return { title, timesMs, medianMs: each(many.medianMs, few.medianMs), cpuMs: undefined };
  });
}

/** Rivals as contenders; with `less`, two of which the one is taken off the other. */
function asContenders({ less, ...contender }) {
  const { title, cost } = contender;
  return less === undefined ? [contender] : [contender, { title: `${title} (taken off)`, command: less, cost }];
}

function withoutTakenOff(rows) {
  return rows.flatMap((row, at) => {
    const next = rows[at + 1];
    if (row.title.endsWith("(taken off)")) return [];
    if (next?.title !== `${row.title} (taken off)` || (row.failure ?? next.failure)) return [row];
    return [{ ...row, medianMs: row.medianMs - next.medianMs }];
  });
}

const absent = [];
const stops = [];
writeMakefile(makefile, COUNT);
try {
  const worker = await startWorker();
  stops.push(worker.stop);
  const contenders = ours(worker.address);
  for (const [name, start] of Object.entries({ ssh: warmSsh, srun: slurm, distcc, qmake: gridEngine })) {
    const own = inner(name);
    fs.mkdirSync(own, { mode: 0o700 });
    try {
      const rival = await start(own, makefile);
      stops.push(rival.stop);
      contenders.push(...rival.contenders.flatMap(asContenders));
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      absent.push(`${name} (${error.message})`);
    }
  }
  for (const jobs of [1, 4])
    report({
      name: jobs === 1 ? "dispatch" : `dispatch-j${jobs}`,
      title: `one of many recipes "true" through a shell, ${jobs === 1 ? "one at a time" : `${jobs} at once`}, without what starting costs`,
      rows: withoutTakenOff(measure(contenders, jobs)),
      absent,
      reference: REFERENCE,
      note: "everything runs on this machine: a node's work is part of the figures",
    });
} finally {
  const pid = fs.existsSync(inner("session/pid")) && fs.readFileSync(inner("session/pid"), "latin1").split(" ")[0];
  if (pid) {
    process.kill(Number(pid), "SIGTERM");
    await waitUntil(() => !fs.existsSync(inner("session/pid")));
  }
  for (const stop of stops.reverse()) await stop();
}
