import { expect, test } from "vitest";
import { parseArguments } from "../../src/session/parse-arguments.js";

/** Each option as `key` or `key=value`, then the operands, then the errors. */
function parsed(...words: string[]): readonly string[] {
  const { settings, operands, errors } = parseArguments(words);
  return [
    ...settings.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)),
    ...operands.map((word) => `operand ${word}`),
    ...errors.map(({ text }) => text),
  ];
}

test.each([
  [
    ["-fFile", "-j4"],
    ["makefile=File", "jobs=4"],
  ],
  [
    ["-f", "File", "-j", "4"],
    ["makefile=File", "jobs=4"],
  ],
  [["-kj"], ["keepGoing", "jobs"]],
  [["-ksj2"], ["keepGoing", "silent", "jobs=2"]],
  [
    ["-j", "all"],
    ["jobs", "operand all"],
  ],
  [
    ["-j", "3x"],
    ["jobs", "operand 3x"],
  ],
  [
    ["-j", "-k"],
    ["jobs", "keepGoing"],
  ],
  [["-l", "2.5"], ["loadAverage=2.5"]],
  [
    ["-l", "k"],
    ["loadAverage", "operand k"],
  ],
  [["--jobs", "3"], ["jobs=3"]],
  [
    ["-O", "line"],
    ["outputSync", "operand line"],
  ],
  [
    ["-Oline", "--output-sync=target"],
    ["outputSync=line", "outputSync=target"],
  ],
  [
    ["--file=x", "--makefile", "y"],
    ["makefile=x", "makefile=y"],
  ],
  [
    ["all", "-n", "A=b"],
    ["justPrint", "operand all", "operand A=b"],
  ],
  [
    ["a", "--", "-k", "--", "b=1"],
    ["operand a", "operand -k", "operand --", "operand b=1"],
  ],
  [["-"], ["operand -"]],
  [["--ver"], ["version"]],
  [
    ["--key", "k.pub", "--nodes=1-3"],
    ["key=k.pub", "nodes=1-3"],
  ],
])("%j", (words, expected) => {
  expect(parsed(...words)).toEqual(expected);
});

test.each([
  [["--foo"], "unrecognized option '--foo'"],
  [["--foo=1"], "unrecognized option '--foo=1'"],
  [["-Z"], "invalid option -- 'Z'"],
  [["-C"], "option requires an argument -- 'C'"],
  [["--directory"], "option '--directory' requires an argument"],
  [["--trace=3"], "option '--trace' doesn't allow an argument"],
  [["--silen=3"], "option '--silent' doesn't allow an argument"],
  [["--print-d"], "option '--print-d' is ambiguous; possibilities: '--print-data-base' '--print-directory'"],
  [["-jx"], "the '-j' option requires a positive integer argument"],
  [["-kj2s"], "the '-j' option requires a positive integer argument"],
  [["-j0"], "the '-j' option requires a positive integer argument"],
  [["-j", ""], "the '-j' option requires a positive integer argument"],
  [["-f", ""], "the '-f' option requires a non-empty string argument"],
  [["--debug="], "the '--debug' option requires a non-empty string argument"],
])("%j is refused in GNU make's words", (words, error) => {
  expect(parseArguments(words).errors.map(({ text }) => text)).toEqual([error]);
});

test("every error is told, in order", () => {
  expect(parsed("-jx", "-Z", "--bar")).toEqual([
    "the '-j' option requires a positive integer argument",
    "invalid option -- 'Z'",
    "unrecognized option '--bar'",
  ]);
});

test("our own options are not abbreviated, and make no abbreviation of GNU make's ambiguous", () => {
  expect(parsed("--tr", "--sto", "--kee")).toEqual(["trace", "stop", "keepGoing"]);
  expect(parsed("--nod=1")).toEqual(["unrecognized option '--nod=1'"]);
});
