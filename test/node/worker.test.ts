import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { fingerprintOfCertificate } from "../../src/net/credential.js";
import { makeUserCredential } from "../../src/net/key-pair.js";
import type { NodeConnection } from "../../src/net/node-connection.js";
import { parseAuthorized } from "../../src/node/authorized.js";
import { runEnvsetter } from "../../src/node/envsetter.js";
import { ownAccount } from "../../src/os/account.js";
import { createSpawner, type Spawner } from "../../src/os/spawn.js";
import type { ClientKeyFile } from "../../src/wire/key-file.js";
import { STREAM_WINDOW_BYTES } from "../../src/wire/limits.js";
import type { RunRequest } from "../../src/wire/message.js";
import {
  living,
  randomKeys,
  rawClient,
  requestOf,
  runToEnd,
  startRig,
  temporaryDirectory,
  type Story,
  type WorkerRig,
} from "../net/worker-rig.js";

/** What recipe lines print on a worker of their own. */
async function told(lines: readonly string[], more: Partial<RunRequest> = {}): Promise<Story> {
  await using rig = await startRig();
  return await runToEnd(await rig.connect(), requestOf(rig.directory, lines, more));
}

async function printed(lines: readonly string[], more: Partial<RunRequest> = {}): Promise<string> {
  const story = await told(lines, more);
  return story.told.filter((one) => one.startsWith("std")).join("|");
}

describe("a recipe on a node", () => {
  test("has its output behind the line that wrote it, and ends at the first line that fails", async () => {
    const { told: story, outcome } = await told(["echo one; echo two", "echo bad >&2; exit 3", "echo never"]);
    const failed = 'failed 1 {"kind":"exited","code":3}';
    expect(story).toEqual(["line 0", "stdout one\ntwo\n", "line 1", "stderr bad\n", failed]);
    expect(outcome).toMatchObject({ kind: "ended", status: { kind: "exited", code: 3 } });
  });

  test("is started in a turn of its own: a hundred that come at once do not keep the worker from answering", async () => {
    const directory = temporaryDirectory();
    const spawner = createSpawner({ temporaryDirectory: directory });
    let [turns, started] = [0, 0];
    const perTurn = new Map<number, number>();
    const counting: Spawner = {
      kind: spawner.kind,
      capture: (request) => spawner.capture(request),
      spawn: (request) => {
        started++;
        perTurn.set(turns, (perTurn.get(turns) ?? 0) + 1);
        return spawner.spawn(request);
      },
    };
    await using rig = await startRig({ slots: 100, spawner: counting });
    const connection = await rig.connect();
    const count = (): void => {
      turns++;
      if (started < 100) setImmediate(count);
    };
    count();
    await Promise.all(Array.from({ length: 100 }, () => runToEnd(connection, requestOf(rig.directory, ["exit 0"]))));
    expect(started).toBe(100);
    expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(2);
    rmSync(directory, { recursive: true });
  });

  test("goes on behind a failure that is ignored", async () => {
    const lines = [
      { text: "exit 1", ignoreErrors: true },
      { text: "echo on", ignoreErrors: false },
    ];
    const { told: story, outcome } = await told([], { lines });
    expect(story).toEqual(["line 0", 'failed 0 {"kind":"exited","code":1}', "line 1", "stdout on\n"]);
    expect(outcome).toMatchObject({ status: { kind: "exited", code: 0 } });
  });

  test("runs in its directory, with its environment and its umask", async () => {
    await using rig = await startRig();
    mkdirSync(join(rig.directory, "sub"));
    const connection = await rig.connect();
    const environment = [`PATH=${process.env["PATH"]!}`, "GREETING=h\xe9llo"];
    const request = requestOf(join(rig.directory, "sub"), ["pwd", 'echo "$GREETING"', "umask", "touch made"], {
      environment,
      umask: 0o077,
    });
    const { told: story } = await runToEnd(connection, request);
    const output = story.filter((one) => one.startsWith("stdout"));
    expect(output).toEqual([`stdout ${rig.directory}/sub\n`, "stdout h\xe9llo\n", "stdout 0077\n"]);
    expect(statSync(join(rig.directory, "sub", "made")).mode & 0o777).toBe(0o600);
  });

  test("has real files as its descriptors", async () => {
    expect(await printed(["echo out >/dev/stdout; echo err >/dev/stderr; cat </dev/stdin"])).toBe(
      "stdout out\n|stderr err\n",
    );
  });

  test("has nothing on its standard input", async () => {
    expect(await printed(["cat; readlink /proc/self/fd/0"])).toBe("stdout /dev/null\n");
  });

  test("dies by a signal, and the client is told which", async () => {
    const { outcome } = await told(["kill -9 $$"]);
    expect(outcome).toMatchObject({ status: { kind: "signalled", signal: 9, core: false } });
  });

  test("whose program is not there is told apart from one that fails", async () => {
    const { outcome } = await told(["/no/such/program"]);
    expect(outcome).toMatchObject({
      status: { kind: "unstarted", errno: "ENOENT", program: "/no/such/program", code: 127 },
    });
  });

  test("with .ONESHELL is one script", async () => {
    const { told: story } = await told(["x=1", "echo $x"], { oneShell: true });
    expect(story).toEqual(["line 0", "stdout 1\n"]);
  });

  test("has the shell and flags that it asks for", async () => {
    expect(await printed(["echo $0 $-"], { shell: "/bin/bash", shellFlags: "-eu -c" })).toMatch(
      /^stdout \/bin\/bash .*e.*u/,
    );
  });

  test("keeps the order of its two outputs when they are one", async () => {
    const line = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done";
    const all = [1, 2, 3, 4, 5].map((i) => `out ${String(i)}\nerr ${String(i)}\n`).join("");
    expect(await printed([line], { oneOutput: true })).toBe(`stdout ${all}`);
  });

  test("may be 200 KB long", async () => {
    expect(await printed([`: ${"x".repeat(200_000)}; echo done`])).toBe("stdout done\n");
  });

  test("may have an environment of 1.5 MB", async () => {
    const environment = [
      `PATH=${process.env["PATH"]!}`,
      ...Array.from({ length: 15 }, (_, i) => `V${String(i)}=${"x".repeat(100_000)}`),
    ];
    expect(await printed(["echo ${#V14}"], { environment })).toBe("stdout 100000\n");
  });
});

