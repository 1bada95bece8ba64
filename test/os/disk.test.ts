import {
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { DirectoryCache } from "../../src/os/directory-cache.js";
import { MachineDisk } from "../../src/os/disk.js";
import { createSpawner } from "../../src/os/spawn.js";
import { temporaryDirectory } from "../rig/temporary.js";

interface Place {
  readonly directory: string;
  readonly disk: MachineDisk;
  readonly complaints: string[];
  write(name: string, text?: string): void;
}

function place(): Place {
  const directory = temporaryDirectory();
  const complaints: string[] = [];
  const cache = new DirectoryCache(directory);
  const disk = new MachineDisk({ directory, cache, complain: (text) => void complaints.push(text) });
  return { directory, disk, complaints, write: (name, text = "") => writeFileSync(`${directory}/${name}`, text) };
}

test("times are exact to the nanosecond", () => {
  const { directory, disk, write } = place();
  write("a");
  expect(disk.mtimeNs("a")).toBe(statSync(`${directory}/a`, { bigint: true }).mtimeNs);
  expect([disk.mtimeNs("b"), disk.mtimeNs("a/b")]).toEqual([undefined, undefined]);
});

test("what cannot be looked at is complained of and does not exist", () => {
  const { directory, disk, complaints } = place();
  symlinkSync("loop", `${directory}/loop`);
  expect([disk.mtimeNs("loop"), complaints]).toEqual([undefined, ["stat: loop: Too many levels of symbolic links"]]);
});

test("with links, the newest on the way counts, and a link that leads nowhere exists", () => {
  const { directory, disk, write } = place();
  write("file");
  utimesSync(`${directory}/file`, 1000, 1000);
  symlinkSync("file", `${directory}/near`);
  symlinkSync(`${directory}/near`, `${directory}/far`);
  lutimesSync(`${directory}/near`, 3000, 3000);
  lutimesSync(`${directory}/far`, 2000, 2000);
  symlinkSync("nowhere", `${directory}/dangling`);
  const seconds = (ns: bigint | undefined): number => Number(ns ?? 0n) / 1e9;
  expect([disk.mtimeNs("far"), disk.mtimeWithLinksNs("far"), disk.mtimeWithLinksNs("file")].map(seconds)).toEqual([
    1000, 3000, 1000,
  ]);
  const link = lstatSync(`${directory}/dangling`, { bigint: true }).mtimeNs;
  expect([disk.mtimeNs("dangling"), disk.mtimeWithLinksNs("dangling"), disk.mtimeWithLinksNs("none")]).toEqual([
    undefined,
    link,
    undefined,
  ]);
});

test("directories are read once until something has run", () => {
  const { disk, write } = place();
  write("a");
  expect([disk.existsCached("a"), disk.existsCached("b"), disk.existsCached("./a"), disk.existsCached("no/a")]).toEqual(
    [true, false, true, false],
  );
  write("b");
  expect(disk.existsCached("b")).toBe(false);
  disk.forget();
  expect(disk.existsCached("b")).toBe(true);
});

test("after something has run many names are found as surely as few", () => {
  const { disk, write } = place();
  disk.existsCached("x");
  disk.forget();
  for (let i = 0; i < 100; i++) write(`f${i}`);
  expect(Array.from({ length: 101 }, (_, i) => disk.existsCached(`f${i}`)).filter(Boolean)).toHaveLength(100);
});

test("touch creates, and stamps with the present what is there, its contents kept", () => {
  const { directory, disk, write } = place();
  write("full", "text");
  write("empty");
  for (const name of ["full", "empty"]) utimesSync(`${directory}/${name}`, 1000, 1000);
  const before = BigInt(Date.now() - 1000) * 1_000_000n;
  for (const name of ["full", "empty", "new"]) {
    disk.touch(name);
    const mtimeNs = disk.mtimeNs(name) ?? 0n;
    expect([name, mtimeNs > before, mtimeNs <= disk.nowNs()]).toEqual([name, true, true]);
  }
  expect(readFileSync(`${directory}/full`, "latin1")).toBe("text");
  expect(() => disk.touch("no/x")).toThrow("No such file or directory");
});

test("remove tells whether there was something", () => {
  const { directory, disk, write } = place();
  write("a");
  mkdirSync(`${directory}/d`);
  expect([disk.remove("a"), disk.remove("a"), disk.isDirectory("d"), disk.isDirectory("a")]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(() => disk.remove("d")).toThrow("Is a directory");
});

/** The output of a program. */
function run(argv: readonly [string, ...string[]], directory: string): string {
  const spawner = createSpawner({ temporaryDirectory: directory });
  const environment = ["PATH=/usr/bin:/bin"];
  return spawner.capture({ program: argv[0], argv, environment, directory, stdin: 0, stderr: 2 }).stdout;
}

test("archives: times, names long and short, wildcards, touching", () => {
  const { directory, disk, write } = place();
  const long = "a-rather-long-member-name.o";
  for (const name of ["b.o", long, "c.o"]) write(name, name === "b.o" ? "odd" : "even");
  utimesSync(`${directory}/b.o`, 1000, 1000);
  run(["ar", "rcU", "lib.a", "b.o", long, "c.o"], directory);
  expect(disk.memberTimeNs("lib.a", "b.o")).toBe(1_000_000_000_000n);
  expect(disk.membersMatching("lib.a", "*.o")).toEqual(["b.o", long, "c.o"]);
  expect(disk.membersMatching("lib.a", "?.o")).toEqual(["b.o", "c.o"]);
  disk.touchMember("lib.a", "b.o");
  const touched = disk.memberTimeNs("lib.a", "b.o") ?? 0n;
  expect(disk.nowNs() - touched < 5_000_000_000n).toBe(true);
  expect(run(["ar", "p", "lib.a", "c.o"], directory)).toBe("even");
  expect([
    disk.memberTimeNs("lib.a", "x.o"),
    disk.memberTimeNs("none.a", "b.o"),
    disk.membersMatching("b.o", "*"),
  ]).toEqual([undefined, undefined, []]);
});
