/** What a hostile or broken peer, file or recipe tries, and what comes of it: the worker always lives, and serves the next one. */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLocalWorkers } from "../../src/launch/local.js";
import { connectNode } from "../../src/net/connect.js";
import { readKeyFileOf } from "../../src/net/key-store.js";
import { frameHeader } from "../../src/wire/frame.js";
import type { RemoteOutcome } from "../../src/net/node-connection.js";
import type { RunRequest } from "../../src/wire/message.js";
import { clock, living, rawClient, requestOf, runToEnd, startRig, type WorkerRig } from "../net/worker-rig.js";
import { Rig } from "./rig.js";
import { needsRoot, RootRig, UIDS } from "./root-rig.js";

const dist = join(import.meta.dirname, "../../dist");
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? ["--allow-root"] : [];
let directory: string;

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "mpmake-negative-")));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** The next client is served as if nothing had been, and the log is made of whole short lines. */
async function expectWell(rig: WorkerRig): Promise<void> {
  const { outcome } = await runToEnd(await rig.connect(), requestOf(rig.directory, ["true"]));
  expect(outcome).toMatchObject({ kind: "ended", status: { kind: "exited", code: 0 } });
  for (const line of rig.audit.lines) expect(line).toMatch(/^[\x20-\x7e\xa0-\xff]{1,4000}$/);
}

