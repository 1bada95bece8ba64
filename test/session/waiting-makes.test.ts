/** Makes of one process that wait for what another of them does: for a command's output, for a makefile. */

import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { mpmake, treeOfEachTest } from "../rig/make-tree.js";

const trees = treeOfEachTest();

/** Of two makes the first waits, for the second to write to a FIFO. */
const FILES = {
  Makefile: "all: a b\na b: ; @$(MAKE) -s --no-print-directory -f $@.mk\n",
  "b.mk": "all: ; @sleep 0.2; echo 'V := from b' >fifo\n",
};

/** A make that a shell has started. */
const BY_SHELL = { ...FILES, Makefile: FILES.Makefile.replace("$(MAKE)", "true && $(MAKE)") };

/** For what is expanded more than once. */
const AGAIN = "$(shell test -e made || cat fifo >made; cat made)";

const WAITING: readonly (readonly [title: string, makefile: string, output: string])[] = [
  ["a variable", "V := $(shell cat fifo)\nall: ; @echo '$(V)'\n", "V := from b\n"],
  ["a condition", "ifneq ($(shell cat fifo),)\nall: ; @echo yes\nendif\n", "yes\n"],
  ["a rule", "all: $(firstword $(shell cat fifo))\nV: ; @echo $@\n", "V\n"],
  ["a recipe", "all: ; @echo '$(shell cat fifo)'\n", "V := from b\n"],
  ["the second line of a recipe", "all:\n\t@echo one\n\t@echo '$(shell cat fifo)'\n", "one\nV := from b\n"],
  [
    "a variable, behind a look at files",
    "V := $(words $(wildcard *.mk)) $(shell cat fifo)\nall: ; @echo '$(V)'\n",
    "2 V := from b\n",
  ],
  [
    "a variable, behind a message",
    "V := $(info first)$(shell cat fifo)\nall: ; @echo '$(V)'\n",
    "first\nV := from b\n",
  ],
  ["a define", "define V :=\n$(shell cat fifo)\nendef\nall: ; @echo '$(V)'\n", "V := from b\n"],
  ["a recipe, behind a message", "all: ; @echo '$(info first)$(shell cat fifo)'\n", "first\nV := from b\n"],
  ["a recipe's environment", 'export E = $(shell cat fifo)\nall: ; @echo "$$E"\n', "V := from b\n"],
  [
    "a recipe's environment, behind a message",
    'export E = $(info first)$(shell cat fifo)\nall: ; @echo "$$E"\n',
    "first\nV := from b\n",
  ],
  [
    "prerequisites, in second expansion",
    ".SECONDEXPANSION:\nV = $(info for $@)$(firstword $(shell cat fifo))\nall: one $$(V) $$(words $$^); @echo $^\none 0: ; @:\n",
    "for all\none V 0\n",
  ],
  ["what eval reads", "define L\nV := $$(shell cat fifo)\nendef\n$(eval $(L))\nall: ; @echo '$(V)'\n", "V := from b\n"],
  [
    "what eval reads in a loop",
    "V :=\n$(foreach f,fifo Makefile,$(eval V += $(info $f)$$(firstword $$(shell cat $f))))\nall: ; @echo '$(V)'\n",
    "fifo\nMakefile\nV all:\n",
  ],
  ["a variable behind an eval", "V := $(eval W := w)$(shell cat fifo)$(W)\nall: ; @echo '$(V)'\n", "V := from bw\n"],
  ["eval in a recipe", "all: ; @echo '$(eval V := $$(shell cat fifo))$(V)'\n", "V := from b\n"],
  ["a variable of two targets", `all one: V := ${AGAIN}\nall: ; @echo '$(firstword $(V))'\none: ;\n`, "V\n"],
  ["a variable of a pattern", "a%: V != cat fifo\nall: ; @echo '$(V)'\n", "V := from b\n"],
  [
    "prerequisites of a pattern rule, in second expansion",
    `.SECONDEXPANSION:\nall: x.one ; @:\nV = $(info for $@)$(firstword ${AGAIN})\n%.one: one $$(V) $$(words $$*); @echo $^ $*\none 1: ; @:\n`,
    "for x.one\none V 1 x\n",
  ],
  [
    "prerequisites of a pattern rule's own prerequisites",
    `.SECONDEXPANSION:\nall: x.one ; @:\nV = $(firstword ${AGAIN})\n%.one: %.two ; @echo $^\n%.two: $$(V) ; @echo $@ $^\n.SECONDARY:\n`,
    "x.two V\nx.two\n",
  ],
  ["an include in an eval", "$(eval include fifo)\nall: ; @echo '$(V)'\n", "from b\n"],
  ["a search path", `VPATH = ${AGAIN}\nall: ; @echo '$(VPATH)'\n`, "V := from b\n"],
  ["the default goal", ".DEFAULT_GOAL = $(firstword $(shell cat fifo))\nall: ;\nV: ; @echo $@\n", "V\n"],
  [
    "extra prerequisites of a target",
    `all: .EXTRA_PREREQS = $(firstword ${AGAIN})\nall: ; @echo $@ of $^\nV: ; @echo $@\n`,
    "V\nall of\n",
  ],
  [
    "extra prerequisites, behind others in second expansion",
    `.SECONDEXPANSION:\nall: .EXTRA_PREREQS = $(firstword ${AGAIN})\nall: $$(shell echo one) ; @echo $@ of $^\none V: ; @echo $@\nV: one\n`,
    "one\nV\nall of one\n",
  ],
  [
    "extra prerequisites of grouped targets",
    `.SECONDEXPANSION:\nall: p q ; @:\np q &: .EXTRA_PREREQS = $(firstword ${AGAIN})\np q &: $$(shell echo one) ; @echo of $^; touch p q\none V: ; @echo $@\nV: one\n`,
    "one\nV\nof one\n",
  ],
  [
    "MAKEFLAGS",
    `MAKEFLAGS += -j0 W:=$$(shell\\ echo\\ w) X:=$$(shell\\ cat\\ fifo)\nall: ; @echo '$(X)' $(W)\n`,
    "mpmake[1]: the '-j' option requires a positive integer argument\nV := from b w\n",
  ],
  ["a file that is a FIFO", "V := $(file <fifo)\nall: ; @echo '$(V)'\n", "V := from b\n"],
  ["a makefile that is a FIFO", "include fifo\nall: ; @echo '$(V)'\n", "from b\n"],
];

