/**
 * Checks what test/makefiles/*.expected says against a real GNU make 4.4, or writes it.
 *
 *   npm run oracle                        every recorded case must be what GNU make does
 *   npm run oracle -- --record [NAME…]    write the expectations anew (those named, or all)
 *   npm run oracle -- --make PROGRAM      the same check with another program, such as dist/mpmake
 *
 * The oracle is the program named by MPMAKE_ORACLE, or the first GNU make 4.4 on the PATH.
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findOracle, oracleVersion } from "./lib/find-oracle.mjs";
import { parseCase, runCase } from "./lib/make-case.mjs";

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "test", "makefiles");

function parseArguments(argv) {
  const options = { record: false, make: undefined, quiet: false, names: [] };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--record") options.record = true;
    else if (argv[i] === "--quiet") options.quiet = true;
    else if (argv[i] === "--make") options.make = path.resolve(argv[++i] ?? "");
    else if (argv[i].startsWith("-")) throw new Error(`unknown option ${argv[i]}`);
    else options.names.push(path.basename(argv[i]).replace(/\.(mk|expected)$/, ""));
  }
  return options;
}

/** Runs `work` on every item, at most `width` at a time. */
async function eachOf(items, width, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** The lines that differ, by the system's diff. */
function difference(expected, actual) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "oracle-"));
  try {
    fs.writeFileSync(path.join(folder, "expected"), expected, "latin1");
    fs.writeFileSync(path.join(folder, "actual"), actual, "latin1");
    return spawnSync("diff", ["-a", "-U2", "expected", "actual"], { cwd: folder, encoding: "latin1" }).stdout;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function record(name, make) {
  const testCase = parseCase(fs.readFileSync(path.join(FOLDER, `${name}.mk`), "latin1"));
  const first = await runCase(testCase, make);
  if (first !== (await runCase(testCase, make)))
    return `two runs of GNU make differ\n${difference(first, await runCase(testCase, make))}`;
  fs.writeFileSync(path.join(FOLDER, `${name}.expected`), first, "latin1");
  return undefined;
}

async function check(name, make) {
  const expectation = path.join(FOLDER, `${name}.expected`);
  if (!fs.existsSync(expectation)) return "nothing is recorded\n";
  const expected = fs.readFileSync(expectation, "latin1");
  const actual = await runCase(parseCase(fs.readFileSync(path.join(FOLDER, `${name}.mk`), "latin1")), make);
  return actual === expected ? undefined : difference(expected, actual);
}

async function main() {
  const options = parseArguments(process.argv.slice(2));
  const make = options.make ?? findOracle();
  if (options.record && options.make !== undefined) {
    const outcome = oracleVersion(make);
    if (outcome.refused !== undefined) throw new Error(outcome.refused);
  }
  const all = fs
    .readdirSync(FOLDER)
    .filter((file) => file.endsWith(".mk"))
    .map((file) => file.slice(0, -3))
    .sort();
  const names = options.names.length === 0 ? all : options.names;
  let failed = 0;
  await eachOf(names, Math.max(2, os.availableParallelism()), async (name) => {
    const complaint = await (options.record ? record(name, make) : check(name, make)).catch(
      (error) => `${error.message}\n`,
    );
    if (complaint === undefined) return;
    failed++;
    process.stdout.write(
      options.quiet ? `${name}\n` : `### ${name}\n${Buffer.from(complaint, "latin1").toString("latin1")}`,
    );
  });
  const verb = options.record ? "recorded" : "as recorded";
  process.stdout.write(`${names.length - failed} of ${names.length} ${verb} (${make})\n`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`oracle: ${error.message}\n`);
  process.exitCode = 2;
}
