/** Makefiles that are read in steps: each command is asked for once, in order, and what is read is what reading in one go gives. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MakefileError } from "../../src/base/location.js";
import type { ShellRequest } from "../../src/makefile/host.js";
import { Language } from "../../src/makefile/language.js";
import { inOneGo, type Waiting } from "../../src/makefile/waits.js";
import { FakeHost } from "../rig/fake-host.js";
import { KeepingSink } from "../rig/sink.js";

interface Read {
  /** Scripts of commands that were waited for outside. */
  readonly outside: readonly string[];
  /** Those that kept the process waiting. */
  readonly inside: readonly string[];
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly rules: readonly unknown[];
  readonly said: readonly string[];
}

const NAMES = ["X", "Y", "Z", "L", ".SHELLSTATUS"];

/** A command prints its own script, and ends with the status that stands in it. */
function run({ script }: ShellRequest) {
  return { stdout: `<${script}>\n`, status: Number(/\d+/.exec(script)?.[0] ?? 0) };
}

function languageOf(files: Readonly<Record<string, string>>, waits: "always" | "for recipes" | undefined) {
  const inside: string[] = [];
  const said: string[] = [];
  const host = new FakeHost({
    files,
    shell: (request) => {
      inside.push(request.script);
      return run(request);
    },
  });
  const sink = new KeepingSink();
  const language = new Language({
    host,
    rules: sink,
    warn: (at, text) => said.push(`${String(at?.line)}: ${text}`),
    special: { makeflagsAssigned: () => undefined },
    waits,
    options: {
      ...{ warnUndefined: false, environmentOverrides: false, noBuiltinVariables: false, noBuiltinRules: false },
      includeDirectories: [],
    },
  });
  language.defineBuiltinVariables();
  language.defineEnvironment(["FROM=environment"]);
  return { language, host, sink, inside, said };
}

function read(files: Readonly<Record<string, string>>, waits: "always" | undefined): Read {
  const { language, host, sink, inside, said } = languageOf(files, waits);
  const outside: string[] = [];
  drive(language.read("Makefile", { from: "default" }), host, outside);
  const ran = { outside, inside: [...inside] };
  const values = Object.fromEntries(NAMES.map((name) => [name, language.valueOf(name, language.globalScope)]));
  said.push(host.printed);
  return { ...ran, values, rules: sink.rules, said };
}

function outcome(
  files: Readonly<Record<string, string>>,
  waits: "always" | undefined,
): Partial<Read> & { readonly error?: string } {
  try {
    return read(files, waits);
  } catch (error) {
    if (!(error instanceof MakefileError)) throw error;
    return { error: error.message, inside: [], outside: [] };
  }
}

function drive<T>(steps: Waiting<T>, host: FakeHost, outside: string[]): T {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    const wait = step.value;
    if (wait.kind === "file") wait.read = () => host.readFile(wait.path);
    else {
      outside.push(wait.request.script);
      wait.result = run(wait.request);
    }
  }
}

