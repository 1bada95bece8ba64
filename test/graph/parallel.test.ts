import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeBuild, makefile } from "../rig/fake-build.js";

test("jobs start in the order of prerequisites while there is room", () => {
  const build = new FakeBuild({ makefile: makefile("all: a b c d", "a b c d: ; true"), slots: 3, silent: true });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "b", "c"]);
  build.end("b");
  expect(build.runningTargets).toEqual(["a", "c", "d"]);
});

test("a recipe is expanded no sooner than it can start", () => {
  const text = makefile("all: a b", "a: ; true", "b: ; echo $(eval seen := yes)$(seen)");
  const build = new FakeBuild({ makefile: text, slots: 1, silent: true });
  build.begin(["all"]);
  expect(build.language.valueOf("seen", build.language.globalScope)).toBeUndefined();
});

test("a target starts once all it needs has ended, whatever ends first", () => {
  const text = makefile("all: x y", "x: a b ; true", "y: b c ; true", "a b c: ; true");
  const build = new FakeBuild({ makefile: text, slots: 8, silent: true });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "b", "c"]);
  build.end("c");
  build.end("b");
  expect(build.runningTargets).toEqual(["a", "y"]);
  build.end("a");
  expect(build.runningTargets).toEqual(["y", "x"]);
});

test("those that can go on do so in the order of the prerequisites", () => {
  const text = makefile("all: x y", "x: a ; true", "y: b ; true", "a b c: ; true");
  const build = new FakeBuild({ makefile: text, slots: 2, silent: true });
  build.begin(["all"]);
  build.end("b");
  build.end("a");
  expect(build.runningTargets).toEqual(["y", "x"]);
});

test(".WAIT holds back what stands behind it until what stands before it is done", () => {
  const build = new FakeBuild({ makefile: makefile("all: a b .WAIT c d", "a b c d: ; true"), slots: 8, silent: true });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "b"]);
  build.end("a");
  expect(build.runningTargets).toEqual(["b"]);
  build.end("b");
  expect(build.runningTargets).toEqual(["c", "d"]);
});

test(".NOTPARALLEL with prerequisites makes theirs one after the other", () => {
  const text = makefile("all: x y", "x: a b", "y: c d", "a b c d: ; true", ".NOTPARALLEL: x");
  const build = new FakeBuild({ makefile: text, slots: 8, silent: true });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a", "c", "d"]);
});

test(".NOTPARALLEL alone makes one target at a time", () => {
  const build = new FakeBuild({
    makefile: makefile("all: a b", "a b: ; true", ".NOTPARALLEL:"),
    slots: 8,
    silent: true,
  });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a"]);
});

test("the :: rules of a target run one after the other", () => {
  const build = new FakeBuild({ makefile: makefile("a:: ; echo 1", "a:: ; echo 2"), slots: 8, silent: true });
  build.begin(["a"]);
  expect(build.running).toHaveLength(1);
  build.end("a");
  build.end("a");
  expect(build.update.finished).toBe(true);
  expect(build.lines).toEqual(["1", "2"]);
});

test("grouped targets share one run, whoever asks for them", () => {
  const text = makefile("all: a b", "a b &: ; touch a b");
  const build = new FakeBuild({ makefile: text, slots: 8 });
  build.begin(["all"]);
  expect(build.runningTargets).toEqual(["a"]);
  build.end("a");
  expect(build.lines).toEqual(["touch a b"]);
});

/** Rules in which each target needs only later ones. */
const graphs = fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 20 });

test("in any order of ends, every target runs once and after all it needs", () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.nat(100)), (needs, slots, choices) => {
      const rules = needs.map((each, i) => {
        const names = each.map((step) => i + 1 + step).filter((to) => to < needs.length);
        return `t${i}: ${names.map((to) => `t${to}`).join(" ")} ; touch t${i}`;
      });
      const build = new FakeBuild({ makefile: makefile(...rules), slots, silent: true });
      build.begin(needs.map((_, i) => `t${i}`));
      const ended: string[] = [];
      while (!build.update.finished) {
        expect(build.running.length).toBeLessThanOrEqual(slots);
        const choice = Number(choices.next().value) % build.running.length;
        const target = build.runningTargets[choice] ?? "";
        build.end(target);
        ended.push(target);
      }
      expect([...ended].sort()).toEqual(needs.map((_, i) => `t${i}`).sort());
      for (const [i, each] of needs.entries()) {
        for (const step of each) {
          const to = i + 1 + step;
          if (to < needs.length) expect(ended.indexOf(`t${to}`)).toBeLessThan(ended.indexOf(`t${i}`));
        }
      }
    }),
    { numRuns: 150 },
  );
});
