import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { chooseNode, hasRoom, loadOf } from "../../src/placement/choose-node.js";
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
  ["a full node is passed over", [node("a", { running: 2, speed: 100 }), node("b", { otherLoad: 50 })], "b"],
  ["all are full", [node("a", { running: 2 })], undefined],
])("%s", (_, nodes, expected) => {
  expect(chooseNode(nodes)).toBe(expected);
});

test("a node short of memory takes no second job, but a first", () => {
  const limits = { minFreeMemoryBytes: 1000 };
  const short = { freeMemoryBytes: 999 };
  expect(chooseNode([node("a", { ...short, running: 1 }), node("b", { otherLoad: 9 })], limits)).toBe("b");
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

test("the choice has room, none with room is idler, and none before it is as idle", () => {
  fc.assert(
    fc.property(loads, (all) => {
      const nodes = all.map((load, i) => node(`n${String(i)}`, load));
      const chosen = nodes.find((candidate) => candidate.node === chooseNode(nodes));
      const open = nodes.filter((candidate) => hasRoom(candidate));
      const lowest = Math.min(...open.map(loadOf));
      expect(chosen).toBe(open.find((candidate) => loadOf(candidate) === lowest));
    }),
  );
});