describe("a request that cannot be meant is refused, and the connection goes on", () => {
  const cases: readonly (readonly [title: string, request: Partial<RunRequest>, expected: object])[] = [
    ["no shell", { shell: "" }, { code: "request" }],
    ["NUL in a line", { lines: [{ text: "true\0false", ignoreErrors: false }] }, { code: "request" }],
    ["NUL in the environment", { environment: ["A=b\0c"] }, { code: "request" }],
    ["a string of 200 KB in the environment", { environment: [`A=${"x".repeat(200_000)}`] }, { code: "request" }],
    ["a directory that is not absolute", { directory: "../etc" }, { code: "request" }],
    ["NUL in the directory", { directory: "/tmp\0/x" }, { code: "request" }],
    ["a program of no words at all", { argv: [] }, { code: "request" }],
    ["NUL in a word of a program", { argv: ["touch", "ran\0"] }, { code: "request" }],
    ["an envsetter that is not absolute", { envsetter: "setter" }, { code: "request" }],
    ["a directory that is not there", { directory: "/nowhere/x" }, { code: "directory", errno: "ENOENT" }],
    ["a file for a directory", { directory: "/etc/passwd" }, { code: "directory", errno: "ENOTDIR" }],
    [
      "a directory with a name that is too long",
      { directory: `/${"x".repeat(300)}` },
      { code: "directory", errno: "ENAMETOOLONG" },
    ],
    ["an envsetter that is not there", { envsetter: "/nowhere/setter" }, { code: "envsetter" }],
    ["an envsetter that is a directory", { envsetter: "/etc" }, { code: "envsetter" }],
  ];

  test.each(cases)("%s", async (_, more, expected) => {
    await using rig = await startRig();
    const client = await rawClient(rig);
    client.send({ type: "run", stream: 1, request: requestOf(rig.directory, ["touch ran"], more) });
    await expect
      .poll(() => client.heard.find(({ type }) => type === "refuse"))
      .toMatchObject({ stream: 1, ...expected });
    expect(existsSync(join(rig.directory, "ran"))).toBe(false);
    client.send({ type: "run", stream: 2, request: requestOf(rig.directory, ["touch ran"]) });
    await expect.poll(() => client.heard.find(({ type }) => type === "exit")).toMatchObject({ stream: 2 });
    client.socket.destroy();
    await expectWell(rig);
  });

  test("a directory that leads in a circle, and one that may not be searched, are refused by name", async () => {
    await using rig = await startRig();
    symlinkSync("loop", join(rig.directory, "loop"));
    const connection = await rig.connect();
    const loop = await runToEnd(connection, requestOf(join(rig.directory, "loop"), ["true"]));
    const text = `cannot enter ${rig.directory}/loop (Too many levels of symbolic links)`;
    expect(loop.outcome).toEqual({ kind: "refused", code: "directory", errno: "ELOOP", text });
    if (isRoot) return; // nothing is closed to root
    mkdirSync(join(rig.directory, "closed"), { mode: 0 });
    const closed = await runToEnd(connection, requestOf(join(rig.directory, "closed"), ["true"]));
    expect(closed.outcome).toMatchObject({ kind: "refused", code: "directory", errno: "EACCES" });
  });

  test("a program with an empty name is none", async () => {
    await using rig = await startRig();
    const { outcome } = await runToEnd(await rig.connect(), requestOf(rig.directory, [""], { argv: [""] }));
    expect(outcome).toMatchObject({ kind: "ended", status: { kind: "unstarted", errno: "EACCES", code: 126 } });
  });

  test("a relative directory of PATH is the job's, not the worker's", async () => {
    await using rig = await startRig();
    mkdirSync(join(rig.directory, "bin"));
    writeFileSync(join(rig.directory, "bin", "greet"), "#!/bin/sh\necho from the job\n", { mode: 0o755 });
    const environment = ["PATH=nowhere:bin:/usr/bin:/bin"];
    const { told } = await runToEnd(await rig.connect(), requestOf(rig.directory, ["greet"], { environment }));
    expect(told).toEqual(["line 0", "stdout from the job\n"]);
  });

  test("an environment that is meant for the worker reaches the recipe alone", async () => {
    await using rig = await startRig();
    const evil = join(rig.directory, "evil.cjs");
    writeFileSync(evil, `require("node:fs").appendFileSync("${rig.directory}/ran", "x")`);
    const environment = [
      ...[`PATH=${process.env["PATH"] ?? ""}`, `NODE_OPTIONS=--require ${evil}`, `BASH_ENV=${evil}`, `ENV=${evil}`],
      ...["IFS=x", "LD_PRELOAD=/nowhere.so", "LD_LIBRARY_PATH=/nowhere", "TMPDIR=/nowhere"],
    ];
    const connection = await rig.connect();
    const { told, outcome } = await runToEnd(connection, requestOf(rig.directory, ["node -e 0"], { environment }));
    expect(outcome).toMatchObject({ kind: "ended", status: { kind: "exited", code: 0 } });
    expect(told.join("")).toContain("/nowhere.so"); // the loader complains to the recipe
    expect(readFileSync(join(rig.directory, "ran"), "latin1")).toBe("x");
    await expectWell(rig);
    expect(readFileSync(join(rig.directory, "ran"), "latin1")).toBe("x");
  });

  test("an environment that is more than the kernel takes is the recipe's own failure", async () => {
    await using rig = await startRig();
    const environment = Array.from({ length: 30 }, (_, i) => `V${String(i)}=${"x".repeat(100_000)}`);
    const { outcome } = await runToEnd(await rig.connect(), requestOf(rig.directory, ["echo; true"], { environment }));
    expect(outcome).toMatchObject({ kind: "ended", status: { kind: "unstarted", errno: "E2BIG" } });
    await expectWell(rig);
  });
});

