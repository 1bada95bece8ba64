import { expect, test } from "vitest";
import { FakeBuild, made, makefile } from "../rig/fake-build.js";

test("-n prints what would run, silent lines too, and runs lines that start another make in their place", () => {
  const text = makefile("a: b", "\t@echo 1", "\t+@echo 2", "\t@echo 3", "b: ; touch b");
  const build = new FakeBuild({ makefile: text, justPrint: true });
  build.make("a");
  expect(build.lines).toEqual(["touch b", "echo 1", "echo 2", "2", "echo 3"]);
  expect(build.disk.files.size).toBe(0);
});

test("under -n a target counts as made, so that what needs it is printed", () => {
  const text = makefile("a: b ; touch a", "b: c ; touch b");
  expect(made({ makefile: text, justPrint: true, files: { a: 9, b: 1, c: 2 } }, "a")).toEqual(["touch b", "touch a"]);
});

test("-q stops at the first thing to be done, and runs nothing but other makes", () => {
  const text = makefile("all: a b", "a: ; +echo deeper", "b: ; touch b");
  const build = new FakeBuild({ makefile: text, question: true, silent: true });
  expect(build.make("all").status).toBe("question-not-up-to-date");
  expect(build.lines).toEqual(["deeper"]);
});

test("-q is content with what is up to date", () => {
  const build = new FakeBuild({ makefile: "a: b ; touch a\n", files: { a: 2, b: 1 }, question: true });
  expect(build.make("a").status).toBe("success");
  expect(build.lines).toEqual([]);
});

test("-t touches instead of running recipes, but neither phony targets nor those of other makes only", () => {
  const text = makefile("all: a b c", "a: ; echo a", "b: ; +echo b", "c: ; echo c", ".PHONY: c");
  const build = new FakeBuild({ makefile: text, touch: true });
  build.make("all");
  expect(build.lines).toEqual(["touch a", "echo b", "b"]);
  expect([...build.disk.files.keys()]).toEqual(["a"]);
});

test("-t keeps intermediate files", () => {
  const text = makefile("a: x.b ; true", "%.b: %.c ; true");
  const build = new FakeBuild({ makefile: text, touch: true, files: { "x.c": 1 } });
  build.make("a");
  expect(build.lines).toEqual(["touch x.b", "touch a"]);
});

test("-B remakes what is up to date, and $? names all", () => {
  expect(made({ makefile: "a: b ; echo $?\n", files: { a: 2, b: 1 }, alwaysMake: true, silent: true }, "a")).toEqual([
    "b",
  ]);
});

test("--trace says why each target is remade", () => {
  const text = makefile(".PHONY: all", "all: a b c ; @true", "a: s ; @true", "b: ; @true", "c:: ; @true");
  const trace = made({ makefile: text, files: { a: 1, s: 2, c: 1 }, debug: new Set(["print", "why"] as const) }, "all");
  expect(trace.filter((line) => line.includes("update"))).toEqual([
    "Makefile:3: update target 'a' due to: s",
    "Makefile:4: update target 'b' due to: target does not exist",
    "Makefile:5: update target 'c' due to: unknown reasons",
    "Makefile:2: update target 'all' due to: target is .PHONY",
  ]);
});

test("-L takes the time of a symbolic link when it is newer", () => {
  const run = (checkSymlinks: boolean): number => {
    const build = new FakeBuild({ makefile: "a: b ; touch a\n", files: { a: 2, b: 1 }, checkSymlinks });
    build.disk.links.set("b", 5_000_000_000n);
    build.begin(["a"]);
    return build.running.length;
  };
  expect([run(false), run(true)]).toEqual([0, 1]);
});

test("-i goes on over errors, - does for its line", () => {
  const text = makefile("a:", "\t-fail", "\techo on", "\tfail", "\techo never");
  expect(made({ makefile: text, silent: true }, "a")).toEqual(["on", "*** [Makefile:4: a] failed"]);
  expect(made({ makefile: text, silent: true, ignoreErrors: true }, "a")).toEqual(["on", "never"]);
});

test("reversed, prerequisites are made from the last to the first, but listed as written", () => {
  const text = makefile("all: a b c ; echo $^", "a b c: ; echo $@");
  expect(made({ makefile: text, silent: true, shuffle: { kind: "reverse" } }, "all")).toEqual(["c", "b", "a", "a b c"]);
});

test("one seed always gives one order", () => {
  const text = makefile("all: a b c d e f g ;", "a b c d e f g: ; echo $@");
  const run = (seed: number) => made({ makefile: text, silent: true, shuffle: { kind: "random", seed } }, "all");
  expect(run(7)).toEqual(run(7));
  expect([...run(7)].sort()).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
});
