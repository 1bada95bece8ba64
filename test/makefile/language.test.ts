import { expect, test } from "vitest";
import { HostError } from "../../src/makefile/host.js";
import { Language, type LanguageOptions } from "../../src/makefile/language.js";
import type { SpecialVariables } from "../../src/makefile/ports.js";
import type { RuleSink } from "../../src/makefile/rule-sink.js";
import { FakeHost } from "../rig/fake-host.js";
import { inOneGo } from "../../src/makefile/waits.js";
import { KeepingSink } from "../rig/sink.js";

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly host?: FakeHost;
  readonly rules?: RuleSink;
  readonly options?: Partial<LanguageOptions>;
  readonly makeflags?: SpecialVariables["makeflagsAssigned"];
}

function languageFor(given: Given): { language: Language; host: FakeHost; sink: KeepingSink; warnings: string[] } {
  const host = given.host ?? new FakeHost({ files: given.files ?? {} });
  const sink = new KeepingSink();
  const warnings: string[] = [];
  const language = new Language({
    host,
    rules: given.rules ?? sink,
    warn: (at, text) => warnings.push(`${at === undefined ? "" : `${at.file}:${String(at.line)}: `}${text}`),
    special: { makeflagsAssigned: given.makeflags ?? (() => undefined) },
    options: {
      warnUndefined: false,
      environmentOverrides: false,
      noBuiltinVariables: false,
      noBuiltinRules: false,
      includeDirectories: [],
      ...given.options,
    },
  });
  language.defineBuiltinVariables();
  return { language, host, sink, warnings };
}

test("a rule is handed on with its recipe, each line with the place that messages name", () => {
  const { language, sink } = languageFor({
    files: { Makefile: "a b: c | d ; one\n\ttwo\\\n\tmore\n# comment\n\n\t@three\nx = 1\n" },
  });
  inOneGo(language.read("Makefile", { from: "default" }));
  const rules = sink.rules.map(({ recipe, ...rule }) => ({
    ...rule,
    recipe: { location: recipe?.location, lines: recipe?.lines },
  }));
  expect(rules).toEqual([
    {
      location: { file: "Makefile", line: 1 },
      targets: ["a", "b"],
      separator: ":",
      targetPattern: undefined,
      prerequisites: " c | d ",
      recipe: {
        location: { file: "Makefile", line: 1 },
        lines: [
          { text: " one", location: { file: "Makefile", line: 1 } },
          { text: "two\\\nmore", location: { file: "Makefile", line: 2 } },
          { text: "@three", location: { file: "Makefile", line: 3 } },
        ],
      },
    },
  ]);
});

test("an empty inline recipe has no lines, a rule without recipe has none at all", () => {
  const { language, sink } = languageFor({ files: { Makefile: "a: ;\nb:\n" } });
  inOneGo(language.read("Makefile", { from: "default" }));
  expect(sink.rules.map(({ recipe }) => recipe?.lines)).toEqual([[], undefined]);
});

test("separators, static patterns and archive members come apart", () => {
  const { language, sink } = languageFor({
    files: { M: "a:: b\nc d &: e\nf &:: g\nx.o y.o: %.o: %.c\nl(m n): o\n%.o : %.c\n" },
  });
  inOneGo(language.read("M", { from: "option" }));
  expect(
    sink.rules.map(({ targets, separator, targetPattern, prerequisites }) => [
      targets,
      separator,
      targetPattern,
      prerequisites,
    ]),
  ).toEqual([
    [["a"], "::", undefined, " b"],
    [["c", "d"], "&:", undefined, " e"],
    [["f"], "&::", undefined, " g"],
    [["x.o", "y.o"], ":", "%.o", " %.c"],
    [["l(m)", "l(n)"], ":", undefined, " o"],
    [["%.o"], ":", undefined, " %.c"],
  ]);
});

test("a rule is recorded when the next statement shows that it is complete", () => {
  const seen: string[] = [];
  const host = new FakeHost({ files: { Makefile: "a:\n\tx\n$(info one)b:\n$(info two)\n" } });
  const { language } = languageFor({
    host,
    rules: {
      rule: ({ targets }) => seen.push(...targets, host.printed),
      vpath: () => undefined,
      isSpecialSet: () => false,
    },
  });
  inOneGo(language.read("Makefile", { from: "default" }));
  expect(seen).toEqual(["a", "", "b", "one\n"]);
});

