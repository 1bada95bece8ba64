import fc from "fast-check";
import { expect, test } from "vitest";
import { JobHistory } from "../../src/sched/history.js";

const LARGE = 1 << 20;

test("what was written is known again, by directory and target", () => {
  const first = new JobHistory("");
  first.took("", "all", 12.4);
  first.took("lib/a", "x.o", 3000);
  const again = new JobHistory(first.mergedInto("", LARGE));
  expect([again.msOf("", "all"), again.msOf("lib/a", "x.o"), again.msOf("", "x.o")]).toEqual([12, 3000, undefined]);
  expect([first.hasChanged, again.hasChanged, again.isEmpty, again.typicalMs]).toEqual([true, false, false, 1506]);
});

test("a new duration counts half", () => {
  const history = new JobHistory("mpmake history 1\n100\t\tx\n");
  history.took("", "x", 200);
  expect(history.msOf("", "x")).toBe(150);
});

test("what others have written meanwhile is kept", () => {
  const ours = new JobHistory("mpmake history 1\n1\t\tours\n1\t\ttheirs\n");
  ours.took("", "ours", 3);
  const text = ours.mergedInto("mpmake history 1\n9\t\ttheirs\n1\t\tours\n", LARGE);
  expect(text).toBe("mpmake history 1\n9\t\ttheirs\n2\t\tours\n");
});

test("the oldest go when there is no room", () => {
  const history = new JobHistory("mpmake history 1\n1\t\told\n1\t\tused\n");
  history.took("", "used", 1);
  history.took("", "new", 1);
  const header = "mpmake history 1\n";
  const lines = ["1\t\told\n", "1\t\tused\n", "1\t\tnew\n"];
  const room = header.length + "1\t\tused\n1\t\tnew\n".length;
  expect(history.mergedInto(header + lines.slice(0, 2).join(""), room)).toBe(header + lines.slice(1).join(""));
});

test("names that no line can hold are not kept; another file's text, or half a line, is nothing", () => {
  const history = new JobHistory("something else\n1\t\tx\n");
  for (const [directory, target] of [
    ["a\tb", "x"],
    ["a", "x\ny"],
    ["a\nb", "x"],
    ["a", ""],
  ] as const)
    history.took(directory, target, 1);
  expect([history.isEmpty, history.hasChanged]).toEqual([true, false]);
  expect(new JobHistory("mpmake history 1\n1\t\ty\nx\t\tz\n12\t").msOf("", "y")).toBe(1);
});

test("any name is known again or not kept, and no text is too large", () => {
  const name = fc.string({ unit: "binary", maxLength: 20 });
  const records = fc.array(fc.tuple(name, name, fc.integer({ min: 0, max: 1e12 })), { maxLength: 20 });
  fc.assert(
    fc.property(records, fc.integer({ min: 17, max: 400 }), (took, room) => {
      const history = new JobHistory("");
      for (const [directory, target, ms] of took) history.took(directory, target, ms);
      const again = new JobHistory(history.mergedInto("", LARGE));
      for (const [directory, target] of took)
        expect(again.msOf(directory, target)).toBe(history.msOf(directory, target));
      expect(history.mergedInto("", room).length).toBeLessThanOrEqual(room);
    }),
  );
});
