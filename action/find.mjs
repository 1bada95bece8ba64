// The action's first step: finds an mpmake, or makes one. No secret is in its environment, as npm runs what others have written.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { fail, output, runnerVariable } from "./runner.mjs";

/** The checkout that this action is a part of. */
const top = path.dirname(import.meta.dirname);
const OLDEST_NODE = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`the node in PATH is ${process.versions.node}: mpmake needs ${OLDEST_NODE.join(".")} or newer`);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (error.code === undefined) throw error;
    return false;
  }
}

function given(name) {
  const file = path.resolve(runnerVariable("GITHUB_WORKSPACE"), name);
  return isProgram(file) ? file : fail(`the input mpmake: ${file} is no program`);
}

function inPath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, "mpmake")).find(isProgram);
}

/** Runs a program, whose output goes into a group of the log that can be folded, and commands nothing. */
function run(title, program, words, directory) {
  const token = randomBytes(16).toString("hex");
  console.log(`::group::${title}\n::stop-commands::${token}`);
  const { status, error } = spawnSync(program, words, { cwd: directory, stdio: ["ignore", "inherit", "inherit"] });
  console.log(`::${token}::\n::endgroup::`);
  if (error !== undefined) fail(`${title}: ${program}: ${error.message}`);
  if (status !== 0) fail(`${title}: ${program} ended with status ${status}`);
}

function installed(what) {
  const workspace = runnerVariable("GITHUB_WORKSPACE");
  const folder = path.join(runnerVariable("RUNNER_TEMP"), "mpmake-package");
  mkdirSync(folder, { recursive: true });
  const file = path.resolve(workspace, what);
  // A word alone is a version, or what stands for one: no package of another name is ever installed by it.
  const spec = existsSync(file) ? file : /[/:]/.test(what) ? what : `mpmake@${what}`;
  run(
    `npm install ${spec}`,
    "npm",
    ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--", spec],
    workspace,
  );
  const program = path.join(folder, "node_modules", ".bin", "mpmake");
  return isProgram(program) ? program : fail(`npm install ${spec} has brought no mpmake`);
}

function built() {
  const program = path.join(top, "dist", "mpmake");
  if (isProgram(program)) return program;
  if (!existsSync(path.join(top, "package-lock.json")))
    fail(`there is no mpmake in PATH, and nothing to build it from in ${top}`);
  // A package manager that is to leave out what only builds need would leave out what builds mpmake.
  run("npm ci", "npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], top);
  run("build mpmake", process.execPath, ["scripts/build.mjs", "mpmake", "mexecvp", "mexecd"], top);
  return program;
}

checkNode();
const { MPMAKE_INPUT_MPMAKE: program = "", MPMAKE_INPUT_PACKAGE: what = "" } = process.env;
if (program !== "" && what !== "") fail("the inputs mpmake and package: only one of them can say which mpmake it is");
const found = program !== "" ? given(program) : what !== "" ? installed(what) : (inPath() ?? built());
console.log(`mpmake is ${found}`);
output("mpmake", found);
