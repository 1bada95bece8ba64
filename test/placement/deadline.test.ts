import { expect, test } from "vitest";
import { hasTime } from "../../src/placement/deadline.js";

test.each([
  ["there is no end", undefined, 1e9, true],
  ["it takes a quarter of what is left", 100_000, 25_000, true],
  ["it takes all that is left", 100_000, 100_000, false],
  ["it takes nearly all that is left", 100_000, 79_000, false],
  ["the end is near", 2_000, 10, false],
  ["the end has been", -1, 0, false],
])("when %s a job is judged by it", (_, endsAtMs, expectedMs, expected) => {
  expect(hasTime({ endsAtMs, expectedMs, nowMs: 0 })).toBe(expected);
});
