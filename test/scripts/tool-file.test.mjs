// A tool's file as the build makes it: what it keeps from Node, what it hands on, and that it needs nothing beside it.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packTool } from "../../scripts/tool-file.mjs";

const NO_MAP = { sources: [], names: [], mappings: "" };

/** Prints its own facts; with "later", by way of a chunk that is not parsed before. */
const ENTRY = `
const report = () => ({ args: process.argv.slice(2), later: globalThis.laterRan === true, ...require("./shared.js"), ...require("./comment.js") });
if (process.argv[2] === "later") Promise.resolve().then(() => require("./later.js")).then(({ say }) => say(report()));
else console.log(JSON.stringify(report()));`;
const SHARED = `exports.env = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(MPMAKE_|NODE_)/.test(name)));`;
/** Holds what would end a comment. */
const COMMENT = `exports.isComment = /[*]*/.test("/* */") && "*/".length === 2;`;
const LATER = `globalThis.laterRan = true;
exports.say = (report) => console.log(JSON.stringify({ ...report, later: true, shared: require("./shared.js").env !== undefined }));`;

const INHERITED = new Set(
  spawnSync("sh", ["-c", "ls /proc/$$/fd"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((fd) => Number(fd) > 2),
);

let folder;
let tool;
/** The same as make. */
let maker;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mpmake-tool-"));
  tool = path.join(folder, "tool");
  const chunks = [
    { name: "shared.js", code: SHARED, map: NO_MAP, isEager: true },
    { name: "comment.js", code: COMMENT, map: NO_MAP, isEager: true },
    { name: "entry.js", code: ENTRY, map: NO_MAP, isEager: true },
    { name: "later.js", code: LATER, map: NO_MAP, isEager: false },
  ];
  writeFileSync(tool, packTool("tool", { entry: "entry.js", chunks }).text);
  chmodSync(tool, 0o755);
  maker = path.join(folder, "maker");
  writeFileSync(maker, packTool("mpmake", { entry: "entry.js", chunks }).text);
  chmodSync(maker, 0o755);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a tool with only these NODE_ and MPMAKE_ variables. What this test's own caller has left open is left out of the answer. */
function run(file, args = [], env = {}) {
  const base = Object.entries(process.env).filter(([name]) => !/^(MPMAKE_|NODE_|SSL_CERT_FILE$)/.test(name));
  const { stdout, stderr, status } = spawnSync(file, args, {
    encoding: "utf8",
    env: { ...Object.fromEntries(base), XDG_CACHE_HOME: folder, ...env },
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const answer = JSON.parse(stdout);
  const further = answer.env?.MPMAKE_FURTHER?.split(" ").filter((fd) => fd !== "" && !INHERITED.has(fd));
  if (further?.length === 0) delete answer.env.MPMAKE_FURTHER;
  return answer;
}

/** As launchers' folders are: what is in it shows whether it was read. */
function launchers(name) {
  const place = path.join(folder, name);
  mkdirSync(place);
  writeFileSync(path.join(place, "launch"), "export MPMAKE_LAUNCH_WAS_READ=1\n");
  return place;
}

/** Which of the shells that know -O read it. */
function readers(place) {
  const env = { MPMAKE_JOIN: `1:2:3:${place}` };
  return ["dash", "bash"].filter((shell) => run(shell, [maker], env).env.MPMAKE_LAUNCH_WAS_READ !== undefined);
}

test("a launcher's script is read from a folder of our own", () => {
  expect(readers(launchers("ours"))).toEqual(["dash", "bash"]);
  expect(readers(path.join(folder, "nowhere"))).toEqual([]);
});

test("a launcher's script is not read where the folder is another user's, or it is", (context) => {
  context.skip(process.getuid() !== 0, "only root can give files away");
  const [theirs, given] = [launchers("theirs"), launchers("given")];
  chownSync(theirs, 65534, 65534);
  chownSync(path.join(given, "launch"), 65534, 65534);
  expect(readers(theirs)).toEqual([]);
  expect(readers(given)).toEqual([]);
});

test("arguments arrive byte for byte", () => {
  const args = ["a b", "", "x'y\"", "*", "-n", "--", "$HOME", "back\\slash", "new\nline"];
  expect(run(tool, args).args).toEqual(args);
});

test("options and certificates for Node are kept from our Node and handed on under other names", () => {
  const given = { NODE_OPTIONS: "--no-such-option", NODE_EXTRA_CA_CERTS: "", SSL_CERT_FILE: "/their.pem" };
  expect(run(tool, [], given).env).toEqual({
    MPMAKE_ARGV0: tool,
    MPMAKE_HIDDEN_NODE_OPTIONS: "--no-such-option",
    MPMAKE_HIDDEN_NODE_EXTRA_CA_CERTS: "",
    MPMAKE_HIDDEN_SSL_CERT_FILE: "/their.pem",
    MPMAKE_NOFILE: expect.any(String),
    MPMAKE_SIGIGN: expect.any(String),
  });
});

test("what an outer start-up handed on is not taken for ours", () => {
  const names = [
    "HIDDEN_NODE_OPTIONS",
    "HIDDEN_NODE_EXTRA_CA_CERTS",
    "HIDDEN_SSL_CERT_FILE",
    "SIGIGN",
    "SIGBLK",
    "NOFILE",
    "CLOSED",
  ];
  const env = Object.fromEntries(names.map((name) => [`MPMAKE_${name}`, "old"]));
  const own = expect.not.stringContaining("old");
  expect(run(tool, [], env).env).toEqual({ MPMAKE_ARGV0: tool, MPMAKE_SIGIGN: own, MPMAKE_NOFILE: own });
});

test.for([
  { shell: "sh", ignored: "", mask: 0n },
  { shell: "sh", ignored: "INT QUIT", mask: 0b110n },
  { shell: "sh", ignored: "HUP TERM", mask: 0b100000000000001n },
  { shell: "bash", ignored: "", mask: 0n },
  { shell: "bash", ignored: "INT QUIT", mask: 0b110n },
])("the ignored signals ($ignored) are told when $shell reads the head", ({ shell, ignored, mask }) => {
  const script = `trap '' ${ignored || "WINCH; trap - WINCH"}; exec ${shell} "$0"`;
  const { env } = run("sh", ["-c", script, tool]);
  // what this test's own caller ignores stays ignored, whatever the test does
  const inherited = BigInt(`0x${run(tool).env.MPMAKE_SIGIGN}`);
  expect(BigInt(`0x${env.MPMAKE_SIGIGN}`)).toBe(mask | inherited);
});

test("it runs through a symbolic link with an odd name, and as a copy elsewhere", () => {
  const link = path.join(folder, "my (tool) x");
  symlinkSync(tool, link);
  expect(run(link).env.MPMAKE_ARGV0).toBe(link);

  mkdirSync(path.join(folder, "else"));
  const copy = path.join(folder, "else", "where");
  copyFileSync(tool, copy);
  expect(run(copy, ["later"])).toMatchObject({ later: true, shared: true });
});

test("code behind an import is not run before it is reached", () => {
  expect(run(tool)).toMatchObject({ later: false });
  expect(run(tool, ["later"])).toMatchObject({ args: ["later"], later: true });
});

test("a program may hold what ends a comment", () => {
  expect(run(tool)).toMatchObject({ isComment: true });
});

const modeOf = (file) => (statSync(file).mode & 0o777).toString(8);

test("what was compiled is kept for the next start where only the user comes", () => {
  const cache = path.join(folder, "cache");
  run(tool, [], { MPMAKE_CACHE: cache });
  const [file, ...others] = readdirSync(cache);
  expect(others).toEqual([]);
  expect([modeOf(cache), modeOf(path.join(cache, file))]).toEqual(["700", "600"]);
  const { mtimeNs } = statSync(path.join(cache, file), { bigint: true });
  expect(run(tool, [], { MPMAKE_CACHE: cache })).toMatchObject({ isComment: true });
  expect(statSync(path.join(cache, file), { bigint: true }).mtimeNs).toBe(mtimeNs);
});

test("what was compiled of code behind an import is kept in a file of its own", () => {
  const cache = path.join(folder, "late");
  const env = { MPMAKE_CACHE: cache };
  run(tool, [], env);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(run(tool, ["later"], env)).toMatchObject({ later: true });
  const late = path.join(
    cache,
    readdirSync(cache).find((name) => name.endsWith("-late")),
  );
  expect(modeOf(late)).toBe("600");
  expect(JSON.parse(readFileSync(late, "latin1").split("\n")[0])).toEqual({ "./later.js": [0, expect.any(Number)] });
  const { mtimeNs, size } = statSync(late, { bigint: true });
  expect(run(tool, ["later"], env)).toMatchObject({ later: true });
  expect(statSync(late, { bigint: true }).mtimeNs).toBe(mtimeNs);
  for (const text of ["", "something else", "{}\n", '{"./later.js":[0,99]}\nno code', '{"./later.js":7}\n']) {
    writeFileSync(late, text);
    expect(run(tool, ["later"], env)).toMatchObject({ later: true });
    expect(statSync(late, { bigint: true }).size).toBe(size);
  }
});

test("what is kept of something else is replaced", () => {
  const cache = path.join(folder, "wrong");
  run(tool, [], { MPMAKE_CACHE: cache });
  const file = path.join(cache, readdirSync(cache)[0]);
  const { size } = statSync(file);
  writeFileSync(file, "something else\n".repeat(100));
  expect(run(tool, [], { MPMAKE_CACHE: cache })).toMatchObject({ isComment: true });
  expect(statSync(file).size).toBe(size);
});

test("what is kept of other builds goes away, the oldest first", () => {
  const cache = path.join(folder, "many");
  mkdirSync(cache, { mode: 0o700 });
  for (let age = 0; age < 40; age++) {
    const file = path.join(cache, `old-${age}`);
    writeFileSync(file, "");
    utimesSync(file, 1e9 - age, 1e9 - age);
  }
  run(tool, [], { MPMAKE_CACHE: cache });
  const left = Array.from({ length: 31 }, (_, age) => `old-${age}`);
  expect(
    readdirSync(cache)
      .filter((name) => name.startsWith("old-"))
      .sort(),
  ).toEqual(left.sort());
});

test.for([0o755, 0o777])("a folder of mode %o, in which others may come, is not used", (mode) => {
  const cache = path.join(folder, `open-${mode}`);
  mkdirSync(cache);
  chmodSync(cache, mode);
  expect(run(tool, [], { MPMAKE_CACHE: cache })).toMatchObject({ isComment: true });
  expect(readdirSync(cache)).toEqual([]);
});

test("a folder behind a link is not used, and an empty name means none", () => {
  const cache = path.join(folder, "behind");
  mkdirSync(cache, { mode: 0o700 });
  symlinkSync(cache, path.join(folder, "link"));
  run(tool, [], { MPMAKE_CACHE: path.join(folder, "link") });
  run(tool, [], { MPMAKE_CACHE: "" });
  expect(readdirSync(cache)).toEqual([]);
});

test("what Node changes at its start is told: how many files may be open, what is blocked, what is closed", () => {
  const script = 'ulimit -Sn 123; exec "$0" <&-';
  const blocking =
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, [2, 10]); os.execvp(sys.argv[1], sys.argv[1:])";
  const { env } = run("python3", ["-c", blocking, "sh", "-c", script, tool]);
  expect(env).toMatchObject({ MPMAKE_NOFILE: "123", MPMAKE_SIGBLK: "514", MPMAKE_CLOSED: "0" });
});
