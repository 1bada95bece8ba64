/** The lock of `-O`, for makes of one process and of several. */

import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { OutputLock, OutputLocks } from "../../src/os/output-lock.js";
import { temporaryDirectory } from "../rig/temporary.js";

const nothing = (): void => undefined;
const other = (): void => undefined;

test("makes of one process have one lock, which one of them has at a time", () => {
  const locks = new OutputLocks();
  const first = locks.open(undefined, temporaryDirectory());
  const second = locks.open(first.argument, "/nowhere");
  expect(second).toBe(first);
  expect(first.take(false, nothing)).toBe(true);
  expect(second.take(false, other)).toBe(false);
  second.release(other); // what it had to write was dropped
  expect(second.take(false, other)).toBe(false);
  first.release(nothing);
  expect(second.take(false, other)).toBe(true);
  second.release(other);
  for (const lock of [first, second]) locks.close(lock);
});

test("who cannot go on without it has the other one finish first", () => {
  const locks = new OutputLocks();
  const lock = locks.open(undefined, temporaryDirectory());
  const done: string[] = [];
  const settle = (): void => {
    done.push("the other's");
    lock.release(settle);
  };
  lock.take(false, settle);
  expect([lock.take(true, nothing), done]).toEqual([true, ["the other's"]]);
  locks.close(lock);
});

test("it goes when the last make has closed it, and not before", () => {
  const [directory, locks] = [temporaryDirectory(), new OutputLocks()];
  const lock = locks.open(undefined, directory);
  locks.open(lock.argument, directory);
  locks.close(lock);
  const left = readdirSync(directory).length;
  locks.close(lock);
  expect([left, readdirSync(directory)]).toEqual([1, []]);
});

test("another process is kept out for as long as any make here has it, whoever closes the file meanwhile", (context) => {
  context.skip(spawnSync("python3", ["-V"]).status !== 0, "python3, which is to ask for the lock, is not installed");
  const locks = new OutputLocks();
  const lock = locks.open(undefined, temporaryDirectory());
  const path = lock.argument.replace("fnm:", "");
  locks.open(lock.argument, "/nowhere");
  lock.take(true, nothing);
  locks.close(lock);
  const asked = "import fcntl,sys\nfcntl.lockf(open(sys.argv[1],'r+'),fcntl.LOCK_EX|fcntl.LOCK_NB)";
  const isTaken = (): boolean => {
    try {
      execFileSync("python3", ["-c", asked, path], { stdio: "pipe" });
      return false;
    } catch (error) {
      if (!String(error).includes("BlockingIOError")) throw error;
      return true;
    }
  };
  const whileHeld = isTaken();
  lock.release(nothing);
  expect([whileHeld, isTaken()]).toEqual([true, false]);
  locks.close(lock);
});

test("a parent's lock that is gone is replaced by one of our own", () => {
  const [directory, locks] = [temporaryDirectory(), new OutputLocks()];
  const gone = OutputLock.create(directory);
  gone.close();
  const lock = locks.open(gone.argument, directory);
  expect(lock.argument).not.toBe(gone.argument);
  locks.close(lock);
});
