// A short run of `npm run fuzz:wire`; its seed is printed, so that what fails here can be had again.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const script = path.join(import.meta.dirname, "../../scripts/fuzz-wire.mjs");

test("no changed vector makes a decoder throw, hang or hold what it need not", { timeout: 120_000 }, () => {
  const said = execFileSync(process.execPath, [script, "--count", "20000"], { encoding: "utf8" });
  const lines = said.replace(/[^\n]*\r/g, "");
  console.log(lines);
  expect(lines).toMatch(/20000 inputs from seed \d+ in \d+ s, memory grew by [\d.]+ MiB, 0 failed\n$/);
  const outcomes = [...lines.matchAll(/: (\d+) outcomes/g)].map(([, count]) => Number(count));
  // Fewer would mean that it does not get anywhere any more.
  expect(outcomes.map((count, i) => count >= [100, 20, 7][i])).toEqual([true, true, true]);
});
