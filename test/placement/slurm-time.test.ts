import { expect, test } from "vitest";
import { isTimeLimit, parseTimeLeft } from "../../src/placement/slurm-time.js";

test.each([
  ["2:00", 120_000],
  ["0:07\n", 7_000],
  ["1:30:00", 5_400_000],
  ["2-01:00:05", 176_405_000],
  ["UNLIMITED", "none"],
  ["NOT_SET", "none"],
  ["INVALID", "none"],
  ["", undefined],
  ["soon", undefined],
  ["1:2:3:4", undefined],
])("squeue's %j is so much time", (text, expected) => {
  expect(parseTimeLeft(text)).toBe(expected);
});

test.each([
  ["30", true],
  ["30:00", true],
  ["1:30:00", true],
  ["2-12", true],
  ["2-12:30", true],
  ["2-12:30:15", true],
  ["infinite", true],
  ["", false],
  ["1h", false],
  ["-5", false],
  ["1:2:3:4", false],
])("%j is a limit of time: %s", (text, expected) => {
  expect(isTimeLimit(text)).toBe(expected);
});
