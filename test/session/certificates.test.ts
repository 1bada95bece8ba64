import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { invocationId, jobId, LOCAL_NODE } from "../../src/base/ids.js";
import { ReceiptLog } from "../../src/os/receipt-log.js";
import { receiptOf } from "../../src/os/receipt.js";
import type { Job, Receipt, Runner } from "../../src/sched/job.js";
import { Certificates } from "../../src/session/certificates.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mpmake-certificates-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const UPPER = invocationId(1);
const LOWER = invocationId(2);

function jobIn(invocation: typeof UPPER, recursive: boolean): Job {
  const line = { text: "x", silent: true, ignoreErrors: false, recursive, location: { file: "Makefile", line: 1 } };
  return {
    ...{ id: jobId(1), invocation, target: "x", writes: [], needs: [], lines: [line], oneShell: false },
    ...{ shell: "/bin/sh", shellFlags: "-c", environment: [], directory, local: recursive, noRetry: false },
  };
}

/** What a job of the upper make certifies whose line runs a make that reports by `report`. */
async function certified(isHere: boolean): Promise<readonly Receipt[]> {
  const certificates = new Certificates(new ReceiptLog(join(directory, "log")));
  certificates.reportsOf(LOWER);
  const result = { status: { kind: "exited", code: 0 }, node: LOCAL_NODE, startedMs: 0, endedMs: 0 } as const;
  const local: Runner = {
    node: LOCAL_NODE,
    run: () => {
      for (const name of ["made", "gone"]) writeFileSync(join(directory, name), name);
      certificates.issued([receiptOf("made", directory), receiptOf("gone", directory)], jobIn(LOWER, false));
      rmSync(join(directory, "gone"));
      certificates.report(LOWER, isHere);
      return Promise.resolve({ ...result, receipts: [] });
    },
  };
  const never = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  const { receipts } = await certificates.recording(local).run(jobIn(UPPER, true), () => undefined, never);
  return receipts;
}

test.each([
  ["in this process", true],
  ["in another one, which reads the session's file", false],
])("a job that ran a make certifies what that one's jobs wrote and left: %s", async (_title, isHere) => {
  const receipts = await certified(isHere);
  const { mtimeNs, ino } = statSync(join(directory, "made"), { bigint: true });
  expect(receipts).toEqual([{ path: join(directory, "made"), stat: { sizeBytes: 4, mtimeNs, ino } }]);
  expect(existsSync(join(directory, "log"))).toBe(!isHere);
});
