/** Makes that a recipe's shell starts: parts of the session where that can be, and nobody but `ps` can tell. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mpmake, treeOfEachTest, type TreeRun } from "../rig/make-tree.js";

const trees = treeOfEachTest();

const SUB = "$(MAKE) -f sub.mk";

interface Case extends TreeRun {
  readonly title: string;
  /** The recipe of `all`. */
  readonly recipe: string;
  readonly sub?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const SHOWS = "all: ; @echo $(CURDIR) '$(MAKEFLAGS)' $(MAKELEVEL) '$(V)'; pwd; umask; ulimit -n; ulimit -f\n";

const CASES: readonly Case[] = [
  {
    title: "a loop over directories",
    recipe: "for d in a b; do $(MAKE) -C $$d || exit 1; done",
    files: { "a/Makefile": SHOWS, "b/Makefile": SHOWS },
  },
  {
    title: "a condition",
    recipe: `if ${SUB} -q; then echo done; else echo "not done: $$?"; fi`,
    sub: "made: ; touch made\n",
  },
  {
    title: "a failure in a loop",
    recipe: `for i in 1 2; do ${SUB} N=$$i || exit 7; done`,
    sub: "all: ; @echo $(N); exit $(N)\n",
  },
  { title: "cd in the same shell", recipe: "cd a && $(MAKE)", files: { "a/Makefile": SHOWS } },
  {
    title: "cd by way of a link, back and forth",
    recipe: "cd l/../l && $(MAKE) -f ../sub.mk",
    sub: `all: ; @pwd; echo $$PWD $$OLDPWD $(PWD) $(OLDPWD)\n`,
    files: { "d/x": "" },
  },
  { title: "cd to what is not there", recipe: `cd nowhere && ${SUB}`, sub: SHOWS },
  {
    title: "cd to a directory of CDPATH",
    recipe: "cd d && pwd && $(MAKE) -f ../../sub.mk",
    sub: SHOWS,
    files: { "e/d/x": "", "d/x": "" },
    environment: { CDPATH: "e" },
  },
  { title: "a variable of the shell's", recipe: `V=one; export V; ${SUB}; V=two ${SUB}`, sub: SHOWS },
  { title: "an environment of its own", recipe: `env -i PATH="$$PATH" ${SUB}`, sub: "all: ; @env | sort\n" },
  {
    title: "limits and a mask of its own",
    recipe: `umask 077; ulimit -n 200; ${SUB}; ulimit -f 100 && ${SUB}`,
    sub: SHOWS,
  },
  { title: "output to a file", recipe: `${SUB} >out; cat out`, sub: SHOWS },
  {
    title: "output behind what is there",
    recipe: `echo first >out; ${SUB} >>out 2>&1; echo last >>out; cat out`,
    sub: "all: ; @echo one; echo two >&2\n\t@exit 3\n",
  },
  { title: "output through a pipe", recipe: `${SUB} 2>&1 | sed 's/^/> /'`, sub: SHOWS },
  {
    title: "one make that reads what another writes",
    recipe: `${SUB} -s mk | $(MAKE) -s -f -`,
    sub: "mk: ; @echo 'all: ; @echo from the other'\n",
  },
  { title: "a makefile in the recipe", recipe: "printf 'all: ; @echo %s\\n' here | $(MAKE) -f -" },
  { title: "standard input of a file", recipe: `echo read >in; ${SUB} <in`, sub: "all: ; @cat\n" },
  { title: "closed descriptors", recipe: `${SUB} <&-; ${SUB} 2>&-`, sub: "all: ; @cat; echo status $$?\n" },
  { title: "more descriptors", recipe: `exec 3>more; ${SUB}; cat more`, sub: "all: ; @echo three >&3\n" },
  { title: "ignored signals", recipe: `trap '' INT USR1; ${SUB}`, sub: "all: ; @grep SigIgn /proc/self/status\n" },
  { title: "the background", recipe: `${SUB} -s N=1 & wait; ${SUB} -s N=2`, sub: "all: ; @echo $(N)\n" },
  { title: "exec", recipe: `exec ${SUB}`, sub: SHOWS },
  {
    title: "a directory that was deleted",
    recipe: "mkdir -p g; cd g; rmdir ../g; $(MAKE) -s -f $(CURDIR)/sub.mk",
    sub: "all: ; @echo hi\n",
  },
  {
    title: "no place for short-lived files",
    recipe: `: ; ${SUB}`,
    sub: "all: ; @echo hi\n",
    environment: { TMPDIR: "/proc" },
  },
  {
    title: "process numbers of its own",
    recipe: `unshare -rpf --mount-proc ${SUB} -s 2>/dev/null || echo none`,
    sub: "all: ; @echo hi\n",
  },
  {
    title: "a descriptor of the same file, opened anew",
    recipe: `sh -c 'exec ${SUB} 3<sub.mk'`,
    sub: "all: ; @cat <&3\n",
  },
  { title: "another session", recipe: `setsid -w ${SUB}`, sub: "all: ; @echo here\n" },
  { title: "a lower priority", recipe: `nice -n 3 ${SUB}`, sub: "all: ; @nice\n" },
  {
    title: "a script that is called in make's place",
    recipe: "$(MAKE) -f sub.mk",
    sub: SHOWS,
    files: { p_make: '#!/bin/sh\nexec "$REAL" "$@"\n' },
    words: ["MAKE=sh ./p_make"],
  },
  {
    title: "$(shell), which waits for it",
    recipe: "@echo '$(shell $(MAKE) -s -f sub.mk)'",
    sub: "all: ; @echo from below\n",
  },
  { title: "many arguments", recipe: `${SUB} $$(seq -f V%g=x 500) V='a b	c'`, sub: "all: ; @echo '$(V)' $(V499)\n" },
  { title: "a signal in the recipe", recipe: `-${SUB}; echo never`, sub: "all: ; @kill -9 $$$$\n" },
  { title: "errors below errors", recipe: `(${SUB}) || echo "status $$?"; ${SUB} nothing`, sub: "all: ; @exit 4\n" },
  {
    title: "slots of its own",
    recipe: `: ; ${SUB} -j3`,
    sub: "all: ; @echo '$(filter -j%,$(MAKEFLAGS))'\n",
    words: ["-j2"],
  },
  {
    title: "a jobserver of pipes",
    recipe: `: ; ${SUB}`,
    sub: "all: ; @echo '$(filter -j% --jobserver%,$(MAKEFLAGS))'\n",
    words: ["-j2", "--jobserver-style=pipe"],
  },
  ...["-Oline", "-Otarget", "-Orecurse"].map((word) => ({
    title: `whole groups of output: ${word}`,
    recipe: `@echo before; ${SUB}; ${SUB} >file; cat file; echo behind`,
    sub: "$(info reading)\nall: two ; @echo one; echo two >&2\ntwo: ; echo $@\n",
    words: [word, "-j2"],
  })),
];