describe("a broken protocol ends the connection and its jobs, nobody else's", () => {
  const JOB = 1;
  const cases: readonly (readonly [title: string, type: number, stream: number, payload: string, reason: RegExp])[] = [
    ["a request on the stream of a job", 17, JOB, "", /run on stream 1, which is/],
    ["a request on stream 0", 17, 0, "", /run on stream 0|run on the connection|stream 0/],
    ["input for a job that has none", 18, JOB, "78", /stdin on stream 1, which is/],
    ["input for no job", 18, 9, "78", /stdin on stream 9, which is new/],
    ["credit of nothing", 6, JOB, "00000000", /credit/],
    ["credit beyond what was used", 6, JOB, "ffffffff", /credit/],
    ["signal 0", 20, JOB, "00", /signal 0|cancel/],
    ["signal 65", 20, JOB, "41", /signal 65|cancel/],
    ["a second greeting", 1, 0, "", /hello/],
    ["a message of nodes", 37, JOB, "", /exit in the phase node-open/],
    ["an unknown type", 255, JOB, "", /255/],
  ];

  test.each(cases)("%s", async (_, code, stream, payload, reason) => {
    await using rig = await startRig();
    const other = await rawClient(rig);
    const run = (name: string) => requestOf(rig.directory, [`echo $$ >${name}; exec sleep 1000`]);
    other.send({ type: "run", stream: JOB, request: run("others") });
    const client = await rawClient(rig);
    client.send({ type: "run", stream: JOB, request: run("own") });
    const pidIn = (name: string): number => {
      const file = join(rig.directory, name);
      return existsSync(file) ? Number(readFileSync(file, "latin1")) : 0;
    };
    await expect.poll(() => Math.min(pidIn("own"), pidIn("others"))).toBeGreaterThan(0);
    const bytes = Buffer.from(payload, "hex");
    client.socket.write(Buffer.concat([frameHeader({ length: bytes.length, code, stream }), bytes]));
    await expect
      .poll(() => client.heard.find(({ type }) => type === "bye"))
      .toMatchObject({
        code: "protocol",
        text: expect.stringMatching(reason) as string,
      });
    await expect.poll(() => living([pidIn("own")]), { timeout: 5000 }).toEqual([]);
    expect(living([pidIn("others")])).toEqual([pidIn("others")]);
    other.socket.destroy();
    await expectWell(rig);
  });

  test.each([1, 9, 15, 64])("signal %i ends one's own job", async (signal) => {
    await using rig = await startRig();
    const client = await rawClient(rig);
    client.send({ type: "run", stream: 1, request: requestOf(rig.directory, ["echo >begun; exec sleep 1000"]) });
    await expect.poll(() => existsSync(join(rig.directory, "begun"))).toBe(true);
    client.send({ type: "signal", stream: 1, signal });
    await expect
      .poll(() => client.heard.find(({ type }) => type === "exit"))
      .toMatchObject({ stream: 1, status: { kind: "signalled", signal } });
    client.socket.destroy();
  });

  test("a signal goes to one's own jobs alone", async () => {
    await using rig = await startRig();
    const other = await rawClient(rig);
    other.send({ type: "run", stream: 1, request: requestOf(rig.directory, ["echo $$ >others; exec sleep 1000"]) });
    const file = join(rig.directory, "others");
    await expect.poll(() => existsSync(file) && readFileSync(file, "latin1")).toMatch(/^\d+\n$/);
    const client = await rawClient(rig);
    client.send({ type: "cancel", stream: 1, signal: 9 });
    await expect.poll(() => client.heard.find(({ type }) => type === "bye")).toMatchObject({ code: "protocol" });
    const pid = Number(readFileSync(file, "latin1"));
    expect(living([pid])).toEqual([pid]);
    other.socket.destroy();
  });
});

describe("names in the log", () => {
  test("cannot forge a line or command a terminal", async () => {
    const audit: string[] = [];
    await using rig = await startRig({ debug: (line) => audit.push(line) });
    const client = await rawClient(rig);
    const target = 'x\n{"event":"job","uid":0}\x1b[2J\x9b31m"\\';
    client.send({ type: "run", stream: 1, request: requestOf(rig.directory, ["true"], { target }) });
    await expect.poll(() => client.heard.find(({ type }) => type === "exit")).toBeDefined();
    await expect.poll(() => rig.audit.lines.length).toBe(1);
    expect(JSON.parse(rig.audit.lines[0] ?? "")).toMatchObject({ event: "job", target, uid: process.getuid!() });
    expect(rig.audit.lines[0]).not.toMatch(/[\x00-\x1f]/);
    client.socket.destroy();
  });

  test("of a node are shown without what commands a terminal", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1, words: ["--name", "n\x1b[2J\n1"] });
    const environment = { MPMAKE_KEY: `${rig.key}.pub` };
    const { stdout, status } = await rig.run("mexecvp", ["--test", "--nodes", nodes, "true"], { environment });
    expect([status, stdout.trimEnd().split("\n").length]).toEqual([0, 1]);
    expect(stdout).not.toMatch(/\x1b/);
  });
});

