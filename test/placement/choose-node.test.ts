import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { chooseNode } from "../../src/placement/choose-node.js";
import type { NodeLoad } from "../../src/placement/node-load.js";

function node(name: string, load: Partial<NodeLoad> = {}): NodeLoad {
  return { node: nodeId(name), slots: 2, speed: 1, running: 0, otherLoad: 0, recentlySent: 0, ...load };
}

test.each([
  ["no node", [], undefined],
  ["equal nodes: the one listed first", [node("a"), node("b")], "a"],
  ["the idler one", [node("a", { running: 1 }), node("b")], "b"],
  ["what others sent counts", [node("a", { recentlySent: 1 }), node("b")], "b"],
  ["load that is not ours counts", [node("a", { otherLoad: 0.5 }), node("b")], "b"],
  ["more slots bear more", [node("a", { running: 1 }), node("b", { running: 2, slots: 8 })], "b"],
  ["faster slots bear more", [node("a", { running: 1 }), node("b", { running: 1, speed: 2 })], "b"],
  ["a full node is passed over", [node("a", { running: 2, speed: 2 }), node("b", { otherLoad: 1 })], "b"],
  ["one that is not much slower is taken", [node("a", { slots: 8, running: 8, speed: 2 }), node("b")], "b"],
  [
    "a much slower one is not, while the fast ones do so much more",
    [node("a", { slots: 8, running: 8, speed: 3 }), node("b")],
    undefined,
  ],
  ["many slow ones are", [node("a", { slots: 8, running: 8, speed: 3 }), node("b", { slots: 12 })], "b"],
  ["the fastest of those that are idle", [node("a", { slots: 8 }), node("b", { speed: 2 })], "b"],
  [
    "a slower one that is idle, rather than a share of a faster",
    [node("a", { otherLoad: 3, speed: 1.5 }), node("b")],
    "b",
  ],
  ["a share of a fast one, rather than a slow one", [node("a", { otherLoad: 2, speed: 4 }), node("b")], "a"],
  ["all are full", [node("a", { running: 2 })], undefined],
])("%s", (_, nodes, expected) => {
  expect(chooseNode(nodes)).toBe(expected);
});

test("a node short of memory takes no second job, but a first", () => {
  const limits = { minFreeMemoryBytes: 1000 };
  const short = { freeMemoryBytes: 999 };
  expect(chooseNode([node("a", { ...short, running: 1 }), node("b", { otherLoad: 2 })], limits)).toBe("b");
  expect(chooseNode([node("a", { ...short, running: 1 })], limits)).toBeUndefined();
  expect(chooseNode([node("a", short)], limits)).toBe("a");
});

const loads = fc.array(
  fc.record({
    slots: fc.integer({ min: 1, max: 16 }),
    speed: fc.constantFrom(0.5, 1, 2),
    running: fc.integer({ min: 0, max: 16 }),
    otherLoad: fc.constantFrom(0, 0.5, 3),
    recentlySent: fc.constantFrom(0, 1, 2.5),
  }),
  { maxLength: 8 },
);

const hasRoom = ({ running, slots }: NodeLoad): boolean => running < slots;
const paceOf = ({ speed, slots, running, otherLoad, recentlySent }: NodeLoad): number =>
  speed * Math.min(1, slots / (running + recentlySent + otherLoad + 1));

test("the choice has room, and none with room is faster; nobody waits where nothing runs", () => {
  fc.assert(
    fc.property(loads, (all) => {
      const nodes = all.map((load, i) => node(`n${String(i)}`, load));
      const chosen = nodes.find((candidate) => candidate.node === chooseNode(nodes));
      const open = nodes.filter(hasRoom);
      const isIdle = nodes.every(({ running }) => running === 0);
      if (chosen === undefined) expect(open.length === 0 || !isIdle).toBe(true);
      else expect([open.includes(chosen), paceOf(chosen)]).toEqual([true, Math.max(...open.map(paceOf))]);
    }),
  );
});

test("equal nodes without other load fill evenly, in the order listed", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), (count, slots) => {
      let nodes = Array.from({ length: count }, (_, i) => node(`n${String(i)}`, { slots }));
      const order: (string | undefined)[] = [];
      for (let job = 0; job <= count * slots; job++) {
        const chosen = chooseNode(nodes);
        order.push(chosen);
        nodes = nodes.map((each) => (each.node === chosen ? { ...each, running: each.running + 1 } : each));
      }
      const expected = Array.from({ length: count * slots }, (_, job) => `n${String(job % count)}`);
      expect(order).toEqual([...expected, undefined]);
    }),
  );
});
