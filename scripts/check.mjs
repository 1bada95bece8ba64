// Everything a commit must pass: format, lint, types, pure types, floors and cycles, dead code, tests; those of whole clusters,
// which wait for clocks, are left to `npm test`.
//
//   node scripts/check.mjs [--no-tests] [STEP…]      all steps, or only those named
import { availableParallelism } from "node:os";
import { bin, capture, ensureInstalled } from "./project.mjs";

/** Each step alone; the longest first, so that none is left over at the end. */
const STEPS = {
  tests: [process.execPath, ["scripts/test.mjs", "--exclude", "test/cluster/**"]],
  lint: [bin("eslint"), ["--max-warnings=0", "."]],
  types: [bin("tsc"), ["-p", "tsconfig.json"]],
  "pure types": [bin("tsc"), ["-p", "tsconfig.pure.json"]],
  "dead code": [bin("knip"), ["--no-progress"]],
  // What a test alone uses is fair for a part of a file, not for a whole one.
  "dead in production": [bin("knip"), ["--no-progress", "--production", "--include", "files"]],
  floors: [bin("depcruise"), ["--config", ".dependency-cruiser.cjs", "src", "test"]],
  schema: [process.execPath, ["scripts/config-schema.mjs", "--check"]],
  "man pages": [process.execPath, ["scripts/man.mjs", "--check"]],
  format: [bin("prettier"), ["--check", "--log-level", "warn", "."]],
};

const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith("--"));
const unknown = named.find((name) => !(name in STEPS));
if (unknown !== undefined) {
  console.error(`check: no step ${unknown}; the steps are: ${Object.keys(STEPS).join(", ")}`);
  process.exit(2);
}
const wanted =
  named.length > 0 ? named : Object.keys(STEPS).filter((name) => name !== "tests" || !args.includes("--no-tests"));

ensureInstalled();
const started = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const failed = [];
const queue = [...wanted];

/** Takes steps from the queue until it is empty. */
async function work() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const [command, commandArgs] = STEPS[name];
    const since = performance.now();
    const { status, output } = await capture(command, commandArgs, { env: { ...process.env, NO_COLOR: "1" } });
    console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds(since)})`);
    if (status !== 0) failed.push({ name, output });
    else if (name === "tests") console.log(output.trimEnd().split("\n").slice(-1)[0]);
  }
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
for (const { name, output } of failed) console.log(`\n--- ${name} ---\n${output.trimEnd()}`);
if (failed.length > 0) console.log(`\nFAILED: ${failed.map(({ name }) => name).join(", ")}`);
console.log(
  `\ncheck: ${wanted.length - failed.length} passed, ${failed.length} failed, 0 skipped in ${seconds(started)}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
