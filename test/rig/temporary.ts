/** A directory of its own for a test, gone when the test is over. */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** @returns its absolute path */
export function temporaryDirectory(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "mpmake-test-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