test("the makefiles read and missed are listed in order, with where and why", () => {
  const host = new FakeHost({
    files: { Makefile: "\ninclude a.mk\n-include no.mk\ninclude gone.mk\n", "inc/a.mk": "include b.mk\n", "b.mk": "" },
  });
  host.directories.add("dir");
  const { language } = languageFor({ host, options: { includeDirectories: ["inc"] } });
  inOneGo(language.read("Makefile", { from: "default" }));
  const at = (file: string, line: number) => ({ file, line });
  const found = { optional: false, found: true, error: undefined };
  const missing = { found: false, error: "No such file or directory" };
  expect(language.makefiles).toEqual([
    { name: "Makefile", from: "default", location: undefined, ...found },
    { name: "inc/a.mk", from: "include", location: at("Makefile", 2), ...found },
    { name: "b.mk", from: "include", location: at("a.mk", 1), ...found },
    { name: "no.mk", from: "include", optional: true, location: at("Makefile", 3), ...missing },
    { name: "gone.mk", from: "include", optional: false, location: at("Makefile", 4), ...missing },
  ]);
  expect(language.valueOf("MAKEFILE_LIST", language.globalScope)).toBe("Makefile inc/a.mk b.mk");
  expect(() => inOneGo(language.read("dir", { from: "option" }))).toThrow("dir: Is a directory");
});

test("a makefile that cannot be opened is missing, for the C library's reason", () => {
  const host = new FakeHost();
  host.readFile = (path) => {
    throw new HostError("EACCES", path, "Permission denied");
  };
  const { language } = languageFor({ host });
  expect(inOneGo(language.read("x", { from: "option" }))).toMatchObject({ found: false, error: "Permission denied" });
});

test("a file that is there but cannot be opened ends the search for it", () => {
  const host = new FakeHost({ files: { Makefile: "include x y\n", "b/x": "X = b\n", "b/y": "Y = b\n" } });
  const readFile = host.readFile.bind(host);
  host.readFile = (path) => {
    if (path === "x" || path === "a/y") throw new HostError("EACCES", path, "Permission denied");
    return readFile(path);
  };
  const { language } = languageFor({ host, options: { includeDirectories: ["a", "b"] } });
  inOneGo(language.read("Makefile", { from: "default" }));
  expect(language.makefiles.slice(1)).toMatchObject([
    { name: "x", found: false, error: "Permission denied" },
    { name: "a/y", found: false, error: "Permission denied" },
  ]);
});

test("a makefile that includes itself ends in an error", () => {
  const { language } = languageFor({ files: { Makefile: "include Makefile\n" } });
  expect(() => inOneGo(language.read("Makefile", { from: "default" }))).toThrow("Makefile: Too many open files");
});

test("a function that calls itself for ever ends in an error with a place", () => {
  const { language } = languageFor({ files: { Makefile: "f = $(call f)\n\n$(f)\n" } });
  expect(() => inOneGo(language.read("Makefile", { from: "default" }))).toThrow(
    expect.objectContaining({ message: "references nest too deeply", location: { file: "Makefile", line: 3 } }),
  );
});

test("command-line words are assignments of every flavor, or none", () => {
  const { language } = languageFor({});
  const words = ["A=1", "B:=$(A)x", "A+=2", "C?=3", "D := 4", "E=", "all", "a b=c", "-k", "x:y"];
  expect(words.map((word) => language.assignFromCommandLine(word))).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  const value = (name: string) => language.valueOf(name, language.globalScope);
  expect(["A", "B", "C", "D", "E"].map(value)).toEqual(["1 2", "1x", "3", "4", ""]);
});

test("the environment gives variables, but not make's own SHELL", () => {
  const { language } = languageFor({});
  language.defineEnvironment(["A=$(B)", "B=1", "SHELL=/bin/odd", "MAKELEVEL=2", "=broken", "none"]);
  language.takeLevel();
  const value = (name: string) => language.valueOf(name, language.globalScope);
  expect([value("A"), value("SHELL"), value("none")]).toEqual(["1", "/bin/sh", undefined]);
  expect([...language.environment(language.globalScope)].sort()).toEqual([
    "A=$(B)",
    "B=1",
    "MAKELEVEL=3",
    "SHELL=/bin/odd",
  ]);
});

