import { once } from "node:events";
import { existsSync, readFileSync, utimesSync, writeFileSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { LocalWorker } from "../../src/launch/local.js";
import { readLines, Rig, writeLine } from "./rig.js";

/** A port on which a worker can be started again. */
async function gonePort(rig: Rig): Promise<number> {
  const { workers } = await rig.startWorkers({ count: 1, slots: 1 });
  const [worker] = workers as readonly [LocalWorker];
  worker.kill("SIGINT");
  await worker.ended;
  return worker.port;
}

test("a node that comes up while a build runs gets jobs; one that is told to stop ends its job and gets no more", async () => {
  await using rig = new Rig();
  const port = await gonePort(rig);
  const first = await rig.startWorkers({ count: 1, slots: 1 });
  const [one] = first.workers as readonly [LocalWorker];
  const started = rig.makeFifo("started");
  const go = (target: string): string => rig.makeFifo(`go-${target}`);
  const gates = { a: go("a"), b: go("b"), c: go("c") };
  const recipe = "\t@echo $@ $$PPID > started; read word < go-$@; echo $$word > $@; echo made $@\n";
  writeFileSync(join(rig.tree, "Makefile"), `c: a b\n${recipe}a b:\n${recipe}`);
  const late = `127.0.0.1:${String(port)}`;
  const report = join(rig.directory, "report.json");
  const make = rig.make(["-j2", "--nodes", `${late},127.0.0.1:${String(one.port)}`, "--report", report]);
  expect(await readLines(started, 1)).toEqual([`a ${String(one.pid)}`]);
  const [two] = (await rig.startWorkers({ count: 1, slots: 1, port })).workers as readonly [LocalWorker];
  expect(await readLines(started, 1)).toEqual([`b ${String(two.pid)}`]);
  one.kill("SIGTERM");
  await writeLine(gates.a, "right");
  await one.ended;
  await writeLine(gates.b, "right");
  expect(await readLines(started, 1)).toEqual([`c ${String(two.pid)}`]);
  await writeLine(gates.c, "right");
  const made = await make;
  expect({ status: made.status, stdout: made.stdout, stderr: made.stderr.split("\n") }).toEqual({
    status: 0,
    stdout: "made a\nmade b\nmade c\n",
    stderr: [
      `mpmake: node ${late} is left out: nothing listens there`,
      `mpmake: node ${late} answers, and takes jobs`,
      `mpmake: node 127.0.0.1:${String(one.port)} is left out: the worker was stopped`,
      "",
    ],
  });
  for (const target of ["a", "b", "c"]) expect(readFileSync(join(rig.tree, target), "utf8")).toBe("right\n");
  const { recipes } = JSON.parse(readFileSync(report, "utf8")) as { recipes: Record<string, number> };
  expect(recipes).toEqual({ [late]: 2, [`127.0.0.1:${String(one.port)}`]: 1 });
});

/** Resolves when nothing listens there any more. */
async function untilDeaf(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!isOpen) return;
  }
}

test("a node that is about to stop refuses a job, which then runs elsewhere; those it has end well", async () => {
  await using rig = new Rig();
  const { workers, nodes } = await rig.startWorkers({ count: 1, slots: 2 });
  const [worker] = workers as readonly [LocalWorker];
  const started = rig.makeFifo("started");
  const [goA, goB] = [rig.makeFifo("go-a"), rig.makeFifo("go-b")];
  const recipe = "\t@echo $@ $$PPID > started; read word < go-$@; echo made $@\n";
  writeFileSync(
    join(rig.tree, "Makefile"),
    `all: a b c\na b:\n${recipe}c: b\n\t@echo $@ $$PPID > started; echo made $@\n`,
  );
  const make = rig.start("mpmake", ["-j3", "--nodes", nodes], { environment: { MPMAKE_KEY: `${rig.key}.pub` } });
  expect([...(await readLines(started, 2))].sort()).toEqual(["a", "b"].map((name) => `${name} ${String(worker.pid)}`));
  worker.kill("SIGTERM");
  await untilDeaf(worker.port);
  await writeLine(goB, "go");
  expect(await readLines(started, 1)).toEqual([`c ${String(make.pid)}`]);
  await writeLine(goA, "go");
  await worker.ended;
  const made = await make;
  expect([made.exitCode, made.stdout.split("\n").sort()]).toEqual([0, ["", "made a", "made b", "made c"]]);
  const name = `127.0.0.1:${String(worker.port)}`;
  expect(made.stderr.split("\n")).toEqual([
    `mpmake: node ${name} is left out: the worker was stopped`,
    `mpmake: no node can be reached (${name}: the worker was stopped): everything runs here`,
    `mpmake: c: lost with node ${name} (the worker was stopped), to be made again`,
    "",
  ]);
});

test("a build tells others what it has sent where; one that is killed leaves nothing that counts for long", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 2 });
  const sent = join(rig.directory, "sent");
  mkdirSync(sent);
  const started = rig.makeFifo("started");
  rig.makeFifo("go");
  writeFileSync(join(rig.tree, "Makefile"), "all: a b\na b:\n\t@echo $@ > started; read word < go\nquick:\n\t@:\n");
  const records = (): readonly string[] => readdirSync(sent).filter((name) => name.endsWith(".sent"));
  const make = rig.start("mpmake", ["-j2", "--nodes", nodes, "--sentdir", sent], {
    environment: { MPMAKE_KEY: `${rig.key}.pub` },
  });
  await readLines(started, 2);
  const [record = ""] = records();
  const path = join(sent, record);
  const told = /^mpmake sent 1\n[12]\.\d{4} 127\.0\.0\.1:\d+\n$/;
  while (!told.test(readFileSync(path, "latin1"))) await nextTurn();
  make.kill("SIGKILL");
  await make;
  expect([records().length, statSync(path).mode & 0o777]).toEqual([1, 0o644]);
  const old = new Date(Date.now() - 61_000);
  utimesSync(path, old, old);
  expect(await rig.make(["quick", "--nodes", nodes], { environment: { SENTDIR: sent } })).toMatchObject({ status: 0 });
  expect([existsSync(path), records().length]).toEqual([false, 1]);
});
