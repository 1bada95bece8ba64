/** The cexec tools as they are, on this machine: multicast that never leaves it. */

import { randomInt } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { connect, createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { applicationKeyOf, sealDatagram } from "../../src/net/datagram-proof.js";
import { GroupSender } from "../../src/net/group-sockets.js";
import { readKeyFileOf } from "../../src/net/key-store.js";
import type { Announcement } from "../../src/wire/datagram.js";
import { parseGroup } from "../../src/wire/group.js";
import { GroupRig } from "./group-rig.js";
import { anyGroup } from "./rig.js";

const dist = join(import.meta.dirname, "../../dist");
/** `MPMAKE_TEST_FULL=1`: as many as are promised. */
const MANY = process.env["MPMAKE_TEST_FULL"] === "1" ? { jobs: 200, atOnce: 20 } : { jobs: 16, atOnce: 8 };

describe.skipIf(!existsSync(join(dist, "cexec")))("cexec and cservice", () => {
  test("bytes go in and come out, with the status, and what each is told of the other", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service([
      "sh",
      "-c",
      'tr a-z A-Z; echo "$PEER_WHO $REMOTE_ADDR $SERVER_ADDR $*" >&2; exit 7',
      "sh",
      "x",
      "-y",
    ]);
    const { exitCode, stdout, stderr } = await rig.cexec(["WHO=me"], { input: "some text" });
    expect([exitCode, stdout, stderr]).toEqual([7, "SOME TEXT", "me 127.0.0.1 127.0.0.1 x -y"]);
  });

  test("a megabyte through a pipe and through a file is the same behind", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["cat"]);
    const text = "0123456789abcdef".repeat(65_536);
    writeFileSync(join(rig.directory, "in"), text);
    expect((await rig.cexec([], { input: text })).stdout === text).toBe(true);
    expect((await rig.cexec([], { inputFile: join(rig.directory, "in") })).stdout === text).toBe(true);
  });

  test("the client chooses nothing: no program, no environment, no directory, no file by its name", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["sh", "-c", 'echo "$SECRET,$PEER_A,$PATH" | cut -c1-20; pwd'], { SECRET: "the service's" });
    const { stdout } = await rig.cexec(["A=b"], { env: { SECRET: "mine", PATH: "/nowhere:/usr/bin:/bin" } });
    expect(stdout).toMatch(new RegExp(`^the service's,b,.*\n${rig.directory}$`));
  });

  test("all that is open here up to CEXEC_MAXFD is open there, and nothing above", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service([
      "sh",
      "-c",
      'cat <&3 >&4; cat <&5; for n in 7 8; do test -e /proc/self/fd/$n && echo "has $n"; done',
    ]);
    writeFileSync(join(rig.directory, "in"), "by a file\n");
    const cexec = (last: string) =>
      execa(
        "sh",
        ["-c", 'echo by a pipe | "$CEXEC" app.pub 5<in 3<&0 4>out 7</dev/null 8</dev/zero </dev/null; cat out'],
        {
          cwd: rig.directory,
          env: { CEXEC: join(dist, "cexec"), GROUP: rig.group, CEXEC_TIMEOUT_ACCEPT: "20", CEXEC_MAXFD: last },
          reject: false,
        },
      );
    expect((await cexec("32")).stdout).toBe("by a file\nhas 7\nhas 8\nby a pipe");
    expect((await cexec("7")).stdout).toBe("by a file\nhas 7\nby a pipe");
    expect((await cexec("none")).stderr).toMatch(/^cexec: --maxfd takes a number from 2 to 255, not 'none'$/m);
  });

  test("the program's death by a signal is ours; a signal to us is the program's", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service([
      "sh",
      "-c",
      'case $PEER_DO in die) kill -KILL $$;; *) trap "echo got; exit 4" TERM; echo ready; while :; do sleep 0.1; done;; esac',
    ]);
    expect(await rig.cexec(["DO=die"])).toMatchObject({ signal: "SIGKILL" });
    const waiting = rig.cexec(["DO=wait"]);
    waiting.stdout.once("data", () => waiting.kill("SIGTERM"));
    expect(await waiting).toMatchObject({ exitCode: 4, stdout: "ready\ngot" });
  });

  test("a service that is told to end loses no status of what still runs", async () => {
    const once = async (): Promise<unknown> => {
      await using rig = new GroupRig();
      await rig.keys();
      // A second: the end, the closing of the outputs and the signs of life are said at one moment
      const { child } = await rig.service(["sh", "-c", "echo on; sleep 1; exit 9"]);
      const client = rig.cexec([], { stdin: "ignore" });
      await new Promise((resolve) => client.stdout.once("data", resolve));
      child.kill("SIGTERM");
      const { exitCode, stdout, stderr } = await client;
      return [exitCode, stdout, stderr, (await child).exitCode];
    };
    const ended = await Promise.all(Array.from({ length: 8 }, once));
    expect(ended).toEqual(ended.map(() => [9, "on", "", 0]));
  });

  test("a worker that is full is passed over, and there again when it has room", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["sh", "-c", "cat; sleep 0.5"], { CONCURRENCY: "1" });
    const both = await Promise.all([rig.cexec([], { input: "one" }), rig.cexec([], { input: "two" })]);
    expect(both.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
      [0, "one"],
      [0, "two"],
    ]);
  });

  test("of clients that call together a worker takes no more than it may run at once", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    const log = join(rig.directory, "log");
    await rig.service(["sh", "-c", `echo + >>${log}; sleep 0.2; echo - >>${log}`], { CONCURRENCY: "1" });
    const ended = await Promise.all(Array.from({ length: 4 }, () => rig.cexec([])));
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(readFileSync(log, "latin1")).toBe("+\n-\n".repeat(4));
  });

  test("output that cannot be written is no success", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["echo", "hello"]);
    const words = ["-c", 'exec "$0" app.pub >/dev/full', join(dist, "cexec")];
    const env = { GROUP: rig.group, CEXEC_TIMEOUT_ACCEPT: "20" };
    const { exitCode, stderr } = await execa("sh", words, { cwd: rig.directory, env, reject: false });
    expect([exitCode, stderr]).toEqual([111, "cexec: cannot write to standard output: No space left on device"]);
  });

  test("input that cannot be read is not one that has ended", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["sh", "-c", "case $PEER_DO in read) cat;; fail) cat; exit 5;; esac"]);
    const cexec = async (what: string, from: string) => {
      // Not the shell's last command, so that there is a process whose memory cannot be read
      const { exitCode, stderr } = await execa(
        "sh",
        ["-c", `"$0" app.pub DO=${what} ${from}; exit $?`, join(dist, "cexec")],
        {
          cwd: rig.directory,
          env: { GROUP: rig.group, CEXEC_TIMEOUT_ACCEPT: "20" },
          reject: false,
        },
      );
      return [exitCode, stderr];
    };
    const unread = "cexec: cannot read standard input: Input/output error";
    // Reading fails there as it does here, and who does not read never knows
    expect(await cexec("read", "<.")).toEqual([1, expect.stringMatching(/^cat: .*Bad file descriptor$/m)]);
    expect(await cexec("nothing", "<.")).toEqual([0, ""]);
    expect(await cexec("read", "0>written")).toEqual([1, expect.stringMatching(/^cat: .*Bad file descriptor$/m)]);
    // What breaks on the way ends there, and is no success here
    expect(await cexec("read", "</proc/$$/mem")).toEqual([111, unread]);
    expect(await cexec("fail", "</proc/$$/mem")).toEqual([5, unread]);
  });

  test("a socket that is reset has ended, as for a program here", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["sh", "-c", "echo on; cat; exit 4"]);
    const server = createServer((socket) => socket.on("error", () => undefined));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const other = new Promise<Socket>((resolve) => server.once("connection", resolve));
    const ours = connect(port, "127.0.0.1");
    await new Promise((resolve) => ours.once("connect", resolve));
    const client = spawn(join(dist, "cexec"), ["app.pub"], {
      cwd: rig.directory,
      env: { ...process.env, GROUP: rig.group, CEXEC_TIMEOUT_ACCEPT: "20" },
      stdio: [ours, "pipe", "pipe"],
    });
    let said = "";
    client.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const ended = new Promise((resolve) => client.once("close", resolve));
    await new Promise((resolve) => client.stdout.once("data", resolve));
    (await other).resetAndDestroy();
    expect([await ended, said]).toEqual([4, ""]);
    ours.destroy();
    server.close();
  });

  test("many jobs at once: each has its own input, output and status, and none is lost", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    const program = ["sh", "-c", 'tr a-z A-Z; exit "$PEER_STATUS"'];
    await rig.service(program);
    await rig.service(program);
    const left = Array.from({ length: MANY.jobs }, (_, i) => ({ input: `job ${String(i)}`, status: i % 100 }));
    const wrong: unknown[] = [];
    const lane = async (): Promise<void> => {
      for (let job = left.shift(); job !== undefined; job = left.shift()) {
        const { input, status } = job;
        const env = { CEXEC_TIMEOUT_ACCEPT: "120" };
        const ended = await rig.cexec([`STATUS=${String(status)}`], { input, env });
        if (ended.exitCode !== status || ended.stdout !== input.toUpperCase()) wrong.push({ job, ended });
      }
    };
    await Promise.all(Array.from({ length: MANY.atOnce }, lane));
    expect(wrong).toEqual([]);
  }, 600_000);

  test("nobody there: 111, and one line that says so", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    const { exitCode, stderr } = await rig.cexec([], { env: { CEXEC_TIMEOUT_ACCEPT: "0.5" } });
    expect([exitCode, stderr]).toEqual([111, "cexec: no worker answers"]);
  });

  test("a worker of another application, and one at an address that is not accepted, run nothing", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.keys("other");
    await rig.start("cservice", ["other", "sh", "-c", "echo run >>ran"]);
    expect((await rig.cexec([], { env: { CEXEC_TIMEOUT_ACCEPT: "1" } })).exitCode).toBe(111);
    await rig.service(["sh", "-c", "echo run >>ran"]);
    const rejecting = { CEXEC_TIMEOUT_ACCEPT: "1", CEXEC_REJECT_SERVERS: "127.0.0.1" };
    expect((await rig.cexec([], { env: rejecting })).exitCode).toBe(111);
    expect(existsSync(join(rig.directory, "ran"))).toBe(false);
  });

  test("crat tells of what was done, and of nothing that was forged", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    const { lines } = await rig.start("crat", ["app.pub"]);
    const followed = await rig.start("crat", ["--json", "--follow", "app"]);
    await rig.service(["sh", "-c", "exit 3"]);
    const kinds = (): readonly string[] =>
      followed.lines.stdout.split("\n").flatMap((line) => /"type":"(\w+)"/.exec(line)?.[1] ?? []);
    // Again until both listen: they do not say when they do
    await expect
      .poll(async () => ((await rig.cexec([])).exitCode === 3 ? [lines.stdout, kinds()] : []), { timeout: 20_000 })
      .toEqual([
        expect.stringMatching(/^127\.0\.0\.1 completed by 127\.0\.0\.1 \(w\) for app\.pub exit code 3\n/),
        expect.arrayContaining(["request", "answered", "completed"]),
      ]);
  });

  test.each([
    ["is gone", "| head -n 1", "SIGPIPE", ""],
    ["has no room", ">/dev/full", 111, "crat: cannot write to standard output: No space left on device\n"],
  ])("crat ends when who is to have its lines %s", async (_, where, status, said) => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["true"]);
    const shell = ["-c", `"$0" app.pub ${where}; echo "\${PIPESTATUS[0]}"`, join(dist, "crat")];
    const ended = { is: false };
    const crat = execa("bash", shell, { cwd: rig.directory, env: { GROUP: rig.group } });
    const stopped = crat.then((it) => ((ended.is = true), it));
    while (!ended.is) await rig.cexec([]);
    const { stdout, stderr } = await stopped;
    const printed = status === "SIGPIPE" ? /^127\.0\.0\.1 completed by .*\n141$/ : new RegExp(`^${String(status)}$`);
    expect(stdout).toMatch(printed);
    expect(stderr).toBe(said.trimEnd());
  });

  test("cproxy joins two networks, and needs no key by which it could do more", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await execa(join(dist, "ckeygen"), ["--relay", "app"], { cwd: rig.directory });
    expect(readFileSync(join(rig.directory, "app.relay"), "latin1")).not.toMatch(/private-key|seed|announce-key/);
    const [near, between, far] = [rig.group, anyGroup(), anyGroup()];
    await rig.start("cproxy", ["--key", "app.relay", near, between]);
    await rig.start("cproxy", ["--key", "app.relay", between, far]);
    // A ring: what comes round again is not handed on
    await rig.start("cproxy", ["--key", "app.relay", far, near]);
    await rig.service(["sh", "-c", "rev; exit 2"], { GROUP: far });
    const { exitCode, stdout } = await rig.cexec([], { input: "desserts" });
    expect([exitCode, stdout]).toEqual([2, "stressed"]);
  });
});

