/**
 * Generates random makefiles and compares what GNU make 4.4 and mpmake do with them: output, exit status, files.
 *
 *   npm run fuzz -- [--seed N] [--count N] [--seconds N] [--make PROGRAM] [--keep FOLDER] [--no-shrink] [--show]
 *
 * Case i of a run has the seed N + i, so that `--seed THAT --count 1` shows it alone. A difference is made small and printed
 * as a makefile that may go straight into test/makefiles; --keep writes it to a file too. Without --seed a fresh one is drawn,
 * and printed. The oracle is found as `npm run oracle` finds it.
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { generate, render } from "./fuzz/grammar.mjs";
import { shrink } from "./fuzz/shrink.mjs";
import { findOracle } from "./lib/find-oracle.mjs";
import { parseCase, runCase } from "./lib/make-case.mjs";

const TIMEOUT_MS = 10_000;

function parseArguments(argv) {
  const options = {
    seed: Math.floor(Math.random() * 2 ** 31),
    count: 500,
    seconds: Infinity,
    make: path.join(import.meta.dirname, "..", "dist", "mpmake"),
    keep: undefined,
    shrink: true,
    show: false,
  };
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, "");
    if (name === "no-shrink") options.shrink = false;
    else if (name === "show") options.show = true;
    else if (["seed", "count", "seconds"].includes(name)) options[name] = wholeNumber(name, argv[++i]);
    else if (["make", "keep"].includes(name)) options[name] = path.resolve(argv[++i] ?? "");
    else throw new Error(`unknown option ${argv[i]}`);
  }
  return options;
}

function wholeNumber(name, text) {
  if (!/^\d+$/.test(text ?? "")) throw new Error(`--${name} wants a number`);
  return Number(text);
}

/** What both programs did with a case. */
async function runBoth(testCase, { oracle, make }) {
  const parsed = parseCase(render(testCase));
  const expected = await runCase(parsed, oracle, { timeoutMs: TIMEOUT_MS });
  // There is nothing to compare with where GNU make itself breaks down
  if (expected.includes("[killed by SIGSEGV]")) return { expected, actual: expected };
  const actual = await runCase(parsed, make, { timeoutMs: TIMEOUT_MS });
  return { expected: withoutUsage(expected), actual: withoutUsage(actual) };
}

/** Each program has a usage text of its own. */
function withoutUsage(transcript) {
  return transcript.replace(/^Usage: make [^]*?^(?=\[exit)/gm, "Usage\n");
}

/** A difference that shows again: a case whose outcome changes from run to run with one program proves nothing. */
async function stableDifference(testCase, programs) {
  const first = await runBoth(testCase, programs);
  if (first.expected === first.actual) return undefined;
  for (let again = 0; again < 2; again++) {
    const next = await runBoth(testCase, programs);
    if (next.expected !== first.expected || next.actual === next.expected) return undefined;
  }
  return first;
}

/** What ran for ever has more lines than anybody reads. */
const SHOWN_LINES = 120;

function difference({ expected, actual }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "fuzz-"));
  try {
    fs.writeFileSync(path.join(folder, "gnu-make"), expected, "latin1");
    fs.writeFileSync(path.join(folder, "mpmake"), actual, "latin1");
    const { stdout } = spawnSync("diff", ["-a", "-U3", "gnu-make", "mpmake"], { cwd: folder, encoding: "latin1" });
    const lines = stdout.split("\n").slice(2);
    return lines.length > SHOWN_LINES ? `${lines.slice(0, SHOWN_LINES).join("\n")}\n[...]\n` : lines.join("\n");
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function examine(seed, options, programs) {
  const testCase = generate(seed);
  if ((await stableDifference(testCase, programs)) === undefined) return false;
  const small = options.shrink
    ? await shrink(testCase, async (candidate) => {
        const { expected, actual } = await runBoth(candidate, programs);
        return expected !== actual;
      })
    : testCase;
  const shown = (await stableDifference(small, programs)) === undefined ? testCase : small;
  const text = render(shown);
  process.stdout.write(`### seed ${seed}\n${text}${difference(await runBoth(shown, programs))}\n`);
  if (options.keep !== undefined) {
    fs.mkdirSync(options.keep, { recursive: true });
    fs.writeFileSync(path.join(options.keep, `seed-${seed}.mk`), text, "latin1");
  }
  return true;
}

async function main() {
  const options = parseArguments(process.argv.slice(2));
  if (options.show) {
    process.stdout.write(render(generate(options.seed)));
    return 0;
  }
  const programs = { oracle: findOracle(), make: options.make };
  process.stdout.write(`fuzz: seed ${options.seed}, ${options.count} cases, oracle ${programs.oracle}\n`);
  const until = Date.now() + options.seconds * 1000;
  let next = 0;
  let done = 0;
  let different = 0;
  const worker = async () => {
    while (next < options.count && Date.now() < until) {
      const seed = options.seed + next++;
      if (await examine(seed, options, programs)) different++;
      done++;
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, os.availableParallelism()) }, worker));
  process.stdout.write(`fuzz: ${done} cases from seed ${options.seed}, ${different} differ\n`);
  return different === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`fuzz: ${error.message}\n`);
  process.exitCode = 2;
}
