/** Completion by the shells themselves, of every tool. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const dist = join(import.meta.dirname, "..", "..", "dist");

/** What is typed up to the cursor, and what a shell makes of it, without the names of files. */
const CASES: readonly (readonly [string, string])[] = [
  ["mpmake --no-b", "--no-builtin-rules --no-builtin-variables"],
  ["mpmake -k ", "all clean"],
  ["mpmake -f ", ""],
  ["mpmake --completion ", "bash fish zsh"],
  ["mpmake sta", "status"],
  ["mpmake status --j", "--json"],
  ["mpmake --cluster dr", "drain"],
  ["mexecvp cc --t", ""],
  ["mexecvp --key k --t", "--test"],
  ["mexecd --any", "--any-address"],
  ["cexec --time", "--timeout-accept --timeout-pingpong"],
  ["cservice encode --c", ""],
  ["ckeygen --cl", "--client"],
  ["crat --f", "--follow"],
  ["cproxy --key a --k", "--key"],
];

describe.skipIf(!existsSync(join(dist, "crat")))("completion", () => {
  let directory = "";

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "mpmake-completion-"));
    writeFileSync(join(directory, "Makefile"), "all: clean ; @:\nclean: ; @:\n%.x: %.y ; @:\n");
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** What the script prints, a line for each case; undefined when there is no such shell. */
  function ask(shell: string, script: string): readonly string[] | undefined {
    // The shell that a user logs in with need not be the one that asks.
    const env = { PATH: `${dist}:${process.env["PATH"] ?? ""}`, HOME: directory, SHELL: "/bin/zsh", LC_ALL: "C" };
    const { stdout, stderr, error } = spawnSync(shell, ["-c", script], { cwd: directory, env, encoding: "utf8" });
    if (error !== undefined) return undefined;
    expect(stderr).toBe("");
    return stdout.split("\n").slice(0, -1).map(sorted);
  }

  const sorted = (line: string): string => {
    const words = line.split(" ").filter((word) => word !== "" && word !== "Makefile");
    return words.sort().join(" ");
  };

  const tools = [...new Set(CASES.map(([line]) => line.split(" ")[0] ?? ""))];
  const expected = CASES.map(([, found]) => found);

  test("bash", { timeout: 60_000 }, () => {
    const scripts = tools.map((tool) => `eval "$(${tool} --completion bash)"`);
    const questions = CASES.map(([line]) => {
      const words = line.split(" ").map((word) => `"${word}"`);
      const typed = `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${String(words.length - 1)}`;
      return `${typed}; _${line.split(" ")[0] ?? ""}_yargs_completions; echo "\${COMPREPLY[@]}"`;
    });
    expect(ask("bash", [...scripts, ...questions].join("\n"))).toEqual(expected);
  });

  test("fish", { timeout: 60_000 }, (context) => {
    const scripts = tools.map((tool) => `${tool} --completion fish | source`);
    const questions = CASES.map(([line]) => `echo (complete -C '${line}')`);
    const found = ask("fish", [...scripts, ...questions].join("\n"));
    context.skip(found === undefined, "fish is not installed");
    expect(found).toEqual(expected);
  });
});