describe("receipts", () => {
  test("certify what the recipe wrote, as the node sees it", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const request = requestOf(rig.directory, ["printf 12345 >a"], { writes: ["a", "b"] });
    const { outcome } = await runToEnd(connection, request);
    const { size, mtimeNs, ino } = statSync(join(rig.directory, "a"), { bigint: true });
    expect(outcome).toMatchObject({
      receipts: [
        { path: "a", stat: { sizeBytes: Number(size), mtimeNs, ino } },
        { path: "b", stat: undefined },
      ],
    });
  });

  test("times are told on the client's clock", async () => {
    await using rig = await startRig({ clock: { nowMs: () => Date.now() - 3_600_000 } });
    const before = Date.now();
    const { outcome } = await runToEnd(await rig.connect(), requestOf(rig.directory, ["true"]));
    if (outcome.kind !== "ended") throw new Error(outcome.kind);
    expect(outcome.startedMs).toBeGreaterThan(before - 100);
    expect(outcome.endedMs).toBeLessThan(Date.now() + 100);
  });
});

describe("what a node refuses, it has not started", () => {
  async function refused(more: Partial<RunRequest>): Promise<object> {
    const { told: story, outcome } = await told(["echo ran"], more);
    expect(story).toEqual([]);
    return outcome;
  }

  test.each([
    ["/no/such/place", "ENOENT", "No such file or directory"],
    ["/etc/passwd", "ENOTDIR", "Not a directory"],
  ])("a directory that it cannot enter: %s", async (directory, errno, words) => {
    const text = `cannot enter ${directory} (${words})`;
    expect(await refused({ directory })).toEqual({ kind: "refused", code: "directory", errno, text });
  });

  test("a job for which it has no room on its own disk", async () => {
    await using rig = await startRig({ temporaryDirectory: "/nowhere" });
    const request = requestOf(rig.directory, ["echo ran"], { envsetter: "/bin/true", input: true });
    const { told: story, outcome } = await runToEnd(await rig.connect(), request, Readable.from([Buffer.alloc(1000)]));
    const text = "cannot start a job (No such file or directory)";
    expect([story, outcome]).toEqual([[], { kind: "refused", code: "system", errno: "ENOENT", text }]);
  });

  test("a request that cannot be sent", async () => {
    const text = "cannot be asked for this job: a string of the environment or an argument is too long";
    const environment = [`X=${"x".repeat(200_000)}`];
    expect(await refused({ environment })).toEqual({ kind: "refused", code: "request", errno: "E2BIG", text });
  });
});

