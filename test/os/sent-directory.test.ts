import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSentStore, type SentStore, type SentStoreOptions } from "../../src/os/sent-directory.js";

let directory: string;
let nowMs = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sent-test-"));
  nowMs = 1_000_000;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function open(session: string, more: Partial<SentStoreOptions> = { sentDirectory: directory }): Promise<SentStore> {
  return openSentStore({
    temporaryDirectory: directory,
    commonDirectory: join(directory, "no-such"),
    userId: process.getuid?.() ?? 0,
    session,
    nowMs: () => nowMs,
    ...more,
  });
}

test("a session sees what another sent, not what it sent itself", async () => {
  const one = await open("one");
  one.sent("a:1");
  one.sent("a:1");
  await one.close();
  const two = await open("two");
  two.sent("a:1");
  expect([one.byOthers("a:1"), two.byOthers("b:1")]).toEqual([0, 0]);
  expect(two.byOthers("a:1")).toBeCloseTo(2, 0);
});

test("what others sent decays while nobody sends", async () => {
  const one = await open("one");
  one.sent("a:1");
  await one.close();
  const two = await open("two");
  const first = two.byOthers("a:1");
  await two.close();
  nowMs += 5_000;
  expect(two.byOthers("a:1")).toBeCloseTo(first / 2, 1);
});

test("a record older than its life is cleared away, by the file system's time alone", async () => {
  const old = join(directory, "old.sent");
  await writeFile(old, "mpmake sent 1\n5.00 a:1\n");
  const before = new Date(Date.now() - 61_000);
  await utimes(old, before, before);
  const store = await open("one");
  expect(store.byOthers("a:1")).toBe(0);
  expect(await readdir(directory)).toEqual(["one.sent"]);
});

test("what is no record is passed over", async () => {
  await writeFile(join(directory, "x.sent"), "garbage");
  await writeFile(join(directory, "long.sent"), `mpmake sent 1\n${"1.00 a:1\n".repeat(10_000)}`);
  await symlink("/etc/passwd", join(directory, "link.sent"));
  await mkdir(join(directory, "dir.sent"));
  await writeFile(join(directory, "other"), "mpmake sent 1\n5.00 a:1\n");
  const store = await open("one");
  expect([store.byOthers("a:1"), store.trouble]).toEqual([0, undefined]);
});

test("without SENTDIR the user's own directory is used", async () => {
  const store = await open("one", { runtimeDirectory: directory });
  expect(store.directory).toBe(join(directory, "mpmake-sent"));
});

test("a directory that belongs to someone else is not used, and nothing fails", async () => {
  await mkdir(join(directory, "mpmake-sent-12345"));
  const store = await open("one", { userId: 12345 });
  store.sent("a:1");
  await store.close();
  expect([store.directory, store.byOthers("a:1")]).toEqual([undefined, 0]);
  expect(store.trouble).toContain("no-such");
});

test("a directory that goes away leaves a session that counts alone", async () => {
  const store = await open("one");
  await rm(directory, { recursive: true });
  store.sent("a:1");
  await store.close();
  expect(store.byOthers("a:1")).toBe(0);
  expect(store.trouble).toContain("ENOENT");
});
