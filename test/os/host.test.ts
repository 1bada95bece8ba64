import { tmpdir } from "node:os";
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DirectoryCache } from "../../src/os/directory-cache.js";
import { MachineHost } from "../../src/os/host.js";
import { createSpawner } from "../../src/os/spawn.js";
import { temporaryDirectory } from "../rig/temporary.js";

function makeHost(backend?: "koffi" | "node"): MachineHost {
  const directory = temporaryDirectory();
  const spawner = createSpawner({ backend, temporaryDirectory: directory });
  const cache = new DirectoryCache(directory);
  return new MachineHost({
    directory,
    home: "/home/me",
    cache,
    spawner,
    temporaryDirectory: tmpdir(),
    stdin: 0,
    stderr: 2,
    print: () => undefined,
  });
}

test("errors of commands that are taken aside come behind them; without a place for that they are lost", () => {
  const heard = (directory: string, from: number): string => {
    let text = "";
    const options = {
      home: "",
      cache: new DirectoryCache("/"),
      spawner: createSpawner({ temporaryDirectory: "/tmp" }),
    };
    const spill = {
      stderr: 2,
      write: (bytes: Uint8Array): void => void (text += Buffer.from(bytes).toString("latin1")),
    };
    const host = new MachineHost({
      ...{ ...options, spill, directory: "/", temporaryDirectory: directory, stdin: 0, stderr: from },
      print: () => undefined,
    });
    const script = "echo out; seq 40000 >&2";
    expect(host.shell({ script, shell: "/bin/sh", shellFlags: "-c", environment: ["PATH=/usr/bin:/bin"] })).toEqual({
      stdout: "out\n",
      status: 0,
    });
    return text;
  };
  const all = Array.from({ length: 40000 }, (_, i) => `${String(i + 1)}\n`).join("");
  expect(heard(temporaryDirectory(), 2)).toBe(all);
  expect(heard("/nowhere", 2)).toBe("");
  const other = openSync("/dev/null", "w");
  expect(heard(temporaryDirectory(), other)).toBe("");
  closeSync(other);
});

const failure = (errno: string, message: string): unknown => expect.objectContaining({ errno, message });

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test("files are read and written byte for byte, and failures told in the C library's words", () => {
  const host = makeHost();
  mkdirSync(`${host.directory}/dir`);
  host.writeFile("a", "\xff\n", "truncate");
  host.writeFile("a", "b\n", "append");
  expect([host.readFile("a"), readFileSync(`${host.directory}/a`).length]).toEqual(["\xff\nb\n", 4]);
  expect(host.readFile("missing")).toBeUndefined();
  expect(thrown(() => host.readFile("dir"))).toEqual(failure("EISDIR", "Is a directory"));
  expect(thrown(() => host.readFile("a/x"))).toEqual(failure("ENOTDIR", "Not a directory"));
  expect(thrown(() => host.writeFile("no/x", "", "append"))).toEqual(failure("ENOENT", "No such file or directory"));
});

test("names may be any bytes", () => {
  const host = makeHost();
  host.writeFile("\xe9\xff.c", "x", "truncate");
  expect([host.glob("*.c"), host.exists("\xe9\xff.c"), host.readFile("\xe9\xff.c")]).toEqual([
    ["\xe9\xff.c"],
    true,
    "x",
  ]);
});

describe("wildcards find what GNU make finds", () => {
  function tree(): MachineHost {
    const host = makeHost();
    for (const name of ["a", "a/x", "b", ".h", "w[1]"]) mkdirSync(`${host.directory}/${name}`);
    for (const name of ["a/1.c", "a/2.c", "b/3.c", ".hid", "q?r", "w[1]/f", "Z.c", "m.c", "A.c", "_.c"])
      writeFileSync(`${host.directory}/${name}`, "");
    symlinkSync("nowhere", `${host.directory}/dang`);
    symlinkSync("a", `${host.directory}/la`);
    return host;
  }

  test.each([
    ["*", "A.c Z.c _.c a b dang la m.c q?r w[1]"],
    ["*/", "a/ b/ la/ w[1]/"],
    ["*/*.c", "a/1.c a/2.c b/3.c la/1.c la/2.c"],
    ["./*.c", "./A.c ./Z.c ./_.c ./m.c"],
    ["a//*.c", "a//1.c a//2.c"],
    ["dang", "dang"],
    ["nosuch", ""],
    [".*", ". .. .h .hid"],
    [".h*", ".h .hid"],
    ["q\\?r", "q?r"],
    ["w\\[1\\]/*", "w[1]/f"],
    ["w[1]/*", ""],
    ["[a-z]", "a b"],
    ["[!a]", "b"],
    ["a/../b/*", "a/../b/3.c"],
    ["a/", "a/"],
    ["m.c/", "m.c"],
    ["nosuch/", ""],
    ["*/.", "a/. b/. la/. w[1]/."],
    ["*/x/../*.c", "a/x/../1.c a/x/../2.c la/x/../1.c la/x/../2.c"],
    ["a*/x/", "a/x/"],
    ["{a,b}/*", ""],
    ["*[m", ""],
    [".", "."],
  ])("%s", (pattern, names) => expect(tree().glob(pattern).join(" ")).toBe(names));

  test("absolute ones too", () => {
    const host = tree();
    expect(host.glob(`${host.directory}/b/*`)).toEqual([`${host.directory}/b/3.c`]);
  });

  test("a file that a command or we ourselves made is found at once", () => {
    const host = tree();
    expect(host.glob("new*")).toEqual([]);
    host.writeFile("new0", "", "truncate");
    expect(host.glob("new*")).toEqual(["new0"]);
    host.shell({ shell: "/bin/sh", shellFlags: "-c", script: "touch new1", environment: ["PATH=/usr/bin:/bin"] });
    expect(host.glob("new*")).toEqual(["new0", "new1"]);
  });
});

test("realpath follows links and wants the file to exist", () => {
  const host = makeHost();
  mkdirSync(`${host.directory}/d`);
  symlinkSync("d", `${host.directory}/link`);
  expect(["link/..", "link", "none", "d/"].map((name) => host.realpath(name)?.slice(host.directory.length))).toEqual([
    "",
    "/d",
    undefined,
    "/d",
  ]);
});

test("home directories", () => {
  const host = makeHost();
  expect([host.homeDirectory(""), host.homeDirectory("root"), host.homeDirectory("no-such-user")]).toEqual([
    "/home/me",
    "/root",
    undefined,
  ]);
});

test.each(["koffi", "node"] as const)("commands are run and waited for (%s)", (backend) => {
  const host = makeHost(backend);
  const run = (script: string): unknown =>
    host.shell({ shell: "/bin/sh", shellFlags: "-c", script, environment: ["PATH=/usr/bin:/bin", "X=\xe9"] });
  expect(run("printf '%s' \"$X\"; exit 300")).toEqual({ stdout: "\xe9", status: 44 });
  expect(run("echo hi")).toEqual({ stdout: "hi\n", status: 0 });
  expect(run("kill -9 $$")).toEqual({ stdout: "", status: 137 });
  expect(run(":")).toEqual({ stdout: "", status: 0 });
  const error = { program: "nosuch", message: "No such file or directory" };
  expect(run("nosuch")).toEqual({ stdout: "", status: 127, error });
});
