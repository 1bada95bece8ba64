import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerDelayMs, type AnswerLoad, Blame } from "../../src/placement/answer-delay.js";

describe("the delay of an answer", () => {
  test("grows with the load of a processor, up to two seconds", () => {
    const delay = (running: number, loadAverage: number, processors: number) =>
      answerDelayMs({ running, loadAverage, processors }, 0);
    expect([delay(0, 0, 4), delay(4, 0, 4), delay(0, 8, 4), delay(1000, 0, 1)]).toEqual([0, 110, 200, 2500]);
  });

  test("differs a little between equals", () => {
    const load = { running: 0, loadAverage: 0, processors: 1 };
    expect([answerDelayMs(load, 0), answerDelayMs(load, 1)]).toEqual([0, 5]);
  });
});

/** How many of 60 jobs, one after the other, each of three workers gets. */
function sharesOf(loads: readonly AnswerLoad[], jitters: () => number): readonly number[] {
  const shares = loads.map(() => 0);
  for (let job = 0; job < 60; job++) {
    const delays = loads.map((load) => answerDelayMs(load, jitters()));
    shares[delays.indexOf(Math.min(...delays))]!++;
  }
  return shares;
}

describe("of three workers the one with busy loops gets the fewest jobs, whatever chance adds,", () => {
  const idle = { running: 0, loadAverage: 0, processors: 2 };
  test.each([
    ["on machines of their own, where the load average says so", [{ ...idle, loadAverage: 4 }, idle, idle]],
    ["as long as no load average knows of them yet", [{ ...idle, running: 4 }, idle, idle]],
    [
      "on one machine, whose load average is everybody's",
      [{ running: 4, loadAverage: 9 }, { loadAverage: 9 }, { loadAverage: 9 }].map((load) => ({ ...idle, ...load })),
    ],
  ])("%s", (_, loads) => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (chance) => {
        const [busy = 60, ...others] = sharesOf(loads, () => chance.next().value as number);
        expect([busy, others[0]! + others[1]!]).toEqual([0, 60]);
      }),
    );
  });
});

describe("blame", () => {
  test("needs two requests, counts once in ten seconds, and is over after a minute", () => {
    const blame = new Blame();
    blame.complained("a", 0);
    blame.complained("a", 1);
    expect(blame.delayMs(1)).toBe(0);
    blame.complained("b", 2);
    expect(blame.delayMs(2)).toBe(2000);
    blame.complained("c", 10_000);
    expect(blame.delayMs(10_000)).toBe(4000);
    expect(blame.delayMs(60_001)).toBe(2000);
    expect(blame.delayMs(70_001)).toBe(0);
  });

  test("is made up for by work that is done", () => {
    const blame = new Blame();
    blame.complained("a", 0);
    blame.complained("b", 0);
    blame.completed();
    expect(blame.delayMs(0)).toBe(0);
  });
});
