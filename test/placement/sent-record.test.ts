import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decayed,
  formatSentRecord,
  parseSentRecord,
  SENT_HALF_LIFE_MS,
  SENT_LIFE_MS,
  SentTally,
  sumSentRecords,
} from "../../src/placement/sent-record.js";

function weightOf(tally: SentTally, nowMs: number): number | undefined {
  return tally.weights(nowMs).get("a");
}

test("a sent job counts half after the half-life and nothing after its life", () => {
  const tally = new SentTally();
  tally.sent("a", 1000);
  const counts = [0, SENT_HALF_LIFE_MS, 2 * SENT_HALF_LIFE_MS, SENT_LIFE_MS].map((age) => weightOf(tally, 1000 + age));
  expect(counts).toEqual([1, 0.5, 0.25, 0]);
});

test("a clock that went back does not make a weight grow", () => {
  expect(decayed({ weight: 3, atMs: 5000 }, 0)).toBe(3);
});

test("sending again adds one to what is left", () => {
  const tally = new SentTally();
  tally.sent("a", 0);
  tally.sent("a", SENT_HALF_LIFE_MS);
  expect(weightOf(tally, SENT_HALF_LIFE_MS)).toBe(1.5);
});

test("a job that has ended takes nothing from the others, and leaves a trace where it was the only one", () => {
  const tally = new SentTally();
  tally.sent("a", 0);
  tally.sent("a", SENT_HALF_LIFE_MS);
  tally.ended("a", { sentAtMs: 0, nowMs: SENT_HALF_LIFE_MS });
  expect(weightOf(tally, SENT_HALF_LIFE_MS)).toBe(1);
  tally.ended("a", { sentAtMs: SENT_HALF_LIFE_MS, nowMs: 2 * SENT_HALF_LIFE_MS });
  tally.ended("b", { sentAtMs: 0, nowMs: 2 * SENT_HALF_LIFE_MS });
  expect(tally.weights(2 * SENT_HALF_LIFE_MS)).toEqual(new Map([["a", 0.005]]));
});

test("however jobs are sent and end, a tally is never negative, and all ended is a hundredth of a job at most", () => {
  const steps = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 20_000 }), ends: fc.boolean() }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const tally = new SentTally();
      const open: number[] = [];
      let nowMs = 0;
      const end = (): void => {
        const sentAtMs = open.shift();
        if (sentAtMs !== undefined) tally.ended("a", { sentAtMs, nowMs });
        expect(weightOf(tally, nowMs) ?? 0).toBeGreaterThanOrEqual(0);
      };
      for (const { waitMs, ends } of all) {
        nowMs += waitMs;
        if (ends) end();
        else tally.sent("a", open[open.push(nowMs) - 1] ?? 0);
      }
      while (open.length > 0) end();
      expect(weightOf(tally, nowMs) ?? 0).toBeLessThan(0.03); // and what is cut off at the end of a life
    }),
  );
});

test("a record is text that reads back", () => {
  const text = formatSentRecord(
    new Map([
      ["n1:7070", 2.5],
      ["[::1]:7070", 1],
      ["trace", 0.01],
      ["gone", 0.0001],
    ]),
  );
  expect(text).toBe("mpmake sent 1\n2.5000 n1:7070\n1.0000 [::1]:7070\n0.0100 trace\n");
  expect(parseSentRecord(text)).toEqual(
    new Map([
      ["n1:7070", 2.5],
      ["[::1]:7070", 1],
      ["trace", 0.01],
    ]),
  );
});

test("what hundreds of sessions have left behind weighs less than a few jobs", () => {
  const tally = new SentTally();
  tally.sent("a", 0);
  tally.ended("a", { sentAtMs: 0, nowMs: 0 });
  const record = { weights: tally.weights(0), ageMs: 0 };
  expect(sumSentRecords(Array.from({ length: 200 }, () => record)).get("a")).toBeCloseTo(2);
});

test.each([
  "",
  "x",
  "mpmake sent 2\n",
  "mpmake sent 1",
  "mpmake sent 1\nx\n",
  "mpmake sent 1\n-1.0000 a\n",
  "mpmake sent 1\n1.0000 \n",
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

test("every record of places without newlines reads back", () => {
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
