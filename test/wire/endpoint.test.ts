import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Endpoint, type Received, type Sendable } from "../../src/wire/endpoint.js";
import { frameHeader } from "../../src/wire/frame.js";
import { CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES } from "../../src/wire/limits.js";
import type { RequestedDescriptor } from "../../src/wire/descriptor.js";
import type { RunRequest } from "../../src/wire/message.js";

const bytes = (max: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array).toString("latin1"));
const cString = (max: number): fc.Arbitrary<string> => bytes(max).map((text) => text.replaceAll("\0", "?"));
const time = fc.integer({ min: -1e15, max: 1e15 }).map((us) => us / 1000);
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const load = fc.record({
  running: uint32,
  loadAverage: uint32.map((hundredths) => hundredths / 100),
  freeMemoryBytes: fc.maxSafeNat(),
});
const answered = { askedMs: time, receivedMs: time, answeredMs: time };

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const limit = fc
  .tuple(fc.integer({ min: 0, max: 15 }), uint64, uint64)
  .map(([resource, a, b]) => (a < b ? { resource, soft: a, hard: b } : { resource, soft: b, hard: a }));
const path = cString(20).map((text) => `/dev/${text}`);
const input = fc.oneof(
  fc.record({ fd: fc.constant(0), kind: fc.constantFrom("closed", "pipe", "socket", "terminal") }),
  fc.record({
    ...{ fd: fc.constant(0), kind: fc.constant("file"), path, offset: fc.maxSafeNat(), sizeBytes: fc.maxSafeNat() },
    ...{ mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), ino: uint64 },
  }),
) as fc.Arbitrary<RequestedDescriptor>;
const output = fc.oneof(
  fc.record({
    ...{
      fd: fc.constant(2),
      kind: fc.constant("device"),
      path: fc.constantFrom("/dev/null", "/dev/full"),
      mode: fc.constantFrom("read", "write", "both"),
    },
  }),
  fc.record({ fd: fc.constant(2), kind: fc.constant("same"), as: fc.integer({ min: 0, max: 1 }) }),
) as fc.Arbitrary<RequestedDescriptor>;
const uint16 = fc.integer({ min: 0, max: 0xffff });
const terminal = fc.record({
  ...{ rows: uint16, columns: uint16, flags: fc.tuple(uint32, uint32, uint32, uint32), characters: bytes(32) },
});
const settings = fc.record({
  limits: fc.array(limit, { maxLength: 16 }),
  ...{ nice: fc.integer({ min: -20, max: 19 }), oomScoreAdjust: fc.integer({ min: -1000, max: 1000 }) },
  ...{ ignoredSignals: uint64, blockedSignals: uint64 },
});
const sharesSlots = fc.constant(true as const);
const takesMakes = sharesSlots;
/** Without a program, and with one in the place of the only line. */
const extras = fc.oneof(
  fc.record({ settings, terminal, descriptors: fc.tuple(input, output) }, { requiredKeys: ["terminal"] }),
  fc.record({ settings, sharesSlots, takesMakes }, { requiredKeys: [] }),
  fc.record({
    argv: fc.array(cString(30), { minLength: 1, maxLength: 9 }),
    lines: fc.constant([{ text: "", ignoreErrors: false }]),
  }),
);

const fixed: fc.Arbitrary<RunRequest> = fc.record({
  target: cString(50),
  lines: fc.array(
    fc.record(
      { text: cString(300), ignoreErrors: fc.boolean(), plainFlags: fc.constant(true as const) },
      { requiredKeys: ["text", "ignoreErrors"] },
    ),
    { maxLength: 5 },
  ),
  oneShell: fc.boolean(),
  shell: cString(20).map((text) => `/${text}`),
  shellFlags: cString(10),
  environment: fc.array(cString(200), { maxLength: 20 }),
  directory: cString(50).map((text) => `/${text}`),
  umask: fc.integer({ min: 0, max: 0o777 }),
  writes: fc.array(cString(20), { maxLength: 5 }),
  envsetter: fc.constantFrom("", "/opt/set"),
  input: fc.boolean(),
  oneOutput: fc.boolean(),
});

