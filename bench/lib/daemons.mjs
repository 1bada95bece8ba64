/** Servers that a bench starts for itself: in the foreground, ended by their own process id, with their last words kept. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const PATIENCE_MS = 20_000;
const LOOK_MS = 50;

/** What is needed for a rival is not here, or did not start. */
export class Missing extends Error {}

/** A program's path, also where only administrators look. @throws Missing */
export function need(name) {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  const found = folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
  if (found === undefined) throw new Missing(`there is no ${name} here`);
  return found;
}

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts a server that stays in the foreground.
 *
 * @param isUp - looked at until it is true
 * @param end - tells it to end; SIGTERM does otherwise
 * @returns what ends it
 * @throws Missing when it ends, or is not up in time
 */
export async function startDaemon(
  [program, ...words],
  { isUp, env = {}, cwd, end = (child) => child.kill("SIGTERM") } = {},
) {
  const said = openNameless();
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", said, said] });
  const ended = new Promise((resolve) => child.once("error", resolve).once("exit", resolve));
  let isOver = false;
  void ended.then(() => (isOver = true));
  const stop = async () => {
    if (!isOver) end(child);
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await ended;
    clearTimeout(late);
    fs.closeSync(said);
  };
  try {
    await waitUntil(() => isOver || isUp());
    if (isOver) throw new Missing("it ended");
  } catch (error) {
    const last = lastLine(said);
    await stop();
    throw new Missing(`${path.basename(program)} does not start: ${error.message}: ${last}`);
  }
  return stop;
}

/** A file for what a server says. A pipe would fill while this process waits for a command, and the server would wait as well. */
function openNameless() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-said-"));
  const file = fs.openSync(path.join(folder, "said"), "w+", 0o600);
  fs.rmSync(folder, { recursive: true });
  return file;
}

function lastLine(file) {
  const size = Math.min(2000, fs.fstatSync(file).size);
  const end = Buffer.alloc(size);
  fs.readSync(file, end, 0, size, fs.fstatSync(file).size - size);
  return end.toString("latin1").trim().split("\n").at(-1);
}

/** @throws Missing when it does not become true in time */
export async function waitUntil(isTrue) {
  const start = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - start > PATIENCE_MS) throw new Missing(`not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Whether somebody listens at a port of 127.0.0.1. */
export function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** Whether a command succeeds. */
export function succeeds([program, ...words], env = {}) {
  return spawnSync(program, words, { env: { ...process.env, ...env }, stdio: "ignore" }).status === 0;
}

/** What a command prints. @throws Missing when it fails */
export function output([program, ...words], env = {}) {
  const run = spawnSync(program, words, { env: { ...process.env, ...env }, encoding: "latin1" });
  if (run.status === 0) return run.stdout + run.stderr;
  throw new Missing(`${path.basename(program)} fails: ${(run.error?.message ?? run.stderr).trim().split("\n").at(-1)}`);
}
