import { expect, test } from "vitest";
import { FakeBuild, made, makefile } from "../rig/fake-build.js";

test("prerequisites are made before their target, depth first, each once", () => {
  const text = makefile("a: b c ; echo a", "b: d ; echo b", "c: d ; echo c", "d: ; echo d");
  expect(made({ makefile: text, silent: true }, "a")).toEqual(["d", "b", "c", "a"]);
});

test("a target that is newer than its prerequisites is up to date", () => {
  expect(made({ makefile: "a: b ; touch a\n", files: { a: 2, b: 1 } }, "a")).toEqual(["make: 'a' is up to date."]);
});

test("a prerequisite of the same age makes nothing out of date", () => {
  expect(made({ makefile: "a: b ; touch a\n", files: { a: 2, b: 2 } }, "a")).toEqual(["make: 'a' is up to date."]);
});

test("a newer prerequisite remakes its target", () => {
  expect(made({ makefile: "a: b ; touch a\n", files: { a: 1, b: 2 } }, "a")).toEqual(["touch a"]);
});

test("a newer order-only prerequisite does not remake its target, a missing one is made", () => {
  const text = makefile("a: | dir old", "\ttouch a", "dir: ; touch dir");
  expect(made({ makefile: text, files: { a: 1, old: 5 } }, "a")).toEqual(["touch dir"]);
});

test("a phony prerequisite forces its target, though a file of its name is older", () => {
  const text = makefile(".PHONY: always", "a: always ; touch a", "always:");
  expect(made({ makefile: text, files: { a: 5, always: 1 } }, "a")).toEqual(["touch a"]);
});

test("a recipe that leaves its target as it was remakes nothing that depends on it", () => {
  const text = makefile("a: b ; touch a", "b: c ; true");
  expect(made({ makefile: text, files: { a: 3, b: 1, c: 2 }, silent: true }, "a")).toEqual([]);
});

test("a target without recipe that does not exist counts as made, and forces what needs it", () => {
  expect(made({ makefile: "a: force ; touch a\nforce:\n", files: { a: 9 } }, "a")).toEqual(["touch a"]);
});

test("nothing to be done is said of a goal without a recipe, up to date of one with", () => {
  const text = makefile("all: a", "a: ; touch a");
  expect(made({ makefile: text, files: { a: 1 } }, "all", "a")).toEqual([
    "make: Nothing to be done for 'all'.",
    "make: 'a' is up to date.",
  ]);
});

test("a prerequisite that nobody can make ends the build and names who needs it", () => {
  const build = new FakeBuild({ makefile: "a: b ; touch a\nb: c ; touch b\n" });
  expect(build.make("a")).toMatchObject({ status: "failed", stopped: true });
  expect(build.lines).toEqual(["make: *** No rule to make target 'c', needed by 'b'.  Stop."]);
});

test("with -k the rest is made, and the goal that cannot be is named", () => {
  const text = makefile("all: a b c ; echo all", "a: none ; touch a", "b: ; fail", "c: ; echo c");
  expect(made({ makefile: text, keepGoing: true, silent: true }, "all")).toEqual([
    "make: *** No rule to make target 'none', needed by 'a'.",
    "*** [Makefile:3: b] failed",
    "c",
    "make: Target 'all' not remade because of errors.",
  ]);
});

test("a failed recipe ends the build", () => {
  const text = makefile("all: a b", "a: ; fail", "b: ; echo b");
  const build = new FakeBuild({ makefile: text, silent: true });
  expect(build.make("all").status).toBe("failed");
  expect(build.lines).toEqual(["*** [Makefile:2: a] failed"]);
});

test("after a failure running jobs are waited for and nothing is started", () => {
  const text = makefile("all: a b c", "a: ; fail", "b: ; echo b", "c: ; echo c");
  const build = new FakeBuild({ makefile: text, silent: true, slots: 2 });
  build.begin(["all"]);
  build.end("a");
  expect(build.update.finished).toBe(false);
  build.end("b");
  expect(build.update.finished).toBe(true);
  expect(build.lines).toEqual(["*** [Makefile:2: a] failed", "make: *** Waiting for unfinished jobs....", "b"]);
});

test("a circle is dropped where it closes", () => {
  const text = makefile("a: b ; echo a $^", "b: c ; echo b $^", "c: a d ; echo c $^", "d: ; echo d");
  expect(made({ makefile: text, silent: true }, "a")).toEqual([
    "make: Circular c <- a dependency dropped.",
    "d",
    "c d",
    "b c",
    "a b",
  ]);
});

test("a circle through a target that was waiting is found too", () => {
  const text = makefile("a: b", "b: x .WAIT c", "c: d", "d: a ; echo d", "x: ; echo x");
  const build = new FakeBuild({ makefile: text, silent: true, slots: 4 });
  expect(build.make("a").status).toBe("success");
  expect(build.lines).toEqual(["x", "make: Circular d <- a dependency dropped.", "d"]);
});

test("a target is not its own prerequisite, whichever of its :: rules says so", () => {
  const text = makefile("d:: ; echo one", "d:: d ; echo two");
  expect(made({ makefile: text, silent: true }, "d")).toEqual([
    "one",
    "make: Circular d <- d dependency dropped.",
    "two",
  ]);
});

