import { expect, test } from "vitest";
import { formatMoment, parseFutureMoment, parseMoment } from "../../src/base/moment.js";

const NOW_MS = Date.parse("2027-01-01T00:00:00.750Z");

test.each([
  ["2027-01-31", "2027-01-31T00:00:00.000Z"],
  ["2027-01-31T12:00Z", "2027-01-31T12:00:00.000Z"],
  ["90m", "2027-01-01T01:30:00.000Z"],
  ["12h", "2027-01-01T12:00:00.000Z"],
  ["30d", "2027-01-31T00:00:00.000Z"],
  ["2w", "2027-01-15T00:00:00.000Z"],
  ["1y", "2028-01-01T00:00:00.000Z"],
])("%s is %s", (text, moment) => {
  expect(new Date(parseFutureMoment(text, NOW_MS) ?? NaN).toISOString()).toBe(moment);
});

const NONE = [
  "",
  "30",
  "d",
  "1.5h",
  "-1d",
  "30 d",
  "30s",
  "tomorrow",
  "2027-13-01",
  "2027-02-31",
  "2027-1-1",
  "2027-01-31T12:00",
];

test.each(NONE)("%j is no moment", (text) => {
  expect(parseFutureMoment(text, NOW_MS)).toBeUndefined();
});

test("how long from now is for those who ask for it only", () => {
  expect(parseMoment("30d")).toBeUndefined();
});

test("a moment is shown to the minute", () => {
  expect(formatMoment(Date.parse("2027-01-31T12:34:56Z"))).toBe("2027-01-31 12:34 UTC");
});