describe.each(CASES)("$title", ({ recipe, sub = "", files = {}, ...call }) => {
  test("is the same either way", async () => {
    const lay = (): void => {
      trees.now.lay({ ...files, Makefile: `all: ; ${recipe}\n`, "sub.mk": sub });
      trees.now.link("l", "d");
    };
    const environment = { ...call.environment, REAL: mpmake };
    lay();
    const apart = await trees.now.run("0", { ...call, environment });
    const left = trees.now.names();
    trees.now.clear();
    lay();
    expect(await trees.now.run("1", { ...call, environment })).toEqual(apart);
    expect(trees.now.names()).toEqual(left);
    expect(trees.now.temporaries()).toEqual([]);
  });
});

test.each(["", "-Oline", "-Otarget", "-Orecurse"])(
  "makes that a shell starts are parts of the session where they can be, %s",
  async (word) => {
    const process = (recipe: string) => `@echo $$PPID; ${recipe}\n`;
    trees.now.lay({
      Makefile: `all: a b c d e\na: ; ${process(SUB)}b: ; ${process(`for i in 1 2; do ${SUB}; done`)}c: ; ${process(`(cd x && ${SUB})`)}d: ; @exec ${SUB}\ne: ; @cd x && ${SUB}\n`,
      "sub.mk": "all: ; @echo $$PPID\n",
      "x/sub.mk": "all: ; @echo $$PPID\n",
    });
    const { all, exitCode } = await trees.now.run("1", { words: ["-s", "-j2", ...(word === "" ? [] : [word])] });
    expect([exitCode, new Set(all.split("\n").filter((line) => /^\d+$/.test(line))).size]).toEqual([0, 1]);
  },
);

test.each(["SIGKILL", "SIGTERM"] as const)("a launcher that ends by %s takes its make along", async (signal) => {
  trees.now.lay({
    Makefile: `all: ; @: ; sh -c 'echo $$$$ >launcher; exec ${SUB}'; echo "status $$?"\n`,
    "sub.mk": "all: ; @echo $$$$ >>pids; exec sleep 60\n",
  });
  const child = trees.now.start("1", ["-s"]);
  await expect.poll(() => trees.now.numbersIn("pids").length, { timeout: 20_000 }).toBe(1);
  process.kill(trees.now.numbersIn("launcher")[0] ?? 0, signal);
  const { all, exitCode } = await child;
  expect([exitCode, all.includes(signal === "SIGKILL" ? "status 137" : "status 143")]).toEqual([0, true]);
  await expect.poll(() => isThere(trees.now.numbersIn("pids")[0] ?? 0), { timeout: 10_000 }).toBe(false);
});

test("no launcher waits for a session that was killed", async () => {
  trees.now.lay({
    Makefile: `all: a b\na b: ; @sh -c 'echo $$$$ >>launchers; exec ${SUB}'; echo "status $$?" >>ends\n`,
    "sub.mk": "all: ; @echo $$$$ >>pids; exec sleep 60\n",
  });
  const child = trees.now.start("1", ["-s", "-j2"]);
  await expect.poll(() => trees.now.numbersIn("pids").length, { timeout: 20_000 }).toBe(2);
  child.kill("SIGKILL");
  await expect.poll(() => trees.now.numbersIn("launchers").filter(isThere), { timeout: 10_000 }).toEqual([]);
  const places = () => trees.now.temporaries().filter((name) => name.startsWith("mpmake-join-"));
  await expect.poll(places, { timeout: 10_000 }).toEqual([]);
  // Nobody is left to end what the killed session has started.
  for (const pid of trees.now.numbersIn("pids").filter(isThere)) process.kill(pid, "SIGKILL");
  await child;
});

function isThere(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, "latin1").includes(") Z ");
  } catch {
    return false; // it has ended
  }
}