/** A run of mexecd that ends at once: status and what it said, without the directory's name. */
async function refusal(words: readonly string[]): Promise<string> {
  const all = ["--listen", "127.0.0.1:0", ...words];
  const { exitCode, stderr } = await execa(join(dist, "mexecd"), all, {
    reject: false,
    stdin: "ignore",
    timeout: 10_000,
  });
  return `${String(exitCode)} ${stderr.replaceAll(directory, "")}`;
}

describe("a worker does not start with", () => {
  let key: string;

  beforeAll(() => {
    key = join(directory, "key");
    execFileSync(join(dist, "ckeygen"), [key]);
  });

  const files: readonly (readonly [title: string, spoil: (path: string, good: string) => void, said: string])[] = [
    [
      "a key that others may read",
      (path, good) => writeFileSync(path, good, { mode: 0o644 }),
      "may be read or written by others (mode 644); use chmod 600",
    ],
    [
      "a key that a group may read",
      (path, good) => writeFileSync(path, good, { mode: 0o640 }),
      "may be read or written by others (mode 640); use chmod 600",
    ],
    ["a link to a key", (path) => symlinkSync(join(directory, "key"), path), "is a symbolic link"],
    ["a directory for a key", (path) => mkdirSync(path), "is not a plain file"],
    ["a FIFO for a key", (path) => execFileSync("mkfifo", ["-m", "600", path]), "is not a plain file"],
    ["an empty key", (path) => writeFileSync(path, "", { mode: 0o600 }), "is empty"],
    [
      "a key that is cut short",
      (path, good) => writeFileSync(path, good.slice(0, 300), { mode: 0o600 }),
      "is damaged: its checksum is wrong or missing",
    ],
    [
      "a key with one wrong byte",
      (path, good) => writeFileSync(path, good.replace(/seed ./, "seed g"), { mode: 0o600 }),
      "is damaged: its checksum is wrong or missing",
    ],
    [
      "a key with carriage returns",
      (path, good) => writeFileSync(path, good.replaceAll("\n", "\r\n"), { mode: 0o600 }),
      "has carriage returns; copy it as it was made",
    ],
    [
      "a key of a megabyte",
      (path) => writeFileSync(path, "x".repeat(1 << 20), { mode: 0o600 }),
      "is too long for a key file",
    ],
    ["a picture for a key", (path) => writeFileSync(path, "\x89PNG", { mode: 0o600 }), "is not a key file"],
  ];

  test.each(files)("%s", async (title, spoil, said) => {
    const path = join(directory, `bad-${title.replaceAll(" ", "-")}`);
    spoil(path, readFileSync(key, "latin1"));
    chmodSafely(path, title);
    expect(await refusal(["--key", path, ...asUser])).toBe(`2 mexecd: ${path.replace(directory, "")} ${said}`);
  });

  test("a key of another user", async (context) => {
    needsRoot(context);
    const path = join(directory, "theirs");
    writeFileSync(path, readFileSync(key), { mode: 0o600 });
    chownSync(path, UIDS.alice, 0);
    expect(await refusal(["--key", path, ...asUser])).toBe("2 mexecd: /theirs belongs to another user");
  });

  test.each([
    [0o664, "may be written by others (mode 664); use chmod go-w"],
    [0o646, "may be written by others (mode 646); use chmod go-w"],
  ])("a list of who is authorized that others may write (%o)", async (mode, said) => {
    const path = join(directory, "authorized");
    writeFileSync(path, "");
    chmodSync(path, mode);
    expect(await refusal(["--key", key, "--authorized", path])).toBe(`2 mexecd: /authorized ${said}`);
    chmodSync(path, 0o644);
    writeFileSync(path, "root ALL\n");
    const fault = "/authorized line 1: it begins with no fingerprint (64 hexadecimal digits)";
    expect(await refusal(["--key", key, "--authorized", path])).toBe(`2 mexecd: ${fault}`);
  });

  test.each([
    [["10.0.0.0"], "the address 10.0.0.0 has no mask"],
    [["10.0.0.0", "255.0.255.0"], "'255.0.255.0' is not a network mask"],
    [["1.2.3", "255.0.0.0"], "'1.2.3' is not an IPv4 address"],
    [["::1", "255.0.0.0"], "'::1' is not an IPv4 address"],
    [["0.0.0.0", "0.0.0.0"], "the mask 0.0.0.0 admits every address; say --any-address if that is meant"],
  ])("the pairs %j", async (words, said) => {
    expect(await refusal(["--key", key, ...asUser, ...words])).toBe(`2 mexecd: ${said}\nTry 'mexecd --help'.`);
    const pairs = join(directory, "pairs");
    writeFileSync(pairs, `${words.join(" ")}\n`, { mode: 0o644 });
    expect(await refusal(["--key", key, ...asUser, "--pairs", pairs])).toBe(`2 mexecd: /pairs line 1: ${said}`);
  });
});

