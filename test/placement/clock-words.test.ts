import { expect, test } from "vitest";
import { formatOffset } from "../../src/placement/clock-words.js";

test.each([
  [700, "0.7 s ahead"],
  [-60_000, "60.0 s behind"],
  [0.31, "0.3 ms ahead"],
  [-99, "99.0 ms behind"],
])("%d ms is %s", (offsetMs, words) => {
  expect(formatOffset(offsetMs)).toBe(words);
});
