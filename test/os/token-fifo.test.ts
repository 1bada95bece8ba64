import { closeSync, constants, openSync, readSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { JobFifos } from "../../src/os/token-fifo.js";
import { temporaryDirectory } from "../rig/temporary.js";

const BOTH = constants.O_RDWR | constants.O_NONBLOCK;

test("a FIFO is its user's alone, and open when somebody reads from it", () => {
  const place = temporaryDirectory();
  const fifos = new JobFifos(place);
  const fifo = fifos.open()!;
  expect([statSync(fifo.path).mode & 0o777, statSync(dirname(fifo.path)).mode & 0o777]).toEqual([0o600, 0o700]);
  expect([fifo.isOpen(), fifo.put()]).toEqual([false, false]);
  const fd = openSync(fifo.path, BOTH);
  expect([fifo.isOpen(), fifo.count()]).toEqual([true, 0]);
  expect([fifo.put(), fifo.put(), fifo.count(), fifo.take(1), fifo.count()]).toEqual([true, true, 2, 1, 1]);
  closeSync(fd);
  expect([fifo.isOpen(), fifo.count(), fifo.take(5)]).toEqual([false, 1, 1]);
  fifo.close();
  fifos.close();
});

test("who has one open that is closed finds nothing in it", () => {
  const place = temporaryDirectory();
  const fifos = new JobFifos(place);
  const fifo = fifos.open()!;
  const fd = openSync(fifo.path, BOTH);
  fifo.isOpen();
  fifo.put();
  fifo.close();
  expect(() => readSync(fd, Buffer.alloc(1))).toThrow("EAGAIN");
  closeSync(fd);
  fifos.close();
});

test("without a place for it there is none, and there is one when the folder was only removed", () => {
  const place = temporaryDirectory();
  expect(new JobFifos(join(place, "nowhere")).open()).toBeUndefined();
  expect(new JobFifos(join(place, "a b")).open()).toBeUndefined();
  const fifos = new JobFifos(place);
  rmSync(dirname(fifos.open()!.path), { recursive: true });
  expect(fifos.open()).toBeUndefined();
  expect(fifos.open()).toBeDefined();
  fifos.close();
});