test("a target's scope sees its own variables, its patterns', those of the target that wanted it, then all others", () => {
  const makefile =
    "X = g\nY = g\nZ = g\nW = g\ntop: X = t\ntop: Y = t\ntop: private Z = t\n%.o: Y = p\na.o: W = a\na.o: X += a\n";
  const { language } = languageFor({ files: { Makefile: makefile } });
  inOneGo(language.read("Makefile", { from: "default" }));
  const top = language.targetScope("top");
  const scope = language.targetScope("a.o", top);
  expect(language.targetScope("a.o", language.targetScope("other"))).toBe(scope);
  expect(["X", "Y", "Z", "W"].map((name) => language.valueOf(name, scope))).toEqual(["t a", "p", "g", "a"]);
  expect(["top", "a.o", "b.o", "b"].map((name) => language.hasOwnVariables(name))).toEqual([true, true, true, false]);
});

test("targets that want each other inherit once, and variables set late are inherited too", () => {
  const { language } = languageFor({});
  const a = language.targetScope("a");
  const b = language.targetScope("b", a);
  const c = language.targetScope("c", b);
  expect(language.targetScope("a", c)).toBe(a);
  language.targetScope("d", language.targetScope("d"));
  expect(language.valueOf("X", c)).toBeUndefined();
  language.evaluate("a: X = 1", undefined);
  expect([language.valueOf("X", c), language.valueOf("X", language.targetScope("d"))]).toEqual(["1", undefined]);
});

test("automatic variables shadow others in their own scope only", () => {
  const { language } = languageFor({ files: { Makefile: "@ = plain\nf = $@$(1)\n" } });
  inOneGo(language.read("Makefile", { from: "default" }));
  const top = language.targetScope("top");
  const inner = language.targetScope("inner", top);
  top.automatic = (name) => (name === "@" ? "top/x" : undefined);
  const at = { file: "M", line: 1 };
  expect(language.expand("$@ $(@D) $(call f,1) $(@:x=y) $(foreach @,q,$@) $(origin @)", top, at)).toBe(
    "top/x top top/x1 top/y q automatic",
  );
  expect(language.expand("$@", inner, at)).toBe("plain");
});

test("exports: by name, all of them, by target, never private ones of parents", () => {
  const makefile =
    "A = 1\nexport B = $(A)2\nC-D = 3\nexport E\nE = $(X)\nX = g\nall: export F = $(X)f\nall: X = t\nsub: G = 1\nunexport PATH\n";
  const { language } = languageFor({ files: { Makefile: makefile } });
  language.defineEnvironment(["PATH=/bin"]);
  inOneGo(language.read("Makefile", { from: "default" }));
  const all = language.targetScope("all");
  expect([...language.environment(all)].sort()).toEqual(["B=12", "E=t", "F=tf", "MAKELEVEL=1"]);
  language.evaluate("export", undefined);
  expect([...language.environment(language.targetScope("sub", all))].sort()).toEqual([
    "A=1",
    "B=12",
    "E=t",
    "F=tf",
    "G=1",
    "MAKEFILE_LIST=Makefile",
    "MAKELEVEL=1",
    "X=t",
  ]);
});

test("$(shell) is given the shell, its flags and the exported variables", () => {
  const requests: unknown[] = [];
  const host = new FakeHost({
    files: { Makefile: "export A = 1\nSHELL = /bin/zsh\n.SHELLFLAGS = -e  -c\nX := $(shell a b)$(shell  )\n" },
    shell: (request) => {
      requests.push(request);
      return { stdout: "one\r\ntwo\n\n", status: 3 };
    },
  });
  const { language } = languageFor({ host });
  inOneGo(language.read("Makefile", { from: "default" }));
  const environment = ["MAKELEVEL=1", "A=1"];
  expect(requests).toEqual([{ shell: "/bin/zsh", shellFlags: "-e  -c", script: "a b", environment }]);
  expect([language.valueOf("X", language.globalScope), language.valueOf(".SHELLSTATUS", language.globalScope)]).toEqual(
    ["one two", "3"],
  );
});