describe("standard input", () => {
  test("is sent to the recipe that asks for it", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const request = requestOf(rig.directory, ["read a; echo first $a", "cat"], { input: true });
    const input = Readable.from([Buffer.from("one\n"), Buffer.from("two\nthree\n")]);
    const { told: story } = await runToEnd(connection, request, input);
    expect(story).toEqual(["line 0", "stdout first one\n", "line 1", "stdout two\nthree\n"]);
  });

  test("of 5 MB arrives whole", async () => {
    await using rig = await startRig();
    const chunk = Buffer.alloc(50_000, "x");
    const request = requestOf(rig.directory, ["wc -c"], { input: true });
    const { told: story } = await runToEnd(
      await rig.connect(),
      request,
      Readable.from(Array.from({ length: 100 }, () => chunk)),
    );
    expect(story).toEqual(["line 0", "stdout 5000000\n"]);
  });

  test("that the recipe does not read holds nothing up", async () => {
    await using rig = await startRig();
    const endless = new Readable({ read() { this.push(Buffer.alloc(65_536)); } }); // prettier-ignore
    const request = requestOf(rig.directory, ["echo done"], { input: true });
    const { told: story } = await runToEnd(await rig.connect(), request, endless);
    expect(story).toEqual(["line 0", "stdout done\n"]);
  });
});

describe("output", () => {
  test("of 10 MB with every byte in it arrives intact", async () => {
    await using rig = await startRig();
    const block = Buffer.from(Array.from({ length: 256 * 40 }, (_, i) => i & 255));
    writeFileSync(join(rig.directory, "all"), Buffer.concat(Array.from({ length: 1024 }, () => block)));
    const connection = await rig.connect();
    const parts: Buffer[] = [];
    const observer = {
      line: () => undefined,
      data: (_: string, bytes: Uint8Array) => void parts.push(Buffer.from(bytes)),
      lineFailed: () => undefined,
      note: () => undefined,
    };
    const { outcome } = connection.run(requestOf(rig.directory, ["cat all"]), observer);
    expect(await outcome).toMatchObject({ status: { kind: "exited", code: 0 } });
    expect(Buffer.concat(parts).equals(readFileSync(join(rig.directory, "all")))).toBe(true);
  });

  test("of 1000 lines keeps to its recipe line", async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `printf '%s' ${String(i)}; yes | head -c 3000 | tr -d '\\n'`);
    const { told: story } = await told(lines);
    const want = lines.flatMap((_, i) => [`line ${String(i)}`, `stdout ${String(i)}${"y".repeat(1500)}`]);
    expect(story).toEqual(want);
  });
});

/** Something that is awaited in one place and comes about in another. */
function later(): { readonly promise: Promise<void>; now(): void } {
  let now = (): void => undefined;
  const promise = new Promise<void>((resolve) => (now = resolve));
  return { promise, now: () => now() };
}

test("a recipe that floods a client which takes nothing waits, and costs no memory", async () => {
  await using rig = await startRig();
  const { endpoint, heard, send, socket } = await rawClient(rig);
  const dataBytes = (): number =>
    heard.reduce((sum, one) => sum + (one.type === "stdout" || one.type === "stderr" ? one.bytes.length : 0), 0);
  const rssBefore = process.memoryUsage().rss;
  send({ type: "run", stream: 1, request: requestOf(rig.directory, ["head -c 300000000 /dev/zero; echo end >&2"]) });
  await expect.poll(dataBytes, { timeout: 10_000 }).toBe(STREAM_WINDOW_BYTES);
  // Another job on the same connection goes on meanwhile.
  send({ type: "run", stream: 2, request: requestOf(rig.directory, ["sleep 0.5; echo other"]) });
  await expect.poll(() => heard.some((one) => one.type === "exit" && one.stream === 2), { timeout: 10_000 }).toBe(true);
  expect(dataBytes()).toBe(STREAM_WINDOW_BYTES + "other\n".length);
  expect(process.memoryUsage().rss - rssBefore).toBeLessThan(30_000_000);
  // With credit it goes on where it stood.
  endpoint.taken(1, STREAM_WINDOW_BYTES);
  for (const bytes of endpoint.takeOutput()) socket.write(bytes);
  await expect.poll(dataBytes, { timeout: 10_000 }).toBe(2 * STREAM_WINDOW_BYTES + "other\n".length);
  socket.destroy();
});