const request = fc.tuple(fixed, extras).map(([fields, more]) => ({ ...fields, ...more }));

const status = fc.oneof(
  fc.record({ kind: fc.constant("exited" as const), code: fc.integer({ min: 0, max: 255 }) }),
  fc.record({
    kind: fc.constant("signalled" as const),
    signal: fc.integer({ min: 1, max: 64 }),
    core: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("unstarted" as const),
    errno: fc.constantFrom("ENOENT", "EACCES"),
    program: cString(30),
    code: fc.constantFrom(126 as const, 127 as const),
  }),
);

const receipt = fc.record({
  path: cString(30),
  stat: fc.option(
    fc.record({
      sizeBytes: fc.maxSafeNat(),
      mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      ino: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
    { nil: undefined },
  ),
});

/** An open connection, both ends of it. */
function pair(): { client: Endpoint; node: Endpoint } {
  const [client, node] = [new Endpoint("client"), new Endpoint("node")];
  client.send({ type: "hello", stream: 0, version: 1, name: "c", uid: 1, askedMs: 0 });
  carry(client, node);
  const none = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
  const times = { askedMs: 0, receivedMs: 0, answeredMs: 0 };
  node.send({ type: "hello-ack", stream: 0, version: 1, name: "n", slots: 1, uid: 1, load: none, ...times });
  carry(node, client);
  return { client, node };
}

/** Takes what one end has to say to the other, `chunk` bytes at a time. */
function carry(from: Endpoint, to: Endpoint, chunk = Infinity): readonly Received[] {
  const bytesOut = Buffer.concat(from.takeOutput());
  const received: Received[] = [];
  for (let at = 0; at < bytesOut.length; at += chunk)
    received.push(...to.receive(bytesOut.subarray(at, Math.min(at + chunk, bytesOut.length))));
  return received;
}

const chunk = fc.integer({ min: 1, max: 200 });

describe("what one side sends, the other receives, however it is cut", () => {
  test("requests", () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 4 }), chunk, (requests, size) => {
        const { client, node } = pair();
        const sent = requests.map((one) => ({ type: "run", stream: client.newStream()!, request: one }) as const);
        for (const message of sent) client.send(message);
        expect(carry(client, node, size)).toEqual(sent);
      }),
    );
  });

  test("a request of more than a frame", () => {
    const { client, node } = pair();
    const text = "x".repeat(1_300_000);
    const [big] = fc.sample(request, 1);
    const message = { type: "run", stream: 1, request: { ...big!, lines: [{ text, ignoreErrors: false }] } } as const;
    client.send(message);
    expect(carry(client, node, 50_000)).toEqual([message]);
  });

  test("what a client says of a connection", () => {
    const message = fc.oneof(
      fc.record({ type: fc.constant("ping" as const), stream: fc.constant(0 as const), askedMs: time }),
      fc.record({ type: fc.constant("pong" as const), stream: fc.constant(0 as const), load, ...answered }),
    );
    fc.assert(
      fc.property(fc.array(message), chunk, (messages, size) => {
        const { client, node } = pair();
        for (const one of messages) client.send(one);
        expect(carry(client, node, size)).toEqual(messages);
      }),
    );
  });

  test("what a node says of a job", () => {
    const stream = fc.constant(1);
    const during = fc.oneof(
      fc.record({ type: fc.constant("line" as const), stream, index: uint32 }),
      fc.record({ type: fc.constant("line-failed" as const), stream, index: uint32, status }),
      fc.record({ type: fc.constant("note" as const), stream, text: bytes(500) }),
      fc.record({ type: fc.constant("written" as const), stream, fd: fc.constantFrom(1, 2) }),
      fc.record({ type: fc.constant("input-unread" as const), stream }),
      fc.record({ type: fc.constant("input-offset" as const), stream, offset: fc.maxSafeNat() }),
      fc.record({ type: fc.constant("swept" as const), stream, ended: uint32, left: uint32 }),
    );
    const exit = fc.record({
      type: fc.constant("exit" as const),
      stream,
      status,
      receipts: fc.array(receipt, { maxLength: 5 }),
      startedMs: time,
      endedMs: time,
      load,
    });
    fc.assert(
      fc.property(request, fc.array(during), exit, chunk, (asked, messages, last, size) => {
        const { client, node } = pair();
        client.send({ type: "run", stream: client.newStream()!, request: asked });
        carry(client, node);
        const all: readonly Sendable[] = [...messages, last];
        for (const one of all) node.send(one);
        expect(carry(node, client, size)).toEqual(all);
      }),
    );
  });
});