/** The umask may have narrowed what a case is about. */
function chmodSafely(path: string, title: string): void {
  if (title.endsWith("others may read")) chmodSync(path, 0o644);
  if (title.endsWith("a group may read")) chmodSync(path, 0o640);
}

describe("a worker lives, and its jobs go on, when", () => {
  async function runWith(more: readonly string[], lines: readonly string[], wrapper: readonly string[] = []) {
    const key = join(directory, `key-${String(readdirSync(directory).length)}`);
    execFileSync(join(dist, "ckeygen"), [key]);
    const workers = await startLocalWorkers({
      count: 1,
      slots: 2,
      keyFile: key,
      mexecd: join(dist, "mexecd"),
      arguments: [...asUser, ...more],
      environment: { PATH: process.env["PATH"] ?? "", TMPDIR: directory },
      directory: "/",
      wrapper: () => wrapper,
    });
    const credential = readKeyFileOf(`${key}.pub`, "client");
    if (!credential.ok) throw new Error(credential.error.text);
    const { port } = workers.workers[0]!;
    const connect = async () => {
      const result = await connectNode({
        host: "127.0.0.1",
        port,
        credential: credential.value,
        clock,
        timeoutMs: 10_000,
      });
      if (!result.ok) throw new Error(result.error.text);
      return result.value;
    };
    const connection = await connect();
    const story = await runToEnd(connection, requestOf(directory, lines));
    return { workers, connection, connect, key, ...story };
  }

  test("its log cannot be written", async () => {
    const { workers, outcome, connection } = await runWith(["--audit", "/dev/full"], ["true"]);
    await using _ = workers;
    expect(outcome).toMatchObject({ kind: "ended", status: { code: 0 } });
    const again = await runToEnd(connection, requestOf(directory, ["exit 3"]));
    expect(again.outcome).toMatchObject({ status: { code: 3 } });
  });

  test("it has no descriptors left: it is busy with what it has, lets clients in, and goes well later", async () => {
    const { workers, connection, connect } = await runWith([], ["true"], ["prlimit", "--nofile=64:64"]);
    await using _ = workers;
    const silent = { line: () => undefined, data: () => undefined, lineFailed: () => undefined, note: () => undefined };
    const go = join(directory, "descriptors");
    execFileSync("mkfifo", [go]);
    const jobs = Array.from({ length: 40 }, () => connection.run(requestOf(directory, [`read word <${go}`]), silent));
    const kindOf = (outcome: RemoteOutcome): string =>
      outcome.kind === "refused" ? `${outcome.code} ${outcome.errno}` : outcome.kind;
    expect(kindOf(await Promise.race(jobs.map(({ outcome }) => outcome)))).toBe("busy EMFILE");
    const another = await connect();
    expect(kindOf((await runToEnd(another, requestOf(directory, ["true"]))).outcome)).toBe("busy EMFILE");
    execFileSync("sh", ["-c", `exec 3<>${go}; sleep 1; yes | head -200 >&3`], { timeout: 20_000 });
    const kinds = (await Promise.all(jobs.map(({ outcome }) => outcome))).map(kindOf);
    expect([...new Set(kinds)].sort()).toEqual(["busy EMFILE", "ended"]);
    const later = await runToEnd(another, requestOf(directory, ["echo well"]));
    expect(later).toMatchObject({ told: ["line 0", "stdout well\n"], outcome: { kind: "ended" } });
  });

  test("a client takes nothing for longer than it may be silent, and answers: its recipe waits", async () => {
    await using rig = await startRig({ silenceMs: 600 });
    const client = await rawClient(rig);
    const recipe = "echo $$ >pid; exec head -c 300000000 /dev/zero";
    client.send({ type: "run", stream: 1, request: requestOf(rig.directory, [recipe]) });
    await expect.poll(() => existsSync(join(rig.directory, "pid"))).toBe(true);
    for (let time = 0; time < 15; time++) {
      client.send({ type: "ping", stream: 0, askedMs: 0 });
      await new Promise((resolve) => setTimeout(resolve, 200)); // five times the silence that is allowed, in all
    }
    const count = (wanted: string): number => client.heard.filter(({ type }) => type === wanted).length;
    expect([count("pong") >= 10, count("bye"), count("exit")]).toEqual([true, 0, 0]);
    const pid = Number(readFileSync(join(rig.directory, "pid"), "latin1"));
    expect(living([pid])).toEqual([pid]);
    client.socket.destroy();
    await expect.poll(() => living([pid]), { timeout: 5000 }).toEqual([]);
    await expectWell(rig);
  });

  test("a key is exchanged: who is in stays, who comes needs the new one", async () => {
    const { workers, connection, connect, key } = await runWith(["--audit", join(directory, "rotated")], ["true"]);
    await using _ = workers;
    rmSync(key);
    rmSync(`${key}.pub`);
    execFileSync(join(dist, "ckeygen"), [key]);
    process.kill(workers.workers[0]!.pid, "SIGHUP");
    await expect.poll(() => readFileSync(join(directory, "rotated"), "latin1")).toContain('"event":"reloaded"');
    await expect(connect()).rejects.toThrow("it holds another key than ours");
    const { outcome } = await runToEnd(connection, requestOf(directory, ["exit 4"]));
    expect(outcome).toMatchObject({ kind: "ended", status: { code: 4 } });
  });
});

