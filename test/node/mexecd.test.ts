import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalWorkers, startLocalWorkers } from "../../src/launch/local.js";
import { connectNode } from "../../src/net/connect.js";
import { readKeyFileOf } from "../../src/net/key-store.js";
import type { NodeConnection } from "../../src/net/node-connection.js";
import { clock, living, requestOf, temporaryDirectory } from "../net/worker-rig.js";

const dist = join(import.meta.dirname, "../../dist");
const mexecd = join(dist, "mexecd");
const isBuilt = ["mexecd", "ckeygen"].every((name) => existsSync(join(dist, name)));
const isRoot = process.getuid!() === 0;
const asUser = isRoot ? ["--allow-root"] : [];
const environment = { PATH: process.env["PATH"]! };

describe.skipIf(!isBuilt)("mexecd, the program", () => {
  let directory: string;
  let key: string;

  beforeAll(() => {
    directory = temporaryDirectory();
    key = join(directory, "key");
    execFileSync(join(dist, "ckeygen"), [key]);
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** How it ends when it cannot start. */
  async function refusal(words: readonly string[], as: readonly string[] = asUser): Promise<string> {
    const { exitCode, stderr, stdout } = await execa(mexecd, [...words, ...as], { reject: false, stdin: "ignore" });
    expect(stdout).toBe("");
    return `${String(exitCode)} ${stderr.replaceAll(directory, "")}`;
  }

  function start(): Promise<LocalWorkers> {
    const request = { count: 1, slots: 2, keyFile: key, mexecd, arguments: asUser, environment, directory: "/" };
    return startLocalWorkers(request);
  }

  async function connect(port: number): Promise<NodeConnection> {
    const credential = readKeyFileOf(`${key}.pub`, "client");
    if (!credential.ok) throw new Error(credential.error.text);
    const request = { host: "127.0.0.1", port, credential: credential.value, clock, timeoutMs: 5000 };
    const result = await connectNode(request);
    if (!result.ok) throw new Error(result.error.text);
    return result.value;
  }

  function isListening(port: number): Promise<boolean> {
    return connect(port).then(
      () => true,
      () => false,
    );
  }

  /** A job that runs until it is ended, and has started. */
  async function runLong(connection: NodeConnection) {
    let pid = 0;
    let isReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const observer = {
      line: () => undefined,
      data: (_: string, bytes: Uint8Array) => {
        pid = Number(Buffer.from(bytes).toString("latin1"));
        isReady();
      },
      lineFailed: () => undefined,
      note: () => undefined,
    };
    const job = connection.run(requestOf("/", ["echo $$; exec sleep 1000"]), observer);
    await ready;
    return { job, pid };
  }

  const hint = "\nTry 'mexecd --help'.";

  test.each([
    [[], `2 which key? --key NAME names the worker's file, made by ckeygen${hint}`],
    [["--key", "k", "--listen", "7070"], `2 --listen must be ADDRESS:PORT, not '7070'${hint}`],
    [["--key", "k", "--listen", "127.0.0.1:65536"], `2 --listen must be ADDRESS:PORT, not '127.0.0.1:65536'${hint}`],
    [["--key", "k", "--slots", "0"], `2 --slots must be a whole number from 1 to 65535${hint}`],
    [["--key", "k", "--slots", "many"], `2 --slots must be a whole number from 1 to 65535${hint}`],
    [["--key", "k", "10.0.0.0"], `2 the address 10.0.0.0 has no mask${hint}`],
    [["--key", "k", "10.0.0.0", "255.0.255.0"], `2 '255.0.255.0' is not a network mask${hint}`],
    [["--key", "k", "--daemon"], `2 --daemon needs --audit FILE, where its log is to go${hint}`],
    [["--key", "/nowhere/k"], "2 there is no key file /nowhere/k"],
  ])("refuses %j", async (words, words2) => {
    const [status = "", ...message] = words2.split(" ");
    expect(await refusal(words)).toBe(`${status} mexecd: ${message.join(" ")}`);
  });

  test("refuses an option that it does not know", async () => {
    expect(await refusal(["--key", key, "--frobnicate"])).toMatch(/^2 mexecd: Unknown argument: frobnicate/);
  });

  test("refuses the client's half of a key", async () => {
    const text = "/key.pub is the client's half of a key pair; workers take the file without .pub";
    expect(await refusal(["--key", `${key}.pub`])).toBe(`2 mexecd: ${text}`);
  });

  test("refuses an address that is not this machine's", async () => {
    expect(await refusal(["--key", key, "--listen", "192.0.2.1:0"])).toBe(
      "2 mexecd: cannot listen on 192.0.2.1:0 (Cannot assign requested address)",
    );
  });

  test("started as root, lets nobody in of whom it was not told", async (context) => {
    if (!isRoot) context.skip("needs root to be started as root");
    const words = ["--key", key, "--listen", "127.0.0.1:0", "--authorized", "/nowhere/authorized"];
    expect(await refusal(words, [])).toBe(
      `2 mexecd: /nowhere/authorized is not there: it says who may run recipes; "ckeygen -c USER /key >>/nowhere/authorized" lets USER in`,
    );
  });

  test("gives recipes no descriptor that its starter left open", async () => {
    // Descriptor 7 is left open in the worker by the shell that starts it.
    const shell = ["sh", "-c", 'exec 7</dev/null; exec "$@"', "sh"];
    await using workers = await startLocalWorkers({
      count: 1,
      slots: 2,
      keyFile: key,
      mexecd,
      arguments: asUser,
      environment,
      directory: "/",
      wrapper: () => shell,
    });
    const connection = await connect(workers.workers[0]!.port);
    const output: string[] = [];
    const observer = {
      line: () => undefined,
      data: (_: string, bytes: Uint8Array) => void output.push(Buffer.from(bytes).toString("latin1")),
      lineFailed: () => undefined,
      note: () => undefined,
    };
    await connection.run(requestOf("/", ["ls /proc/self/fd | tr '\\n' ' '"]), observer).outcome;
    await connection.close();
    expect(output.join("")).toBe("0 1 2 3 ");
  });

  test("killed in the middle of a job: the client knows at once, and counts the job as lost, not as done", async () => {
    await using workers = await start();
    const connection = await connect(workers.workers[0]!.port);
    const { job, pid } = await runLong(connection);
    const lost = new Promise((resolve) => connection.onLost(resolve));
    workers.workers[0]!.kill("SIGKILL");
    expect(await job.outcome).toMatchObject({ kind: "lost", started: true });
    expect(await lost).toMatch(/it closed the connection|the connection broke/);
    // Its guardian ends what it ran.
    await expect.poll(() => living([pid]), { timeout: 10_000 }).toEqual([]);
  });

  test("stopped in the middle of a job: the client gives it up after 3.5 s of silence", async () => {
    await using workers = await start();
    const connection = await connect(workers.workers[0]!.port);
    const { job, pid } = await runLong(connection);
    const before = Date.now();
    workers.workers[0]!.kill("SIGSTOP");
    expect(await job.outcome).toEqual({
      kind: "lost",
      started: true,
      reason: "no sign of life for 3.5 s",
      fenceMs: 18_000,
    });
    expect(Date.now() - before).toBeLessThan(6000);
    // When it comes to itself it finds the client gone, and ends the job.
    workers.workers[0]!.kill("SIGCONT");
    await expect.poll(() => living([pid]), { timeout: 10_000 }).toEqual([]);
  });

  test.each([["SIGINT"], ["SIGTERM", "SIGTERM"]] as const)(
    "told to end by %j, ends its jobs first",
    async (...signals) => {
      await using workers = await start();
      const { port } = workers.workers[0]!;
      const connection = await connect(port);
      const { job, pid } = await runLong(connection);
      for (const signal of signals) {
        workers.workers[0]!.kill(signal);
        await expect.poll(() => isListening(port)).toBe(false); // the kernel makes one of two that come at once
      }
      expect(await job.outcome).toEqual({
        kind: "lost",
        started: true,
        reason: "the worker was stopped",
        fenceMs: 3000,
      });
      await workers.workers[0]!.ended;
      expect(living([pid])).toEqual([]);
    },
  );

  test("told to end by SIGTERM, lets jobs finish, starts no others, and takes no new clients", async () => {
    await using workers = await start();
    const { port } = workers.workers[0]!;
    const connection = await connect(port);
    const idle = await connect(port);
    const idleLost = new Promise((resolve) => idle.onLost(resolve));
    const lost = new Promise((resolve) => connection.onLost(resolve));
    const silent = { line: () => undefined, data: () => undefined, lineFailed: () => undefined, note: () => undefined };
    const fifo = join(directory, "fifo");
    execFileSync("mkfifo", [fifo]);
    const job = connection.run(requestOf("/", [`read word <${fifo}; exit $word`]), silent);
    const writer = await open(fifo, "w");
    workers.workers[0]!.kill("SIGTERM");
    expect(await idleLost).toBe("the worker was stopped");
    const refused = { kind: "refused", code: "system", errno: "ESHUTDOWN", text: "the worker was stopped" };
    expect(await connection.run(requestOf("/", ["true"]), silent).outcome).toEqual(refused);
    await expect(connect(port)).rejects.toThrow("nothing listens there");
    await writer.writeFile("7\n");
    await writer.close();
    expect(await job.outcome).toMatchObject({ kind: "ended", status: { kind: "exited", code: 7 } });
    expect(await lost).toBe("the worker was stopped");
    await workers.workers[0]!.ended;
  });

  test("goes into the background when it listens, and writes its log to a file of its owner's", async () => {
    const log = join(directory, "log");
    const words = ["--key", key, "--listen", "127.0.0.1:0", "--audit", log, "--daemon", ...asUser];
    const { stdout } = await execa(mexecd, words, { stdin: "ignore" });
    const port = Number(/^mexecd: listening on 127\.0\.0\.1:(\d+)$/.exec(stdout)?.[1]);
    const connection = await connect(port);
    const silent = { line: () => undefined, data: () => undefined, lineFailed: () => undefined, note: () => undefined };
    const ended = await connection.run(requestOf("/", ["kill -INT $PPID; sleep 60"]), silent).outcome;
    expect(ended).toMatchObject({ kind: "lost" });
    await expect.poll(() => readFileSync(log, "latin1"), { timeout: 10_000 }).toContain('"event":"job"');
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  test("its rc script starts it, tells of it, has it read its files again, and ends it", async () => {
    const log = join(directory, "rc-log");
    const rc = (word: string) =>
      execa(join(import.meta.dirname, "../../docs/service/mexecd.rc"), [word], {
        env: {
          MEXECD: mexecd,
          PID_FILE: join(directory, "rc-pid"),
          MEXECD_FILES: `--key ${key} --audit ${log}`,
          MEXECD_OPTIONS: ["--listen", "127.0.0.1:0", ...asUser].join(" "),
        },
        reject: false,
        stdin: "ignore",
      });
    expect(await rc("status")).toMatchObject({ exitCode: 3, stdout: "mexecd does not run" });
    expect((await rc("start")).stdout).toMatch(/^mexecd: listening on /);
    expect(await rc("start")).toMatchObject({ exitCode: 0, stdout: "" });
    const pid = Number(readFileSync(join(directory, "rc-pid"), "latin1"));
    expect(await rc("status")).toMatchObject({ exitCode: 0, stdout: `mexecd runs as process ${String(pid)}` });
    expect((await rc("reload")).exitCode).toBe(0);
    await expect.poll(() => readFileSync(log, "latin1")).toContain('"event":"reloaded"');
    expect((await rc("stop")).exitCode).toBe(0);
    expect(living([pid])).toEqual([]);
    expect(existsSync(join(directory, "rc-pid"))).toBe(false);
  });

  test("--help says what each option is for", async () => {
    const { stdout, exitCode } = await execa(mexecd, ["--help"]);
    expect([exitCode, stdout.split("\n")[0]]).toEqual([
      0,
      "Usage: mexecd --key NAME [--listen ADDRESS:PORT] [OPTION]... [ADDRESS MASK]...",
    ]);
  });
});