test("a client that asks without end and reads no answer is sent away, and the log says so once", async () => {
  await using rig = await startRig();
  const { endpoint, socket, heard } = await rawClient(rig);
  socket.pause();
  for (let i = 0; i < 4096; i++) endpoint.send({ type: "ping", stream: 0, askedMs: 0 });
  const pings = Buffer.concat(endpoint.takeOutput());
  const closed = new Promise((resolve) => socket.once("close", resolve));
  let sent = 0;
  for (; !socket.destroyed && sent < 64 * 1024 * 1024; sent += pings.length)
    await Promise.race([closed, new Promise((resolve) => socket.write(pings, resolve))]);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  expect(heard.filter(({ type }) => type === "pong")).toEqual([]);
  await expect
    .poll(() => rig.audit.lines.map((line) => (JSON.parse(line) as { reason: string }).reason))
    .toEqual(["it broke the protocol: 16 MiB wait for it to read them"]);
  // Others are served as ever
  expect((await runToEnd(await rig.connect(), requestOf(rig.directory, ["exit 3"]))).outcome).toMatchObject({
    status: { kind: "exited", code: 3 },
  });
}, 120_000);

describe("a worker that is to end", () => {
  test("waits until a client that reads slowly has heard how its jobs ended", async () => {
    await using rig = await startRig();
    const { send, socket, heard } = await rawClient(rig);
    const streams = Array.from({ length: 31 }, (_, i) => i + 1);
    // So much that not all of it finds room in the system's buffers
    const request = requestOf(rig.directory, [`head -c ${String(STREAM_WINDOW_BYTES)} /dev/zero; exit 3`]);
    socket.pause();
    for (const stream of streams) send({ type: "run", stream, request });
    await expect.poll(() => rig.audit.lines.length, { timeout: 20_000 }).toBe(streams.length);
    const drained = rig.worker.drain();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    socket.resume();
    await drained;
    const exits = heard.flatMap((one) => (one.type === "exit" ? [[one.stream, one.status]] : []));
    expect(exits).toHaveLength(streams.length);
    expect(exits).toEqual(expect.arrayContaining(streams.map((stream) => [stream, { kind: "exited", code: 3 }])));
  });

  test("says goodbye so that a request which it has not read is known not to have begun", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const drained = rig.worker.drain();
    const { outcome } = await runToEnd(connection, requestOf(rig.directory, ["true"]));
    expect(outcome).toEqual({ kind: "lost", started: false, reason: "the worker was stopped", fenceMs: 0 });
    await drained;
  });

  test("does not wait for ever for a client that reads nothing", async () => {
    await using rig = await startRig({ silenceMs: 300 });
    const { send, socket } = await rawClient(rig);
    send({ type: "run", stream: 1, request: requestOf(rig.directory, ["true"]) });
    await expect.poll(() => rig.audit.lines.length, { timeout: 20_000 }).toBe(1);
    socket.pause();
    await rig.worker.drain();
    socket.destroy();
  });
});

