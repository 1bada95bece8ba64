import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ToldList } from "../../src/os/told-list.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "down-test-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("what one make of a session adds, a later one knows; another session does not", () => {
  new ToldList(directory, "s1", ".down").add("a:1");
  new ToldList(directory, "s1", ".down").add("[::1]:2");
  const [same, other] = [new ToldList(directory, "s1", ".down"), new ToldList(directory, "s2", ".down")];
  expect([same.has("a:1"), same.has("[::1]:2"), other.has("a:1")]).toEqual([true, true, false]);
  same.remove();
  expect(readdirSync(directory)).toEqual([]);
});

test("a list that a session could not put away is cleared after a day", () => {
  writeFileSync(join(directory, "old.down"), "a:1\n");
  utimesSync(join(directory, "old.down"), 1, 1);
  writeFileSync(join(directory, "new.down"), "a:1\n");
  new ToldList(directory, "s1", ".down").add("a:1");
  expect(readdirSync(directory).sort()).toEqual(["new.down", "s1.down"]);
});

test("without a directory, or one that is gone, it works alone", () => {
  for (const list of [new ToldList(undefined, "s1", ".down"), new ToldList(join(directory, "gone"), "s1", ".down")]) {
    list.add("a:1");
    expect(list.has("a:1")).toBe(true);
    list.remove();
  }
});

test("what is taken back is so for later makes; the first of those that know it is told so", () => {
  const [one, two] = [new ToldList(directory, "s1", ".down"), new ToldList(directory, "s1", ".down")];
  one.add("a:1");
  const three = new ToldList(directory, "s1", ".down");
  expect([two.takeBack("a:1"), three.takeBack("a:1"), one.takeBack("a:1")]).toEqual([true, false, false]);
  expect([three.has("a:1"), new ToldList(directory, "s1", ".down").has("a:1")]).toEqual([false, false]);
  one.add("a:1");
  expect(new ToldList(directory, "s1", ".down").has("a:1")).toBe(true);
  const alone = new ToldList(undefined, "s1", ".down");
  alone.add("a:1");
  expect([alone.takeBack("a:1"), alone.takeBack("a:1")]).toEqual([true, false]);
});
