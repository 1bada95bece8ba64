/** Claim: how long it takes to find that a C-like tree of ten thousand objects is up to date. */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";

const FOLDERS = smoke ? 2 : quick ? 10 : 100;
const FILES = 100;
const HEADERS = quick ? 50 : 400;
const HEADERS_EACH = 10;
const OLD = 1577836800;

const folder = scratch("null-build");

/** A file that is `age` seconds past the common start. */
function file(name, text, age) {
  const where = path.join(folder, name);
  fs.writeFileSync(where, text);
  fs.utimesSync(where, OLD + age, OLD + age);
}

/** The headers source `n` includes: spread evenly, the same in every run. */
function headersOf(n) {
  return Array.from({ length: HEADERS_EACH }, (_, i) => `include/h${(n * 7 + i * 31) % HEADERS}.h`);
}

const objects = [];
fs.mkdirSync(path.join(folder, "include"));
for (let h = 0; h < HEADERS; h++) file(`include/h${h}.h`, "", 0);
for (let d = 0; d < FOLDERS; d++) {
  fs.mkdirSync(path.join(folder, `d${d}`));
  for (let f = 0; f < FILES; f++) {
    const stem = `d${d}/f${f}`;
    const headers = headersOf(d * FILES + f);
    file(`${stem}.c`, "", 0);
    file(`${stem}.d`, `${stem}.o: ${stem}.c ${headers.join(" ")}\n${headers.map((h) => `${h}:\n`).join("")}`, 5);
    file(`${stem}.o`, "", 10);
    objects.push({ stem, headers });
  }
}
file("program", "", 20);
file(
  "Makefile",
  `CC = false
CFLAGS = -O2 -Wall -Iinclude
SRCS := $(foreach d,$(wildcard d*),$(wildcard $(d)/*.c))
OBJS := $(SRCS:.c=.o)
all: program
program: $(OBJS)
	$(CC) -o $@ $(OBJS)
%.o: %.c
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(OBJS:.o=.d)
`,
  0,
);
const rules = objects.map(
  ({ stem, headers }) => `${stem}.o: ${stem}.c ${headers.join(" ")}\n\tfalse -c -o ${stem}.o ${stem}.c\n`,
);
file("bsd.mk", `all: program\nprogram: ${objects.map((o) => `${o.stem}.o`).join(" ")}\n\tfalse\n${rules.join("")}`, 0);
file(
  "build.ninja",
  `rule cc\n  command = :\n${objects
    .map(({ stem, headers }) => `build ${stem}.o: cc ${stem}.c | ${headers.join(" ")}\n`)
    .join("")}build program: cc ${objects.map((o) => `${o.stem}.o`).join(" ")}\nbuild all: phony program\n`,
  0,
);

const ARGUMENTS = { ninja: ["--quiet", "all"], bmake: ["-f", "bsd.mk", "all"] };
const { found, absent } = findPrograms(["gnu", "remake", "bmake", "ninja"]);
const ninja = found.find(({ family }) => family === "ninja");
// ninja calls up to date only what it remembers to have built: one build of nothing, unmeasured, gives it that memory
if (ninja !== undefined) spawnSync(ninja.program, ["--quiet", "all"], { cwd: folder });

report({
  name: "null-build",
  title: `Null build: ${objects.length} objects, each with ${HEADERS_EACH} headers in a dependency file of its own`,
  rows: compare(
    found.map(({ title, family, program }) => ({
      title,
      command: [program, ...(ARGUMENTS[family] ?? ["all"])],
      cwd: folder,
    })),
    { runs: quick ? 1 : 7 },
  ),
  absent,
  note: "bmake and ninja read one file of their own with the same graph; the others read all dependency files",
});