test("MAKEFLAGS goes through the session, and holds what that gives back", () => {
  const assigned: string[] = [];
  const { language } = languageFor({
    files: { Makefile: "MAKEFLAGS += -k $(X)\nMAKEFLAGS := -s\n" },
    makeflags: (value) => {
      assigned.push(value);
      return { value: `<${value}> -- $(MAKEOVERRIDES)`, origin: "file" };
    },
  });
  language.define("MAKEFLAGS", "n -- $(MAKEOVERRIDES)", { origin: "file", flavor: "recursive", exported: "export" });
  language.define("X", "-i", { origin: "file", flavor: "simple" });
  inOneGo(language.read("Makefile", { from: "default" }));
  expect(assigned).toEqual(["n -k -i", "-s"]);
  expect(language.rawValueOf("MAKEFLAGS", language.globalScope)).toBe("<-s> -- $(MAKEOVERRIDES)");
});

test("the default goal is the first that is no pattern and no special target, unless the makefile says", () => {
  const goal = (text: string): string | undefined => {
    const { language } = languageFor({ files: { Makefile: text } });
    inOneGo(language.read("Makefile", { from: "default" }));
    return language.defaultGoal();
  };
  expect(goal("%.x:\n.a:\n./b c:\nd:\n")).toBe("b");
  expect(goal("a:\n.DEFAULT_GOAL := z\n")).toBe("z");
  expect(goal("a:\n.DEFAULT_GOAL :=\nb:\n")).toBe("b");
  expect(goal("x: y = 1\n")).toBeUndefined();
  expect(() => goal(".DEFAULT_GOAL = a b\n")).toThrow(".DEFAULT_GOAL contains more than one target");
});

test("recipes cannot make rules", () => {
  const { language } = languageFor({});
  language.finish();
  const at = { file: "Makefile", line: 7 };
  expect(() => language.expand("$(eval a: b)", language.globalScope, at)).toThrow(
    expect.objectContaining({ message: "prerequisites cannot be defined in recipes", location: at }),
  );
  expect(language.expand("$(eval A := 1)$(A)", language.globalScope, at)).toBe("1");
});

test("vpath directives are handed on with their directories apart", () => {
  const { language, sink } = languageFor({ files: { Makefile: "vpath %.c src:inc  lib\nvpath %.c\nvpath\n" } });
  inOneGo(language.read("Makefile", { from: "default" }));
  expect(sink.vpaths).toEqual([
    ["%.c", ["src", "inc", "lib"]],
    ["%.c", []],
    [undefined, []],
  ]);
});

test("a file that is read twice says the same again, in another language too", () => {
  const files = {
    Makefile: "include a.mk a.mk\n",
    "a.mk": "X += $(Y)$(words $(X))\nY := .\nifdef Z\nX += z\nendif\nZ = 1\n",
  };
  const values = [1, 2].map(() => {
    const { language } = languageFor({ files });
    inOneGo(language.read("Makefile", { from: "default" }));
    return language.rawValueOf("X", language.globalScope);
  });
  expect(values).toEqual(["$(Y)$(words $(X)) $(Y)$(words $(X)) z", "$(Y)$(words $(X)) $(Y)$(words $(X)) z"]);
});

test("undefined variables are warned of where they are used, known ones are not", () => {
  const { language, warnings } = languageFor({
    files: { Makefile: "\nX := $(A)$(MAKECMDGOALS)$(A:x=y)$(call B)\nY = $(C)\nall: $(Y)\n" },
    options: { warnUndefined: true },
  });
  inOneGo(language.read("Makefile", { from: "default" }));
  const warning = (line: number, name: string) => `Makefile:${String(line)}: warning: undefined variable '${name}'`;
  expect(warnings).toEqual([warning(2, "A"), warning(2, "A"), warning(2, "B"), warning(4, "C")]);
});

test("the variables of built-in rules go when -R comes late, changed ones stay", () => {
  const { language } = languageFor({ files: { Makefile: "CC = mine\n" } });
  inOneGo(language.read("Makefile", { from: "default" }));
  language.forgetBuiltinVariables();
  expect(["CC", "CXX", "MAKE_VERSION"].map((name) => language.valueOf(name, language.globalScope))).toEqual([
    "mine",
    undefined,
    "4.4.1",
  ]);
});