describe("slots", () => {
  const [plain] = fc.sample(fixed, 1);
  const load0 = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
  const exit = { type: "exit", stream: 1, status: { kind: "exited", code: 0 }, receipts: [] } as const;
  const last = { ...exit, startedMs: 0, endedMs: 0, load: load0 };
  const [wanted, slot, back] = (["slot-wanted", "slot", "slot-back"] as const).map((type) => ({ type, stream: 1 }));

  /** A node with one job whose programs share slots. */
  function running(): { client: Endpoint; node: Endpoint } {
    const ends = pair();
    const asked = { ...plain!, sharesSlots: true as const };
    ends.client.send({ type: "run", stream: ends.client.newStream()!, request: asked });
    carry(ends.client, ends.node);
    return ends;
  }

  test("are wanted, granted and given back, time and again", () => {
    const { client, node } = running();
    for (let round = 0; round < 3; round++) {
      node.send(wanted!);
      expect(carry(node, client)).toEqual([wanted]);
      client.send(slot!);
      expect(carry(client, node)).toEqual([slot]);
    }
    for (const message of [back!, wanted!, back!, back!]) node.send(message);
    expect(carry(node, client)).toEqual([back, wanted, back, back]);
  });

  test("what makes no sense is not said: none is wanted twice, granted to nobody, given back by who has none", () => {
    const { client, node } = running();
    client.send(slot!);
    node.send(back!);
    node.send(wanted!);
    node.send(wanted!);
    expect(carry(client, node)).toEqual([]);
    expect(carry(node, client)).toEqual([wanted]);
  });

  test("one that crosses the job's exit goes nowhere, and none is granted behind it", () => {
    const { client, node } = running();
    node.send(wanted!);
    carry(node, client);
    node.send(last);
    client.send(slot!);
    expect(carry(client, node)).toEqual([]);
    expect(carry(node, client)).toEqual([last]);
    client.send(slot!);
    expect(carry(client, node)).toEqual([]);
  });
});

