import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BoundedLog, Log } from "../../src/node/log.js";
import { temporaryDirectory } from "../net/worker-rig.js";

test("lines are whole and in order, and no name can forge one", async () => {
  const directory = temporaryDirectory();
  const fd = openSync(join(directory, "log"), "a");
  const log = new Log(fd);
  log.line("one");
  log.line("two\nforged \x1b[2Jscreen \x9b h\xe9");
  await log.idle();
  closeSync(fd);
  expect(readFileSync(join(directory, "log"), "latin1")).toBe("one\ntwo\\x0aforged \\x1b[2Jscreen \\x9b h\xe9\n");
  rmSync(directory, { recursive: true });
});

test("a log that goes on in another file loses nothing", async () => {
  const directory = temporaryDirectory();
  const file = (name: string): string => join(directory, name);
  const log = new Log(openSync(file("one"), "a"));
  log.line("first");
  log.line("second");
  log.moveTo(openSync(file("two"), "a"));
  log.line("third");
  await log.idle();
  expect(readFileSync(file("one"), "latin1") + readFileSync(file("two"), "latin1")).toBe("first\nsecond\nthird\n");
  log.moveTo(openSync(file("three"), "a"));
  log.line("fourth");
  await log.idle();
  expect(readFileSync(file("three"), "latin1")).toBe("fourth\n");
  rmSync(directory, { recursive: true });
});

test("a bounded log keeps what was before once, and no more", async () => {
  const path = join(temporaryDirectory(), "log");
  const open = () => {
    const log = BoundedLog.open(path, 100);
    if (!log.ok) throw new Error(log.error);
    return log.value;
  };
  const sizes = () => [path, `${path}.old`].map((file) => (existsSync(file) ? readFileSync(file, "latin1").length : 0));
  const log = open();
  for (let i = 0; i < 9; i++) {
    log.line("x".repeat(9));
    await log.idle();
  }
  expect(sizes()).toEqual([90, 0]);
  const again = open();
  again.line("y".repeat(29));
  await again.idle();
  expect(sizes()).toEqual([30, 90]);
  again.line("z".repeat(89));
  await again.idle();
  expect(sizes()).toEqual([90, 30]);
  rmSync(join(path, ".."), { recursive: true });
});

test("a log that cannot be written holds nothing up", async () => {
  const log = new Log(openSync("/dev/full", "a"));
  for (let i = 0; i < 50; i++) log.line("lost");
  await log.idle();
});

const writesOfOurs = (): number => Number(/^syscw: (\d+)$/m.exec(readFileSync("/proc/self/io", "latin1"))?.[1]);

test("lines that follow each other closely are written together, and all the same in order", async (context) => {
  context.skip(!existsSync("/proc/self/io"), "the kernel counts no writes here");
  const directory = temporaryDirectory();
  const log = new Log(openSync(join(directory, "log"), "a"));
  const lines = Array.from({ length: 200 }, (_, i) => `line ${String(i)}`);
  const before = writesOfOurs();
  for (const line of lines) {
    log.line(line);
    await new Promise(setImmediate);
  }
  await log.idle();
  expect(writesOfOurs() - before).toBeLessThan(lines.length / 2);
  expect(readFileSync(join(directory, "log"), "latin1")).toBe(lines.map((line) => `${line}\n`).join(""));
  rmSync(directory, { recursive: true });
});
