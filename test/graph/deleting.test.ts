import { expect, test } from "vitest";
import { FakeBuild, made, makefile } from "../rig/fake-build.js";

const CHAIN = makefile("all: x.a", "%.a: %.b ; touch $@", "%.b: %.c ; touch $@");

test("intermediate files are deleted at the end", () => {
  expect(made({ makefile: CHAIN, files: { "x.c": 1 } }, "all")).toEqual(["touch x.b", "touch x.a", "rm x.b"]);
});

test("several are named in one line, in the order of GNU make's table", () => {
  const text = makefile("all: a.z b.z c.z d.z e.z f.z", "%.z: %.q ; true", "%.q: ; touch $@");
  expect(made({ makefile: text, silent: false }, "all").at(-1)).toBe("rm c.q b.q d.q f.q e.q a.q");
});

test("a missing intermediate file forces nothing while what it is made from is old", () => {
  expect(made({ makefile: CHAIN, files: { "x.a": 2, "x.c": 1 } }, "all")).toEqual([
    "make: Nothing to be done for 'all'.",
  ]);
});

test("what stands behind a missing intermediate file being newer remakes all", () => {
  expect(made({ makefile: CHAIN, files: { "x.a": 1, "x.c": 2 } }, "all")).toEqual(["touch x.b", "touch x.a", "rm x.b"]);
});

test.each([
  ["a mentioned file", "other: x.b"],
  [".PRECIOUS patterns", ".PRECIOUS: %.b"],
  [".PRECIOUS names", ".PRECIOUS: x.b"],
  [".SECONDARY", ".SECONDARY: x.b"],
  [".SECONDARY alone", ".SECONDARY:"],
  [".NOTINTERMEDIATE", ".NOTINTERMEDIATE: %.b"],
])("%s: the file is kept", (_what, line) => {
  const build = new FakeBuild({ makefile: CHAIN + makefile(line), files: { "x.c": 1 } });
  build.make("all");
  expect(build.disk.files.has("x.b")).toBe(true);
});

test(".INTERMEDIATE makes a file of an explicit rule one", () => {
  const text = makefile("all: a ; true", "a: b ; touch a", "b: ; touch b", ".INTERMEDIATE: b");
  expect(made({ makefile: text }, "all")).toEqual(["touch b", "touch a", "true", "rm b"]);
});

test("a goal is kept, though others need it as an intermediate file", () => {
  const build = new FakeBuild({ makefile: CHAIN, files: { "x.c": 1 } });
  build.make("x.a", "x.b");
  expect(build.disk.files.has("x.b")).toBe(true);
});

test("with .DELETE_ON_ERROR a target that a failed recipe has changed is deleted, and its peers", () => {
  const text = makefile(".DELETE_ON_ERROR:", "a b &:", "\ttouch a b", "\tfail");
  const build = new FakeBuild({ makefile: text, silent: true });
  build.make("a");
  expect(build.lines).toEqual([
    "*** [Makefile:4: a] failed",
    "make: *** Deleting file 'a'",
    "make: *** [a] Deleting file 'b'",
  ]);
  expect(build.disk.files.size).toBe(0);
});

test("without it, and when nothing was written, the target stays", () => {
  const text = makefile("a:", "\ttouch a", "\tfail");
  const build = new FakeBuild({ makefile: text, silent: true });
  build.make("a");
  expect(build.disk.files.has("a")).toBe(true);
  const untouched = new FakeBuild({
    makefile: `.DELETE_ON_ERROR:\na: b ; fail\n`,
    files: { a: 1, b: 2 },
    silent: true,
  });
  untouched.make("a");
  expect(untouched.disk.files.has("a")).toBe(true);
});

test("a recipe that a signal ends loses its half-made target, unless precious", () => {
  const text = makefile("all: a b", "a:", "\ttouch a", "\tkilled", "b:", "\ttouch b", "\tkilled", ".PRECIOUS: b");
  const build = new FakeBuild({ makefile: text, silent: true, keepGoing: true });
  build.make("all");
  expect([...build.disk.files.keys()]).toEqual(["b"]);
});

test("an interrupt deletes what running jobs have written, youngest first, and starts nothing more", () => {
  const text = makefile("all: a b c", "a b c: ; killed");
  const build = new FakeBuild({ makefile: text, silent: true, slots: 2 });
  build.begin(["all"]);
  build.disk.write("a");
  build.disk.write("b");
  build.update.interrupt();
  expect(build.lines).toEqual(["make: *** Deleting file 'b'", "make: *** Deleting file 'a'"]);
  build.end("a");
  build.end("b");
  expect(build.update.finished).toBe(true);
  expect(build.update.outcome()).toMatchObject({ status: "failed", stopped: true });
});

test("after an interrupt intermediate files are named one by one", () => {
  const build = new FakeBuild({ makefile: makefile("all: x.a", "%.a: %.b ; killed", "%.b: ; touch $@"), silent: true });
  build.begin(["all"]);
  build.end("x.b");
  build.update.interrupt();
  build.end("x.a");
  expect(build.lines).toContain("make: *** Deleting intermediate file 'x.b'");
  expect(build.disk.files.has("x.b")).toBe(false);
});

test("a pattern rule's recipe that leaves out one of its targets is warned of", () => {
  const text = makefile("all: x.a", "%.a %.b: ; touch x.a");
  expect(made({ makefile: text, silent: true }, "all")).toEqual([
    "Makefile:2: warning: pattern recipe did not update peer target 'x.b'.",
  ]);
});