describe("makes of a job that run in the client", () => {
  const [plain] = fc.sample(fixed, 1);
  const wish = { argv0: "/m", argv: [], environment: [], directory: "/", outputs: "two", programBytes: 1 } as const;
  const join = (number: number) => ({ type: "join", stream: 1, join: number, wish }) as const;
  const [ask, refuse] = [join(1), { type: "join-refused", stream: 1, join: 1 } as const];
  const joined = { type: "joined", stream: 2, job: 1, join: 1 } as const;
  const made = { type: "made", stream: 2, status: { kind: "exited", code: 0 } } as const;
  const toMake = [
    { type: "signal", stream: 2, signal: 15 },
    { type: "unread", stream: 2, fd: 1 },
    { type: "cancel", stream: 2, signal: 1 },
  ] as const;
  const load0 = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
  const exited = { type: "exit", stream: 1, status: { kind: "exited", code: 0 }, receipts: [] } as const;
  const last = { ...exited, startedMs: 0, endedMs: 0, load: load0 };

  /** One job, whose makes may ask. */
  function running(takes: { readonly takesMakes?: true } = { takesMakes: true }): { client: Endpoint; node: Endpoint } {
    const ends = pair();
    ends.client.send({ type: "run", stream: ends.client.newStream()!, request: { ...plain!, ...takes } });
    carry(ends.client, ends.node);
    ends.node.send(ask); // no line has started: that goes nowhere
    ends.node.send({ type: "line", stream: 1, index: 0 });
    carry(ends.node, ends.client);
    return ends;
  }

  /** The same with one that runs. */
  function withMake(): { client: Endpoint; node: Endpoint } {
    const { client, node } = running();
    node.send(ask);
    expect(carry(node, client)).toEqual([ask]);
    client.newStream();
    client.send(joined);
    expect(carry(client, node)).toEqual([joined]);
    return { client, node };
  }

  test("what they ask arrives as it was, whatever is in it", () => {
    const words = fc.array(cString(100), { maxLength: 9 });
    const absolute = cString(50).map((text) => `/${text}`);
    const any = fc.record({
      ...{ argv0: absolute, argv: words, environment: words, directory: absolute },
      ...{
        outputs: fc.constantFrom("two" as const, "one" as const, "terminal" as const),
        programBytes: fc.maxSafeNat(),
      },
    });
    fc.assert(
      fc.property(any, chunk, (wanted, size) => {
        const { client, node } = running();
        node.send({ ...ask, wish: wanted });
        expect(carry(node, client, size)).toEqual([{ ...ask, wish: wanted }]);
      }),
    );
  });

  test("nothing is asked that the client has not said it takes, nor more at once than may", () => {
    const closed = running({});
    closed.node.send(ask);
    expect(carry(closed.node, closed.client)).toEqual([]);
    const { client, node } = running();
    for (let number = 1; number < 20; number++) node.send(join(number));
    expect(carry(node, client)).toHaveLength(16);
    client.send(refuse);
    carry(client, node);
    node.send(join(17));
    expect(carry(node, client)).toEqual([join(17)]);
  });

  test("they write, are told of signals, and end; what crosses their end means nothing", () => {
    const { client, node } = withMake();
    expect(client.sendData("stdout", 2, Buffer.from("out"))).toBe(3);
    client.send(made);
    for (const message of toMake) node.send(message);
    expect(carry(node, client)).toEqual(toMake);
    expect(carry(client, node).map(({ type }) => type)).toEqual(["stdout", "made"]);
    node.send(last);
    expect(carry(node, client)).toEqual([last]);
    node.send(toMake[0]);
    expect(carry(node, client)).toMatchObject([{ type: "fault" }]);
  });

  test("a job does not end before them", () => {
    const { client, node } = withMake();
    node.send(last);
    expect(carry(node, client)).toMatchObject([{ type: "fault", text: "the end of a job before that of its makes" }]);
  });
});

test("no bytes whatever make an endpoint throw, and after a fault it hears nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("client" as const, "node" as const),
      fc.uint8Array({ maxLength: 400 }),
      (role, noise) => {
        const { client, node } = pair();
        const endpoint = role === "client" ? client : node;
        const received = endpoint.receive(noise);
        if (received.at(-1)?.type !== "fault") return;
        expect(endpoint.isOver).toBe(true);
        expect(endpoint.receive(noise)).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
});

test("a request with one byte changed makes no endpoint throw", () => {
  const { client } = pair();
  const [asked] = fc.sample(request, 1);
  client.send({ type: "run", stream: client.newStream()!, request: asked! });
  const good = Buffer.concat(client.takeOutput());
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ flip;
      expect(() => pair().node.receive(bad)).not.toThrow();
    }),
    { numRuns: 1000 },
  );
});