const CASES: readonly (readonly [
  title: string,
  makefile: string,
  outside: readonly string[],
  inside: readonly string[],
])[] = [
  ["a variable", "X := $(shell one)\n", ["one"], []],
  ["two in one", "X := $(shell one)$(shell two)\nY := $(shell three)\n", ["one", "two", "three"], []],
  ["one in another", "X := $(shell a $(shell b))\n", ["b", "a <b>"], []],
  ["!= and its status", "X != false 3\nY := $(.SHELLSTATUS)\n", ["false 3"], []],
  ["a condition", "ifeq ($(shell one),<one>)\nX = yes\nelse ifeq ($(shell two),)\nX = no\nendif\n", ["one"], []],
  ["an else", "ifeq ($(shell one),)\nX = yes\nelse ifeq ($(shell two),<two>)\nX = no\nendif\n", ["one", "two"], []],
  ["a rule", "$(shell one): $(shell two)\n\techo\n", ["one", "two"], []],
  ["a rule behind a rule", "a: b\n\techo\n$(shell one):\n\techo again\n", ["one"], []],
  ["names of makefiles", "include $(shell sub)\nX := $(Y)\n", ["sub"], []],
  ["an included file", "include sub.mk\nX := $(Y)\n", ["in sub"], []],
  ["a variable that is appended to", "X := a\nX += $(shell one)\nX += $(shell two)\n", ["one", "two"], []],
  ["a recursive variable", "Y = $(shell one)\nX := $(Y) $(Y)\n", ["one", "one"], []],
  ["a function of the user's", "Y = $(shell $1) $(call Z,$1)\nZ = $(shell z$1)\nX := $(call Y,a)\n", ["a", "za"], []],
  ["a loop", "X := $(foreach i,1 2,$(shell $i))\n", ["1", "2"], []],
  ["an argument of eval", "$(eval X := $(shell one))\n", ["one"], []],
  ["what eval reads", "define L\nX := $(shell one)\nendef\n$(eval $(value L))\n", ["one"], []],
  [
    "what eval reads, in the midst of other things",
    "X :=\nL = X += $$(shell $1)\nY := $(X)a$(shell a)$(eval $(call L,b))$(X)$(shell c)$(eval $(call L,d))$(X)$(shell e)\n",
    ["a", "b", "c", "d", "e"],
    [],
  ],
  [
    "an eval in an eval",
    "L = $$(eval X := $$$$(shell $1) $$$$(shell $1 2))\n$(eval $(call L,one))Y := $(X)\n",
    ["one", "one 2"],
    [],
  ],
  [
    "conditions and a define in an eval",
    "define L\nifneq ($$(shell a),)\ndefine X\n$$(shell b)\nendef\nelse\nX := no\nendif\nendef\n$(eval $(L))Y := $(X)\n",
    ["a", "b"],
    [],
  ],
  [
    "rules in an eval",
    "define L\n$$(shell a): b\n\techo 1\n$$(shell c): d\n\techo 2\nendef\n$(eval $(L))\n",
    ["a", "c"],
    [],
  ],
  [
    "a loop of evals",
    "X :=\nY :=\n$(foreach i,1 2 3,$(eval X += $$(shell $i))$(eval Y := $i $(Y)))\n",
    ["1", "2", "3"],
    [],
  ],
  ["an include in an eval", "$(eval include sub.mk)\n", ["in sub"], []],
  [
    "a variable that sets itself while it is expanded",
    "X = $(eval X := b)$(shell a)$(shell b)c\nY := $(X) $(X)\n",
    ["a", "b"],
    [],
  ],
  [
    "a loop that changes its own list",
    "L = 1 2\nX := $(foreach i,$(L),$(eval L := 3)$(shell $i)$(L))\n",
    ["1", "2"],
    [],
  ],
  [
    "an argument that a function's text sets anew",
    "Y = $(eval Z := $1)$(shell $1)$(Z)\nX := $(call Y,a) $(call Y,b)\n",
    ["a", "b"],
    [],
  ],
  ["MAKEFLAGS, which is expanded when it is set", "MAKEFLAGS += $(shell k)\nX := $(MAKEFLAGS)\n", ["k", "k"], []],
  ["an exported one that sets itself", "export Y = $(eval Y := b)$(shell a)\nX := $(shell one)\n", ["a", "one"], []],
  [
    "what is simple is appended to, and becomes recursive meanwhile",
    "X := a\nX += $(eval X = $(value X))$(shell one)\nY := $(flavor X)\n",
    ["one"],
    [],
  ],
  ["a target's, likewise", "a b: X := a\na b: X += $(eval a b: X = c)$(shell one)\n", ["one"], []],
  [
    "a recipe's prefix that is set in a rule's line",
    "a: $(eval .RECIPEPREFIX := >)$(shell one) ; echo \\\n>two \\\n\tthree\n>echo four\n",
    ["one"],
    [],
  ],
  [
    "NULs in files that an eval includes",
    "define L\ninclude nul.mk\ninclude nul.mk\nendef\n$(eval $(value L))\n",
    ["nul", "nul"],
    [],
  ],
  [
    "a function that calls itself",
    "Y = $(if $1,$(eval Z += $(firstword $1))$(shell $(firstword $1))$(call Y,$(wordlist 2,9,$1)))\nX := $(call Y,a b c)\n",
    ["a", "b", "c"],
    [],
  ],
  ["behind a look at files", "X := $(wildcard *.mk) $(shell one)\n", ["one"], []],
  ["before a look at files", "X := $(shell one) $(wildcard *.mk) $(shell two)\n", ["one", "two"], []],
  ["behind a message", "X := $(info said)$(shell one)\n", ["one"], []],
  ["behind a warning", "X := $(warning said)$(shell one)\n", ["one"], []],
  ["between messages", "X := $(info a)$(shell one)$(info b)$(shell two)$(info c)\n", ["one", "two"], []],
  ["what is written first", "X := $(file >>f,a)$(shell one)$(file <f)\n", ["one"], []],
  [
    "the status before it",
    "X := $(shell 9)\nY := $(.SHELLSTATUS) $(shell 3) $(.SHELLSTATUS) $(shell 4)\n",
    ["9", "3", "4"],
    [],
  ],
  ["no status before it", "Y := $(origin .SHELLSTATUS) $(shell 3) $(shell 4)\n", ["3", "4"], []],
  ["by the status before it", "Y := $(if $(.SHELLSTATUS),$(shell 5),$(shell 6))$(shell 7)\n", ["6", "7"], []],
  ["the environment of a command", "export Y = $(shell env)\nX := $(shell one)\n", ["env", "one"], []],
  ["variables of a target", "a b: Y += $(shell one)\na: Y := $(shell two)\n", ["two"], []],
  ["simple variables of two targets", "a b: Y := $(shell one)\n", ["one", "one"], []],
  ["a define", "define X :=\n$(shell one)\nendef\nY := $(shell two)\n", ["one", "two"], []],
  ["a define with a fault", "define X :=\n$(shell one)\nendef more\nY := $(shell two)\n", ["one", "two"], []],
  ["an exported one", "export X := $(shell one)\nexport $(shell Y)\n", ["one", "Y"], []],
];

