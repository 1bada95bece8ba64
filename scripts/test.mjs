// Runs every test an unprivileged user can run, on a fresh clone too: installs, builds, tests, counts.
//
//   node scripts/test.mjs [VITEST ARGUMENT…]      for one room: npm test -- test/graph
//
// The last line is `N passed, N failed, N skipped`; the reason of each skip stands above it.
import { bin, ensureBuilt, ensureInstalled, root, run } from "./project.mjs";
import path from "node:path";

ensureInstalled();
ensureBuilt();
const reporter = path.join(root, "scripts", "count-reporter.mjs");
const args = ["run", "--reporter=default", `--reporter=${reporter}`, ...process.argv.slice(2)];
process.exitCode = run(bin("vitest"), args);
