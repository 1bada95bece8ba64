import { expect, test } from "vitest";
import { CoarseStamps } from "../../src/session/coarse-stamps.js";

function receipt(mtimeNs: bigint) {
  return { path: "a", stat: { sizeBytes: 1, mtimeNs, ino: 1n } };
}

const WHOLE = receipt(1_000_000_000_000_000_000n);
const FINE = receipt(1_000_000_000_000_000_001n);

test("with stamps of whole seconds the second of the last write is waited for", async () => {
  const stamps = new CoarseStamps();
  const beganMs = performance.now();
  stamps.wrote([WHOLE]);
  await stamps.passed();
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(1000);
});

test.each([
  ["nothing was written", []],
  ["what was to be written is not there", [{ path: "a", stat: undefined }]],
  ["stamps are finer, though one of them is whole", [WHOLE, FINE]],
])("nothing is waited for when %s", async (_, receipts) => {
  const stamps = new CoarseStamps();
  stamps.wrote(receipts);
  let hasPassed = false;
  void stamps.passed().then(() => (hasPassed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasPassed).toBe(true);
});