test("a chain of ten thousand targets needs no stack", () => {
  const count = 10_000;
  const rules = Array.from({ length: count }, (_, i) => `t${i}: t${i + 1} ; touch t${i}`);
  const build = new FakeBuild({ makefile: makefile(...rules, `t${count}: ; touch t${count}`), silent: true });
  expect(build.make("t0").status).toBe("success");
  expect(build.disk.files.size).toBe(count + 1);
});

test("a null build asks the disk a constant number of times for each target", () => {
  const questions = (count: number): number => {
    const names = Array.from({ length: count }, (_, i) => `t${i}`);
    const files = Object.fromEntries(
      names.flatMap((name) => [
        [name, 2],
        [`${name}.c`, 1],
      ]),
    );
    const rules = names.map((name) => `${name}: ${name}.c ; touch ${name}`);
    const build = new FakeBuild({ makefile: makefile(`all: ${names.join(" ")}`, ...rules), files });
    build.make("all");
    return build.disk.questions;
  };
  expect(questions(2000)).toBeLessThanOrEqual(2 * questions(1000));
});

test("the end of a job costs no walk over what is still waiting", () => {
  const count = 2000;
  const names = Array.from({ length: count }, (_, i) => `t${i}`);
  const rules = names.map((name) => `${name}: ; true`);
  const build = new FakeBuild({
    makefile: makefile(`all: ${names.join(" ")}`, ...rules),
    slots: Infinity,
    silent: true,
  });
  build.begin(["all"]);
  const before = build.disk.questions;
  build.endOldest();
  expect(build.disk.questions - before).toBeLessThan(10);
});

test("what is done in one round of goals stays done in the next", () => {
  const build = new FakeBuild({ makefile: "inc: ; touch inc\nall: inc ; echo all\n", silent: true });
  build.begin(["inc"], { makefiles: true });
  build.endOldest();
  expect(build.update.outcome().goals).toEqual([{ name: "inc", status: "success", changed: true, exists: true }]);
  build.make("all");
  expect(build.lines).toEqual(["all"]);
});

test("makefiles are made for real under -n", () => {
  const build = new FakeBuild({ makefile: "inc: ; touch inc\n", justPrint: true, silent: true });
  build.begin(["inc"], { makefiles: true });
  expect(build.runningTargets).toEqual(["inc"]);
});

test("a makefile nobody cares for fails in silence, until somebody does", () => {
  const build = new FakeBuild({ makefile: "inc: gone ; touch inc\nall: inc\n" });
  build.update.begin([{ name: "inc", dontCare: true }], { makefiles: true });
  build.update.advance();
  expect(build.update.outcome()).toMatchObject({ stopped: false, goals: [{ status: "failed" }] });
  expect(build.lines).toEqual([]);
  expect(build.make("all").status).toBe("failed");
  expect(build.lines).toEqual(["make: *** No rule to make target 'gone', needed by 'inc'.  Stop."]);
});

test("an error in a recipe's expansion is said once, with its place, and ends the build", () => {
  const build = new FakeBuild({ makefile: "a: b ; echo $(error no luck)\nb: ; echo b\n", silent: true });
  expect(build.make("a").status).toBe("failed");
  expect(build.lines).toEqual(["b", "Makefile:1: *** no luck.  Stop."]);
});

test("the variables of a target reach its prerequisites, past targets that have none", () => {
  const text = makefile("a: V = for-a", "a: b", "b: c", "c: ; echo $(V)");
  expect(made({ makefile: text, silent: true }, "a")).toEqual(["for-a"]);
});

test("an old file (-o) is neither remade nor remakes, a new one (-W) remakes", () => {
  const text = makefile("a: b c ; echo $?", "b: force ; touch b", "force:");
  expect(made({ makefile: text, files: { a: 2, b: 5, c: 1 }, oldFiles: ["b"], silent: true }, "a")).toEqual([]);
  expect(
    made({ makefile: text, files: { a: 2, b: 1, c: 1 }, oldFiles: ["b"], newFiles: ["c"], silent: true }, "a"),
  ).toEqual(["c"]);
});

test("a time in the future is warned of once, and again at the end", () => {
  const build = new FakeBuild({ makefile: "a: b ; touch a\n", files: { a: 100, b: 50 } });
  build.disk.setClock(94.5);
  build.make("a");
  expect(build.lines).toEqual([
    "make: Warning: File 'a' has modification time 5.5 s in the future",
    "make: 'a' is up to date.",
    "make: warning:  Clock skew detected.  Your build may be incomplete.",
  ]);
});

test("a receipt is believed before the disk", () => {
  const build = new FakeBuild({
    makefile: "a: b ; touch a\nb: c ; true\n",
    files: { a: 3, b: 1, c: 2 },
    silent: true,
    receipts: (job) => job.writes.map((path) => ({ path, stat: { sizeBytes: 1, mtimeNs: 9_000_000_000n, ino: 1n } })),
  });
  build.make("a");
  expect(build.disk.files.get("a")).toBeGreaterThan(3_000_000_000n);
});
