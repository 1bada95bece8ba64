/** What breaks between a client and a node, and what both make of it. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { living, requestOf, runToEnd, startRig, type WorkerRig } from "../net/worker-rig.js";
import { LinkRig } from "./link-rig.js";
import { processesWith, readLines, Rig, tool } from "./rig.js";
import { needsRoot, RootRig } from "./root-rig.js";

describe("the wire", () => {
  test("is cut: the client knows after 3.5 s, the node ends the job when the client has been silent for 15", async (context) => {
    needsRoot(context);
    await using rig = await LinkRig.start();
    const running = rig.run(["sh", "-c", "echo $$ >pid; exec sleep 1000"]);
    const pid = await pidIn(join(rig.directory, "pid"));
    const before = performance.now();
    rig.wire("down");
    const { exitCode, stderr } = await running;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 111,
      stderr: expect.stringMatching(/mexecvp: node 10\.77\.0\.2:\d+ was lost: no sign of life for 3.5 s$/) as string,
    });
    expect(performance.now() - before).toBeLessThan(12_000);
    expect(living([pid])).toEqual([pid]);
    await expect.poll(() => living([pid]), { timeout: 25_000, interval: 200 }).toEqual([]);
  });

  test("is cut for less than that: nobody notices", async (context) => {
    needsRoot(context);
    await using rig = await LinkRig.start();
    const running = rig.run(["sh", "-c", "echo $$ >pid; echo begun; sleep 3; echo done; exit 5"]);
    await pidIn(join(rig.directory, "pid"));
    rig.wire("down");
    await new Promise((resolve) => setTimeout(resolve, 1500)); // how long the fault lasts is what the test is about
    rig.wire("up");
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 5, stdout: "begun\ndone", stderr: "" });
  });

  test("is slow: output arrives whole, and short answers do not wait behind it", async (context) => {
    needsRoot(context);
    await using rig = await LinkRig.start();
    rig.slow("1mbit");
    const order: string[] = [];
    const bulk = rig.run(["head", "-c", "700000", "/dev/zero"]);
    void bulk.then(() => order.push("bulk")); // awaited below
    const small = await rig.run(["echo", "small"]);
    order.push("small");
    expect(small.stdout).toBe("small");
    expect((await bulk).stdout.length).toBe(700_000);
    expect(order).toEqual(["small", "bulk"]);
  });
});

/** A relay between a client and a worker that spoils what it passes on. */
async function relayTo(rig: WorkerRig, spoil: (bytes: Buffer, way: "up" | "down", from: Socket, to: Socket) => void) {
  const server = createServer((near) => {
    const far = connect(rig.worker.port, "127.0.0.1");
    for (const [from, to, way] of [
      [near, far, "up"],
      [far, near, "down"],
    ] as const) {
      from.on("data", (bytes: Buffer) => spoil(bytes, way, from, to));
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

describe("a relay in between", () => {
  const places = [0, 3, 5, 40, 130, 260, 420, 600, 800, 1000];
  // Long both ways, so that every place is reached before the job has ended.
  const recipe = [`printf %04000d 0; : ${"x".repeat(4000)}`];

  test.each(places.flatMap((at) => [["up", at] as const, ["down", at] as const]))(
    "that alters a byte on the way %s, the one at %i, is found out: nothing of the job counts",
    async (spoilt, at) => {
      await using rig = await startRig();
      const passed = { up: 0, down: 0 };
      let isSpoilt = false;
      using relay = await relayTo(rig, (bytes, way, _, to) => {
        const here = at - passed[way];
        if (way === spoilt && here >= 0 && here < bytes.length) {
          bytes[here]! ^= 1;
          isSpoilt = true;
        }
        passed[way] += bytes.length;
        to.write(bytes);
      });
      const connected = await rig.tryConnect({ port: relay.port, timeoutMs: 1500 });
      const kind = connected.ok
        ? (await runToEnd(connected.value, requestOf(rig.directory, recipe))).outcome.kind
        : connected.error.kind;
      expect(isSpoilt).toBe(true);
      expect(kind).toMatch(/^(protocol|wrong-key|refused|timeout|unreachable|lost)$/);
    },
  );

  test("that cuts the connection before the exit: the job is lost; behind it: it has ended", async () => {
    await using rig = await startRig();
    let cut: () => void = () => undefined;
    using relay = await relayTo(rig, (bytes, _, from, to) => {
      to.write(bytes);
      cut = () => from.destroy();
    });
    const lost = await rig.tryConnect({ port: relay.port });
    if (!lost.ok) throw new Error(lost.error.text);
    const running = runToEnd(lost.value, requestOf(rig.directory, ["echo $$ >pid; exec sleep 1000"]));
    const pid = await pidIn(join(rig.directory, "pid"));
    cut();
    expect((await running).outcome).toMatchObject({ kind: "lost", started: true });
    await expect.poll(() => living([pid]), { timeout: 10_000 }).toEqual([]);

    const ended = await rig.tryConnect({ port: relay.port });
    if (!ended.ok) throw new Error(ended.error.text);
    const { outcome } = await runToEnd(ended.value, requestOf(rig.directory, ["exit 6"]));
    cut();
    expect(outcome).toMatchObject({ kind: "ended", status: { code: 6 } });
  });
});

describe("a node that has run short", () => {
  /** Recipes that note when they begin and end. */
  const MANY = "N := $(shell seq 60)\nall: $(N)\n$(N):\n\t@echo + >> log; sleep 0.2; echo - >> log\n";
  const mostAtOnce = (log: string): number => {
    let [now, most] = [0, 0];
    for (const mark of readFileSync(log, "latin1").trim().split("\n")) {
      now += mark === "+" ? 1 : -1;
      most = Math.max(most, now);
    }
    return most;
  };

  test("of descriptors, and is the only one: the build waits for it, and nothing is lost", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1, slots: 40, wrapper: () => ["prlimit", "--nofile=64:64"] });
    writeFileSync(join(rig.tree, "Makefile"), MANY);
    expect(await rig.make(["-j40", "--strict", "--nodes", nodes])).toEqual({ status: 0, stdout: "", stderr: "" });
    const log = join(rig.tree, "log");
    expect(readFileSync(log, "latin1").match(/[+]/g)).toHaveLength(60);
    expect(mostAtOnce(log)).toBeLessThan(30);
  });

  test("of processes, and is the only one: the build waits for it, and nothing is lost", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start(["--slots", "40"], ["prlimit", "--nproc=50:50"]);
    const home = join(rig.directory, "alice");
    writeFileSync(join(home, "Makefile"), MANY.replace("sleep 0.2; echo - >> log", "exec sleep 0.2"));
    const nodes = `127.0.0.1:${String(rig.port)}*40`;
    const words = [tool("mpmake"), "-j40", "--strict", "--nodes", nodes];
    const made = await rig.as("alice", words, { MPMAKE_KEY: `${rig.key}.alice` });
    expect(made).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(home, "log"), "latin1").match(/[+]/g)).toHaveLength(60);
    const refused = (): number => rig.audit().filter(({ status }) => isRefusal(status)).length;
    await expect.poll(refused).toBeGreaterThan(0);
  });
});

