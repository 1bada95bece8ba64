import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSentStore, type SentStore, type SentStoreOptions } from "../../src/os/sent-directory.js";

let directory: string;
let nowMs = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sent-test-"));
  nowMs = 1_000_000;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A file of someone else's, so many seconds old. */
async function writeAt(name: string, ageSeconds: number, text: string): Promise<void> {
  const path = join(directory, name);
  await writeFile(path, text);
  const at = new Date(Date.now() - 1000 * ageSeconds);
  await utimes(path, at, at);
}

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

/** Lets a session write what it knows, as it does twice a second while it is asked. */
async function written(store: SentStore): Promise<void> {
  nowMs += 500;
  store.byOthers("");
  await store.settled();
}

test("a session sees what another sent, not what it sent itself", async () => {
  const one = await open("one");
  one.sent("a:1");
  one.sent("a:1");
  await written(one);
  const two = await open("two");
  two.sent("a:1");
  expect([one.byOthers("a:1"), two.byOthers("b:1")]).toEqual([0, 0]);
  expect(two.byOthers("a:1")).toBeCloseTo(2, 0);
});

test("what others sent decays while nobody sends", async () => {
  const one = await open("one");
  one.sent("a:1");
  await written(one);
  const two = await open("two");
  const first = two.byOthers("a:1");
  await two.close();
  nowMs += 5_000;
  expect(two.byOthers("a:1")).toBeCloseTo(first / 2, 1);
});

test("what was sent is told soon, even by a session that then only waits", async () => {
  const store = await open("one");
  store.sent("a:1");
  nowMs += 500;
  const path = join(directory, "one.sent");
  while ((await readFile(path, "latin1")) === "mpmake sent 1\n") await nextTurn();
  expect(await readFile(path, "latin1")).toMatch(/^mpmake sent 1\n0\.93\d\d a:1\n$/);
  await store.close();
});

test("of jobs sent and ended only those count that have not", async () => {
  const one = await open("one");
  one.sent("a:1");
  one.sent("a:1");
  one.ended("a:1", nowMs);
  await written(one);
  expect(await readFile(join(directory, "one.sent"), "latin1")).toMatch(/^mpmake sent 1\n0\.9\d+ a:1\n$/);
});

test("a session that sent nothing takes its record away; others may read it until then, whatever the umask", async () => {
  const before = process.umask(0o077);
  try {
    const store = await open("one");
    expect((await stat(join(directory, "one.sent"))).mode & 0o777).toBe(0o644);
    await store.close();
    expect(await readdir(directory)).toEqual([]);
  } finally {
    process.umask(before);
  }
});

test("what a session left that was killed counts less and less, and is cleared away with what it had not finished", async () => {
  const text = "mpmake sent 1\n4.0000 a:1\n";
  await writeAt("killed.sent", 5, text);
  await writeAt("killed.sent.new", 5, text);
  const first = await open("one");
  expect(first.byOthers("a:1")).toBeCloseTo(2, 1);
  await writeAt("killed.sent", 61, text);
  await writeAt("killed.sent.new", 61, text);
  const second = await open("two");
  expect([second.byOthers("a:1"), (await readdir(directory)).sort()]).toEqual([0, ["one.sent", "two.sent"]]);
});

test("a record from the future does not count, and one from the far future is cleared away", async () => {
  await writeAt("soon.sent", -30, "mpmake sent 1\n4.0000 a:1\n");
  await writeAt("late.sent", -90, "mpmake sent 1\n4.0000 a:1\n");
  const store = await open("one");
  expect([store.byOthers("a:1"), (await readdir(directory)).sort()]).toEqual([0, ["one.sent", "soon.sent"]]);
});

test("twenty sessions that write and read at once: each comes to know what the others have sent", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `s${String(i)}`);
  const stores = await Promise.all(names.map((name) => open(name)));
  for (let round = 0; round < 5; round++) {
    for (const store of stores) store.sent("a:1");
    nowMs += 500;
    for (const store of stores) store.byOthers("a:1");
    await Promise.all(stores.map((store) => store.settled()));
  }
  nowMs += 500;
  for (const store of stores) store.byOthers("a:1");
  await Promise.all(stores.map((store) => store.settled()));
  const seen = stores.map((store) => store.byOthers("a:1"));
  // Five jobs each, of the last three seconds by the sessions' clock.
  for (const sum of seen) expect(sum / (19 * 5)).toBeGreaterThan(0.75);
  for (const sum of seen) expect(sum / (19 * 5)).toBeLessThan(0.95);
  expect(stores.map((store) => store.trouble).filter((trouble) => trouble !== undefined)).toEqual([]);
  await Promise.all(stores.map((store) => store.close()));
  expect((await readdir(directory)).sort()).toEqual(names.map((name) => `${name}.sent`).sort());
});

test("a record older than its life is cleared away, by the file system's time alone", async () => {
  const old = join(directory, "old.sent");
  await writeFile(old, "mpmake sent 1\n5.0000 a:1\n");
  const before = new Date(Date.now() - 61_000);
  await utimes(old, before, before);
  const store = await open("one");
  expect(store.byOthers("a:1")).toBe(0);
  expect(await readdir(directory)).toEqual(["one.sent"]);
});

test("what is no record is passed over", async () => {
  await writeFile(join(directory, "x.sent"), "garbage");
  await writeFile(join(directory, "long.sent"), `mpmake sent 1\n${"1.0000 a:1\n".repeat(10_000)}`);
  await symlink("/etc/passwd", join(directory, "link.sent"));
  await mkdir(join(directory, "dir.sent"));
  await writeFile(join(directory, "other"), "mpmake sent 1\n5.0000 a:1\n");
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
  await written(store);
  await store.close();
  expect(store.byOthers("a:1")).toBe(0);
  expect(store.trouble).toContain("ENOENT");
});
