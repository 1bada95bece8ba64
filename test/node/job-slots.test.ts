import { closeSync, constants, openSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RemoteJob, RemoteOutcome } from "../../src/net/node-connection.js";
import { requestOf, startRig, type WorkerRig } from "../net/worker-rig.js";

const FLAGS = "MAKEFLAGS= -j4 --jobserver-auth=fifo:/nowhere -- A=--jobserver-auth=fifo:/nowhere";

/** A job that tells its FIFO, and ends when a file says so. */
class Bench {
  readonly said: string[] = [];
  outcome: RemoteOutcome | undefined;
  #job: RemoteJob | undefined;
  readonly #rig: WorkerRig;
  readonly #name: string;

  constructor(rig: WorkerRig, name: string) {
    this.#rig = rig;
    this.#name = name;
  }

  async start(more: { readonly sharesSlots?: true } = { sharesSlots: true }): Promise<string> {
    const connection = await this.#rig.connect();
    const line = `echo "$MAKEFLAGS" > ${this.#name}.new; mv ${this.#name}.new ${this.#name}; while test ! -e end-${this.#name}; do sleep 0.02; done`;
    const environment = [`PATH=${process.env["PATH"]!}`, FLAGS];
    this.#job = connection.run(requestOf(this.#rig.directory, [line], { environment, ...more }), {
      line: () => undefined,
      data: () => undefined,
      lineFailed: () => undefined,
      note: () => undefined,
      slotWanted: () => void this.said.push("wanted"),
      slotBack: () => void this.said.push("back"),
    });
    const flags = join(this.#rig.directory, this.#name);
    await expect.poll(() => attemptToRead(flags), { timeout: 20_000 }).not.toBe("");
    return readFileSync(flags, "latin1").trimEnd();
  }

  grant(): void {
    this.#job?.slot();
  }

  async end(): Promise<RemoteOutcome | undefined> {
    writeFileSync(join(this.#rig.directory, `end-${this.#name}`), "");
    return (this.outcome = await this.#job?.outcome);
  }
}

function attemptToRead(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function fifoIn(flags: string): string {
  const [, path = ""] = /^ -j4 --jobserver-auth=fifo:(\S+) -- A=--jobserver-auth=fifo:\/nowhere$/.exec(flags) ?? [];
  return path;
}

function take(fd: number): string {
  const byte = Buffer.alloc(1);
  return attempt(() => readSync(fd, byte, 0, 1, null)) === 1 ? byte.toString("latin1") : "";
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

const BOTH = constants.O_RDWR | constants.O_NONBLOCK;

test("of a FIFO that nobody opens nothing is said, and it is gone when its job has ended", async () => {
  await using rig = await startRig();
  const bench = new Bench(rig, "job");
  const folder = join(fifoIn(await bench.start()), "..");
  await pause(350); // three looks at it
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await bench.end()).toMatchObject({ kind: "ended", status: { kind: "exited", code: 0 } });
  expect([readdirSync(folder), bench.said]).toEqual([[], []]);
});

test("who opens it gets what the client grants, and what is not used goes back", async () => {
  await using rig = await startRig();
  const bench = new Bench(rig, "job");
  const fd = openSync(fifoIn(await bench.start()), BOTH);
  await expect.poll(() => bench.said).toEqual(["wanted"]);
  bench.grant();
  await expect.poll(() => take(fd)).toBe("+");
  await expect.poll(() => bench.said).toEqual(["wanted", "wanted"]);
  writeSync(fd, "+");
  await expect.poll(() => bench.said).toEqual(["wanted", "wanted", "back"]);
  expect(take(fd)).toBe("");
  closeSync(fd);
  await bench.end();
});

test("what was taken goes back when nobody has the FIFO open any more", async () => {
  await using rig = await startRig();
  const bench = new Bench(rig, "job");
  const fd = openSync(fifoIn(await bench.start()), BOTH);
  await expect.poll(() => bench.said).toEqual(["wanted"]);
  bench.grant();
  await expect.poll(() => take(fd)).toBe("+");
  closeSync(fd);
  await expect.poll(() => bench.said.filter((one) => one === "back")).toEqual(["back"]);
  await bench.end();
});

test("one that is still open when its job ends holds up nothing, and has no tokens any more", async () => {
  await using rig = await startRig();
  const first = new Bench(rig, "first");
  const path = fifoIn(await first.start());
  const fd = openSync(path, BOTH);
  await expect.poll(() => first.said).toEqual(["wanted"]);
  first.grant();
  await pause(30); // it lies there
  expect(await first.end()).toMatchObject({ kind: "ended" });
  const second = new Bench(rig, "second");
  const next = fifoIn(await second.start());
  const other = openSync(next, BOTH);
  await expect.poll(() => second.said).toEqual(["wanted"]);
  second.grant();
  await expect.poll(() => take(other)).toBe("+");
  expect([take(fd), readdirSync(join(next, "..")).length]).toEqual(["", 1]);
  for (const one of [fd, other]) closeSync(one);
  await second.end();
});

test("a client that has no slots to share has its MAKEFLAGS as they are", async () => {
  await using rig = await startRig();
  const bench = new Bench(rig, "job");
  expect(`MAKEFLAGS=${await bench.start({})}`).toBe(FLAGS);
  await bench.end();
});
