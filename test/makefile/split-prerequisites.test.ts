import { expect, test } from "vitest";
import { splitPrerequisites } from "../../src/makefile/split-prerequisites.js";
import { FakeHost } from "../rig/fake-host.js";

const host = new FakeHost({
  files: { "a.c": "", "b.c": "", "sub/x": "" },
  homes: { "": "/home/me", you: "/home/you" },
});

function split(text: string): { readonly normal: readonly string[]; readonly orderOnly: readonly string[] } {
  const { normal, orderOnly } = splitPrerequisites(text, { host });
  return { normal: normal.map(({ name }) => name), orderOnly: orderOnly.map(({ name }) => name) };
}

test("names are parted by blanks, order-only ones by the first bar", () => {
  expect(split(" a  b\tc|d e | f")).toEqual({ normal: ["a", "b", "c"], orderOnly: ["d", "e", "|", "f"] });
  expect(split("a\\|b c\\ d e\\\\ f \\g")).toEqual({ normal: ["a|b", "c d", "e\\", "f", "\\g"], orderOnly: [] });
});

test("leading ./ goes, ~ is a home directory, wildcards are the names that match or stay", () => {
  expect(split("./a .//b ././c ./ ../d ~/e ~you/f ~who/g")).toEqual({
    normal: ["a", "b", "c", "./", "../d", "/home/me/e", "/home/you/f", "~who/g"],
    orderOnly: [],
  });
  expect(split("*.c *.z").normal).toEqual(["a.c", "b.c", "*.z"]);
  const kept = splitPrerequisites("*.c", { host, expandGlobs: false });
  expect(kept.normal.map(({ name }) => name)).toEqual(["*.c"]);
});

test("the members of an archive come one by one", () => {
  expect(split("lib(a b c) m(x) n( y z ) lone(p q").normal).toEqual([
    "lib(a)",
    "lib(b)",
    "lib(c)",
    "m(x)",
    "n(y)",
    "n(z)",
    "lone(p",
    "q",
  ]);
});

test(".WAIT is no name, but marks the next one", () => {
  expect(splitPrerequisites("a .WAIT b c .WAIT | .WAIT d", { host })).toEqual({
    normal: [
      { name: "a", waitBefore: false },
      { name: "b", waitBefore: true },
      { name: "c", waitBefore: false },
    ],
    orderOnly: [{ name: "d", waitBefore: true }],
  });
});
