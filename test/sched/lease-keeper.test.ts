import { expect, test } from "vitest";
import { CALM_MS, IDLE_MS, LeaseKeeper, LIVELY_MS, REST_MS } from "../../src/sched/lease-keeper.js";
import { FakeTokenFifo } from "../rig/fake-token-fifo.js";

/** A keeper with a clock, which looks whenever it is to. */
class Bench {
  readonly fifo = new FakeTokenFifo();
  readonly said: string[] = [];
  readonly #keeper = new LeaseKeeper(this.fifo, {
    ask: () => void this.said.push("ask"),
    giveBack: () => void this.said.push("back"),
  });
  #nowMs = 0;
  #nextMs = 0;

  /** Time goes on. @returns what was said since it was asked last */
  go(ms: number): readonly string[] {
    for (const untilMs = this.#nowMs + ms; ;) {
      if (this.#nextMs > untilMs) {
        this.#nowMs = untilMs;
        return this.said.splice(0);
      }
      this.#nowMs = this.#nextMs;
      this.#nextMs += this.#keeper.look(this.#nowMs);
    }
  }

  grant(): void {
    this.#nextMs = this.#nowMs + this.#keeper.granted(this.#nowMs);
  }
}

test("nothing is said of a FIFO that nobody opens", () => {
  const bench = new Bench();
  bench.fifo.opened = false;
  expect(bench.go(10_000)).toEqual([]);
});

test("who opens it is asked for once, and again when the token was taken", () => {
  const bench = new Bench();
  expect(bench.go(1000)).toEqual(["ask"]);
  bench.grant();
  expect(bench.fifo.tokens).toBe(1);
  bench.fifo.tokens--;
  expect(bench.go(LIVELY_MS)).toEqual(["ask"]);
});

test("a token that nobody takes goes back, and is asked for less and less often", () => {
  const bench = new Bench();
  const asked: number[] = [];
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (const said of bench.go(10)) {
      if (said !== "ask") continue;
      asked.push(ms);
      bench.grant();
    }
  }
  const pauses = asked.slice(1).map((ms, i) => ms - (asked[i] ?? 0));
  expect(pauses[0]).toBeLessThanOrEqual(IDLE_MS + REST_MS + CALM_MS);
  expect(pauses.at(-1)).toBeGreaterThan(1600);
  expect(bench.fifo.tokens).toBeLessThanOrEqual(1);
});

test("a token that a program has returned goes back", () => {
  const bench = new Bench();
  bench.go(0);
  bench.grant();
  bench.fifo.tokens = 0;
  bench.go(LIVELY_MS); // and one more is asked for
  bench.fifo.tokens = 1;
  expect(bench.go(IDLE_MS + CALM_MS)).toEqual(["back"]);
  expect(bench.fifo.tokens).toBe(0);
});

test("tokens that come and go stay", () => {
  const bench = new Bench();
  bench.go(0);
  bench.grant();
  for (let i = 0; i < 20; i++) {
    bench.fifo.tokens = 0;
    expect(bench.go(LIVELY_MS)).not.toContain("back");
    bench.fifo.tokens = 1;
    expect(bench.go(100)).not.toContain("back");
  }
});

test("when nobody has it open any more all goes back, what was taken, too", () => {
  const bench = new Bench();
  for (let i = 0; i < 3; i++) {
    expect(bench.go(CALM_MS)).toEqual(["ask"]);
    bench.grant();
    if (i < 2) bench.fifo.tokens = 0;
  }
  bench.fifo.opened = false;
  expect(bench.go(CALM_MS)).toEqual(["back", "back", "back"]);
  expect(bench.fifo.tokens).toBe(0);
});

test("a slot that comes when nobody has it open goes back at once, and one is asked for when somebody has", () => {
  const bench = new Bench();
  expect(bench.go(0)).toEqual(["ask"]);
  bench.fifo.opened = false;
  bench.go(CALM_MS);
  bench.grant();
  expect(bench.said.splice(0)).toEqual(["back"]);
  bench.fifo.opened = true;
  expect(bench.go(CALM_MS)).toEqual(["ask"]);
});

test("tokens that nobody leased are not kept", () => {
  const bench = new Bench();
  bench.fifo.tokens = 5;
  expect(bench.go(0)).toEqual(["ask"]);
  expect(bench.fifo.tokens).toBe(0);
});
