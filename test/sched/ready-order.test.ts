import fc from "fast-check";
import { expect, test } from "vitest";
import { ReadyOrder } from "../../src/sched/ready-order.js";

function drain<T>(order: ReadyOrder<T>): T[] {
  const all: T[] = [];
  for (let next = order.dequeue(); next !== undefined; next = order.dequeue()) all.push(next);
  return all;
}

test("larger priority first, then the one submitted first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 })), (priorities) => {
      const order = new ReadyOrder<string>();
      const items = priorities.map((priority, i) => ({ priority, name: `${i}` }));
      for (const { priority, name } of items) order.enqueue(name, { priority });
      expect(order.size).toBe(items.length);
      const expected = [...items].sort((a, b) => b.priority - a.priority); // a stable sort
      expect(drain(order)).toEqual(expected.map(({ name }) => name));
    }),
  );
});

test("a waiting one can be moved, listed and taken out", () => {
  const order = new ReadyOrder<string>();
  for (const id of ["a", "b", "c", "d"]) order.enqueue(id, { id });
  order.setPriority("c", 5);
  order.remove("b");
  expect(order.filter({ priority: 0 })).toEqual(["a", "d"]);
  expect(drain(order)).toEqual(["c", "a", "d"]);
  expect(() => order.setPriority("x", 1)).toThrow(ReferenceError);
});
