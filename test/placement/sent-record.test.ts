import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decayed,
  formatSentRecord,
  parseSentRecord,
  SENT_HALF_LIFE_MS,
  SENT_LIFE_MS,
  sumSentRecords,
  withOneMore,
} from "../../src/placement/sent-record.js";

test("a sent job counts half after the half-life and nothing after its life", () => {
  const sent = withOneMore(undefined, 1000);
  const counts = [0, SENT_HALF_LIFE_MS, 2 * SENT_HALF_LIFE_MS, SENT_LIFE_MS].map((age) => decayed(sent, 1000 + age));
  expect(counts).toEqual([1, 0.5, 0.25, 0]);
});

test("a clock that went back does not make a weight grow", () => {
  expect(decayed({ weight: 3, atMs: 5000 }, 0)).toBe(3);
});

test("sending again adds one to what is left", () => {
  const sent = withOneMore(withOneMore(undefined, 0), SENT_HALF_LIFE_MS);
  expect(sent).toEqual({ weight: 1.5, atMs: SENT_HALF_LIFE_MS });
});

test("a record is text that reads back", () => {
  const text = formatSentRecord(
    new Map([
      ["n1:7070", 2.5],
      ["[::1]:7070", 1],
      ["gone", 0.001],
    ]),
  );
  expect(text).toBe("mpmake sent 1\n2.50 n1:7070\n1.00 [::1]:7070\n");
  expect(parseSentRecord(text)).toEqual(
    new Map([
      ["n1:7070", 2.5],
      ["[::1]:7070", 1],
    ]),
  );
});

test.each([
  "",
  "x",
  "mpmake sent 2\n",
  "mpmake sent 1",
  "mpmake sent 1\nx\n",
  "mpmake sent 1\n-1.00 a\n",
  "mpmake sent 1\n1.00 \n",
])("%j is no record", (text) => {
  expect(parseSentRecord(text)).toBeUndefined();
});

test("records of several sessions add up, each by its age", () => {
  const sums = sumSentRecords([
    {
      weights: new Map([
        ["a", 4],
        ["b", 1],
      ]),
      ageMs: 0,
    },
    { weights: new Map([["a", 4]]), ageMs: SENT_HALF_LIFE_MS },
  ]);
  expect(sums).toEqual(
    new Map([
      ["a", 6],
      ["b", 1],
    ]),
  );
});

test("every record of places without newlines reads back to a hundredth", () => {
  const place = fc.stringMatching(/^[a-z0-9:.[\]-]{1,20}$/);
  fc.assert(
    fc.property(fc.dictionary(place, fc.double({ min: 0.01, max: 1e7, noNaN: true })), (record) => {
      const weights = new Map(Object.entries(record));
      const read = parseSentRecord(formatSentRecord(weights));
      expect([...(read ?? [])].length).toBe(weights.size);
      for (const [name, weight] of weights) expect(read?.get(name)).toBeCloseTo(Math.min(weight, 999_999), 1);
    }),
  );
});

test("bytes of any kind are read or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      parseSentRecord(`mpmake sent 1\n${text}\n`);
    }),
  );
});
