// The whole of mpmake in one command: builds it, starts three workers on this machine, builds a C program across them.
//
//   node scripts/start.mjs      needs Node and a C compiler; leaves nothing running and nothing behind
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, constants, tmpdir } from "node:os";
import path from "node:path";
import { dist, ensureBuilt, ensureInstalled, root } from "./project.mjs";

const WORKERS = 3;
const SLOTS = 2;

/** What was started and must end, the build before the workers it uses, and what was made and must go. */
const running = new Set();
const workers = new Set();
const made = [];
/** How long a build may take to end by the Ctrl-C that it received itself, and anything that was asked to end. */
const CTRL_C_MS = 1000;
const GRACE_MS = 3000;

const tool = (name) => path.join(dist, name);

/** Starts a program that must end before we do. */
function start(program, args, options, among = running) {
  const child = spawn(program, args, options);
  among.add(child);
  child.once("exit", () => among.delete(child));
  child.once("error", () => among.delete(child));
  return child;
}

/** Waits for a program's end. @returns its exit status, 128 + n when signal n ended it */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal === null ? code : 128 + constants.signals[signal]));
  });
}

/** Ends a program we started: asked after a while, made to after another. */
async function stop(child, waitMs) {
  const end = ended(child);
  const askTimer = setTimeout(() => child.kill("SIGTERM"), waitMs);
  const killTimer = setTimeout(() => child.kill("SIGKILL"), waitMs + GRACE_MS);
  await end;
  clearTimeout(askTimer);
  clearTimeout(killTimer);
}

async function cleanUp() {
  await Promise.all([...running].map((child) => stop(child, CTRL_C_MS)));
  await Promise.all([...workers].map((child) => stop(child, 0)));
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}

/** A port of the loopback interface that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a worker and waits until it says that it listens. */
async function startWorker(key, port) {
  const args = [
    "--key",
    key,
    "--listen",
    `127.0.0.1:${port}`,
    "--slots",
    String(SLOTS),
    "--audit",
    `${key}.${port}.log`,
  ];
  if (process.getuid() === 0) args.push("--allow-root");
  // in a process group of its own, out of Ctrl-C's reach: it has the recipes' processes to end first
  const worker = start(tool("mexecd"), args, { detached: true, stdio: ["ignore", "pipe", "inherit"] }, workers);
  let said = "";
  worker.stdout.setEncoding("utf8");
  await new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error(`mexecd on port ${port} ended before it was ready`)));
    worker.stdout.on("data", (text) => {
      said += text;
      if (/^mexecd: listening on /m.test(said)) resolve();
    });
  });
}

/** Copies the C program to a folder of its own, beside a configuration that names the workers. */
function prepareTree(folder, ports, key) {
  const tree = path.join(folder, "tally");
  cpSync(path.join(root, "fixtures", "demo"), tree, { recursive: true });
  const nodes = Object.fromEntries(ports.map((port, i) => [i + 1, { host: "127.0.0.1", port, slots: SLOTS }]));
  writeFileSync(path.join(tree, "mpmake.config.json"), `${JSON.stringify({ nodes, key }, undefined, 2)}\n`);
  return tree;
}

/** How many recipes ran where, as a table. */
function table({ recipes }, ports) {
  const rows = Object.entries(recipes).map(([name, count]) => {
    const port = ports[Number(name) - 1];
    return [port === undefined ? name : `node ${name} (127.0.0.1:${port})`, String(count)];
  });
  const width = Math.max(...rows.map(([name]) => name.length), "where".length);
  const line = ([name, count]) => `  ${name.padEnd(width)}  ${count.padStart(7)}`;
  return [line(["where", "recipes"]), ...rows.map(line)].join("\n");
}

async function main() {
  if (spawnSync("cc", ["--version"], { stdio: "ignore" }).status !== 0) {
    throw new Error("no C compiler: the program to be built is written in C; install one that answers to cc");
  }
  ensureInstalled();
  ensureBuilt();

  const folder = mkdtempSync(path.join(tmpdir(), "mpmake-start-"));
  made.push(folder);
  const keys = path.join(folder, "keys");
  mkdirSync(keys, { mode: 0o700 });
  const key = path.join(keys, "demo");
  const keyStatus = await ended(start(tool("ckeygen"), [key, `${key}.pub`], { stdio: "inherit" }));
  if (keyStatus !== 0) throw new Error(`ckeygen ended with status ${keyStatus}`);

  const ports = [];
  while (ports.length < WORKERS) ports.push(await freePort());
  console.log(`\nstarting ${WORKERS} workers on ports ${ports.join(", ")}`);
  await Promise.all(ports.map((port) => startWorker(key, port)));

  const tree = prepareTree(folder, ports, `${key}.pub`);
  const report = path.join(folder, "report.json");
  const nodes = `1-${WORKERS}`;
  const args = [`-j${WORKERS * SLOTS}`, "--progress", "--report", report];
  console.log(`NODES=${nodes} mpmake ${args.slice(0, 2).join(" ")}\n`);
  const make = start(tool("mpmake"), args, { cwd: tree, env: { ...process.env, NODES: nodes }, stdio: "inherit" });
  const status = await ended(make);
  if (status !== 0) throw new Error(`the build ended with status ${status}`);

  const result = JSON.parse(readFileSync(report, "utf8"));
  console.log(`\n${table(result, ports)}\n\n  built in ${(result.wallMs / 1000).toFixed(1)} s`);
  console.log(`\nNext, in a tree of your own:\n\n  cd YOUR-TREE && ${tool("mpmake")} -j${availableParallelism()}\n`);
  console.log("The README's next part shows how to do that over a cluster.");
}

let interrupted;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (interrupted !== undefined) return;
    interrupted = signal;
    console.error(`\nstart: ${signal}: stopping what was started`);
    void cleanUp().then(() => process.exit(128 + constants.signals[signal]));
  });
}

try {
  await main();
} catch (error) {
  if (interrupted === undefined) console.error(`start: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (interrupted === undefined) await cleanUp();
}
