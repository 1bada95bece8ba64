import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserError } from "../../src/base/user-error.js";
import { openHistory, saveHistory } from "../../src/session/history-file.js";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mpmake-history-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("two sessions at once both leave what they know", () => {
  const wish = { directory, path: "", isAskedFor: false };
  const [one, other] = [openHistory(wish), openHistory(wish)];
  if (one === undefined || other === undefined) throw new Error("there is no history");
  one.history.took("", "a", 1);
  other.history.took("", "b", 2);
  expect([saveHistory(one, wish), saveHistory(other, wish)]).toEqual([undefined, undefined]);
  expect(readFileSync(join(directory, ".mpmake/history"), "latin1")).toBe("mpmake history 1\n1\t\ta\n2\t\tb\n");
  expect(readdirSync(join(directory, ".mpmake")).sort()).toEqual([".gitignore", "history"]);
});

test("with nothing new nothing is written", () => {
  const wish = { directory, path: "", isAskedFor: false };
  const file = openHistory(wish);
  if (file === undefined) throw new Error("there is no history");
  saveHistory(file, wish);
  expect(readdirSync(directory)).toEqual([]);
});

test("what a session that was killed has left half-written is not read", () => {
  mkdirSync(join(directory, ".mpmake"));
  writeFileSync(join(directory, ".mpmake", ".history1-0-x"), "mpmake hi");
  writeFileSync(join(directory, ".mpmake", "history"), "mpmake history 1\n7\t\ta\n");
  expect(openHistory({ directory, path: "", isAskedFor: false })?.history.msOf("", "a")).toBe(7);
});

test("a file that cannot be had is an error for who has asked for it, and none otherwise", () => {
  writeFileSync(join(directory, ".mpmake"), "a file");
  const wish = { directory, path: "", isAskedFor: false };
  const file = openHistory(wish);
  file?.history.took("", "a", 1);
  if (file === undefined) throw new Error("there is no history");
  expect(saveHistory(file, wish)).toBeUndefined();
  expect(saveHistory(file, { ...wish, isAskedFor: true })).toBe(`--history: ${directory}/.mpmake/history: File exists`);
  mkdirSync(join(directory, "folder"));
  const folder = { directory, path: "folder", isAskedFor: true };
  expect(() => openHistory(folder)).toThrow(UserError);
  expect(openHistory({ ...folder, isAskedFor: false })).toBeUndefined();
  expect(existsSync(join(directory, "folder"))).toBe(true);
});
