/** Claim: directories with unequal long tails, each with a make of its own, are done as soon as the same jobs in one makefile. */

import fs from "node:fs";
import path from "node:path";
import { compare, quick, report, scratch, smoke } from "./lib/measure.mjs";
import { findPrograms } from "./lib/programs.mjs";
import { startWorkers } from "./lib/workers.mjs";

const WORKERS = 3;
const SLOTS = 4;
const DIRECTORIES = smoke ? 4 : 18;
/** Jobs of a directory that need nothing; and those behind each other, of which the last directories have most. */
const SHORT = 6;
const CHAINS = Array.from({ length: DIRECTORIES }, (_, i) => (i < 12 ? 1 + (i % 3) : 4 + 2 * (i - 12)));
const SECONDS = quick ? 0.1 : 1;
const RUNS = quick ? 1 : 3;

const folder = scratch("tail");

/** A directory's rules: all is made of short jobs and of the end of a chain. */
function rulesOf(prefix, chain) {
  const short = Array.from({ length: SHORT }, (_, i) => `${prefix}s${i}`);
  const links = Array.from({ length: chain }, (_, i) => `${prefix}c${i}`);
  const needs = links.slice(1).map((link, i) => `${link}: ${links[i]}`);
  const jobs = [...short, ...links].join(" ");
  return { goals: [...short, links.at(-1)].join(" "), text: `${needs.join("\n")}\n${jobs}: ; @sleep ${SECONDS}\n` };
}

function lay(name, makefile, below = []) {
  const directory = path.join(folder, name);
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, "Makefile"), makefile);
  for (const [child, text] of below) lay(path.join(name, child), text);
  return directory;
}

const names = CHAINS.map((_, i) => `d${i}`);
const all = `.PHONY: all ${names.join(" ")}\nall: ${names.join(" ")}\n`;
const own = CHAINS.map((chain) => rulesOf("", chain)).map(({ goals, text }) => `all: ${goals}\n${text}`);
const recursive = lay(
  "recursive",
  `${all}${names.join(" ")}: ; @$(MAKE) -s --no-print-directory -C $@\n`,
  names.map((name, i) => [name, own[i]]),
);
const flat = lay(
  "flat",
  all +
    CHAINS.map((chain, i) => rulesOf(`${names[i]}-`, chain))
      .map(({ goals, text }, i) => `${names[i]}: ${goals}\n${text}`)
      .join(""),
);

const { nodes, key, stop } = await startWorkers({ count: WORKERS, slots: SLOTS, folder });
const { found, absent } = findPrograms(["gnu"]);
const total = WORKERS * SLOTS;
const contenders = found.flatMap(({ title, family, program }) => {
  const command = [program, `-j${total}`, "-s"];
  if (family !== "mpmake")
    return [
      { title: `${title} here, flat`, command, cwd: flat },
      { title: `${title} here, recursive`, command, cwd: recursive },
    ];
  const on = ["--nodes", nodes, "--key", key];
  const ways = [
    { title: "flat", cwd: flat },
    { title: "recursive, one process", cwd: recursive, env: { MPMAKE_SESSION: "1" } },
  ];
  return [
    ...ways.map((way) => ({
      ...way,
      command: [...command, ...on, "--no-history"],
      title: `${title} ${way.title}, first`,
    })),
    {
      title: `${title} recursive, a process each`,
      command: [...command, ...on, "--no-history"],
      cwd: recursive,
      env: { MPMAKE_SESSION: "0" },
    },
    ...ways.map((way, i) => ({
      ...way,
      command: [...command, ...on, `--history=${path.join(folder, `history-${i}`)}`],
      title: `${title} ${way.title}, with history`,
    })),
  ];
});
const jobs = CHAINS.reduce((sum, chain) => sum + SHORT + chain, 0);
const longest = Math.max(...CHAINS);
report({
  name: "tail",
  title: `${jobs} jobs of ${SECONDS} s in ${DIRECTORIES} directories, at -j${total} on ${WORKERS} workers of ${SLOTS} slots`,
  rows: compare(contenders, { runs: RUNS, memory: false }),
  absent,
  reference: "mpmake flat, with history",
  note: `no order takes less than ${Math.round(1000 * Math.max((jobs * SECONDS) / total, longest * SECONDS))} ms; the longest chain is ${longest} jobs`,
});
await stop();
