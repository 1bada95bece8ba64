/** `up`, `join`, `drain` and `status` are goals wherever make has something to build by these names; compared with the make of this machine. */

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { CLUSTER_COMMANDS, commandIn } from "../../src/cli/cluster-command.js";
import { CLUSTER_OPTIONS } from "../../src/cli/cluster-options.js";
import { tool } from "./rig.js";

const LONG_MS = 120_000;

const root = mkdtempSync(join(tmpdir(), "mpmake-words-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

let trees = 0;

/** A directory of its own with these files; a name that ends in a slash is a folder. */
function tree(files: Files): string {
  const path = join(root, String(trees++));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files))
    if (name.endsWith("/")) mkdirSync(join(path, name));
    else writeFileSync(join(path, name), text);
  return path;
}

interface Ran {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, words: readonly string[], { directory, environment = {} }: Call): Promise<Ran> {
  const { exitCode, stdout, stderr } = await execa(program, words, {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", HOME: root, TMPDIR: root, LC_ALL: "C", ...environment },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  const own = (text: string): string => text.replace(/^(\S*\/)?mpmake(?=[:[])/gm, "make").replaceAll(directory, "DIR");
  return { status: exitCode, stdout: own(stdout), stderr: own(stderr) };
}

interface Call {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

const ALL = `up join drain status:\n\t@echo made $@ $(MAKECMDGOALS) $(V)\n`;

/** What it is about, what is in the tree, what is said, and what is in the environment. */
type Case = readonly [string, Files, readonly string[], Environment?];
type Environment = Readonly<Record<string, string>>;

const GOALS: readonly Case[] = [
  ...CLUSTER_COMMANDS.map((word): Case => [`a rule for ${word}`, { Makefile: ALL }, [word]]),
  ["other goals behind it", { Makefile: ALL }, ["up", "status"]],
  ["an assignment behind it", { Makefile: ALL }, ["status", "V=1"]],
  ["options behind it", { Makefile: ALL }, ["join", "-s", "-k"]],
  ["a makefile that is named", { "other.mk": ALL }, ["drain", "-f", "other.mk"]],
  ["GNUmakefile", { GNUmakefile: ALL }, ["up"]],
  ["a phony target without a rule", { Makefile: ".PHONY: up\n" }, ["up"]],
  ["a target without a recipe", { Makefile: "up: dep\ndep:\n\t@echo $@\n" }, ["up"]],
  ["a prerequisite that nobody can make", { Makefile: "up: dep\n" }, ["up"]],
  ["a pattern that matches anything", { Makefile: "%:\n\t@echo any $@\n" }, ["status"]],
  ["a pattern rule", { Makefile: "st%: ; @echo $*\n" }, ["status"]],
  [".DEFAULT", { Makefile: ".DEFAULT:\n\t@echo default $@\n" }, ["drain"]],
  ["a file of that name", { Makefile: "all:\n", up: "" }, ["up"]],
  ["a folder of that name, and no makefile", { "status/": "" }, ["status"]],
  ["a file of that name on a search path", { Makefile: "VPATH = sub\n", "sub/": "", "sub/up": "" }, ["up"]],
  ["a built-in rule", { Makefile: "all:\n", "up.sh": "" }, ["up"]],
  ["a built-in rule, and no makefile", { "status.sh": "echo\n" }, ["status"]],
  ["MAKEFILES, and no makefile", { "x.mk": ALL }, ["up"], { MAKEFILES: "x.mk" }],
  ["MAKEFLAGS, and no makefile", { "x.mk": ALL }, ["up"], { MAKEFLAGS: "--eval=up:;@echo\\ $$@" }],
  ["an included makefile that is missing", { Makefile: "include none.mk\n" }, ["up"]],
  ["a makefile with a mistake", { Makefile: "x\n" }, ["status"]],
  ["nothing, and options of make's", { Makefile: "all:\n" }, ["up", "-k"]],
  ["nothing, and an assignment", { Makefile: "all:\n" }, ["up", "V=1"]],
  ["options behind it that name a makefile elsewhere", { "d/": "", "d/Makefile": ALL }, ["up", "-C", "d"]],
  ["nothing, not as the first word", { Makefile: "all:\n" }, ["-s", "up"]],
  ["nothing, in a recipe's make", { Makefile: "all:\n\t@$(MAKE) --no-print-directory status\n" }, []],
  ["nothing, below another make", {}, ["up"], { MAKELEVEL: "2" }],
];

const named = ([name, files, words, environment]: Case) => ({ name, files, words, environment });

describe("a word is a goal where there is", () => {
  test.each(GOALS.map(named))("$name", async ({ files, words, environment }) => {
    const [ours, theirs] = [tree(files), tree(files)];
    const expected = await run("make", words, { directory: theirs, environment });
    expect(await run(tool("mpmake"), words, { directory: ours, environment })).toEqual(expected);
  });
});

test("called by the name of make it is make", async () => {
  const bin = join(root, "bin");
  mkdirSync(bin);
  copyFileSync(tool("mpmake"), join(bin, "make"));
  chmodSync(join(bin, "make"), 0o755);
  symlinkSync(tool("mpmake"), join(bin, "gmake"));
  for (const name of ["make", "gmake"]) {
    const { status, stderr } = await run(join(bin, name), ["status"], { directory: tree({}) });
    expect([status, stderr]).toEqual([2, `${name}: *** No rule to make target 'status'.  Stop.`]);
  }
});

const NO_CLUSTER = /^make: builds in DIR use no standing cluster$/m;

/** The same, for what is no goal. */
const COMMANDS: readonly Case[] = [
  ["no makefile, nor anything else of that name", { "main.c": "", "x.sh": "" }, ["status"]],
  ["a makefile without such a rule", { Makefile: "all:\n\t@echo wrong\n" }, ["status"]],
  ["options of the command that are make's, too", { Makefile: "all:\n" }, ["status", "--json"]],
  ["options that make does not have", { Makefile: "all:\n\t@echo wrong\n" }, ["drain", "--all"]],
  ["a prerequisite of that name, and no rule", { Makefile: "all: status\n\t@echo wrong\n" }, ["status"]],
  ["a makefile that is made first", { Makefile: "all:\n-include x.mk\nx.mk: ; @echo a=1 >$@\n" }, ["status"]],
  ["MAKEFLAGS without anything of that name", { Makefile: "all:\n" }, ["status"], { MAKEFLAGS: "k" }],
  ["a rule, and the spelling that no goal has", { Makefile: ALL }, ["--cluster=status"]],
  ["a rule, and that spelling in two words", { Makefile: ALL }, ["--cluster", "drain", "--all"]],
  ["that spelling below another make", { Makefile: ALL }, ["--cluster=join"], { MAKELEVEL: "1" }],
];

describe("a word is the command where there is", () => {
  test.each(COMMANDS.map(named))("$name", async ({ files, words, environment }) => {
    const { status, stdout, stderr } = await run(tool("mpmake"), words, { directory: tree(files), environment });
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(NO_CLUSTER)]);
  });
});

test("words that are neither make's nor, as there is such a goal, the command's are a wrong call of make", async () => {
  const directory = tree({ Makefile: `$(info read)\n${ALL}` });
  const { status, stdout, stderr } = await run(tool("mpmake"), ["drain", "--all"], { directory });
  expect([status, stdout, stderr.split("\n").slice(0, 2)]).toEqual([
    2,
    "read",
    ["make: unrecognized option '--all'", "Usage: mpmake [options] [target] ..."],
  ]);
});

test("words that are neither are a wrong call of the command, where there is no such goal", async () => {
  for (const files of [{}, { Makefile: "all:\n" }]) {
    const wrong = await run(tool("mpmake"), ["status", "--jsn"], { directory: tree(files) });
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      "make: status: Unknown argument: jsn\nTry 'mpmake --cluster=status --help'.",
    ]);
  }
});

