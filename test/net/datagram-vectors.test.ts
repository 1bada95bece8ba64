import { describe, expect, test } from "vitest";
import { DatagramJudge } from "../../src/net/datagram-judge.js";
import { type Half, HEARD_AT_MS, KEYS } from "../rig/vector-keys.js";
import { parseVectorText, readVectors, told } from "../rig/vector-text.js";

interface Vector {
  readonly file: string;
  readonly expected: readonly unknown[];
  readonly half: Half;
  readonly bytes: Uint8Array;
}

const vectors: readonly Vector[] = readVectors("datagrams/").map(([file, text]) => {
  const { expected, bytes, valuesOf } = parseVectorText(text);
  const half = valuesOf("key")[0] === "client" ? "client" : "worker";
  return { file, expected: expected.map((json) => JSON.parse(json) as unknown), half, bytes };
});

/** Says what comes of datagrams, as a vector expects it. Each is from a source of its own: of one, only so many are looked at. */
function hearing(half: Half): (bytes: Uint8Array) => readonly unknown[] {
  let sources = 0;
  let refused: string[] = [];
  const judge = new DatagramJudge({
    keys: [KEYS[half]],
    clock: { nowMs: () => HEARD_AT_MS },
    onRejected: (_, reason) => refused.push(reason),
  });
  return (bytes) => {
    refused = [];
    const datagram = judge.judge(bytes, `source ${String(sources++)}`);
    return [...refused.map((reason) => ({ refused: reason })), ...(datagram === undefined ? [] : [datagram])].map(
      (one) => JSON.parse(told(one)) as unknown,
    );
  };
}

describe.each(vectors)("$file", ({ expected, half, bytes }) => {
  test("alone", () => {
    expect(hearing(half)(bytes)).toEqual(expected);
  });

  test("cut off anywhere: refused", () => {
    const hear = hearing(half);
    for (let length = 0; length < bytes.length; length++)
      expect(hear(bytes.subarray(0, length)), `${String(length)} bytes`).toEqual([
        { refused: expect.any(String) as unknown },
      ]);
  });

  test("with any byte changed: never taken", () => {
    const hear = hearing(half);
    // Outside of what the inner datagram proves, a client who holds no relay's key believes a relay.
    const isUnproved = half === "client" && bytes[4] === 5;
    for (let at = 0; at < bytes.length && !isUnproved; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      for (const one of hear(changed)) expect(one, `byte ${String(at)}`).toHaveProperty("refused");
    }
  });
});

describe("one after the other, each twice, what came before changes nothing", () => {
  const orders: readonly (readonly [order: string, order: (all: readonly Vector[]) => readonly Vector[]])[] = [
    ["in order", (all) => all],
    ["backwards", (all) => [...all].reverse()],
    ["every seventh", (all) => all.map((_, i) => all[(i * 7) % all.length]!)],
    ["every thirteenth, backwards", (all) => all.map((_, i) => all[all.length - 1 - ((i * 13) % all.length)]!)],
  ];

  test.each(orders)("%s", (_, ordered) => {
    const hear = { worker: hearing("worker"), client: hearing("client") };
    for (const { file, expected, half, bytes } of ordered(vectors)) {
      expect(hear[half](bytes), file).toEqual(expected);
      expect(hear[half](bytes), `${file}, again`).toEqual(expected);
    }
  });
});

test("a source that sends too many is not looked at any more, whatever it sends", () => {
  const heard: unknown[] = [];
  const judge = new DatagramJudge({
    keys: [KEYS.worker],
    clock: { nowMs: () => HEARD_AT_MS },
    onRejected: (_, reason) => heard.push(reason),
  });
  for (let round = 0; round < 10; round++)
    for (const { bytes } of vectors) if (judge.judge(bytes, "192.0.2.66") !== undefined) heard.push("taken");
  expect(heard.length).toBeLessThanOrEqual(40);
  expect(judge.judge(vectors.find(({ file }) => file === "request.txt")!.bytes, "192.0.2.67")).toBeDefined();
});

test("there are vectors", () => {
  expect(vectors.length).toBeGreaterThanOrEqual(80);
});
