/** -j is the total of a session, however deep its makes are, and a line that runs a make takes no slot. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

const mpmake = join(import.meta.dirname, "../../dist/mpmake");
let directory: string;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "mpmake-slots-")));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** The most recipes that ran at one time: each has left its name at its start and at its end, in a file that takes one line at a time. */
function mostAtOnce(log: string): number {
  let [now, most] = [0, 0];
  for (const line of readFileSync(log, "latin1").trimEnd().split("\n")) {
    now += line === "begin" ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

const JOB = `@echo begin >>$(TOP)/log; sleep 0.1; echo end >>$(TOP)/log`;

test.each(["fifo", "pipe"])("three levels have four slots together, all of them: style %s", async (style) => {
  writeFileSync(
    join(directory, "Makefile"),
    [
      "export TOP := $(CURDIR)",
      "NEXT := $(wordlist 2,9,$(LEVELS))",
      "ifneq ($(LEVELS),)",
      "all: own $(LEVELS:%=sub%)",
      "sub%: ; @+$(MAKE) -s LEVELS='$(NEXT)' all",
      "else",
      "all: own p q",
      "endif",
      `own p q: ; ${JOB}`,
    ].join("\n"),
  );
  const words = ["-s", "-j4", `--jobserver-style=${style}`, "LEVELS=1 2 3"];
  const { all, exitCode } = await execa(mpmake, words, {
    ...{ cwd: directory, env: { MPMAKE_SESSION: "1", MAKEFLAGS: "", MAKELEVEL: "" }, all: true, reject: false },
  });
  expect([all, exitCode, mostAtOnce(join(directory, "log"))]).toEqual(["", 0, 4]);
  // Every level has left: the jobserver's FIFO, for one, is gone.
  expect(readdirSync(directory).sort()).toEqual(["Makefile", "log"]);
});

test("with one slot the order is that of the makefiles at every level", async () => {
  for (const name of ["a", "b"]) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "Makefile"), `all: 1 2\n1 2: ; @echo ${name}$@\n`);
  }
  writeFileSync(
    join(directory, "Makefile"),
    "all: first a b last\nfirst last: ; @echo $@\na b: ; @$(MAKE) -sC $@\n.PHONY: a b\n",
  );
  const { stdout } = await execa(mpmake, ["-s"], {
    ...{ cwd: directory, env: { MPMAKE_SESSION: "1", MAKEFLAGS: "", MAKELEVEL: "" } },
  });
  expect(stdout.split("\n")).toEqual(["first", "a1", "a2", "b1", "b2", "last"]);
});
