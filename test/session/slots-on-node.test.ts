import { expect, test } from "vitest";
import type { FurtherSlots, Slot } from "../../src/sched/job.js";
import { type NodeRoom, slotsOn } from "../../src/session/slots-on-node.js";

/** Slots of a session, and of a node, that the test counts. */
class Bench {
  free = 0;
  room = 0;
  readonly taken: Slot[] = [];
  readonly #waiting = new Set<(slot: Slot) => void>();
  readonly #listeners = new Set<() => void>();
  readonly #session: FurtherSlots = {
    take: (taken) => {
      this.#waiting.add(taken);
      this.serve();
      return () => this.#waiting.delete(taken);
    },
  };
  readonly #node: NodeRoom = {
    isFree: () => this.room > 0,
    enter: () => {
      this.room--;
      return () => this.#leave();
    },
    lend: () => () => undefined,
    whenChanged: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  get waiting(): string {
    return `${this.#waiting.size} for a slot, ${this.#listeners.size} for room`;
  }

  take(): () => void {
    return slotsOn(this.#node, this.#session).take((slot) => this.taken.push(slot));
  }

  serve(): void {
    for (const one of [...this.#waiting]) {
      if (this.free === 0) return;
      this.free--;
      this.#waiting.delete(one);
      one({ give: () => this.give() });
    }
  }

  give(): void {
    this.free++;
    this.serve();
  }

  makeRoom(): void {
    this.#leave();
  }

  #leave(): void {
    this.room++;
    for (const listener of [...this.#listeners]) listener();
  }
}

test("one that is there is had at once, and given back as two", () => {
  const bench = new Bench();
  [bench.free, bench.room] = [1, 1];
  bench.take();
  expect([bench.taken.length, bench.free, bench.room]).toEqual([1, 0, 0]);
  bench.taken[0]?.give();
  expect([bench.free, bench.room, bench.waiting]).toEqual([1, 1, "0 for a slot, 0 for room"]);
});

test("who waits for room on the node holds no slot of the session", () => {
  const bench = new Bench();
  bench.free = 1;
  bench.take();
  expect([bench.free, bench.waiting]).toEqual([1, "0 for a slot, 1 for room"]);
  bench.makeRoom();
  expect([bench.taken.length, bench.waiting]).toEqual([1, "0 for a slot, 0 for room"]);
});

test("room that is gone when the slot comes is waited for anew, and the slot given back", () => {
  const bench = new Bench();
  bench.room = 1;
  bench.take();
  bench.room = 0;
  bench.give();
  expect([bench.taken.length, bench.free, bench.waiting]).toEqual([0, 1, "0 for a slot, 1 for room"]);
  bench.makeRoom();
  expect(bench.taken.length).toBe(1);
});

test("who stops waiting is not called, wherever he waits", () => {
  const bench = new Bench();
  const stopRoom = bench.take();
  stopRoom();
  bench.room = 1;
  const stopSlot = bench.take();
  stopSlot();
  bench.give();
  bench.makeRoom();
  expect([bench.taken.length, bench.waiting]).toEqual([0, "0 for a slot, 0 for room"]);
});
