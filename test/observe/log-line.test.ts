import fc from "fast-check";
import { expect, test } from "vitest";
import { type LogLine, readLogLine } from "../../src/observe/log-line.js";

const LINES: readonly (readonly [line: string, said: LogLine | undefined])[] = [
  ["make[2]: Entering directory '/a b/c'", { kind: "entering", directory: "/a b/c" }],
  ["mpmake: Leaving directory '/a'", { kind: "leaving" }],
  ["cp: omitting directory 'x'", undefined],
  [
    "make[1]: *** [../common.mk:12: sub/x.o] Error 1",
    { kind: "failed", level: 1, place: { file: "../common.mk", line: 12 }, target: "sub/x.o", why: "Error 1" },
  ],
  [
    "make: *** [<builtin>: x.o] Segmentation fault (core dumped)",
    { kind: "failed", level: 0, place: undefined, target: "x.o", why: "Segmentation fault (core dumped)" },
  ],
  [
    "make: *** [Makefile:3: a: b] c] Lost with node n1 (it is gone)",
    {
      kind: "failed",
      level: 0,
      place: { file: "Makefile", line: 3 },
      target: "a: b] c",
      why: "Lost with node n1 (it is gone)",
    },
  ],
  ["make: [Makefile:3: x] Error 1 (ignored)", undefined],
  ["make: *** [Makefile:2: x] Deleting file 'x'", undefined],
  ["make: *** Waiting for unfinished jobs....", undefined],
  [
    "make[3]: *** No rule to make target 'x', needed by 'y'.  Stop.",
    { kind: "stopped", level: 3, place: undefined, text: "No rule to make target 'x', needed by 'y'" },
  ],
  [
    "make: *** No rule to make target 'x'.",
    { kind: "stopped", level: 0, place: undefined, text: "No rule to make target 'x'." },
  ],
  [
    "sub/Makefile:7: *** missing separator.  Stop.",
    { kind: "stopped", level: undefined, place: { file: "sub/Makefile", line: 7 }, text: "missing separator" },
  ],
  [
    "src/a b.c:3:14: fatal error: x.h: No such file",
    {
      kind: "diagnostic",
      severity: "error",
      place: { file: "src/a b.c", line: 3, column: 14 },
      text: "x.h: No such file",
    },
  ],
  [
    "\x1b[01m\x1b[Ka.c:3:\x1b[m\x1b[K \x1b[01;35m\x1b[Kwarning: \x1b[m\x1b[Kunused",
    { kind: "diagnostic", severity: "warning", place: { file: "a.c", line: 3 }, text: "unused" },
  ],
  ["error: the build has failed", undefined],
  ["  a.c:3:4: error: indented", undefined],
];

test.each(LINES)("%j", (line, said) => {
  expect(readLogLine(line)).toEqual(said);
});

test("whatever is in a line, and however much of it, it is read in no time", { timeout: 60_000 }, () => {
  const words = [": *** ", "[", "] ", ":", "1", " ", ".  Stop.", "error: ", " directory ", "'", "\x1b[", "x"];
  const line = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 20 }).map((some) => some.join(""));
  fc.assert(
    fc.property(line, fc.constantFrom(1, 50, 100_000), (part, times) => {
      expect(["undefined", "object"]).toContain(typeof readLogLine(part.repeat(times)));
    }),
  );
});
