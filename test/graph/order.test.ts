/** The order among jobs that could all begin: by what is known of how long they take. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeBuild, makefile } from "../rig/fake-build.js";

test("of those that wait for a slot the one with the longest way to the end goes first", () => {
  const text = makefile("all: a b c e", "c: d ; true", "a b d e: ; true");
  const build = new FakeBuild({
    makefile: text,
    slots: 1 + 1,
    silent: true,
    tookMs: { a: 5, b: 5, c: 50, d: 1, e: 20 },
  });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "b"]);
  build.end("a");
  expect(build.runningTargets).toEqual(["b", "d"]);
  build.end("b");
  expect(build.runningTargets).toEqual(["d", "e"]);
  build.end("d");
  expect(build.runningTargets).toEqual(["e", "c"]);
});

test("what has just become possible waits behind what matters more", () => {
  const text = makefile("all: x y z", "x: a ; true", "a y z: ; true");
  const build = new FakeBuild({ makefile: text, slots: 2, silent: true, tookMs: { a: 1, x: 1, y: 5, z: 9 } });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "y"]);
  build.end("a");
  expect(build.runningTargets).toEqual(["y", "z"]);
});

test("equals go in the order of the makefile, and a recipe is expanded no sooner than it can start", () => {
  const text = makefile("all: a b c", "a: ; true", "b: ; echo $(eval seen := yes)$(seen)", "c: ; true");
  const build = new FakeBuild({ makefile: text, slots: 1 + 1, silent: true, tookMs: { c: 1 } });
  build.begin(["all"]);
  build.end("a");
  expect(build.runningTargets).toEqual(["b", "c"]);
  const held = new FakeBuild({ makefile: text, slots: 2, silent: true, tookMs: { a: 3, c: 2, b: 1 } });
  held.begin(["all", "a"]);
  expect(held.language.valueOf("seen", held.language.globalScope)).toBe("yes");
});

test("a recipe that waits is not expanded", () => {
  const text = makefile("all: a b c d", "a b d: ; true", "c: ; echo $(eval seen := yes)$(seen)");
  const build = new FakeBuild({ makefile: text, slots: 2, silent: true, tookMs: { d: 9, c: 1 } });
  build.begin(["all"]);
  build.end("a");
  expect(build.runningTargets).toEqual(["b", "d"]);
  expect(build.language.valueOf("seen", build.language.globalScope)).toBeUndefined();
});

test("what matters most is begun without room, where it waits in line with the jobs of other makes", () => {
  const text = makefile("all: a b c", "a b c: ; true");
  const build = new FakeBuild({ makefile: text, slots: 2, silent: true, tookMs: { c: 9 }, hasLine: true });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "b", "c"]);
});

test("what a failure finds waiting is not begun", () => {
  const text = makefile("all: a b c", "a: ; fail", "b c: ; true");
  const build = new FakeBuild({ makefile: text, slots: 1 + 1, silent: true, tookMs: { c: 1 } });
  build.begin(["all"]);
  build.end("a");
  build.end("b");
  expect([build.update.finished, build.update.outcome().status]).toEqual([true, "failed"]);
});

test("of targets that one recipe makes, none that waits is made a second time", () => {
  const text = makefile("all: p q r x", "r: ; true", "p q &: ; touch p q", "x: ; true");
  const build = new FakeBuild({ makefile: text, slots: 2, silent: true, tookMs: { x: 9, r: 8, p: 1, q: 1 } });
  build.make("all");
  expect(build.events.filter(({ type }) => type === "job-planned").length).toBe(3);
  expect(build.update.outcome().status).toBe("success");
});

test("whatever takes how long, every recipe runs once, behind all it needs", () => {
  const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 });
  const times = fc.array(fc.nat(9), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(edges, times, fc.integer({ min: 2, max: 4 }), fc.array(fc.nat(99)), (pairs, ms, slots, ends) => {
      const needs = Array.from({ length: 12 }, (_, i) =>
        pairs.filter(([from, to]) => from === i && to > i).map(([, to]) => `t${String(to)}`),
      );
      const rules = needs.map((names, i) => `t${String(i)}: ${names.join(" ")} ; true`);
      const tookMs = Object.fromEntries(ms.map((each, i) => [`t${String(i)}`, each]));
      const build = new FakeBuild({ makefile: makefile(...rules), slots, silent: true, tookMs });
      build.begin(["t0", "t1", "t2"]);
      const ended: string[] = [];
      for (let turn = 0; !build.update.finished; turn++) {
        const { runningTargets } = build;
        const target = runningTargets[(ends[turn] ?? 0) % runningTargets.length] ?? "nothing runs";
        for (const need of needs[Number(target.slice(1))] ?? []) expect(ended).toContain(need);
        ended.push(target);
        build.end(target);
      }
      expect(new Set(ended).size).toBe(ended.length);
      expect(ended).toEqual(expect.arrayContaining(["t0", "t1", "t2"]));
      expect(build.update.outcome().status).toBe("success");
    }),
  );
});