test("a client has 1024 jobs at once and no more; the next is refused as one too many", async () => {
  await using rig = await startRig();
  const { heard, send, socket } = await rawClient(rig);
  // Nobody's recipe starts before it has ended
  const envsetter = join(rig.directory, "envsetter");
  writeFileSync(envsetter, "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
  for (let stream = 1; stream <= 1025; stream++)
    send({
      type: "run",
      stream,
      request: requestOf(rig.directory, ["while :; do :; done"], { envsetter }),
    });
  await expect
    .poll(() => heard.find((one) => one.type === "refuse" && one.stream === 1025), { timeout: 15_000 })
    .toMatchObject({ code: "busy" });
  socket.destroy();
});

describe("what is to end, ends", () => {
  /** A recipe that says when it runs, in a process that fled its group and one that did not. */
  const FLEEING =
    "setsid sh -c 'echo $$ >fled; exec sleep 1000' & sh -c 'echo $$ >stayed; exec sleep 1000' & echo ready; wait";

  async function startFleeing(rig: WorkerRig, connection: NodeConnection) {
    const ready = later();
    const observer = {
      line: () => undefined,
      data: () => ready.now(),
      lineFailed: () => undefined,
      note: () => undefined,
    };
    const job = connection.run(requestOf(rig.directory, [FLEEING]), observer);
    await ready.promise;
    const pidIn = (name: string): number => Number(readFileSync(join(rig.directory, name), "latin1"));
    await expect
      .poll(() => existsSync(join(rig.directory, "fled")) && existsSync(join(rig.directory, "stayed")), {
        timeout: 10_000,
      })
      .toBe(true);
    await expect.poll(() => pidIn("fled") > 0 && pidIn("stayed") > 0, { timeout: 10_000 }).toBe(true);
    return { job, pids: [pidIn("fled"), pidIn("stayed")] };
  }

  test("a job that is cancelled, with its processes that fled", async () => {
    await using rig = await startRig();
    const { job, pids } = await startFleeing(rig, await rig.connect());
    expect(living(pids)).toEqual(pids);
    job.cancel(15);
    expect(await job.outcome).toMatchObject({ kind: "ended", status: { kind: "signalled", signal: 15 } });
    expect(living(pids)).toEqual([]);
  });

  test("a job that ignores the signal, after the grace", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const started = later();
    const observer = {
      line: () => undefined,
      data: () => started.now(),
      lineFailed: () => undefined,
      note: () => undefined,
    };
    const job = connection.run(
      requestOf(rig.directory, ["trap '' TERM; echo deaf; while :; do sleep 1; done"]),
      observer,
    );
    await started.promise;
    job.cancel(15);
    expect(await job.outcome).toMatchObject({ kind: "ended", status: { kind: "signalled", signal: 9 } });
  });

  test("all jobs of a client that says goodbye", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const { job, pids } = await startFleeing(rig, connection);
    await connection.close();
    expect(await job.outcome).toMatchObject({ kind: "lost", started: true });
    await expect.poll(() => living(pids), { timeout: 10_000 }).toEqual([]);
  });

  test.each([
    ["is killed", "reset"],
    ["falls silent, as when its machine is cut off", "silence"],
  ])("all jobs of a client that %s", async (_, how) => {
    await using rig = await startRig({ silenceMs: 600 });
    const { socket, heard, send } = await rawClient(rig);
    send({ type: "run", stream: 1, request: requestOf(rig.directory, [FLEEING]) });
    const names = ["fled", "stayed"].map((name) => join(rig.directory, name));
    await expect
      .poll(() => names.every((name) => existsSync(name) && readFileSync(name, "latin1").endsWith("\n")), {
        timeout: 10_000,
      })
      .toBe(true);
    const pids = names.map((name) => Number(readFileSync(name, "latin1")));
    expect(living(pids)).toEqual(pids);
    if (how === "reset") socket.destroy();
    await expect.poll(() => living(pids), { timeout: 10_000 }).toEqual([]);
    expect(heard.some(({ type }) => type === "exit")).toBe(false);
  });

  test("all jobs of a worker that is stopped, and their clients know", async () => {
    const rig = await startRig();
    const connection = await rig.connect();
    const { job, pids } = await startFleeing(rig, connection);
    const lost = new Promise((resolve) => connection.onLost(resolve));
    await rig.worker.stop();
    expect(living(pids)).toEqual([]);
    expect(await job.outcome).toEqual({ kind: "lost", started: true, reason: "the worker was stopped", fenceMs: 3000 });
    expect(await lost).toBe("the worker was stopped");
    await rig[Symbol.asyncDispose]();
  });

  test("nothing that a recipe left in the background when it had ended well", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const line = "sleep 1000 >/dev/null 2>&1 & echo $!";
    const { told: story } = await runToEnd(connection, requestOf(rig.directory, [line]));
    const pid = Number(story[1]?.slice("stdout ".length));
    await connection.close();
    expect(living([pid])).toEqual([pid]);
    process.kill(pid);
  });
});

