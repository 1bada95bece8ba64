/** Workers on this machine's loopback, for benches. */

import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { dist } from "./programs.mjs";

/** A worker refuses to run jobs as root unless told to. */
const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];

/**
 * Starts workers, each with its slots, and waits until they listen.
 *
 * @param folder - for their key and their log
 * @returns NODES for them, the client's key, and what ends them
 */
export async function startWorkers({ count, slots, folder }) {
  const key = path.join(folder, "key");
  const made = spawnSync(dist("ckeygen"), [key, `${key}.pub`], { encoding: "latin1" });
  if (made.status !== 0) throw new Error(`ckeygen: ${made.stdout}${made.stderr}`);
  const started = await Promise.allSettled(Array.from({ length: count }, () => startWorker({ key, slots, folder })));
  const workers = started.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  const stop = () => Promise.all(workers.map(stopWorker));
  const failed = started.find(({ status }) => status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    nodes: workers.map(({ port }) => `127.0.0.1:${port}*${slots}`).join(","),
    key: `${key}.pub`,
    stop,
  };
}

/** Starts a worker and waits for the line that tells its port. */
function startWorker({ key, slots, folder }) {
  const words = ["--key", key, "--listen", "127.0.0.1:0", "--slots", String(slots)];
  const child = spawn(dist("mexecd"), [...words, "--audit", path.join(folder, "audit"), ...asRoot], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: folder,
  });
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
