/** The man pages: current, without a fault of form, and with the options that the tools' own tables have. */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CEXEC_OPTIONS } from "../../src/cli/cexec-options.js";
import { CLUSTER_OPTIONS } from "../../src/cli/cluster-options.js";
import { CKEYGEN_OPTIONS } from "../../src/cli/ckeygen-main.js";
import { CPROXY_OPTIONS } from "../../src/cli/cproxy-main.js";
import { CRAT_OPTIONS } from "../../src/cli/crat-main.js";
import { CSERVICE_OPTIONS } from "../../src/cli/cservice-options.js";
import { MEXECD_OPTIONS } from "../../src/cli/mexecd-options.js";
import { MEXECVP_OPTIONS } from "../../src/cli/mexecvp-options.js";
import { COMMON_OPTIONS, type OptionTable } from "../../src/cli/parse-words.js";
import { OPTION_KEYS, optionSpec } from "../../src/session/option-table.js";

const ROOT = join(import.meta.dirname, "..", "..");
const pages = readdirSync(join(ROOT, "docs", "man")).map((file) => file.replace(/\.md$/, ""));
const sourceOf = (page: string): string => readFileSync(join(ROOT, "docs", "man", `${page}.md`), "utf8");

test("are built of what is in docs/man", () => {
  const { stderr, status } = spawnSync(process.execPath, ["scripts/man.mjs", "--check"], { cwd: ROOT });
  expect(`${String(stderr)}${String(status)}`).toBe("0");
});

test("there is one for each tool, and the package names them all", () => {
  const project = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly man: readonly string[];
  };
  expect(pages.map((page) => page.replace(/\.\d$/, "")).sort()).toEqual(Object.keys(project.bin).sort());
  expect(project.man.toSorted()).toEqual(pages.map((page) => `man/${page}`).sort());
});

describe.each(pages)("%s", (page) => {
  test("has every section, in order", () => {
    const sections = Array.from(sourceOf(page).matchAll(/^## (.*)$/gm), ([, name]) => name);
    expect(sections).toEqual([
      ...["SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"],
    ]);
  });

  test("groff has nothing to say of it", (context) => {
    const words = ["-man", "-ww", "-z", join(ROOT, "man", page)];
    const { stdout, stderr, status, error } = spawnSync("groff", words, { encoding: "utf8" });
    context.skip(error !== undefined, "groff is not installed");
    expect(`${stdout}${stderr}${String(status)}`).toBe("0");
  });

  test("refers to pages that there are", () => {
    const mentioned = Array.from(
      sourceOf(page).matchAll(/`(\w+)`\((\d)\)/g),
      ([, tool, section]) => `${tool!}.${section!}`,
    );
    expect(mentioned.filter((one) => !["make.1", "cat.1", ...pages].includes(one))).toEqual([]);
  });
});

/** `-c, --client=`: the names of an option in alphabetical order, and whether it takes an argument. */
function rowOf(names: readonly string[], takesArgument: boolean): string {
  return names.toSorted().join(", ") + (takesArgument ? "=" : "");
}

/** The terms of the section OPTIONS. */
function documented(page: string): readonly string[] {
  const [, options = ""] = /^## OPTIONS$(.*?)^## /ms.exec(sourceOf(page)) ?? [];
  return Array.from(options.matchAll(/^- (.*)$/gm), ([, term = ""]) => {
    const names = Array.from(term.matchAll(/`(--?[^`]+)`/g), ([, name = ""]) => name);
    return rowOf(names, term.includes("_"));
  });
}

const TABLES: Readonly<Record<string, OptionTable>> = {
  "mexecvp.1": MEXECVP_OPTIONS,
  "mexecd.8": MEXECD_OPTIONS,
  "cexec.1": CEXEC_OPTIONS,
  "cservice.8": CSERVICE_OPTIONS,
  "ckeygen.1": CKEYGEN_OPTIONS,
  "crat.1": CRAT_OPTIONS,
  "cproxy.8": CPROXY_OPTIONS,
};

describe("has the options of the tool's table, and no others", () => {
  test.each(Object.entries(TABLES))("%s", (page, table) => {
    const options: OptionTable = { ...table, ...COMMON_OPTIONS };
    const rows = Object.entries(options).map(([name, { alias = [], type }]) => {
      const names = [name, ...[alias].flat()].map((it) => (it.length === 1 ? `-${it}` : `--${it}`));
      return rowOf(names, type !== "boolean");
    });
    expect(documented(page).toSorted()).toEqual(rows.sort());
  });

  test("mpmake.1, of its commands", () => {
    const [, cluster = ""] = /^### A standing cluster$(.*?)^## /ms.exec(sourceOf("mpmake.1")) ?? [];
    const parts = cluster.split(/^(?=`mpmake (?:up|join|drain|status)`)/m).slice(1);
    const named = parts.map((part) => [
      /^`mpmake (\w+)`/.exec(part)?.[1],
      [...new Set(Array.from(part.matchAll(/`--([a-z-]+)`/g), ([, name]) => name))].sort(),
    ]);
    const { up, join: joining, ...others } = CLUSTER_OPTIONS;
    const own = Object.keys(up).filter((name) => !(name in joining)); // the rest are those of join
    const rows = Object.entries(others).map(([command, table]) => [command, Object.keys(table).sort()]);
    expect(named).toEqual([["up", own], ["join", Object.keys(joining).sort()], ...rows]);
  });

  test("mpmake.1", () => {
    const rows = OPTION_KEYS.map(optionSpec)
      .filter(({ help }) => help !== undefined)
      .map(({ letters, names, argument }) =>
        rowOf([...Array.from(letters, (it) => `-${it}`), ...names.map((it) => `--${it}`)], argument !== "none"),
      );
    expect(documented("mpmake.1").toSorted()).toEqual(rows.sort());
  });
});
