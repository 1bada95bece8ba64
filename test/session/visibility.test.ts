import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Receipt } from "../../src/graph/job.js";
import { missingReceipt } from "../../src/session/visibility.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "visibility-test-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): Receipt {
  writeFileSync(join(directory, Buffer.from(name, "latin1").toString()), text);
  const { size, mtimeNs, ino } = statSync(join(directory, name), { bigint: true });
  return { path: name, stat: { sizeBytes: Number(size), mtimeNs, ino } };
}

test("files that are as certified are seen, and those certified as absent are not there", async () => {
  const receipts = [write("a", "text"), { path: "gone", stat: undefined }];
  expect(await missingReceipt(receipts, directory)).toBeUndefined();
});

test("a file that is newer than certified is seen: someone wrote it again", async () => {
  const receipt = write("a", "text");
  const older = { ...receipt, stat: { sizeBytes: 1, mtimeNs: (receipt.stat?.mtimeNs ?? 0n) - 1n, ino: 1n } };
  expect(await missingReceipt([older], directory)).toBeUndefined();
});

test("a file that appears while it is looked for is seen", async () => {
  const later = { path: "late", stat: { sizeBytes: 4, mtimeNs: 0n, ino: 1n } };
  const looking = missingReceipt([later], directory);
  write("late", "text");
  expect(await looking).toBeUndefined();
});

test("a file that never appears is named, with what was certified and what is here", async () => {
  const receipt = { path: "gone", stat: { sizeBytes: 4, mtimeNs: 1_000_000_000_000_000_000n, ino: 1n } };
  const pausesMs = [0, 1];
  expect(await missingReceipt([receipt], directory, pausesMs)).toBe(
    '"gone" is 4 bytes of 2001-09-09T01:46:40.000Z there and nothing here',
  );
});
