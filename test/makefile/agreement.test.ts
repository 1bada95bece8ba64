/** agreement.txt: makefiles and what GNU make 4.4.1 prints for them under -n; the language alone prints the same. */

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readMakefile } from "../rig/read-makefile.js";
import { realHost } from "../rig/real-host.js";
import { temporaryDirectory } from "../rig/temporary.js";

interface Agreement {
  readonly name: string;
  readonly args: readonly string[];
  readonly makefile: string;
  readonly prints: string;
}

const ENVIRONMENT = { PATH: "/usr/bin:/bin", HOME: "/home/me", LOGNAME: "me", LC_ALL: "C" };
const text = readFileSync(new URL("./agreement.txt", import.meta.url), "latin1");
const agreements = text.split(/^== /m).slice(1).map(parseAgreement);

describe("the language prints what GNU make prints", () => {
  test.each(agreements)("$name", ({ args, makefile, prints }) => {
    const directory = prepareDirectory(makefile);
    let printed = "";
    const print = (more: string): void => {
      printed += more;
    };
    readMakefile({
      host: realHost({ directory, home: ENVIRONMENT.HOME, print, stderr: 2 }),
      print,
      assignments: args.filter((arg) => !arg.startsWith("-")),
      environment: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
      warnUndefined: args.includes("--warn-undefined-variables"),
      environmentOverrides: args.includes("-e"),
      justPrint: true,
    });
    expect(withoutPaths(printed, directory)).toBe(prints);
  });
});

const oracle = findOracle();

describe("GNU make 4.4 itself prints that", () => {
  test("a GNU make 4.4 is at hand", (context) => {
    if (oracle === undefined)
      context.skip("needs MPMAKE_ORACLE or make 4.4 in PATH: nothing is compared with GNU make");
  });
  test.each(oracle === undefined ? [] : agreements)("$name", ({ args, makefile, prints }) => {
    const directory = prepareDirectory(makefile);
    const command = `exec "$0" -n "$@" 2>&1`;
    const ran = spawnSync("/bin/sh", ["-c", command, oracle ?? "make", ...args], {
      cwd: directory,
      env: ENVIRONMENT,
      encoding: "latin1",
    });
    expect(withoutPaths(withoutStatus(ran.stdout), directory)).toBe(prints);
  });
});

function parseAgreement(section: string): Agreement {
  const lineEnd = section.indexOf("\n");
  const [name = "", ...args] = section.slice(0, lineEnd).split(" ");
  const [makefile = "", prints = ""] = section.slice(lineEnd + 1).split("-- prints\n");
  return { name, args, makefile, prints };
}

function prepareDirectory(makefile: string): string {
  const directory = join(temporaryDirectory(), "x", "w");
  mkdirSync(join(directory, "sub"), { recursive: true });
  for (const name of ["a.c", "b.c", ".h.c"]) writeFileSync(join(directory, name), "");
  writeFileSync(join(directory, "sub", "x.mk"), "X=1\n");
  writeFileSync(join(directory, "Makefile"), makefile, "latin1");
  return directory;
}

function withoutPaths(printed: string, directory: string): string {
  const parent = dirname(directory);
  return printed
    .replaceAll(directory, "<directory>")
    .replaceAll(parent, "<parent>")
    .replaceAll(dirname(parent), "<grandparent>");
}

/** What make says of the goals it has or has not made is not the language's. */
function withoutStatus(printed: string): string {
  const lines = printed.split(/(?<=\n)/);
  return lines.filter((line) => !/is up to date|Nothing to be done|\*\*\* No targets\./.test(line)).join("");
}

function findOracle(): string | undefined {
  const candidate = process.env["MPMAKE_ORACLE"] ?? "make";
  const version = spawnSync(candidate, ["--version"], { encoding: "latin1" });
  return version.error === undefined && version.stdout.startsWith("GNU Make 4.4.1") ? candidate : undefined;
}