/** Announcements that are made here, byte by byte, and a port where those who believe them call. */
describe.skipIf(!existsSync(join(dist, "cservice")))("a service is not moved by an announcement", () => {
  async function calls(change: (announcement: Announcement) => Announcement, spoil?: (bytes: Uint8Array) => void) {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.keys("other");
    const { lines } = await rig.service(["true"]);
    let called = 0;
    const server = createServer((socket) => {
      called++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const key = readKeyFileOf(join(rig.directory, "app.pub"), "client");
    const group = parseGroup(rig.group, () => true);
    if (!key.ok || !group.ok) throw new Error("no key or no group");
    const { application, announceKey } = applicationKeyOf(key.value);
    const id = String.fromCharCode(...Array.from({ length: 16 }, () => randomInt(256)));
    const good: Announcement = {
      ...{ type: "request", application, id, sentMs: Date.now(), wanted: "service", lifetimeMs: 30_000 },
      ...{ port, addresses: ["127.0.0.1"] },
    };
    const opened = await GroupSender.open(group.value);
    if (!opened.ok) throw new Error(opened.error);
    const sender = opened.value;
    const bytes = sealDatagram(change(good), announceKey);
    spoil?.(bytes);
    for (let i = 0; i < 3; i++) await sender.send(() => bytes);
    // A good one behind them is answered: by then the others would have been, too
    await sender.send(() => sealDatagram({ ...good, id: `${id.slice(1)}x`, sentMs: Date.now() }, announceKey));
    await expect.poll(() => called, { timeout: 20_000 }).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    sender.close();
    server.close();
    return { called, log: lines.stderr };
  }

  test("that comes again, however often: it calls once", async () => {
    expect((await calls((good) => good)).called).toBe(2);
  });

  test.each<[string, (good: Announcement) => Announcement, ((bytes: Uint8Array) => void) | undefined, RegExp]>([
    ["that was altered", (good) => good, (bytes) => (bytes[50]! ^= 1), /without proof of the key/],
    ["without proof", (good) => good, (bytes) => bytes.fill(0, bytes.length - 16), /without proof of the key/],
    ["of a minute ago", (good) => ({ ...good, sentMs: good.sentMs - 60_000 }), undefined, /of 60 s ago, by our clock/],
    [
      "from the future",
      (good) => ({ ...good, sentMs: good.sentMs + 60_000 }),
      undefined,
      /of 60 s ahead, by our clock/,
    ],
    ["for nodes", (good) => ({ ...good, wanted: "node" }), undefined, /^$/],
    ["of another application", (good) => ({ ...good, application: "another!" }), undefined, /^$/],
  ])("%s", async (_, change, spoil, log) => {
    const heard = await calls(change, spoil);
    expect(heard.called).toBe(1);
    const rejections = heard.log
      .split("\n")
      .filter((line) => line.includes('"event":"rejected"') && /datagram/.test(line));
    expect(rejections.join("\n")).toMatch(log);
  });

  test("that is garbage: the next good one is answered", async () => {
    const { called } = await calls(
      (good) => good,
      (bytes) => bytes.fill(0xff),
    );
    expect(called).toBe(1);
  });
});

describe.skipIf(!existsSync(join(dist, "cexec")))("what cannot be meant is said at once", () => {
  test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ["a group that is none", ["--group", "somewhere"], {}, "GROUP: 'somewhere' is not [DEVICE:]ADDRESS[:PORT]"],
    ["a group of nothing", ["--group", ",,,"], {}, "GROUP: ',,,' has nothing where an address should be"],
    [
      "a gap",
      [],
      { GROUP: "10.0.0.1,,10.0.0.2" },
      "GROUP: '10.0.0.1,,10.0.0.2' has nothing where an address should be",
    ],
    ["addresses that are none", ["--accept-servers", ","], {}, "',' has nothing where an address should be"],
    ["ports that are none", ["--listen-ports", ","], {}, "',' are not ports, such as 4000,4010:4020"],
  ])("%s", async (_, words, env, said) => {
    await using rig = new GroupRig();
    await rig.keys();
    const { exitCode, stderr } = await rig.cexec(words, { env });
    expect([exitCode, stderr]).toEqual([111, `cexec: ${said}\nTry 'cexec --help'.`]);
  });

  test("an interface that is not there", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.keys("other");
    const said = "no network interface nodev with an address is here";
    for (const [tool, ...words] of [
      ["cexec", "app.pub"],
      ["cservice", "app", "true"],
      ["crat", "app.pub"],
    ] as const)
      for (const address of ["239.1.1.1", "255.255.255.255"]) {
        const { exitCode, stderr } = await rig.run(tool, ["--group", `nodev:${address}`, ...words], {});
        expect([exitCode, stderr]).toEqual([111, `${tool}: ${said}`]);
      }
  });

  test("a program that is not there, or cannot be executed", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    writeFileSync(join(rig.directory, "plain"), "", { mode: 0o644 });
    // Of a directory that may not be searched exec says something else
    const env = { GROUP: rig.group, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    for (const [program, why] of [
      ["no-such-program", "No such file or directory"],
      ["./no-such-program", "No such file or directory"],
      ["./plain", "Permission denied"],
      ["/", "Permission denied"],
    ] as const) {
      const { exitCode, stdout, stderr } = await rig.run("cservice", ["app", program], { env });
      expect([exitCode, stdout, stderr]).toEqual([111, "", `cservice: ${program}: ${why}`]);
    }
  });

  test("an empty variable is as good as none", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["sh", "-c", "exit 6"], { CONCURRENCY: "" });
    const names = [
      "CEXEC_GROUP",
      "CEXEC_LISTEN_PORTS",
      "CEXEC_TIMEOUT_PINGPONG",
      "CEXEC_ACCEPT_SERVERS",
      "CEXEC_MAXFD",
    ];
    const env = Object.fromEntries([...names, "MAXFD", "CEXEC_REJECT_SERVERS"].map((name) => [name, ""]));
    const { exitCode, stderr } = await rig.cexec([], { env });
    expect([exitCode, stderr]).toEqual([6, ""]);
  });
});
