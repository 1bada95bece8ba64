/** Claim: how fast trivial recipes run, through a shell and without one, two at a time. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

const COUNT = smoke ? 50 : quick ? 200 : 2000;
const RUNS = quick ? 1 : 7;

const KINDS = [
  { name: "recipes-shell", line: "echo x >/dev/null; true", title: "a shell line: `echo x >/dev/null; true`" },
  { name: "recipes-direct", line: "/bin/true", title: "a simple command: `/bin/true`" },
];

for (const { name, line, title } of KINDS) {
  const folder = scratch(name);
  const targets = Array.from({ length: COUNT }, (_, i) => `t${i}`);
  fs.writeFileSync(
    path.join(folder, "Makefile"),
    `.PHONY: all ${targets.join(" ")}\nall: ${targets.join(" ")}\n${targets.join(" ")}:\n\t@${line}\n`,
  );
  fs.writeFileSync(
    path.join(folder, "build.ninja"),
    `rule r\n  command = ${line}\n${targets.map((t) => `build ${t}: r\n`).join("")}build all: phony ${targets.join(" ")}\n`,
  );
  const { found, absent } = findPrograms(["gnu", "remake", "bmake", "ninja"]);
  const contenders = found.map(({ title: program, family, program: file }) => ({
    title: program,
    command: family === "ninja" ? [file, "-j2", "--quiet", "all"] : [file, "-j2", "all"],
    cwd: folder,
    before: () => {
      for (const left of [".ninja_log", ".ninja_deps"]) fs.rmSync(path.join(folder, left), { force: true });
    },
  }));
  report({ name, title: `${COUNT} recipes at -j2, ${title}`, rows: compare(contenders, { runs: RUNS }), absent });
  process.stdout.write("\n");
}
