/**
 * Claim: what finding nothing to do takes in recursive trees as tools generate them.
 *
 * One that CMake generates and one of automake's are made here, where those are installed. Others, such as a configured Linux, are
 * named by MPMAKE_TREES: `kbuild=/path/to/linux automake=/path/to/sed`; they are built in their place.
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

const LIBRARIES = smoke ? 1 : quick ? 3 : 20;
const FILES = 5;
const RUNS = quick ? 1 : 7;

/** @throws Error with what it said, if it fails */
function run(words, cwd) {
  const { status, stdout, stderr } = spawnSync(words[0], words.slice(1), { cwd, encoding: "latin1" });
  if (status !== 0) throw new Error(`${words.join(" ")}: exit ${status}\n${(stdout + stderr).slice(-2000)}`);
}

const isInstalled = (program) => spawnSync(program, ["--version"]).status === 0;
const libraries = Array.from({ length: LIBRARIES }, (_, i) => `part${i}`);

/** Sources of a program with many libraries; `words` gives the text of each directory's build description. */
function lay(folder, name, words) {
  const sources = Array.from({ length: FILES }, (_, i) => `f${i}.c`);
  for (const library of libraries) {
    fs.mkdirSync(path.join(folder, library));
    for (const source of sources)
      fs.writeFileSync(path.join(folder, library, source), `int ${library}_${source[1]}(void) { return 1; }\n`);
    fs.writeFileSync(path.join(folder, library, name), words(library, sources.join(" ")));
  }
  fs.writeFileSync(path.join(folder, "main.c"), "int main(void) { return 0; }\n");
}

function generatedByCmake() {
  const folder = scratch("cmake");
  lay(folder, "CMakeLists.txt", (library, sources) => `add_library(${library} STATIC ${sources})\n`);
  const parts = libraries.map((library) => `add_subdirectory(${library})\n`).join("");
  fs.writeFileSync(
    path.join(folder, "CMakeLists.txt"),
    `cmake_minimum_required(VERSION 3.10)\nproject(bench C)\n${parts}add_executable(main main.c)\ntarget_link_libraries(main ${libraries.join(" ")})\n`,
  );
  const build = path.join(folder, "build");
  run(["cmake", "-G", "Unix Makefiles", "-S", folder, "-B", build], folder);
  return build;
}

function generatedByAutomake() {
  const folder = scratch("automake");
  lay(
    folder,
    "Makefile.am",
    (library, sources) => `noinst_LIBRARIES = lib${library}.a\nlib${library}_a_SOURCES = ${sources}\n`,
  );
  const archives = libraries.map((library) => `${library}/lib${library}.a`).join(" ");
  fs.writeFileSync(
    path.join(folder, "Makefile.am"),
    `SUBDIRS = ${libraries.join(" ")} .\nnoinst_PROGRAMS = main\nmain_SOURCES = main.c\nmain_LDADD = ${archives}\n`,
  );
  const makefiles = ["Makefile", ...libraries.map((library) => `${library}/Makefile`)].join(" ");
  fs.writeFileSync(
    path.join(folder, "configure.ac"),
    `AC_INIT([bench], [1])\nAM_INIT_AUTOMAKE([foreign])\nAM_PROG_AR\nAC_PROG_CC\nAC_PROG_RANLIB\nAC_CONFIG_FILES([${makefiles}])\nAC_OUTPUT\n`,
  );
  run(["autoreconf", "-i"], folder);
  run(["./configure", "-q"], folder);
  return folder;
}

const trees = (process.env.MPMAKE_TREES ?? "")
  .split(" ")
  .filter((word) => word !== "")
  .map((word) => ({ name: word.replace(/=.*/, ""), folder: word.replace(/^[^=]*=/, "") }));
const missing = [];
for (const [name, program, generate] of [
  ["cmake", "cmake", generatedByCmake],
  ["automake", "autoreconf", generatedByAutomake],
])
  if (isInstalled(program)) trees.push({ name: `${name}, generated`, folder: generate() });
  else missing.push(name);
if (missing.length > 0) process.stdout.write(`not installed here, and so not measured: ${missing.join(", ")}\n\n`);

const { found, absent } = findPrograms(["gnu"]);
const jobs = `-j${availableParallelism()}`;
for (const { name, folder } of trees) {
  const builder = found.find(({ family }) => family === "gnu")?.program ?? found[0].program;
  run([builder, jobs], folder);
  run([builder, jobs], folder); // some settle only then
  const rows = found.flatMap(({ title, family, program }) => {
    const plain = { title, command: [program, jobs], cwd: folder };
    if (family !== "mpmake") return [plain];
    return [
      { ...plain, title: `${title}, one process` },
      { ...plain, title: `${title}, a process each`, env: { MPMAKE_SESSION: "0" } },
    ];
  });
  report({
    name: `trees-${name.replace(/,.*/, "")}`,
    title: `${name}: nothing to do, at ${jobs}`,
    rows: compare(rows, { runs: RUNS }),
    absent,
  });
  process.stdout.write("\n");
}