test("two makes for the one job that their user may have there: the one that is refused waits its turn", async (context) => {
  needsRoot(context);
  await using rig = new RootRig();
  rig.writeAuthorized(`${rig.credential("alice")} maxjobs=1`);
  await rig.start();
  const home = join(rig.directory, "alice");
  // Whoever runs beside another finds the lock, and fails.
  const recipe = "\t@mkdir lock && sleep 0.2 && rmdir lock && echo $@";
  writeFileSync(join(home, "Makefile"), `N := 1 2 3 4 5 6\nall: $(N)\n$(N):\n${recipe}\n`);
  const words = [tool("mpmake"), "-j4", "--strict", "--nodes", `127.0.0.1:${String(rig.port)}*4`];
  const make = () => rig.as("alice", words, { MPMAKE_KEY: `${rig.key}.alice` });
  const made = await Promise.all([make(), make()]);
  const each = { status: 0, stderr: "", lines: ["1", "2", "3", "4", "5", "6"] };
  expect(
    made.map(({ status, stdout, stderr }) => ({ status, stderr, lines: stdout.trim().split("\n").sort() })),
  ).toEqual([each, each]);
});

function isRefusal(status: unknown): boolean {
  return typeof status === "object" && status !== null && "code" in status && status.code === "busy";
}

describe("the client is ended", () => {
  test.each(["SIGTERM", "SIGHUP", "SIGKILL"] as const)("by %s: nothing of its recipes is left", async (signal) => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1, slots: 2 });
    const started = rig.makeFifo("started");
    writeFileSync(join(rig.tree, "Makefile"), "a b:\n\t@sleep 1000 & setsid sleep 1000 & echo x > started; wait\n");
    const mark = `MPMAKE_TEST_MARK=fault-matrix-${signal}`;
    const [name, value] = mark.split("=") as [string, string];
    const environment = { MPMAKE_KEY: `${rig.key}.pub`, [name]: value };
    const make = rig.start("mpmake", ["-j2", "--nodes", nodes, "a", "b"], { environment });
    await readLines(started, 2);
    make.kill(signal);
    await make;
    await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([]);
  });
});

/** The number that a recipe writes into a file when it has started. */
async function pidIn(file: string): Promise<number> {
  const read = (): number => (existsSync(file) ? Number(readFileSync(file, "latin1")) : 0);
  await expect.poll(read, { timeout: 15_000 }).toBeGreaterThan(0);
  return read();
}
