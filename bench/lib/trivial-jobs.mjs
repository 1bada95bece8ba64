/** Commands that run many trivial jobs, as functions of how many, and of how many at once. */

import fs from "node:fs";

/** A program started once for each job, by programs that cost next to nothing; `{}` in the words is the job's number. */
export const times = (words) => (count, jobs) => [
  "/bin/sh",
  "-c",
  'count=$1 jobs=$2; shift 2; seq "$count" | xargs -I "{}" -P "$jobs" "$@" >/dev/null 2>&1',
  "sh",
  `${count}`,
  `${jobs}`,
  ...words,
];

/** A makefile of so many recipes that need a shell. */
export function writeMakefile(file, count) {
  const targets = Array.from({ length: count }, (_, i) => `t${i}`).join(" ");
  fs.writeFileSync(file, `first: $(wordlist 1,$(FIRST),${targets})\n.PHONY: first ${targets}\n${targets}:\n\t@true;\n`);
}

/** What a make is told, for the first so many recipes of that makefile. */
export const firstOf = (file, count) => ["-s", "-f", file, "first", `FIRST=${count}`];
