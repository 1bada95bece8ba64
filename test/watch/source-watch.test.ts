import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import { keepMaking } from "../../src/session/watching.js";
import { SourceWatch } from "../../src/watch/source-watch.js";

let directory: string;
const file = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mpmake-watch-"));
  writeFileSync(file("a"), "1");
  writeFileSync(file("b"), "1");
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("a source that is replaced, removed or made again is told of; a file that is followed no more is not", async () => {
  await using watch = new SourceWatch();
  await watch.follow([file("a"), file("b")], Date.now());
  await watch.follow([file("a")], Date.now());
  writeFileSync(file("b"), "2");
  writeFileSync(file("new"), "2");
  renameSync(file("new"), file("a"));
  expect(await watch.changes()).toEqual([file("a")]);
  rmSync(file("a"));
  expect(await watch.changes()).toEqual([file("a")]);
  writeFileSync(file("a"), "3");
  expect(await watch.changes()).toEqual([file("a")]);
});

test("--watch runs again for a change, keeps watching what a broken run no longer names, and ends when cancelled", async () => {
  const cancel = new Canceller();
  const said: string[] = [];
  let runs = 0;
  const outcome = await keepMaking({
    run: () => {
      runs++;
      return Promise.resolve({
        outcome: { kind: "exited", code: runs },
        sources: runs === 2 ? [] : [file("a"), file("b")],
      });
    },
    say: (text) => {
      said.push(text);
      writeFileSync(file(runs === 1 ? "a" : "b"), "changed");
      if (runs === 3) cancel.abort();
    },
    cancel,
    nowMs: () => Date.now(),
  });
  expect({ outcome, said }).toEqual({
    outcome: { kind: "exited", code: 3 },
    said: ["watching 2 files", "watching 2 files", "watching 2 files"],
  });
});
