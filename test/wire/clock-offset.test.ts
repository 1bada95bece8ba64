import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockOffset } from "../../src/wire/clock-offset.js";

/** An exchange with a clock that is `offset` ahead, over ways that take `there` and `back`. */
function exchange(atMs: number, { offset, there, back }: { offset: number; there: number; back: number }) {
  const receivedMs = atMs + there + offset;
  return { askedMs: atMs, receivedMs, answeredMs: receivedMs + 5, gotMs: atMs + there + 5 + back };
}

test("an offset is wrong by half of the round trip at most", () => {
  const ms = fc.integer({ min: 0, max: 1000 });
  const offsets = fc.integer({ min: -1e9, max: 1e9 });
  fc.assert(
    fc.property(offsets, fc.array(fc.tuple(ms, ms), { minLength: 1, maxLength: 30 }), (offset, ways) => {
      const clock = new ClockOffset();
      for (const [i, [there, back]] of ways.entries()) clock.add(exchange(i * 5000, { offset, there, back }));
      expect(Math.abs(clock.offsetMs - offset)).toBeLessThanOrEqual(clock.roundTripMs / 2);
    }),
  );
});

test("the exchange with the least round trip is believed", () => {
  const clock = new ClockOffset();
  clock.add(exchange(0, { offset: 60_000, there: 400, back: 0 }));
  clock.add(exchange(1000, { offset: 60_000, there: 1, back: 1 }));
  clock.add(exchange(2000, { offset: 60_000, there: 0, back: 300 }));
  expect([clock.offsetMs, clock.roundTripMs]).toEqual([60_000, 2]);
});

test("a clock that is put right is believed after a while", () => {
  const clock = new ClockOffset();
  clock.add(exchange(0, { offset: 60_000, there: 1, back: 1 }));
  for (let i = 1; i <= 16; i++) clock.add(exchange(i * 1000, { offset: 0, there: 5, back: 5 }));
  expect(clock.offsetMs).toBe(0);
});

test("an exchange in which our clock was set back says nothing", () => {
  const clock = new ClockOffset();
  clock.add(exchange(10_000, { offset: 3, there: 1, back: 1 }));
  clock.add({ askedMs: 20_000, receivedMs: 20_003, answeredMs: 20_004, gotMs: 10_000 });
  expect(clock.offsetMs).toBe(3);
});
