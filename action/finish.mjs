// The action's last step, whatever became of the build: the key goes, and the report is summed up for people.
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { note, runnerVariable } from "./runner.mjs";
import { summaryOf } from "./summary.mjs";

const state = runnerVariable("MPMAKE_STATE");
for (const name of ["key", "command"]) rmSync(path.join(state, name), { force: true });

// What cannot be summed up makes no good build a bad one.
try {
  const file = runnerVariable("MPMAKE_REPORT");
  const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  appendFileSync(runnerVariable("GITHUB_STEP_SUMMARY"), summaryOf(report, process.env.MPMAKE_INPUT_TARGETS ?? ""));
} catch (error) {
  note("warning", `the build could not be summed up: ${error.message}`);
}
