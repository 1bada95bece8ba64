import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Canceller } from "../../src/base/abort.js";
import type { CertifiedFile } from "../../src/os/certified-file.js";
import { firstUnseen } from "../../src/os/visibility.js";
import { CachedMounts, needsCachedMounts } from "../rig/cached-mounts.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "visibility-test-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string, where = directory): CertifiedFile {
  writeFileSync(join(where, name), text);
  return certificate(name, where);
}

function certificate(name: string, where: string): CertifiedFile {
  const { size, mtimeNs } = statSync(join(where, name), { bigint: true });
  return { path: name, stat: { sizeBytes: Number(size), mtimeNs } };
}

const ABSENT: CertifiedFile = { path: "gone", stat: { sizeBytes: 4, mtimeNs: 1_000_000_000_000_000_000n } };

test("files that are as certified are seen; what was certified as absent is not looked for", async () => {
  const files = [write("a", "text"), { path: "gone", stat: undefined }];
  expect(await firstUnseen(files, directory)).toBeUndefined();
});

test("a file that is newer than certified is seen: someone wrote it again", async () => {
  const { stat } = write("a", "text");
  const older = { path: "a", stat: { sizeBytes: 1, mtimeNs: (stat?.mtimeNs ?? 0n) - 1n } };
  expect(await firstUnseen([older], directory)).toBeUndefined();
});

test("a file that appears while it is looked for is seen", async () => {
  const looking = firstUnseen([{ path: "late", stat: { sizeBytes: 4, mtimeNs: 0n } }], directory);
  write("late", "text");
  expect(await looking).toBeUndefined();
});

test("a file that is certainly not there is named, with what was certified and what is here; nothing is left behind", async () => {
  const inside = { ...ABSENT, path: "new/folder/gone" };
  for (const file of [ABSENT, inside]) {
    const unseen = await firstUnseen([write("a", "text"), file], directory);
    expect(unseen?.file).toBe(file);
    expect(unseen?.text).toContain(`"${file.path}" is 4 bytes of 2001-09-09T01:46:40.000Z there and nothing here (`);
  }
  expect(readdirSync(directory)).toEqual(["a"]);
});

test("a file that stays older than certified is named when the time is over", async () => {
  const { stat } = write("a", "text");
  const newer = { path: "a", stat: { sizeBytes: 4, mtimeNs: (stat?.mtimeNs ?? 0n) + 1n } };
  expect((await firstUnseen([newer], directory, { windowMs: 20 }))?.text).toMatch(/^"a" is 4 bytes of .* here \(/);
});

test("looking ends when it is cancelled", async () => {
  const cancel = new Canceller();
  const { stat } = write("a", "text");
  const newer = { path: "a", stat: { sizeBytes: 4, mtimeNs: (stat?.mtimeNs ?? 0n) + 1n } };
  const looking = firstUnseen([newer], directory, { cancel });
  cancel.abort();
  expect(await looking).toBeDefined();
});

describe("where another machine's file system remembers", () => {
  test("files and folders that are gone", async (context) => {
    needsCachedMounts(context);
    using mounts = new CachedMounts(directory);
    const { one, other } = mounts;
    write("file", "old", one);
    mkdirSync(join(one, "folder"));
    for (const name of ["file", "folder"]) expect(existsSync(join(other, name))).toBe(true);
    expect(readFileSync(join(other, "file"), "utf8")).toBe("old");
    rmSync(join(one, "file"));
    rmSync(join(one, "folder"), { recursive: true });
    // What the test is about: without looking anew, both are still there
    for (const name of ["file", "folder"]) expect(existsSync(join(other, name))).toBe(true);

    const gone = ["file", "folder"].map((path) => ({ path, stat: undefined }));
    expect(await firstUnseen(gone, other)).toBeUndefined();
    for (const name of ["file", "folder"]) expect(existsSync(join(other, name))).toBe(false);
    write("file", "new", other);
  });

  test("names that were not there, attributes that have passed, folders that are new", async (context) => {
    needsCachedMounts(context);
    using mounts = new CachedMounts(directory);
    const { one, other } = mounts;
    write("rewritten", "old", one);
    write("replaced", "old", one);
    for (const name of ["missing", "folder"]) expect(existsSync(join(other, name))).toBe(false);
    for (const name of ["rewritten", "replaced"]) expect(statSync(join(other, name)).size).toBe(3);

    mkdirSync(join(one, "folder"));
    write("temporary", "new text", one);
    renameSync(join(one, "temporary"), join(one, "replaced"));
    const files = [
      write("missing", "text", one),
      write("folder/new", "text", one),
      write("rewritten", "new text", one),
      certificate("replaced", one),
    ];
    // What the test is about: without looking anew, none of it is seen
    expect(existsSync(join(other, "missing"))).toBe(false);
    expect(statSync(join(other, "rewritten")).size).toBe(3);

    expect(await firstUnseen(files, other)).toBeUndefined();
    expect(readFileSync(join(other, "folder/new"), "utf8")).toBe("text");
    expect(readFileSync(join(other, "rewritten"), "utf8")).toBe("new text");
    expect(readFileSync(join(other, "replaced"), "utf8")).toBe("new text");
  });
});
