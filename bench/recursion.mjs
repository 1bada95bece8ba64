/** Claim: what a tree of many small makes costs, each started by a recipe line of the one above: built whole, and with nothing to do. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

const WIDTH = smoke ? 2 : quick ? 8 : 40;
const LEVELS = 4;
const RUNS = quick ? 1 : 5;

const folder = scratch("recursion");
const made = [];

/** A directory with two files to make, and the next level below it. */
function lay(directory, levels) {
  fs.mkdirSync(directory);
  const below = levels > 1 ? "below" : "";
  const rules = below === "" ? "" : `.PHONY: below\nbelow: ; @$(MAKE) -C below\n`;
  fs.writeFileSync(
    path.join(directory, "Makefile"),
    `.PHONY: all\nall: one two ${below}\none two: ; @echo made >$@\n${rules}`,
  );
  made.push(...["one", "two"].map((name) => path.join(directory, name)));
  if (below !== "") lay(path.join(directory, below), levels - 1);
}

const directories = Array.from({ length: WIDTH }, (_, i) => `d${i}`);
fs.writeFileSync(
  path.join(folder, "Makefile"),
  `DIRECTORIES = ${directories.join(" ")}\n.PHONY: all $(DIRECTORIES)\nall: $(DIRECTORIES)\n$(DIRECTORIES): ; @$(MAKE) -C $@\n`,
);
for (const name of directories) lay(path.join(folder, name), LEVELS);

const { found, absent } = findPrograms(["gnu", "remake"]);
const contenders = found.flatMap(({ title, family, program }) => {
  const plain = { title, command: [program, "-j2"], cwd: folder };
  if (family !== "mpmake") return [plain];
  const apart = { ...plain, title: `${title}, a process each`, env: { MPMAKE_SESSION: "0" } };
  return [{ ...plain, title: `${title}, one process` }, apart];
});
const clean = () => {
  for (const file of made) fs.rmSync(file, { force: true });
};
const work = `${WIDTH} directories, ${LEVELS} levels deep, ${WIDTH * LEVELS} sub-makes, at -j2`;
report({
  name: "recursion-full",
  title: `${work}: two trivial recipes in each`,
  rows: compare(
    contenders.map((contender) => ({ ...contender, before: clean })),
    { runs: RUNS },
  ),
  absent,
});
process.stdout.write("\n");
report({ name: "recursion-null", title: `${work}: nothing to do`, rows: compare(contenders, { runs: RUNS }), absent });
