/** Which places a make that a script on a node has started is told of, and that a node has to see all of them. */

import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { agreeOnTemporary, seesPlaces } from "../../src/session/far-places.js";
import { temporaryDirectory } from "../rig/temporary.js";

function tree(): string {
  const top = realpathSync(temporaryDirectory());
  for (const name of ["d/e", "d/inc", "inc", "far", "home/far"]) mkdirSync(`${top}/${name}`, { recursive: true });
  for (const name of ["x.mk", "d/x.mk", "far/x.mk"]) writeFileSync(`${top}/${name}`, "");
  symlinkSync("../far", `${top}/d/link`);
  symlinkSync("far/x.mk", `${top}/link.mk`);
  return top;
}

/** @returns what the node was asked about, and whether it sees all of that; it does not see what is called `far` */
async function ask(top: string, argv: readonly string[], environment: readonly string[] = []): Promise<unknown> {
  const asked: string[] = [];
  const sees = (directory: string): Promise<boolean> => {
    asked.push(directory.slice(top.length) || "/");
    return Promise.resolve(!directory.endsWith("/far"));
  };
  const told = { argv0: "/bin/make", argv, environment: [`HOME=${top}/home`, ...environment], directory: top };
  return [await seesPlaces(told, { sees }), ...asked];
}

describe("a node is asked about", () => {
  test.each<[title: string, argv: readonly string[], asked: readonly string[], environment?: readonly string[]]>([
    ["nothing but where the make works", ["-k", "all"], ["/"]],
    ["-C", ["-C", "d"], ["/d"]],
    ["-C in other words", ["-kCd"], ["/d"]],
    ["-C by its long name", ["--dir=d"], ["/d"]],
    ["one -C behind another", ["-C", "d", "-C", "e", "--directory", ".."], ["/d"]],
    ["a makefile", ["-f", "x.mk"], ["/"]],
    ["a makefile from where -C leads", ["-Cd", "-f", "e/../x.mk", "-I", "inc", "-Iinc"], ["/d", "/d/inc"]],
    ["a makefile that is not there", ["--makef", "inc/no.mk"], ["/", "/inc"]],
    ["MAKEFILES", [], ["/d", "/inc"], ["MAKEFLAGS=Cd", "MAKEFILES=x.mk  ../inc/x.mk"]],
    ["MAKEFLAGS", [], ["/", "/inc"], ["MAKEFLAGS=k -Iinc -- V=$$x"]],
  ])("%s", async (_, argv, asked, environment) => {
    expect(await ask(tree(), argv, environment)).toEqual([true, ...asked]);
  });
});

describe("a node that does not see all of it is told by", () => {
  test.each<[title: string, argv: readonly string[], asked: readonly string[], environment?: readonly string[]]>([
    ["-C", ["-C", "far"], ["/far"]],
    ["a link", ["-C", "d/link"], ["/far"]],
    ["a directory below HOME", ["-C", "~/far"], ["/home/far"]],
    ["a makefile", ["-f", "far/x.mk"], ["/", "/far"]],
    ["a link to a makefile", ["-f", "link.mk"], ["/", "/far"]],
    ["-I", ["-I", "far"], ["/", "/far"]],
    ["-I of MAKEFLAGS", [], ["/", "/far"], ["GNUMAKEFLAGS=-I far"]],
  ])("%s", async (_, argv, asked, environment) => {
    expect(await ask(tree(), argv, environment)).toEqual([false, ...asked]);
  });
});

describe("it is not asked at all about", () => {
  test.each<[title: string, argv: readonly string[], environment?: readonly string[]]>([
    ["a -C that is not here", ["-C", "nowhere"]],
    ["a -C that is a file", ["-C", "x.mk"]],
    ["a makefile in a directory that is not here", ["-f", "nowhere/x.mk"]],
    ["an -I that is not here", ["-I", "nowhere"]],
    ["a makefile from standard input", ["--makef=-"]],
    ["a makefile from a descriptor, by MAKEFLAGS", [], ["MAKEFLAGS= -f /dev/stdin"]],
    ["more than there may be", Array.from({ length: 17 }, () => "-fx.mk")],
    ["a makefile by HOME", ["-f", "~/x.mk"]],
    ["MAKEFILES that refers to something", [], ["MAKEFILES=$(HOME)/x.mk"]],
    ["MAKEFLAGS that refers to something", [], ["MAKEFLAGS=-I $(shell echo inc)"]],
  ])("%s", async (_, argv, environment) => {
    expect(await ask(tree(), argv, environment)).toEqual([false]);
  });
});

test("temporary files are to be in one place", () => {
  expect(agreeOnTemporary(["A=1", "TMPDIR=/t"], ["TMPDIR=/t", "B=2"])).toBe(true);
  expect(agreeOnTemporary([], [])).toBe(true);
  expect(agreeOnTemporary(["TMPDIR=/t/job"], ["TMPDIR=/t"])).toBe(false);
  expect(agreeOnTemporary(["TMPDIR=/t"], [])).toBe(false);
  expect(agreeOnTemporary(["MAKE_TMPDIR=/t", "TMPDIR=/t"], ["TMPDIR=/t"])).toBe(false);
});