describe.each([
  ["plain lines", FILES],
  ["lines of a shell", BY_SHELL],
])("%s", (_, files) => {
  test.each(WAITING)("%s", async (_title, makefile, output) => {
    trees.now.lay({ ...files, "a.mk": `.PHONY: all V\n${makefile}` });
    trees.now.makeFifo("fifo");
    expect(await trees.now.run("1", { words: ["-j2", "-s"] })).toEqual({ all: output, exitCode: 0, signal: undefined });
  });
});

test.each([
  ["an assignment of the command line", "-f a.mk 'V:=$$(shell cat fifo)'"],
  ["--eval", "-f a.mk --eval='V:=$$(shell cat fifo)'"],
  ["MAKEFILES", "-f a.mk 'MAKEFILES:=$$(firstword $$(shell cat fifo))'"],
])("what a make is called with: %s", async (_title, words) => {
  trees.now.lay({
    ...FILES,
    Makefile: `all: a b\na: ; @$(MAKE) -s --no-print-directory ${words}\nb: ; @$(MAKE) -s --no-print-directory -f b.mk\n`,
    "a.mk": "all: ; @echo '$(V)'\n",
    V: "V := V := from b\n",
  });
  trees.now.makeFifo("fifo");
  const { all, exitCode } = await trees.now.run("1", { words: ["-j2", "-s"] });
  expect({ all, exitCode }).toEqual({ all: "V := from b\n", exitCode: 0 });
});

test("under -n the environment of a line that runs all the same keeps nobody waiting", async () => {
  trees.now.lay({
    Makefile: "all: a b\na b: ; +@$(MAKE) -s --no-print-directory -f $@.mk\n",
    "a.mk": 'export E = $(shell cat fifo)\nall:\n\techo first\n\t+@echo "$$E"\n',
    "b.mk": "all: ; +@sleep 0.2; echo from b >fifo\n",
  });
  trees.now.makeFifo("fifo");
  const { all, exitCode } = await trees.now.run("1", { words: ["-n", "-j2"] });
  expect(all.split("\n")).toEqual(expect.arrayContaining(["echo first", "from b"]));
  expect(exitCode).toBe(0);
});

test("what is expanded while a recipe's expansion waits does not wait with it", async () => {
  trees.now.lay({
    Makefile: "all: a b\na: ; @$(MAKE) -s --no-print-directory -f sub.mk -j2\nb: ; @read word <made; echo go >fifo\n",
    "sub.mk":
      "export E = $(shell echo env)\nall: c d\nc: ; +@read word <waits; echo $$E\n\t@echo $$E; echo >made\nd: ; @echo $(shell echo >waits; cat fifo) $$E\n",
  });
  for (const name of ["fifo", "made", "waits"]) trees.now.makeFifo(name);
  const { all, exitCode } = await trees.now.run("1", { words: ["-j3", "-s"] });
  expect([all.replace(/^.*-j2 forced.*\n/m, ""), exitCode]).toEqual(["env\nenv\ngo env\n", 0]);
});

