import { expect, test } from "vitest";
import { readCommandLine } from "../../src/session/command-line.js";
import { renderFlags } from "../../src/session/makeflags.js";

function read(argv: readonly string[], environment: readonly string[] = []): ReturnType<typeof readCommandLine> {
  return readCommandLine({ argv0: "/bin/make", program: "make", argv, environment, expand: (value) => value });
}

test("the environment's flags come first, goals and assignments among them", () => {
  const { switches, operands } = read(["-S", "B=2", "goal"], ["GNUMAKEFLAGS=-I x", "MAKEFLAGS=k -I y -- A=1"]);
  expect([renderFlags(switches, { hasOverrides: false }).makeflags, operands]).toEqual([
    "S -Ix -Iy",
    ["A=1", "B=2", "goal"],
  ]);
});

test("errors name the program as called, but have no name when a variable is at fault", () => {
  expect(read(["-Z", "-jx"], ["MAKEFLAGS=--foo"]).errors).toEqual([
    ": unrecognized option '--foo'",
    "/bin/make: invalid option -- 'Z'",
    "make: the '-j' option requires a positive integer argument",
  ]);
});

test("-R is -r too", () => {
  expect(renderFlags(read(["-R"]).switches, { hasOverrides: false }).makeflags).toBe("rR");
});

test("a random order gets its seed once, and none is no order", () => {
  expect(read(["--shuffle"]).switches.value("shuffle")).toMatch(/^\d+$/);
  expect(read(["--shuffle=none"]).switches.value("shuffle")).toBeUndefined();
  expect(read(["--shuffle=Reverse"]).switches.value("shuffle")).toBe("reverse");
});
