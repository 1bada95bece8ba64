import { describe, expect, test } from "vitest";
import { planCommand, type Script } from "../../src/os/command.js";

const plain: Omit<Script, "text"> = { shell: "/bin/sh", shellFlags: "-c", environment: ["PATH=/bin"] };

function argvOf(text: string, more: Partial<Script> = {}): readonly string[] {
  const command = planCommand({ ...plain, ...more, text });
  return command.kind === "run" ? command.argv : [];
}

function throughShell(text: string): readonly string[] {
  return ["/bin/sh", "-c", text];
}

describe("a simple command is executed without a shell", () => {
  test.each([
    ["cc -c  x.c\t-o x.o ", ["cc", "-c", "x.c", "-o", "x.o"]],
    ["  /bin/true", ["/bin/true"]],
    ["x 'a b' c\\ d \\\\ \\' e", ["x", "a b", "c d", "\\", "'", "e"]],
    ["x 'a\\b' ''", ["x", "a\\b", ""]],
    ["x '*?;$' a=b %,:@+-", ["x", "*?;$", "a=b", "%,:@+-"]],
    ["tr'u'e", ["true"]],
    ["x a \\\n   b", ["x", "a", "b"]],
    ["x a\\\nb", ["x", "ab"]],
    ["x 'a\\\nb'", ["x", "a\\\nb"]],
    ["x a\\", ["x", "a"]],
    ["'' a", ["", "a"]],
    ["\\/bin/true", ["/bin/true"]],
    [":a", [":a"]],
  ])("%j", (text, argv) => expect(argvOf(text)).toEqual(argv));
});

describe("what only a shell understands goes through one", () => {
  test.each([
    ...Array.from('#;"*?[]&|<>(){}$`^~!', (char) => `x a${char}b`),
    "A=b x",
    "x= y",
    "x 'a",
    "cd",
    "cd;",
    "exit 3",
    "test -f x",
    "[ -f x ]",
    "'cd' x",
    "\\cd",
    ": a",
    ": ",
    "a\nb",
    "{ a",
  ])("%j", (text) => expect(argvOf(text)).toEqual(throughShell(text)));
});

test("a colon alone and an empty script need no process", () => {
  expect([":", "  :", "", "  "].map((text) => planCommand({ ...plain, text }).kind)).toEqual(Array(4).fill("nothing"));
});

test("any other shell, flag or separator of words is honoured", () => {
  expect(argvOf("true", { shell: "/bin/bash" })).toEqual(["/bin/bash", "-c", "true"]);
  expect(argvOf("true", { shell: "sh" })).toEqual(["sh", "-c", "true"]);
  expect(argvOf("true", { shell: "/bin/sh -x" })).toEqual(["/bin/sh", "-x", "-c", "true"]);
  expect(argvOf("true", { shellFlags: "-e -c" })).toEqual(["/bin/sh", "-e", "-c", "true"]);
  expect(argvOf("true", { shellFlags: "" })).toEqual(["/bin/sh", "true"]);
  expect(argvOf("true", { shell: "" })).toEqual(["-c", "true"]);
  expect(argvOf("true", { shellFlags: "-ec" })).toEqual(["true"]);
  expect(argvOf("a b", { shell: "perl", shellFlags: "-w -E 'use x;' 'b\\'" })).toEqual([
    "perl",
    "-w",
    "-E",
    "use x;",
    "b\\",
    "a b",
  ]);
  expect(argvOf("it's", { shell: "x", shellFlags: '"a b" *' })).toEqual(["/bin/sh", "-c", `x "a b" * 'it'\\''s'`]);
  expect(argvOf("true", { environment: ["IFS=,"] })).toEqual(throughShell("true"));
  expect(argvOf("true", { environment: ["IFS= \t"] })).toEqual(["true"]);
});
