import { describe, expect, test } from "vitest";
import { answerDelayMs, Blame } from "../../src/placement/answer-delay.js";

describe("the delay of an answer", () => {
  test("grows with the load of a processor, up to two seconds", () => {
    const delay = (running: number, loadAverage: number, processors: number) =>
      answerDelayMs({ running, loadAverage, processors }, 0);
    expect([delay(0, 0, 4), delay(4, 0, 4), delay(0, 8, 4), delay(1000, 0, 1)]).toEqual([0, 100, 200, 2000]);
  });

  test("differs a little between equals", () => {
    const load = { running: 0, loadAverage: 0, processors: 1 };
    expect([answerDelayMs(load, 0), answerDelayMs(load, 1)]).toEqual([0, 5]);
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
