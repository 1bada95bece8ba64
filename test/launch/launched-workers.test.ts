import {
  rmSync,
  mkdtempSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { LaunchedWorkers, type LaunchedWorkersOptions } from "../../src/launch/launched-workers.js";
import { templateLauncher } from "../../src/launch/template.js";
import { greetNode } from "../../src/net/connect.js";

const mexecd = join(import.meta.dirname, "../../dist/mexecd");
const clock = { nowMs: () => Date.now() };
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mpmake-launch-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function workersWith(more: Partial<LaunchedWorkersOptions> = {}): LaunchedWorkers {
  return new LaunchedWorkers({
    ...{ workerPath: mexecd, remoteNode: process.execPath, ownNode: "", isTunnelled: false, ports: [], isDebug: false },
    withinMs: 20_000,
    onTunnel: () => undefined,
    onNote: () => undefined,
    ...more,
  });
}

/** This machine in the place of others. */
function wanted(name = "n1", template = "{worker} # {host}") {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: directory };
  const launcher = templateLauncher({ template, environment, directory });
  return { node: nodeId(name), host: name, user: undefined, port: undefined, slots: 3, launcher };
}

/** What the worker says of itself. */
async function greeted(workers: LaunchedWorkers, node = wanted()) {
  const stream = await workers.connect(node);
  if (!stream.ok) return stream.error;
  const connection = await greetNode(stream.value, {
    credential: await workers.credential(),
    clock,
    timeoutMs: 10_000,
  });
  if (!connection.ok) return connection.error;
  const { slots, uid } = connection.value.node;
  await connection.value.close();
  return { slots, uid };
}

const US = { slots: 3, uid: process.getuid?.() };

test("a worker is started once, calls back, and ends with its build", async () => {
  const ends: string[] = [];
  const workers = workersWith({ onNote: (text) => ends.push(text) });
  expect([await greeted(workers), await greeted(workers)]).toEqual([US, US]);
  await workers.close();
  expect(ends).toEqual(["n1: its worker is gone: it is not needed any more"]);
});

test("a worker that is told not to call is reached through what started it", async () => {
  await using workers = workersWith({ isTunnelled: true });
  expect(await Promise.all([greeted(workers), greeted(workers)])).toEqual([US, US]);
});

test("a worker's file that is not there is sent once, and kept where nobody else may enter", async () => {
  const path = join(directory, "elsewhere");
  copyFileSync(mexecd, path);
  writeFileSync(path, "\n", { flag: "a" }); // no machine has this one
  for (let i = 0; i < 2; i++) {
    const workers = workersWith({ workerPath: path });
    const connecting = greeted(workers);
    if (i === 0) await connecting;
    rmSync(path, { force: true });
    expect(await connecting).toEqual(US);
    await workers.close();
    copyFileSync(mexecd, path);
    writeFileSync(path, "\n", { flag: "a" });
  }
  const cache = join(directory, ".cache/mpmake-worker");
  expect(existsSync(cache) && readdirSync(cache)).toHaveLength(1);
  expect(statSync(cache).mode & 0o777).toBe(0o700);
});

test("a worker that stands still when it is to call is not said to be unable to", { timeout: 20_000 }, async () => {
  const tunnelled: string[] = [];
  await using workers = workersWith({ onTunnel: (node) => tunnelled.push(node) });
  const node = wanted("n1", `echo $$ >${join(directory, "pid")}; exec {worker} # {host}`);
  expect(await greeted(workers, node)).toEqual(US);
  const worker = Number(readFileSync(join(directory, "pid"), "utf8"));
  process.kill(worker, "SIGSTOP");
  const connecting = greeted(workers, node);
  await new Promise((resolve) => setTimeout(resolve, 2500)); // longer than a call is waited for
  process.kill(worker, "SIGCONT");
  expect(await connecting).toEqual(US);
  expect(tunnelled).toEqual([]);
});
