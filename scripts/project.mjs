// What the scripts share: where the project is, whether it is installed and built, and how to run a command.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const dist = path.join(root, "dist");

/** The tools, one file of src/cli each. */
export const TOOLS = ["mpmake", "mexecvp", "mpshd", "mexecd", "cexec", "cservice", "ckeygen", "crat", "cproxy"];

/** Written last by a build that went well. */
export const BUILT = path.join(dist, ".built");

/** An installed package's command. */
export const bin = (name) => path.join(root, "node_modules", ".bin", name);

/** Runs a command with our standard streams. @returns its exit status, 128 + n when signal n ended it. */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  return signal === null ? status : 128 + constants.signals[signal];
}

/** Runs a command and collects both outputs in the order written. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const take = (data) => (output += data.toString());
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => resolve({ status: 127, output: `${command}: ${error.message}\n` }));
    child.on("close", (status, signal) =>
      resolve({ status: status ?? 128, output: signal ? `${output}${signal}\n` : output }),
    );
  });
}

/** Installs the packages of the lock file where they are missing or older than it. */
export function ensureInstalled() {
  const installed = path.join(root, "node_modules", ".package-lock.json");
  const wanted = statSync(path.join(root, "package-lock.json")).mtimeMs;
  if (existsSync(installed) && statSync(installed).mtimeMs >= wanted) return;
  if (existsSync(installed) && !isOutdated()) return;
  console.log("installing packages (npm ci)");
  const status = run("npm", ["ci", "--no-audit", "--no-fund"]);
  if (status !== 0) process.exit(status);
}

/** Whether an installed package is missing or has another version than the lock file names. */
function isOutdated() {
  const { status } = spawnSync("npm", ["ls", "--depth=0", "--silent"], { cwd: root, stdio: "ignore" });
  return status !== 0;
}

/** Builds dist/ when a source is newer than the last build. */
export function ensureBuilt() {
  const sources = [
    "src",
    "scripts/build.mjs",
    "scripts/head.sh",
    "scripts/tool-file.mjs",
    "scripts/tool-loader.cjs",
    "package.json",
    "package-lock.json",
  ];
  const newest = Math.max(...sources.map((name) => newestMs(path.join(root, name))));
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs >= newest) return;
  console.log("building dist/ (npm run build)");
  const status = run(process.execPath, ["scripts/build.mjs"]);
  if (status !== 0) process.exit(status);
}

/** The newest modification time below a path, deletions included (they touch the folder). */
function newestMs(file) {
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newestMs(path.join(file, name))));
}
