// The action's second step: what mpmake is to be started with, in a directory that nobody else may look into.
import { mkdtempSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fail, output, runnerVariable } from "./runner.mjs";

/** An input's words, as a shell would part and unquote them; nothing is expanded. */
function wordsOf(name, text) {
  const words = [];
  let word;
  const piece = /\s+|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/gy;
  while (piece.lastIndex < text.length) {
    const found = piece.exec(text);
    if (found === null) fail(`the input ${name}: a quote, or what follows a backslash, is missing`);
    const [all, single, double, escaped, plain] = found;
    if (/^\s/.test(all)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain);
  }
  return word === undefined ? words : [...words, word];
}

/** For a shell. */
const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

const input = (name) => (process.env[`MPMAKE_INPUT_${name.toUpperCase()}`] ?? "").trim();

const jobs = input("jobs") || String(availableParallelism());
if (!/^[1-9]\d*$/.test(jobs)) fail(`the input jobs: ${jobs} is no number of jobs`);
const own = ["nodes", "backend"].filter((name) => input(name) !== "").map((name) => `--${name}=${input(name)}`);
const given = [...wordsOf("arguments", input("arguments")), ...wordsOf("targets", input("targets"))];

const state = mkdtempSync(path.join(runnerVariable("RUNNER_TEMP"), "mpmake-"));
output("state", state);
const named = input("report") === "" ? path.join(state, "report.json") : input("report");
const report = path.resolve(runnerVariable("GITHUB_WORKSPACE"), named);
output("report", report);

const key = input("key");
if (key !== "") {
  const file = path.join(state, "key");
  writeFileSync(file, `${key.replaceAll("\r\n", "\n")}\n`, { mode: 0o600, flag: "wx" });
  own.push(`--key=${file}`);
}
const words = [
  runnerVariable("MPMAKE_PROGRAM"),
  "--annotate=github",
  `--report=${report}`,
  `-j${jobs}`,
  ...own,
  ...given,
];
writeFileSync(path.join(state, "command"), `set -- ${words.map(quoted).join(" ")}\n`, { mode: 0o600, flag: "wx" });