describe("ENVSETTER", () => {
  function write(rig: WorkerRig, script: string, mode = 0o755): string {
    const path = join(rig.directory, "setter");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, mode);
    return path;
  }

  async function run(script: string, lines: readonly string[], mode?: number): Promise<Story> {
    await using rig = await startRig();
    const envsetter = write(rig, script, mode);
    const story = await runToEnd(await rig.connect(), requestOf(rig.directory, lines, { envsetter }));
    expect(readdirSync(rig.directory).filter((name) => name.startsWith("mpmake-env"))).toEqual([]);
    return { ...story, told: story.told.map((one) => one.replaceAll(rig.directory, "")) };
  }

  test("changes the recipe's environment, and what it prints is no part of the recipe's output", async () => {
    const script = "echo noise; echo more >&2; echo NEW=1 >>$MPMAKE_ENV; echo PATH=$PATH:/x >>$MPMAKE_ENV";
    const { told: story } = await run(script, ["echo $NEW; echo ${PATH##*:}; echo [$MPMAKE_ENV]"]);
    expect(story).toEqual(["note noise\nmore\n", "line 0", "stdout 1\n/x\n[]\n"]);
  });

  test("runs in the job's directory with the job's environment, once for each of both", async () => {
    await using rig = await startRig();
    const envsetter = write(rig, "pwd >>log; echo $WHO >>log");
    mkdirSync(join(rig.directory, "sub"));
    const connection = await rig.connect();
    const environment = [`PATH=${process.env["PATH"]!}`, "WHO=ann"];
    const request = requestOf(rig.directory, ["true"], { envsetter, environment });
    await runToEnd(connection, request);
    await runToEnd(connection, request);
    expect(readFileSync(join(rig.directory, "log"), "latin1")).toBe(`${rig.directory}\nann\n`);
    await runToEnd(connection, { ...request, environment: [...environment, "B=1"] });
    await runToEnd(connection, { ...request, directory: join(rig.directory, "sub") });
    expect(readFileSync(join(rig.directory, "log"), "latin1")).toBe(`${rig.directory}\nann\n`.repeat(2));
    expect(readFileSync(join(rig.directory, "sub", "log"), "latin1")).toBe(`${rig.directory}/sub\nann\n`);
  });

  test.each([
    ["fails", "echo why >&2; exit 4", 0o755, /failed \(exit status 4\)/],
    ["writes nonsense", "echo 1x=2 >>$MPMAKE_ENV", 0o755, /wrote '1x=2' to \$MPMAKE_ENV, not NAME=value/],
    ["may be changed by others", "true", 0o775, /may be changed by others; use chmod go-w/],
    ["is not executable", "true", 0o644, /is not executable/],
  ])("that %s keeps the recipe from running", async (_, script, mode, reason) => {
    const { told: story, outcome } = await run(script, ["echo ran"], mode);
    expect(story.filter((one) => !one.startsWith("note"))).toEqual([]);
    expect(outcome).toMatchObject({ kind: "refused", code: "envsetter" });
    expect(outcome.kind === "refused" && outcome.text).toMatch(reason);
  });

  test("that hangs is ended with all it started, and keeps the recipe from running", async () => {
    await using rig = await startRig();
    const program = write(rig, "sleep 1000 & echo $! $$ >pids; wait");
    const { directory } = rig;
    const environment = [`PATH=${process.env["PATH"] ?? ""}`];
    const hanging = { program, directory, environment, temporaryDirectory: directory, timeoutMs: 1000 };
    const { assignments } = await runEnvsetter(hanging);
    expect(assignments).toEqual({ ok: false, error: `ENVSETTER ${program} took more than 1 s` });
    const pids = readFileSync(join(directory, "pids"), "latin1").trim().split(" ").map(Number);
    expect([pids.length, living(pids)]).toEqual([2, []]);
  });

  test("that is not there keeps the recipe from running", async () => {
    const { outcome } = await told(["echo ran"], { envsetter: "/no/setter" });
    const text = "ENVSETTER /no/setter cannot be run (No such file or directory)";
    expect(outcome).toEqual({ kind: "refused", code: "envsetter", errno: "", text });
  });
});

