// Runs every test an unprivileged user can run, on a fresh clone too: installs, builds, tests, counts.
//
//   node scripts/test.mjs [VITEST ARGUMENT…]      for one room: npm test -- test/graph
//   node scripts/test.mjs --note FILE [...]       writes to FILE which tests are to run as root: what was skipped, and is tagged "root"
//   node scripts/test.mjs --noted FILE [...]      runs those, each of them
//
// The last line is `N passed, N failed, N skipped`; the reason of each skip stands above it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { bin, ensureBuilt, ensureInstalled, root, run } from "./project.mjs";

ensureInstalled();
ensureBuilt();
const [option, file, ...others] = process.argv.slice(2);
const wants = (name) => option === name && file !== undefined;
const rest = wants("--note") || wants("--noted") ? others : process.argv.slice(2);
const env = { ...process.env };
if (wants("--note")) env.MPMAKE_NOTE_TESTS = path.resolve(file);
if (wants("--noted")) env.MPMAKE_NOTED_TESTS = path.resolve(file);
const reporter = path.join(root, "scripts", "count-reporter.mjs");
const args = ["run", "--reporter=default", `--reporter=${reporter}`, ...(wants("--noted") ? only(file) : []), ...rest];
process.exitCode = run(bin("vitest"), args, { env });

/** vitest's arguments for the tests of a list, and for others that have the name of one in a file of one. */
function only(list) {
  const tests = JSON.parse(readFileSync(list, "utf8"));
  const names = new Set(tests.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")));
  return [...new Set(tests.map(({ file: of }) => of)), "--testNamePattern", `^(?:${[...names].join("|")})$`];
}
