import { expect, test } from "vitest";
import { makeflagsWords, renderEvals, renderFlags, renderOverrides } from "../../src/session/makeflags.js";
import { parseArguments } from "../../src/session/parse-arguments.js";
import { Switches } from "../../src/session/switches.js";

/** What the arguments become in MAKEFLAGS. */
function makeflags(...words: string[]): string {
  return renderFlags(given(words), { hasOverrides: false }).makeflags;
}

function given(words: readonly string[]): Switches {
  const switches = new Switches();
  switches.apply(parseArguments(words).settings, "command line");
  return switches;
}

// What GNU make 4.4.1 makes of these.
test.each([
  [[], ""],
  [["-s", "-k"], "ks"],
  [["-k", "-j3"], "k -j3"],
  [["-j"], " -j"],
  [["--trace"], " --trace"],
  [["-O"], " -Otarget"],
  [["-l", "4.50"], " -l4.5"],
  [["-l"], ""],
  [["-k", "-S"], "S"],
  [["-S", "-k"], "k"],
  [["-s", "--no-silent"], " --no-silent"],
  [["-w", "--no-print-directory"], " --no-print-directory"],
  [["--no-print-directory", "-w"], "w"],
  [["-I", "x", "-Iy", "-I", "-", "-I", "x"], " -Ix -Iy -I-"],
  [["-I", "a b"], " -Ia\\ b"],
  [["--debug", "--debug=v"], " --debug=basic --debug=v"],
  [["-W", "a", "-o", "b", "-f", "c", "-C", "d", "-b"], ""],
  [
    [
      "--no-silent",
      "--trace",
      "--debug=n",
      "--warn-undefined-variables",
      "--shuffle=5",
      "-Oline",
      "-j2",
      "-BeikLrRt",
      "-l3",
    ],
    "BeikLrRt -j2 -l3 -Oline --debug=n --trace --warn-undefined-variables --no-silent --shuffle=5",
  ],
  [["-E", "Z=1", "-k"], "k $(-*-eval-flags-*-)"],
] as const)("%j", (words, expected) => {
  expect(makeflags(...words)).toBe(expected);
});

test("MFLAGS has a dash before the letters, and no assignments", () => {
  const render = (...words: string[]): string => renderFlags(given(words), { hasOverrides: true }).mflags;
  expect([render("-k", "-j2"), render("-j2"), render("-E", "x=1")]).toEqual(["-k -j2", "-j2", ""]);
});

test("assignments end MAKEFLAGS by reference, so that a makefile may clear MAKEOVERRIDES", () => {
  expect(renderFlags(given(["-k"]), { hasOverrides: true }).makeflags).toBe("k -- $(MAKEOVERRIDES)");
});

test("assignments and evals are quoted for the make that reads them", () => {
  const variables = [
    { name: "Q", isSimple: false, value: "x\\y" },
    { name: "A", isSimple: true, value: "a $b" },
  ];
  expect(renderOverrides(variables)).toBe("Q=x\\\\y A:=a\\ $$b");
  expect(renderEvals(["X:=a b$$c\\", "y=1"])).toBe("--eval=X:=a\\ b$$$$c\\\\ --eval=y=1");
});

test.each([
  ["k", ["-k"]],
  ["ks -j3", ["-ks", "-j3"]],
  [" -j3 -- A=1", ["-j3", "--", "A=1"]],
  ["A=a\\ b$c", ["A=a b$c"]],
  ["--foo", ["--foo"]],
  ["k\ts", ["-k", "s"]],
  ["\\k", ["-k"]],
  ["", []],
])("the text %j holds the words %j", (text, words) => {
  expect(makeflagsWords(text)).toEqual(words);
});

test("a makefile changes no flag that the environment or the command line has set, but values it does", () => {
  const switches = given(["-k", "-Oline", "-l3"]);
  switches.apply(parseArguments(["-S", "-Otarget", "-l", "-s", "-C", "/"]).settings, "makefile");
  expect(renderFlags(switches, { hasOverrides: false }).makeflags).toBe("ks -Otarget");
  expect(switches.list("directory")).toEqual([]);
});

test("debug levels are the letters' sum, and n forgets those before", () => {
  const levels = (...words: string[]): readonly string[] => [...given(words).debugLevels];
  expect(levels("--debug=v")).toEqual(["basic", "verbose"]);
  expect(levels("--debug=v,n", "--debug=j")).toEqual(["jobs"]);
  expect(levels("--trace")).toEqual(["print", "why"]);
  expect(() => levels("--debug=q")).toThrow("unknown debug level specification 'q'");
});