describe("the same directory", () => {
  test("is proved by what each side wrote, and nothing is left behind", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    const directory = join(rig.directory, "w\xe9".normalize());
    mkdirSync(Buffer.from(directory, "latin1"));
    expect(await connection.proveDirectory(directory)).toEqual({ ok: true, value: { by: "nonce", sameInode: true } });
    await expect.poll(() => readdirSync(Buffer.from(directory, "latin1")), { timeout: 10_000 }).toEqual([]);
  });

  test("is not proved for a connection that is gone", async () => {
    await using rig = await startRig();
    const connection = await rig.connect();
    await connection.close();
    expect(await connection.proveDirectory(rig.directory)).toMatchObject({ ok: false, error: { kind: "lost" } });
    expect(readdirSync(rig.directory)).toEqual([]);
  });
});

test("each job is logged: who, what, where, when, how it ended", async () => {
  await using rig = await startRig({ clock: { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5) } });
  const connection = await rig.connect();
  await runToEnd(connection, requestOf(rig.directory, ["exit 7"], { target: "a.o" }));
  await runToEnd(connection, requestOf("/nowhere", ["true"], { target: "b.o" }));
  const common = { time: "2026-01-02T03:04:05.000Z", event: "job", address: "127.0.0.1", uid: process.getuid!() };
  const records = rig.audit.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records).toMatchObject([
    { ...common, directory: rig.directory, target: "a.o", status: { kind: "exited", code: 7 } },
    { ...common, directory: "/nowhere", target: "b.o", status: { kind: "refused", code: "directory" } },
  ]);
  expect(records[0]?.["who"]).toMatch(/^.+@.+$/);
});

test("load is told with every exit", async () => {
  await using rig = await startRig();
  const connection = await rig.connect();
  const loads: number[] = [];
  connection.onLoad(({ loadAverage }) => loads.push(loadAverage));
  await runToEnd(connection, requestOf(rig.directory, ["true"]));
  expect(loads).toHaveLength(1);
});

describe("a worker that was told who is authorized", () => {
  test("lets in the credentials that name its own account, and nobody else", async () => {
    const own = ownAccount();
    if (own === undefined) throw new Error("this account has no name");
    const keys = await randomKeys();
    const [mine, theirs] = [
      await makeUserCredential("mine", keys.worker),
      await makeUserCredential("theirs", keys.worker),
    ];
    const line = (key: ClientKeyFile, user: string): string =>
      `${fingerprintOfCertificate(key.clientCertificate)} user=${user} maxjobs=1\n`;
    const grants = parseAuthorized(line(mine, own.name) + line(theirs, "daemon"));
    if (!grants.ok) throw new Error(grants.error);
    await using rig = await startRig({ terms: { credential: keys.worker, admitted: [], grants: grants.value } });
    const connected = await rig.tryConnect({ credential: mine });
    if (!connected.ok) throw new Error(connected.error.text);
    expect(connected.value.node.slots).toBe(1);
    const silent = { line: () => undefined, data: () => undefined, lineFailed: () => undefined, note: () => undefined };
    const first = connected.value.run(
      requestOf(rig.directory, ["read word"], { input: true }),
      silent,
      new PassThrough(),
    );
    const second = await runToEnd(connected.value, requestOf(rig.directory, ["true"]));
    expect(second.outcome).toMatchObject({ kind: "refused", code: "busy", errno: "EAGAIN" });
    first.cancel(15);
    expect(await first.outcome).toMatchObject({ kind: "ended", status: { kind: "signalled" } });
    expect(await rig.tryConnect({ credential: theirs })).toMatchObject({ error: { kind: "refused" } });
    expect(await rig.tryConnect({ credential: keys.client })).toMatchObject({ error: { kind: "wrong-key" } });
    expect(rig.audit.lines.filter((text) => text.includes('"rejected"'))).toHaveLength(2);
  });
});

test("a client that comes by IPv4 through an IPv6 socket has its IPv4 address", async () => {
  await using rig = await startRig({ address: "::" });
  await runToEnd(await rig.connect(), requestOf(rig.directory, ["true"]));
  expect(rig.audit.lines[0]).toContain('"address":"127.0.0.1"');
});