/** Expressions that run commands and change, as they are expanded, what they are made of. */
const EXPRESSION = fc.letrec<{ text: string; part: string }>((tie) => ({
  text: fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
  part: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      "a",
      " ",
      "$(X)",
      "$(Y)",
      "$(Z)",
      "$1",
      "$(L:a=b)",
      "$(.SHELLSTATUS)",
      "$(wildcard *.mk)",
      "$(info i)",
    ),
    fc.constantFrom("$(origin X)", "$(flavor Y)", "$(value Z)", "$(eval include sub.mk)", "$(eval undefine X)"),
    tie("text").map((text) => `$(shell ${text})`),
    // Numbers, so that nothing grows for ever.
    fc
      .tuple(fc.constantFrom("X", "Y", "L", "export Z"), fc.constantFrom("=", ":=", "?=", "!="), tie("text"))
      .map(([name, sign, text]) => `$(eval ${name} ${sign} ${`$(words ${text})`.replaceAll("$", "$$$$")})`),
    tie("text").map((text) => `$(eval X += $(words ${text}))`),
    fc.tuple(tie("text"), tie("text"), tie("text")).map(([a, b, c]) => `$(if ${a},${b},${c})`),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `$(foreach 1,$(wordlist 1,2,${a}) 2,${b})`),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `$(call F,${a})$(or ${b},$(X))`),
    tie("text").map((text) => `$(eval $(if ${text},a: b,c: $(shell d)))`),
  ),
}));

describe("in steps", () => {
  test("whatever is said, a reading in steps is one in one go", () => {
    const makefile = fc
      .array(
        fc.tuple(fc.constantFrom("X := ", "Y = ", "L := ", "a: Z := ", "export X = ", "$(A): "), EXPRESSION.text),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((lines) => lines.map(([head, text]) => `${head}${text}\n`).join(""));
    const functions = "F = <$1$(shell f$1)$(eval Y := $(words $1))>\nA = a\n";
    const property = fc.property(makefile, (text) => {
      const files = { Makefile: functions + text, "sub.mk": "Y := $(Y)$(shell in sub)\n" };
      const { inside, ...whole } = outcome(files, undefined);
      expect(outcome(files, "always")).toEqual({ ...whole, outside: inside, inside: [] });
    });
    fc.assert(property, { numRuns: 500 });
  });

  test.each(CASES)("%s", (_title, makefile, outside, inside) => {
    const nul = "# c\n\0foo\nX := $(shell nul)\n";
    const files = { Makefile: makefile, "nul.mk": nul, "sub.mk": "Y := $(shell in sub)\n", "<sub>": "Y := here\n" };
    const whole = read(files, undefined);
    const stepwise = read(files, "always");
    expect(stepwise).toEqual({ ...whole, outside, inside });
    expect([...outside, ...inside].sort()).toEqual([...whole.inside].sort());
  });

  test("a recipe's expansion is broken off, also while variables of a pattern are set, which is done once", () => {
    const files = { Makefile: "L = $(shell one)\n%.o: X := $(shell two)\n%.o: Y :::= $(L)\n" };
    const recipe = (waits: "always" | undefined): readonly [string, readonly string[]] => {
      const { language, host } = languageOf(files, waits);
      const outside: string[] = [];
      drive(language.read("Makefile", { from: "default" }), host, outside);
      const expand = (): string =>
        language.expand("$(shell three) $(X) $(Y) $(L)", language.targetScope("a.o"), undefined);
      return [drive(language.inSteps(expand), host, outside), outside];
    };
    const [text, outside] = recipe("always");
    expect(text).toBe(recipe(undefined)[0]);
    expect(outside).toEqual(["two", "one", "three", "one"]);
  });

  test("a statement of many commands is not begun anew for each", () => {
    const files = { Makefile: `X := $(foreach i,${Array.from({ length: 60 }, (_, i) => i).join(" ")},$(shell $i))\n` };
    const { outside, inside, values } = read(files, "always");
    expect([outside.length, inside.length]).toEqual([60, 0]);
    expect(values["X"]).toBe(read(files, undefined).values["X"]);
  });

  test("an error behind a command is the same error", () => {
    const files = { Makefile: "X := $(shell one)$(error bad)\n" };
    expect(() => read(files, "always")).toThrow("bad");
  });

  test("what others expand while a recipe waits is no part of it", () => {
    const { language, inside } = languageOf({ Makefile: "Y = $(shell env)\n" }, "for recipes");
    inOneGo(language.read("Makefile", { from: "default" }));
    const steps = language.inSteps(() => language.expand("$(shell one)", language.globalScope, undefined));
    const { value } = steps.next();
    expect(language.valueOf("Y", language.globalScope)).toBe("<env>");
    expect(inside).toEqual(["env"]);
    if (typeof value === "object" && value.kind === "shell") value.result = run(value.request);
    expect(steps.next()).toEqual({ done: true, value: "<one>" });
  });

  test("what was to be done in one go does not wait", () => {
    function* steps(): Waiting<number> {
      yield { kind: "file", path: "x", read: undefined };
      return 1;
    }
    expect(() => inOneGo(steps())).toThrow("internal error");
  });
});
