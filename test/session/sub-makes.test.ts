/** Sub-makes as parts of one process and as processes of their own: nobody but `ps` can tell the two. */

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { mpmake, treeOfEachTest, type TreeRun } from "../rig/make-tree.js";

const trees = treeOfEachTest();

const SUB = "$(MAKE) -f sub.mk";

const TREES: readonly (TreeRun & { readonly title: string; readonly files: Readonly<Record<string, string>> })[] = [
  {
    title: "directories, levels, variables and flags",
    files: {
      Makefile: 'export FROM = above\nall: ; $(MAKE) -C a/b "WORDS=two words" one\n',
      "a/b/Makefile":
        "one: ; @echo $(CURDIR) '$(WORDS)' $(FROM) $(MAKELEVEL) '$(MAKEFLAGS)' $(origin WORDS); $(MAKE) two\ntwo: ; @pwd\n",
    },
    words: ["-k"],
  },
  {
    title: "an error, told at each level",
    files: { Makefile: `all: one two\none: ; ${SUB}\ntwo: ; @echo two\n`, "sub.mk": "all: ; @echo bad; exit 3\n" },
    words: ["-k"],
  },
  {
    title: "no rule, and a makefile that is not there",
    files: { Makefile: `all: ; ${SUB} nothing\nother: ; $(MAKE) -f none.mk\n`, "sub.mk": "all:\n" },
    words: ["-k", "all", "other"],
  },
  {
    title: "an error that is ignored",
    files: { Makefile: `all: ; -${SUB}\n\t@echo on\n`, "sub.mk": "all: ; @false\n" },
  },
  {
    title: "standard input, which the sub-make reads as its makefile",
    files: { Makefile: "all: ; $(MAKE) -f -\n" },
    input: "all: ; @echo from standard input\n",
  },
  {
    title: "standard input, which the sub-make's recipe reads",
    files: { Makefile: `all: ; ${SUB}\n`, "sub.mk": "all: ; @cat\n" },
    input: "read by cat\n",
  },
  {
    title: "-n, which reaches below",
    files: { Makefile: `all: ; ${SUB}\n`, "sub.mk": "all: ; touch made\n" },
    words: ["-n"],
  },
  {
    title: "-q, whose answer comes from below",
    files: { Makefile: `all: ; @${SUB}\n`, "sub.mk": "made: ; touch made\n" },
    words: ["-q"],
  },
  {
    title: "a makefile that is remade below",
    files: {
      Makefile: `all: ; ${SUB}\n`,
      "sub.mk": "include gen.mk\nall: ; @echo $(VALUE) $(MAKE_RESTARTS)\ngen.mk: ; @echo VALUE = made >$@\n",
    },
  },
  ...["-Oline", "-Otarget", "-Orecurse"].map((word) => ({
    title: `whole groups of output: ${word}`,
    files: {
      Makefile: `all: ; @echo before; echo error >&2\n\t@${SUB} -C .\n\t+@${SUB} two\n\t@echo behind\n`,
      "sub.mk": `$(info reading)\nall: below ; @echo one; echo two >&2\nbelow: ; ${SUB} two\ntwo: ; @echo two\n\t@exit 3\n`,
    },
    words: [word, "-j2", "-k"],
  })),
  {
    title: "slots that a sub-make asks for itself",
    files: { Makefile: `all: ; @${SUB} -j3\n`, "sub.mk": "all: ; @echo '$(filter -j%,$(MAKEFLAGS))'\n" },
    words: ["-j2"],
  },
  {
    title: "the program's name in another's place, and through a shell",
    files: { Makefile: `all: ; @(${SUB}) && ${SUB} | cat\n`, "sub.mk": "all: ; @echo $(MAKELEVEL)\n" },
  },
];

describe.each(TREES)("$title", ({ files, ...call }) => {
  test("is the same either way", async () => {
    trees.now.lay(files);
    const apart = await trees.now.run("0", call);
    const left = trees.now.names();
    trees.now.clear();
    trees.now.lay(files);
    expect(await trees.now.run("1", call)).toEqual(apart);
    expect(trees.now.names()).toEqual(left);
  });
});

test("a jobserver's pipe of a make further above, which the make above does not use, is not seen below", async () => {
  trees.now.lay({
    "outer.mk": "all: ; +@MPMAKE_SESSION=$(INNER) $(MAKE) -s -j2 --jobserver-style=fifo -f mid.mk 2>&1\n",
    "mid.mk": `all: ; @${SUB} --no-print-directory\n`,
    "sub.mk": "all: ; @ls /proc/self/fd | wc -l\n",
  });
  const words = (inner: string) => ["-s", "-j3", "--jobserver-style=pipe", "-f", "outer.mk", `INNER=${inner}`];
  expect(await trees.now.run("0", { words: words("1") })).toEqual(await trees.now.run("0", { words: words("0") }));
});

test.each(["", "-Oline", "-Otarget", "-Orecurse"])(
  "no process is started where one would only be make again, %s",
  async (word) => {
    trees.now.lay({ Makefile: `all: ; @echo $$PPID\n\t@${SUB}\n`, "sub.mk": `all: ; @echo $$PPID\n` });
    const numbers = async (session: string): Promise<number> =>
      new Set(
        (await trees.now.run(session, { words: ["-j2", ...(word === "" ? [] : [word])] })).all
          .split("\n")
          .filter((line) => /^\d+$/.test(line)),
      ).size;
    expect([await numbers("1"), await numbers("0"), await numbers("")]).toEqual([1, 2, 1]);
  },
);

