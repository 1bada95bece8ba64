import { expect, test } from "vitest";
import { MachineLoadGate } from "../../src/os/load.js";

test("a job may always start when none runs, and others while fewer processes than the limit are busy", () => {
  let load = 9;
  const gate = new MachineLoadGate(3, () => load);
  expect([gate.allows(0), gate.allows(1)]).toEqual([true, false]);
  load = 2;
  expect(gate.allows(1)).toBe(true);
});

test("jobs that have just been started count, whether or not they are busy yet", () => {
  let now = 0;
  const gate = new MachineLoadGate(
    2,
    () => 0,
    () => now,
  );
  expect([gate.allows(0), gate.allows(1), gate.allows(2)]).toEqual([true, true, false]);
  // one of them has ended
  expect([gate.allows(1), gate.allows(2)]).toEqual([true, false]);
  now = 2000;
  expect([gate.allows(2), gate.allows(3), gate.allows(4)]).toEqual([true, true, false]);
});