test("a request in pieces of a byte, or of none, takes no more memory than its bytes", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const held = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const { node } = pair();
  const piece = Buffer.concat([frameHeader({ length: 1, code: 16, stream: 1 }), Buffer.from("x")]);
  const none = Buffer.from(frameHeader({ length: 0, code: 16, stream: 1 }));
  const before = held();
  for (let i = 0; i < 300; i++) {
    expect(
      node.receive(Buffer.concat([...Array<Buffer>(1000).fill(piece), ...Array<Buffer>(1000).fill(none)])),
    ).toEqual([]);
  }
  expect(held() - before).toBeLessThan(4_000_000);
  expect(node.receive(frameHeader({ length: 0, code: 17, stream: 1 }))).toMatchObject([
    { type: "bad-request", stream: 1 },
  ]);
});

describe("credit", () => {
  const [plain] = fc.sample(request, 1);
  const fed = { ...plain!, input: true };

  /** A node with one job that writes. */
  function running(): { client: Endpoint; node: Endpoint } {
    const ends = pair();
    ends.client.send({ type: "run", stream: ends.client.newStream()!, request: fed });
    carry(ends.client, ends.node);
    return ends;
  }

  test("bounds what is under way on a stream, in each direction by itself", () => {
    const { client, node } = running();
    const flood = new Uint8Array(STREAM_WINDOW_BYTES + 1000);
    expect(node.sendData("stdout", 1, flood)).toBe(STREAM_WINDOW_BYTES);
    expect(node.sendData("stderr", 1, flood)).toBe(0);
    expect(client.sendData("stdin", 1, flood)).toBe(STREAM_WINDOW_BYTES);
    expect(carry(node, client).at(-1)?.type).toBe("stdout");
    expect(carry(client, node).at(-1)?.type).toBe("stdin");
  });

  test("comes back when half of it was taken", () => {
    const { client, node } = running();
    node.sendData("stdout", 1, new Uint8Array(STREAM_WINDOW_BYTES));
    carry(node, client);
    client.taken(1, STREAM_WINDOW_BYTES / 2 - 1);
    expect(carry(client, node)).toEqual([]);
    client.taken(1, 1);
    expect(carry(client, node)).toEqual([{ type: "credit", stream: 1, bytes: STREAM_WINDOW_BYTES / 2 }]);
    expect(node.sendData("stdout", 1, new Uint8Array(STREAM_WINDOW_BYTES))).toBe(STREAM_WINDOW_BYTES / 2);
  });

  test("bounds what is under way on a connection", () => {
    const { client, node } = pair();
    let accepted = 0;
    for (let i = 0; i < 40; i++) {
      const stream = client.newStream()!;
      client.send({ type: "run", stream, request: fed });
      carry(client, node);
      accepted += node.sendData("stdout", stream, new Uint8Array(STREAM_WINDOW_BYTES));
    }
    expect(accepted).toBe(CONNECTION_WINDOW_BYTES);
    expect(carry(node, client).some(({ type }) => type === "fault")).toBe(false);
  });

  test("input that crosses a job's exit is dropped and its credit given back", () => {
    const { client, node } = running();
    for (let round = 0; round < 100; round++) {
      expect(client.sendData("stdin", round + 1, new Uint8Array(100_000))).toBe(100_000);
      const load0 = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
      const exited = { kind: "exited", code: 0 } as const;
      node.send({
        type: "exit",
        stream: round + 1,
        status: exited,
        receipts: [],
        startedMs: 0,
        endedMs: 0,
        load: load0,
      });
      expect(carry(client, node)).toEqual([]);
      expect(carry(node, client).at(-1)?.type).not.toBe("fault");
      client.send({ type: "run", stream: client.newStream()!, request: fed });
      carry(client, node);
    }
  });
});

test("streams are used up, not used again", () => {
  const client = new Endpoint("client");
  for (let i = 0; i < 0xff_ffff; i++) client.newStream();
  expect(client.newStream()).toBeUndefined();
});