test("the spelling is the first word, and names a command", async () => {
  const directory = tree({ Makefile: ALL });
  expect(await run(tool("mpmake"), ["-s", "--cluster=up"], { directory })).toEqual({
    status: 2,
    stdout: "",
    stderr: "make: --cluster=up has to be the first word",
  });
  expect(await run(tool("mpmake"), ["--cluster=away"], { directory })).toEqual({
    status: 2,
    stdout: "",
    stderr: "make: --cluster is followed by one of up, join, drain, status, not by 'away'",
  });
});

test("each option of the commands may stand behind a word", () => {
  for (const [command, table] of Object.entries(CLUSTER_OPTIONS))
    for (const name of Object.keys(table)) {
      const call = { argv0: "mpmake", argv: [command, `--${name}`], environment: ["MAKEFLAGS=x"], directory: "/" };
      expect(commandIn(call)).toEqual({ command, words: [`--${name}`], claim: "perhaps" });
    }
});

test(
  "each command says what it takes",
  async () => {
    for (const command of CLUSTER_COMMANDS) {
      const { status, stdout } = await run(tool("mpmake"), [`--cluster=${command}`, "--help"], { directory: tree({}) });
      expect([status, stdout.split("\n")[0]]).toEqual([0, expect.stringMatching(`^Usage: mpmake ${command} `)]);
      for (const name of Object.keys(CLUSTER_OPTIONS[command])) expect(stdout).toContain(`--${name}`);
    }
    const wrong = await run(tool("mpmake"), ["status", "n1"], { directory: tree({}) });
    expect([wrong.status, wrong.stderr.split("\n")]).toEqual([
      2,
      ["make: status: status takes no 'n1': --folder names another cluster", "Try 'mpmake --cluster=status --help'."],
    ]);
  },
  LONG_MS,
);
