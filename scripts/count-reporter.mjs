// A vitest reporter that closes a run with its skips, each with the reason, and one plain line of counts.
import { readFileSync, writeFileSync } from "node:fs";

/** Where to write which tests are to run as root, and where that is written of those that are to run now; see test.mjs. */
const { MPMAKE_NOTE_TESTS: note, MPMAKE_NOTED_TESTS: noted } = process.env;

/** Prints after vitest's own summary. */
export default class CountReporter {
  /** @param modules - every test file that ran; @param errors - errors outside any test */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const reasons = new Map();
    const forRoot = [];
    const wanted = new Set(noted && JSON.parse(readFileSync(noted, "utf8")).map(keyOf));
    const absent = new Set(wanted);
    for (const module of modules) {
      // a file that could not be loaded has no tests to count, yet is a failure
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const place = { file: module.relativeModuleId, name: nameOf(test) };
        if (noted && !wanted.has(keyOf(place))) continue;
        absent.delete(keyOf(place));
        const { state, note: why } = test.result();
        const kind = state === "passed" || state === "failed" ? state : "skipped";
        counts[kind] += 1;
        if (kind === "skipped") {
          const reason = why ?? `no reason given: ${module.relativeModuleId}: ${test.fullName}`;
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
        if (kind === "skipped" || test.tags.includes("root")) forRoot.push(place);
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`);
    for (const key of absent) console.log(`there is no such test: ${key}`);
    counts.failed += absent.size;
    if (absent.size > 0) process.exitCode = 1;
    if (note) writeFileSync(note, `${JSON.stringify(forRoot, undefined, 1)}\n`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

const keyOf = ({ file, name }) => `${file}: ${name}`;

/** As vitest matches it: the names of what a test stands in, and its own. */
function nameOf(test) {
  const { parent } = test;
  return parent.type === "suite" ? `${nameOf(parent)} ${test.name}` : test.name;
}
