import { expect, test } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { chooseNode } from "../../src/placement/choose-node.js";
import { NodeLedger } from "../../src/placement/node-ledger.js";

const a = nodeId("a");
const b = nodeId("b");
const none = () => 0;

function ledgerOfTwo(): NodeLedger {
  const ledger = new NodeLedger();
  ledger.join({ node: b, rank: 1, slots: 4, speed: 1 }, 0);
  ledger.join({ node: a, rank: 0, slots: 2, speed: 2 }, 0);
  return ledger;
}

test("nodes keep the user's order, whoever joined first", () => {
  expect(ledgerOfTwo().loads(0, none)).toEqual([
    { node: a, slots: 2, speed: 2, running: 0, otherLoad: 0, recentlySent: 0 },
    { node: b, slots: 4, speed: 1, running: 0, otherLoad: 0, recentlySent: 0 },
  ]);
});

test("jobs count while they run", () => {
  const ledger = ledgerOfTwo();
  ledger.placed(a, 0);
  ledger.placed(a, 0);
  ledger.ended(a, { succeeded: true, startedMs: 0, endedMs: 10 });
  expect(ledger.loads(10, none).map((load) => load.running)).toEqual([1, 0]);
});

test("what is no job takes a slot while it is there, and teaches nothing of how long jobs take", () => {
  const ledger = ledgerOfTwo();
  ledger.placed(a, 0);
  expect(ledger.hasRoom(a)).toBe(true);
  ledger.placed(a, 0);
  expect(ledger.hasRoom(a)).toBe(false);
  ledger.left(a, 1000);
  expect([ledger.hasRoom(a), ledger.hasRoom(nodeId("c")), ledger.typicalMs]).toEqual([true, false, 0]);
});

test("what a node reports beyond our own long work is other load", () => {
  const ledger = ledgerOfTwo();
  ledger.placed(b, 0);
  ledger.reported(b, { loadAverage: 3, freeMemoryBytes: 7 }, 600_000);
  const [, load] = ledger.loads(600_000, (node) => (node === b ? 0.5 : 0));
  expect(load).toMatchObject({ running: 1, recentlySent: 0.5, freeMemoryBytes: 7 });
  expect(load?.otherLoad).toBeCloseTo(2, 3);
});

test("jobs of other sessions count at once, before the load average shows them", () => {
  const ledger = ledgerOfTwo();
  ledger.placed(b, 0);
  ledger.reported(b, { loadAverage: 0, running: 4 }, 0);
  expect(ledger.loads(0, none)[1]?.otherLoad).toBe(3);
});

test("what others sent counts once, however we know of it", () => {
  const ledger = ledgerOfTwo();
  const sent = (node: string): number => (node === b ? 3 : 0);
  expect(ledger.loads(0, sent)[1]).toMatchObject({ otherLoad: 0, recentlySent: 3 });
  ledger.reported(b, { loadAverage: 0, running: 2 }, 0);
  expect(ledger.loads(0, sent)[1]).toMatchObject({ otherLoad: 2, recentlySent: 1 });
  ledger.reported(b, { loadAverage: 0, running: 4 }, 0);
  expect(ledger.loads(0, sent)[1]).toMatchObject({ otherLoad: 4, recentlySent: 0 });
});

test("what a node tells late is compared with what was ours then", () => {
  const ledger = ledgerOfTwo();
  for (let i = 0; i < 3; i++) ledger.placed(b, 1000);
  for (let i = 0; i < 3; i++) ledger.ended(b, { succeeded: true, startedMs: 1000, endedMs: 3000 });
  ledger.placed(b, 4000);
  ledger.reported(b, { loadAverage: 0, running: 5, takenMs: 2000 }, 10_000);
  expect(ledger.loads(10_000, none)[1]).toMatchObject({ running: 1, otherLoad: 2 });
  ledger.reported(b, { loadAverage: 0, running: 5, takenMs: 5000 }, 10_000);
  expect(ledger.loads(10_000, none)[1]?.otherLoad).toBe(4);
});

test("after a clock has gone back, what is ours now counts", () => {
  const ledger = new NodeLedger();
  ledger.join({ node: b, rank: 0, slots: 4, speed: 1 }, 3_600_000);
  ledger.placed(b, 3_600_000);
  ledger.placed(b, 0);
  ledger.reported(b, { loadAverage: 0, running: 5 }, 0);
  expect(ledger.loads(0, none)[0]?.otherLoad).toBe(3);
});

test("other load stays what it was when it was reported, whatever we send meanwhile", () => {
  const ledger = ledgerOfTwo();
  ledger.reported(b, { loadAverage: 2 }, 0);
  for (let i = 0; i < 4; i++) ledger.placed(b, 0);
  expect(ledger.loads(60_000, none)[1]?.otherLoad).toBe(2);
});

test("a load average that has not seen our burst yet is not called negative", () => {
  const ledger = ledgerOfTwo();
  for (let i = 0; i < 4; i++) ledger.placed(b, 0);
  ledger.reported(b, { loadAverage: 0 }, 30_000);
  expect(ledger.loads(30_000, none)[1]?.otherLoad).toBe(0);
});

test("a node where jobs fail at once does not draw the next ones, until their usual time is over", () => {
  const ledger = new NodeLedger();
  ledger.join({ node: a, rank: 0, slots: 4, speed: 1 }, 0);
  ledger.join({ node: b, rank: 1, slots: 4, speed: 1 }, 0);
  ledger.placed(b, 0);
  ledger.ended(b, { succeeded: true, startedMs: 0, endedMs: 1000 });
  ledger.placed(a, 1000);
  ledger.ended(a, { succeeded: false, startedMs: 1000, endedMs: 1005 });
  expect(chooseNode(ledger.loads(1006, none))).toBe(b);
  expect(chooseNode(ledger.loads(2000, none))).toBe(a);
});

test("a job that failed at once is forgotten too when the clock is put back for years", () => {
  const ledger = ledgerOfTwo();
  const now = 1e12;
  ledger.placed(a, now);
  ledger.ended(a, { succeeded: true, startedMs: now, endedMs: now + 1000 });
  ledger.placed(a, now + 1000);
  ledger.ended(a, { succeeded: false, startedMs: now + 1000, endedMs: now + 1005 });
  const sentAt = (at: number) => ledger.loads(at, none).map(({ recentlySent }) => recentlySent);
  expect([sentAt(now + 1006), sentAt(now - 20 * 365 * 86_400_000)]).toEqual([
    [1, 0],
    [0, 0],
  ]);
});

test("a job that failed after its usual time weighs nothing", () => {
  const ledger = ledgerOfTwo();
  ledger.placed(b, 0);
  ledger.ended(b, { succeeded: true, startedMs: 0, endedMs: 100 });
  ledger.placed(a, 100);
  ledger.ended(a, { succeeded: false, startedMs: 100, endedMs: 300 });
  expect(chooseNode(ledger.loads(300, none))).toBe(a);
});

test("a node that left is not asked", () => {
  const ledger = ledgerOfTwo();
  ledger.leave(a);
  ledger.placed(a, 0);
  expect(ledger.loads(0, none).map((load) => load.node)).toEqual([b]);
});