test("a makefile /dev/stdin is the sub-make's own", async () => {
  const sub = "all: ; @echo from sub\n";
  for (const line of ["$(MAKE) -f /dev/stdin <sub.mk", "cat sub.mk | $(MAKE) -f /dev/stdin"]) {
    trees.now.lay({ Makefile: `all: ; @${line} --no-print-directory\n`, "sub.mk": sub });
    expect((await trees.now.run("1", { words: ["-s"], input: "all: ; @echo from above\n" })).all).toBe("from sub\n");
  }
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends a command that a make waits for", async (signal) => {
  trees.now.lay({
    Makefile: "all: ; @$(MAKE) -s --no-print-directory -f sub.mk\n",
    "sub.mk": "V := $(shell echo $$$$ >pids; exec sleep 60)\nall: ; @echo made >made\n",
  });
  const child = trees.now.start("1", []);
  await expect.poll(() => trees.now.numbersIn("pids").length, { timeout: 20_000 }).toBe(1);
  child.kill(signal);
  const { exitCode } = await child;
  expect(exitCode).not.toBe(0);
  for (const pid of trees.now.numbersIn("pids")) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(trees.now.names()).not.toContain("made");
});

test("a make that fails does not end before a command that it waits for", async () => {
  trees.now.lay({
    Makefile: "all: ; @$(MAKE) -s --no-print-directory -f sub.mk\n",
    "sub.mk":
      "all: a b\na: ; @until [ -e begun ]; do sleep 0.05; done; false\nb: ; @echo $(shell exec 2>&-; >begun; sleep 1; >ended)\n",
  });
  const { exitCode } = await trees.now.run("1", { words: ["-j2", "-s"] });
  expect(exitCode).toBe(2);
  expect(trees.now.names()).toContain("ended");
});

test("a line that goes on under -n while another waits for a command has its environment", async () => {
  trees.now.lay({
    Makefile: "all: ; @+$(MAKE) -s --no-print-directory -f sub.mk\n",
    "sub.mk": [
      "export X = $(shell echo x)",
      "all: a b",
      "a:\n\t+@:\n\techo mid\n\t+@echo a $$X",
      "b: ; @echo $(shell sleep 1; echo b)\n",
    ].join("\n"),
  });
  const { all, exitCode } = await trees.now.run("1", { words: ["-j2", "-n"] });
  expect(exitCode).toBe(0);
  expect(all.split("\n")).toEqual(expect.arrayContaining(["a x", "echo b"]));
});

test.each([
  ["that does not end", "exec 2>&-; trap '' TERM; echo $$$$ >pids; sleep 30"],
  ["that has left somebody with its output", "exec 2>&-; sh -c 'echo $$$$ >pids; exec sleep 30' & exec sleep 30"],
])("a signal ends a make that waits for a command %s", async (_title, command) => {
  trees.now.lay({
    Makefile: "all: ; @$(MAKE) -s --no-print-directory -f sub.mk\n",
    "sub.mk": `V := $(shell ${command})\nall: ; @echo made >made\n`,
  });
  const child = trees.now.start("1", []);
  await expect.poll(() => trees.now.numbersIn("pids").length, { timeout: 20_000 }).toBe(1);
  const before = Date.now();
  child.kill("SIGTERM");
  const { signal } = await child;
  expect(signal).toBe("SIGTERM");
  expect(Date.now() - before).toBeLessThan(15_000);
  for (const pid of trees.now.numbersIn("pids")) process.kill(pid, "SIGKILL");
});

test("few files may be open, and many makes wait", async () => {
  trees.now.lay({
    Makefile: `all: ${Array.from({ length: 24 }, (_, i) => `t${String(i)}`).join(" ")}\nt%: ; @$(WITH) $(MAKE) -s --no-print-directory -f sub.mk\n`,
    "sub.mk": "V := $(shell sleep 1; echo v)\nall: ; @echo $(V)\n",
    run: 'ulimit -n 48 && exec "$@"\n',
  });
  for (const how of ["", "true &&"]) {
    const words = ["-j24", "-s", `WITH=${how}`];
    const call = { env: { MAKEFLAGS: "", MAKELEVEL: "", MPMAKE_SESSION: "1" }, cwd: trees.now.directory, all: true };
    const { all, exitCode } = await execa("sh", ["run", mpmake, ...words], { ...call, reject: false });
    expect({ all, exitCode }).toEqual({ all: Array<string>(24).fill("v").join("\n"), exitCode: 0 });
  }
});