describe("on a worker of several users", () => {
  test("one that starts processes without end harms himself alone", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"), rig.credential("bob"));
    await rig.start([], ["prlimit", "--nproc=40:40"]);
    const bomb = "i=0; while [ $$i -lt 100 ]; do sleep 1000 & i=$$((i + 1)); done";
    const { stderr } = await rig.make("alice", [bomb]);
    expect(stderr).toMatch(/Cannot fork|Resource temporarily unavailable/);
    expect(await rig.make("bob", ["id -un"])).toMatchObject({ status: 0, stdout: "bob\n" });
  });

  test("many that come at once from one address do not keep those out that are in", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    const { socket } = await rig.greeted("alice", UIDS.alice);
    const heard = await Promise.allSettled(Array.from({ length: 40 }, () => rig.greet("alice", UIDS.alice)));
    // Eight at a time are heard; nobody hears anything but yes or nothing.
    const answers = new Set(heard.map((one) => (one.status === "fulfilled" ? one.value.type : "shut out")));
    expect([...answers].filter((answer) => answer !== "hello-ack" && answer !== "shut out")).toEqual([]);
    expect(socket.closed).toBe(false);
    await expect.poll(() => rig.greet("alice", UIDS.alice)).toMatchObject({ type: "hello-ack" });
    socket.destroy();
  });
});
