import { describe, expect, test } from "vitest";
import { SeenRequests } from "../../src/wire/seen-requests.js";
import { SourceBudget } from "../../src/wire/source-budget.js";

describe("requests that were seen", () => {
  test("are known until their time", () => {
    const seen = new SeenRequests(10);
    seen.add("a", { nowMs: 0, untilMs: 100 });
    expect([seen.has("a", 99), seen.has("a", 100), seen.has("b", 0)]).toEqual([true, false, false]);
  });

  test("make room for new ones: first those whose time is over, then the oldest", () => {
    const seen = new SeenRequests(2);
    seen.add("long", { nowMs: 0, untilMs: 1000 });
    seen.add("also long", { nowMs: 0, untilMs: 1000 });
    seen.add("new", { nowMs: 1, untilMs: 1000 });
    expect([seen.has("long", 1), seen.has("also long", 1), seen.has("new", 1)]).toEqual([false, true, true]);
  });
});

describe("a source's budget", () => {
  test("lets some through at once, and then as many as come in with time", () => {
    const budget = new SourceBudget();
    const taken = (nowMs: number) => Array.from({ length: 100 }, () => budget.take("a", nowMs)).filter(Boolean).length;
    expect([taken(0), taken(0), taken(1000), taken(1_000_000)]).toEqual([40, 0, 20, 40]);
  });

  test("is each source's own, and a clock that goes back gives none", () => {
    const budget = new SourceBudget();
    for (let i = 0; i < 40; i++) budget.take("a", 1000);
    expect([budget.take("a", 0), budget.take("b", 0)]).toEqual([false, true]);
  });
});
