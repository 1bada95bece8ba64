/** Claim: how long a make takes to start, read a one-line makefile, find nothing to run, and end. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

/** One measured run starts the program this often, from one shell, so that the measuring costs little of it. */
const STARTS = smoke ? 2 : 20;

const folder = scratch("startup");
fs.writeFileSync(path.join(folder, "Makefile"), "all: ;\n");
fs.writeFileSync(path.join(folder, "build.ninja"), "build all: phony\n");

const repeat = (line) => ["/bin/sh", "-c", `i=0; while [ $i -lt ${STARTS} ]; do ${line} || exit; i=$((i+1)); done`];
const { found, absent } = findPrograms(["gnu", "remake", "bmake", "ninja"]);
const contenders = [
  ...found.map(({ title, program }) => ({ title, command: repeat(`'${program}' all`), cwd: folder })),
  { title: "node -e 0", command: repeat(`'${process.execPath}' -e 0`), cwd: folder },
  { title: "/bin/true", command: repeat("/bin/true"), cwd: folder },
];

report({
  name: "startup",
  title: "Start-up: `all: ;`, one process",
  rows: compare(contenders, { runs: quick ? 1 : 15, per: STARTS }),
  absent,
});
