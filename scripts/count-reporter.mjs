// A vitest reporter that closes a run with its skips, each with the reason, and one plain line of counts.

/** Prints after vitest's own summary. */
export default class CountReporter {
  /** @param modules - every test file that ran; @param errors - errors outside any test */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const reasons = new Map();
    for (const module of modules) {
      // a file that could not be loaded has no tests to count, yet is a failure
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        const kind = state === "passed" || state === "failed" ? state : "skipped";
        counts[kind] += 1;
        if (kind === "skipped") {
          const reason = note ?? `no reason given: ${module.relativeModuleId}: ${test.fullName}`;
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