test.each(["-Oline", "-Otarget", "-Orecurse"])("nobody reads a sub-make's output any more, %s", async (word) => {
  trees.now.lay({
    Makefile: "all: long sub\nlong: ; @until [ -e end ]; do sleep 0.1; done\nsub: ; @$(MAKE) -f sub.mk\n",
    "sub.mk": "all: p q\np: ; @read w <fifo; echo one; $(MAKE) -f none.mk\nq: p ; @echo $@\n",
  });
  trees.now.makeFifo("fifo");
  // The reader has ended when the sub-make writes; what else the make above runs comes to its end.
  const command = `("${mpmake}" -j4 ${word} 2>said; echo $? >status) | true; exit 0`;
  const call = { cwd: trees.now.directory, env: { MAKEFLAGS: "", MAKELEVEL: "", MPMAKE_SESSION: "1" } };
  const running = execa("sh", ["-c", command], call);
  await execa("sh", ["-c", "echo go >fifo; sleep 0.5; echo >end"], call);
  await running;
  const said = readFileSync(`${trees.now.directory}/said`, "latin1");
  expect(said).not.toContain("BrokenOutput");
  expect(Number(readFileSync(`${trees.now.directory}/status`, "latin1"))).toBeOneOf([2, 141]);
});

test.each(["0", "1"])("groups of many makes do not mix, -O (MPMAKE_SESSION=%s)", async (session) => {
  const names = Array.from({ length: 12 }, (_, i) => `d${String(i)}`);
  const block = (name: string) => `for i in 1 2 3 4 5; do echo ${name} $$i; done`;
  trees.now.lay({
    Makefile: `all: ${names.join(" ")}\n${names.join(" ")}: ; @${SUB} N=$@ --no-print-directory\n`,
    "sub.mk": `all: a b\na b: ; @${block("$(N) $@")}\n`,
  });
  const { all, exitCode } = await trees.now.run(session, { words: ["-s", "-j8", "-Otarget"] });
  const lines = all.trimEnd().split("\n");
  const groups = Array.from({ length: lines.length / 5 }, (_, i) => lines.slice(5 * i, 5 * i + 5));
  const isWhole = (group: readonly string[]): boolean =>
    group.every((text, i) => text === `${(group[0] ?? "").slice(0, -1)}${String(i + 1)}`);
  expect([exitCode, groups.length, groups.filter((group) => !isWhole(group))]).toEqual([0, 24, []]);
});

test.each(["0", "1"])("make called by a path from here is found from there (MPMAKE_SESSION=%s)", async (session) => {
  trees.now.lay({ Makefile: "all: ; @$(MAKE) -s -C below\n", "below/Makefile": "all: ; @echo '$(MAKE)'\n" });
  const path = relative(trees.now.directory, mpmake);
  const { stdout } = await execa(path, ["-s"], {
    ...{ cwd: trees.now.directory, preferLocal: false },
    env: { MPMAKE_SESSION: session, MAKEFLAGS: "", MAKELEVEL: "" },
  });
  expect(stdout).toBe(`${trees.now.directory}/${path}`);
});

test.each(["fifo", "pipe"])("all levels together have the slots of one, by a jobserver of style %s", async (style) => {
  // Each recipe leaves a file while it runs, and counts those that there are.
  const job = "@touch run.$@; set -- run.*; echo $$# >>counts; sleep 0.2; rm run.$@";
  trees.now.lay({
    Makefile: "all: a b c\na b c: ; @$(MAKE) -s --no-print-directory -f sub.mk P=$@\n",
    "sub.mk": `all: $(P)1 $(P)2 $(P)3\n$(P)1 $(P)2 $(P)3: ; ${job}\n`,
  });
  const { exitCode, all } = await trees.now.run("1", { words: ["-j3", `--jobserver-style=${style}`] });
  expect([exitCode, all]).toEqual([0, ""]);
  const { stdout } = await execa("sort", ["-nu", join(trees.now.directory, "counts")]);
  const most = Number(stdout.split("\n").at(-1));
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
});

test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("%s ends all that runs at any level", async (signal) => {
  const files = {
    Makefile: "all: ; @$(MAKE) -s --no-print-directory -f sub.mk\n",
    "sub.mk": "all: a b\na b: ; @touch $@; echo $$$$ >>pids; exec sleep 60\n.DELETE_ON_ERROR:\n",
  };
  const results: unknown[] = [];
  for (const session of ["0", "1"]) {
    trees.now.clear();
    trees.now.lay(files);
    const child = trees.now.start(session, ["-j2"]);
    await expect.poll(() => trees.now.numbersIn("pids").length, { timeout: 20_000 }).toBe(2);
    child.kill(signal);
    const { exitCode, signal: by, all } = await child;
    results.push({ exitCode, by, said: all.split("\n").sort(), left: trees.now.names() });
    for (const pid of trees.now.numbersIn("pids")) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  }
  expect(results[1]).toEqual(results[0]);
});
