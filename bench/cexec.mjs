/** Claim: what it costs to find a worker and have it do something, what waiting costs a worker, and who gets the work when one worker is busy. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Missing, startDaemon } from "./lib/daemons.mjs";
import { warmSsh } from "./lib/dispatch-rivals.mjs";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { dist } from "./lib/programs.mjs";

const RUNS = quick ? 5 : 15;
const IDLE_MS = smoke ? 1000 : 60_000;
const JOBS = smoke ? 3 : 60;
/** Busy loops on the worker that is not to get more, for each processor. */
const BUSY = smoke ? 1 : 4;

const folder = scratch("cexec");
/** Multicast that never leaves this machine; a port of its own keeps others' announcements away. */
const GROUP = `lo:239.255.0.1:${20_000 + (process.pid % 10_000)}`;
const env = { GROUP, CEXEC_TIMEOUT_ACCEPT: "60" };

const key = spawnSync(dist("ckeygen"), [path.join(folder, "app")], { encoding: "latin1" });
if (key.status !== 0) throw new Error(`ckeygen: ${key.stdout}${key.stderr}`);

/** What each job is told to do, or its worker's name. */
const PROGRAM = [
  "sh",
  "-c",
  'case "$PEER_DO" in loop) echo begun; while :; do :; done ;; true) exec true ;; esac; echo "$NAME"',
];

/** @returns its process number, and what ends it */
async function startService(name) {
  const pidFile = path.join(folder, `${name}.pid`);
  const log = path.join(folder, `${name}.log`);
  // Its number stays the same when the shell becomes the service
  const script = 'echo $$ > "$1"; exec > "$2"; shift 2; exec "$@"';
  const words = ["cservice", "--name", name, "--audit", path.join(folder, `${name}.audit`), "app", ...PROGRAM];
  const command = [dist("cservice"), ...words.slice(1)];
  const stop = await startDaemon(["sh", "-c", script, "sh", pidFile, log, ...command], {
    cwd: folder,
    env: { ...env, NAME: name },
    isUp: () => fs.existsSync(log) && fs.readFileSync(log, "latin1").includes("listening"),
  });
  return { pid: Number(fs.readFileSync(pidFile, "latin1")), stop };
}

const cexec = (words = []) => [dist("cexec"), path.join(folder, "app.pub"), ...words];

/** Processor time of all its threads, in milliseconds to a nanosecond, and how often they have gone to sleep. */
function spentBy(pid) {
  let ms = 0;
  let sleeps = 0;
  for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
    const read = (file) => fs.readFileSync(`/proc/${pid}/task/${thread}/${file}`, "latin1");
    ms += Number(read("schedstat").split(" ")[0]) / 1e6;
    sleeps += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(read("status"))?.[1]);
  }
  return { ms, sleeps };
}

async function latency() {
  const absent = [];
  const contenders = [{ title: REFERENCE, command: ["/bin/sh", "-c", "true"], cwd: folder }];
  let stopSsh;
  try {
    const own = path.join(folder, "ssh");
    fs.mkdirSync(own, { mode: 0o700 });
    const { contenders: found, stop } = await warmSsh(own);
    stopSsh = stop;
    contenders.push(...found.map(({ title, words, env: more }) => ({ title, command: words, cwd: folder, env: more })));
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    absent.push(`ssh (${error.message})`);
  }
  contenders.push({ title: "node -e 0", command: [process.execPath, "-e", "0"], cwd: folder });
  contenders.push({ title: "mpmake's cexec", command: cexec(["DO=true"]), cwd: folder, env });
  try {
    report({
      name: "cexec",
      title: "one job, true, from the start of the client to its end",
      rows: compare(contenders, { runs: RUNS, memory: false }),
      absent,
      reference: REFERENCE,
      note: "everything runs on this machine; cexec is a Node program and finds its worker anew each time",
    });
  } finally {
    await stopSsh?.();
  }
}

const REFERENCE = "/bin/sh -c true, here";

/** What waiting costs, after one job, which has loaded all that it needs. */
async function idle({ pid }) {
  const before = spentBy(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const after = spentBy(pid);
  const perHour = (value) => (value * 3_600_000) / IDLE_MS;
  const spentMs = after.ms - before.ms;
  process.stdout.write(
    `\nan idle service for ${IDLE_MS / 1000} s: ${spentMs.toFixed(2)} ms of processor time, ${after.sleeps - before.sleeps} times awake; ` +
      `in an hour ${perHour(spentMs).toFixed(0)} ms\n`,
  );
  const jobs = smoke ? 1 : 20;
  for (let i = 0; i < jobs; i++) run(cexec(["DO=true"]));
  const perJob = (spentBy(pid).ms - after.ms) / jobs;
  process.stdout.write(
    `a job costs it ${perJob.toFixed(2)} ms, without the job's own: what an hour of waiting costs is ${(perHour(spentMs) / perJob).toFixed(1)} jobs\n`,
  );
}

function run([program, ...words]) {
  const ran = spawnSync(program, words, { cwd: folder, env: { ...process.env, ...env }, encoding: "latin1" });
  if (ran.status !== 0) throw new Error(`${path.basename(program)}: ${ran.status ?? ran.signal}: ${ran.stderr}`);
  return ran.stdout.trim();
}

/**
 * One of three workers has busy loops. On one machine all three have one load average: what tells the first from the others, and what
 * this shows, is that jobs of a worker's own count at once, and a little more.
 */
async function steering() {
  const loops = BUSY * os.availableParallelism();
  const [program, ...words] = cexec(["DO=loop"]);
  const options = { cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] };
  const clients = Array.from({ length: loops }, () => spawn(program, words, options));
  const others = [];
  try {
    await Promise.all(clients.map((client) => once(client.stdout, "data")));
    for (const name of ["second", "third"]) others.push(await startService(name));
    const share = { first: 0, second: 0, third: 0 };
    for (let i = 0; i < JOBS; i++) share[run(cexec())]++;
    const figures = Object.entries(share).map(
      ([name, count]) => `${name} ${count} (${Math.round((100 * count) / JOBS)} %)`,
    );
    process.stdout.write(
      `\n${loops} busy loops on the first of three workers; of ${JOBS} jobs: ${figures.join(", ")}\n`,
    );
  } finally {
    for (const client of clients) client.kill("SIGTERM");
    await Promise.all(clients.map((client) => client.exitCode ?? client.signalCode ?? once(client, "exit")));
    for (const { stop } of others) await stop();
  }
}

const first = await startService("first");
try {
  await latency();
  await idle(first);
  await steering();
} finally {
  await first.stop();
}
