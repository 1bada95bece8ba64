import { expect, test } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { fail, ok } from "../../src/base/result.js";
import type { RemoteAddress } from "../../src/placement/node-directory.js";
import type { NodeLink } from "../../src/session/cluster-link.js";
import { NodeCalls } from "../../src/session/node-calls.js";

const a: RemoteAddress = { kind: "remote", node: nodeId("a"), host: "a", port: 1, slots: undefined, speed: 1 };

/** A node that is there or not, and a clock that the calls move on. */
class Rig {
  nowMs = 0;
  isThere = false;
  readonly delays: number[] = [];
  answers = 0;
  link = {} as NodeLink;
  #timer: { readonly delayMs: number; readonly act: () => void } | undefined;
  readonly calls = new NodeCalls({
    dial: () => Promise.resolve(this.isThere ? ok(this.link) : fail({ kind: "unreachable", reason: "no answer" })),
    later: (delayMs, act) => {
      this.delays.push(delayMs);
      this.#timer = { delayMs, act };
      return () => (this.#timer = undefined);
    },
    nowMs: () => this.nowMs,
    onAnswer: () => this.answers++,
  });

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  async pass(): Promise<void> {
    const timer = this.#timer;
    this.#timer = undefined;
    this.nowMs += timer?.delayMs ?? 0;
    timer?.act();
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

test("a node is called after 5, 10, 20, 40, then every 60 seconds, until it answers", async () => {
  const rig = new Rig();
  rig.calls.callAgain(a);
  for (let i = 0; i < 6; i++) await rig.pass();
  rig.isThere = true;
  await rig.pass();
  expect(rig.delays).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  expect([rig.answers, rig.isWaiting]).toEqual([1, false]);
});

test("one that comes and goes is called ever less often; one that stayed for a minute as at first", async () => {
  const rig = new Rig();
  rig.isThere = true;
  for (let i = 0; i < 3; i++) {
    rig.calls.callAgain(a);
    await rig.pass();
  }
  rig.nowMs += 60_000;
  rig.calls.callAgain(a);
  expect(rig.delays).toEqual([5000, 10_000, 20_000, 5000]);
});

test("one that is forgotten is not called; if it is being called, its answer is not wanted", async () => {
  const rig = new Rig();
  rig.calls.callAgain(a);
  rig.calls.forget(a);
  expect(rig.isWaiting).toBe(false);
  rig.calls.callAgain(a);
  const passing = rig.pass();
  rig.calls.forget(a);
  await passing;
  expect([rig.answers, rig.isWaiting]).toEqual([0, false]);
  let closed = 0;
  rig.isThere = true;
  rig.link = { close: () => Promise.resolve(closed++) } as unknown as NodeLink;
  rig.calls.callAgain(a);
  const answering = rig.pass();
  rig.calls.forget(a);
  await answering;
  expect([rig.answers, closed]).toEqual([0, 1]);
});

test("nothing is called after the end", async () => {
  const rig = new Rig();
  rig.calls.callAgain(a);
  await rig.calls.close();
  rig.calls.callAgain(a);
  expect([rig.isWaiting, rig.delays]).toEqual([false, [5000]]);
});
