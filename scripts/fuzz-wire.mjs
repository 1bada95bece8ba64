/**
 * Feeds the decoders of what strangers send (frames, announcements, key files) changed test vectors: nothing may be thrown, hang, or
 * gather in memory, and it may not matter where a stream is cut.
 *
 *   npm run fuzz:wire -- [--seed N] [--count N]
 *
 * The same seed and count give the same inputs. Without a seed a fresh one is drawn, and printed. What fails is printed as the bytes
 * of a test vector, as small as it could be made.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled, root } from "./project.mjs";

/** Nothing said for so long is a hang. */
const SILENCE_MS = 120_000;

function parseArguments(argv) {
  const options = { seed: Math.floor(Math.random() * 2 ** 31), count: 100_000 };
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, "");
    if (!(name in options)) throw new Error(`unknown option ${argv[i]}`);
    if (!/^\d{1,10}$/.test(argv[i + 1] ?? "")) throw new Error(`--${name} wants a number`);
    options[name] = Number(argv[i + 1]);
  }
  return options;
}

async function bundle(outfile) {
  const esbuild = await import("esbuild");
  const entry = path.join(root, "test", "fuzz", "wire.ts");
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    // The vectors are found from the file that they are read by, which stands beside this one.
    define: { "import.meta.url": JSON.stringify(pathToFileURL(entry).href) },
    logLevel: "warning",
  });
}

/** @returns its exit status */
function runWatched(file, { seed, count }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, String(seed), String(count)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const hung = () => {
      process.stderr.write(
        `fuzz:wire: nothing was done for ${String(SILENCE_MS / 1000)} s, from seed ${String(seed)}\n`,
      );
      child.kill("SIGKILL");
    };
    let timer = setTimeout(hung, SILENCE_MS);
    child.stdout.on("data", (bytes) => {
      clearTimeout(timer);
      timer = setTimeout(hung, SILENCE_MS);
      process.stdout.write(bytes);
    });
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve(status ?? 1);
    });
  });
}

async function main() {
  const options = parseArguments(process.argv.slice(2));
  process.stdout.write(`fuzz:wire: seed ${String(options.seed)}, ${String(options.count)} inputs\n`);
  ensureInstalled();
  const folder = mkdtempSync(path.join(os.tmpdir(), "fuzz-wire-"));
  try {
    const file = path.join(folder, "wire.mjs");
    await bundle(file);
    return await runWatched(file, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`fuzz:wire: ${error.message}\n`);
  process.exitCode = 2;
}
