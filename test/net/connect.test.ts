import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { connect as connectPlain, createServer as createPlainServer, type AddressInfo, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { PassThrough } from "node:stream";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../../src/net/certificate.js";
import { certificateEnd } from "../../src/net/key-expiry.js";
import { connectNode } from "../../src/net/connect.js";
import { secureOptionsOf } from "../../src/net/credential.js";
import { Endpoint } from "../../src/wire/endpoint.js";
import { clock, randomKeys, requestOf, runToEnd, startRig, type WorkerRig } from "./worker-rig.js";

test("a node that lets us in tells who it is, its load and its clock", async () => {
  await using rig = await startRig({ name: "n7", slots: 3, clock: { nowMs: () => Date.now() + 60_000 } });
  const connection = await rig.connect();
  expect(connection.node).toEqual({ name: "n7", slots: 3, uid: process.getuid!() });
  expect(connection.load.freeMemoryBytes).toBeGreaterThan(0);
  expect(Math.abs(connection.clockOffsetMs - 60_000)).toBeLessThan(connection.roundTripMs / 2 + 2);
  expect(connection.isOpen).toBe(true);
});

describe("a node that cannot be reached says why, in words", () => {
  test("nothing listens", async () => {
    await using rig = await startRig();
    const free = createPlainServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((done) => free.close(done));
    expect(await rig.tryConnect({ port })).toEqual({
      ok: false,
      error: { kind: "unreachable", text: "nothing listens there" },
    });
  });

  test("its name is not known", async () => {
    await using rig = await startRig();
    expect(await rig.tryConnect({ host: "no-such-host.invalid" })).toMatchObject({ error: { kind: "unreachable" } });
  });

  test("it holds another key", async () => {
    await using rig = await startRig();
    const { client } = await randomKeys();
    expect(await rig.tryConnect({ credential: client })).toEqual({
      ok: false,
      error: { kind: "wrong-key", text: "it holds another key than ours" },
    });
  });

  test("it accepts connections and says nothing: it may be busy, and has five times as long", async () => {
    await using rig = await startRig();
    await using silent = await plainServer(() => undefined);
    expect(await rig.tryConnect({ port: silent.port, timeoutMs: 200 })).toEqual({
      ok: false,
      error: { kind: "timeout", text: "no answer within 1 s" },
    });
  });

  test.each([
    ["HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"],
    ["SSH-2.0-OpenSSH_9.2\r\n", "protocol"],
    ["", "refused"],
  ])("it speaks something else: %j", async (words, kind) => {
    await using rig = await startRig();
    await using other = await plainServer((socket) => socket.end(words));
    expect(await rig.tryConnect({ port: other.port })).toMatchObject({ ok: false, error: { kind } });
  });

  test("it speaks TLS 1.2", async () => {
    await using rig = await startRig();
    const options = { ...secureOptionsOf(rig.keys.worker), minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    await using old = await listening(createTlsServer(options, () => undefined));
    expect(await rig.tryConnect({ port: old.port })).toMatchObject({ ok: false, error: { kind: "protocol" } });
  });

  test("it has the right certificate's names but not its key", async () => {
    await using rig = await startRig();
    const key = generateKeyPairSync("ed25519").privateKey;
    const certificate = await makeCertificate(key, "mpmake worker", certificateEnd(undefined));
    const privateKey = new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
    const impostor = { ...rig.keys.worker, privateKey, workerCertificate: certificate };
    const options = { ...secureOptionsOf(impostor), requestCert: true, ALPNProtocols: ["mpmake/1"] };
    await using fake = await listening(createTlsServer(options, () => undefined));
    expect(await rig.tryConnect({ port: fake.port })).toMatchObject({ error: { kind: "wrong-key" } });
  });

  test("it holds the key, and does not answer our greeting", async () => {
    await using rig = await startRig();
    const options = { ...secureOptionsOf(rig.keys.worker), requestCert: true, ALPNProtocols: ["mpmake/1"] };
    await using mute = await listening(createTlsServer(options, (socket) => socket.on("error", () => undefined)));
    expect(await rig.tryConnect({ port: mute.port, timeoutMs: 300 })).toMatchObject({ error: { kind: "timeout" } });
  });

  test("it holds the key, and answers with something else", async () => {
    await using rig = await startRig();
    const options = { ...secureOptionsOf(rig.keys.worker), requestCert: true, ALPNProtocols: ["mpmake/1"] };
    const speak = (socket: TLSSocket): void => {
      socket.on("error", () => undefined);
      socket.write(Buffer.from("0000000420000001" + "00000000", "hex")); // a line of a job, before hello-ack
    };
    await using hasty = await listening(createTlsServer(options, speak));
    expect(await rig.tryConnect({ port: hasty.port })).toEqual({
      ok: false,
      error: { kind: "protocol", text: "it does not speak this protocol as it should" },
    });
  });

  test("it speaks an older version", async () => {
    await using rig = await startRig();
    const options = { ...secureOptionsOf(rig.keys.worker), requestCert: true, ALPNProtocols: ["mpmake/1"] };
    const speak = (socket: TLSSocket): void => {
      const endpoint = new Endpoint("node");
      socket.on("error", () => undefined);
      socket.on("data", (bytes: Buffer) => {
        endpoint.receive(bytes);
        const load = { running: 0, loadAverage: 0, freeMemoryBytes: 0 };
        const times = { askedMs: 0, receivedMs: 0, answeredMs: 0 };
        endpoint.send({ type: "hello-ack", stream: 0, version: 0, name: "old", slots: 1, uid: 0, load, ...times });
        for (const part of endpoint.takeOutput()) socket.write(part);
      });
    };
    await using old = await listening(createTlsServer(options, speak));
    expect(await rig.tryConnect({ port: old.port })).toEqual({
      ok: false,
      error: { kind: "protocol", text: "it speaks version 0, we 1" },
    });
  });

  test("it greets and is of another user", async () => {
    await using rig = await startRig({ uid: process.getuid!() + 1 });
    const result = await rig.tryConnect();
    expect(result).toMatchObject({ ok: false, error: { kind: "refused" } });
    expect(!result.ok && result.error.text).toMatch(
      /^it does not let us in: recipes run here as user number \d+, not as/,
    );
    expect(rig.audit.lines.at(-1)).toMatch(/"event":"rejected"/);
  });
});

describe("who is not let in", () => {
  test("a client without a certificate", async () => {
    await using rig = await startRig();
    const { key: _key, cert: _cert, ...options } = secureOptionsOf(rig.keys.client);
    await expectShutOut(rig, connectTls({ ...options, ...tlsBase(rig) }), /no proof of the key/);
  });

  test("a client with a certificate of another pair", async () => {
    await using rig = await startRig();
    const { client } = await randomKeys();
    const { key, cert } = secureOptionsOf(client);
    const options = { ...secureOptionsOf(rig.keys.client), key, cert };
    await expectShutOut(rig, connectTls({ ...options, ...tlsBase(rig) }), /no proof of the key/);
  });

  test("a client with a certificate that its own key signed under the same name", async () => {
    await using rig = await startRig();
    const key = generateKeyPairSync("ed25519").privateKey;
    const clientCertificate = await makeCertificate(key, "mpmake client", certificateEnd(undefined));
    const privateKey = new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
    const options = secureOptionsOf({ ...rig.keys.client, privateKey, clientCertificate });
    await expectShutOut(rig, connectTls({ ...options, ...tlsBase(rig) }), /no proof of the key/);
  });

  test("a worker that poses as a client", async () => {
    await using rig = await startRig();
    const { privateKey, workerCertificate } = rig.keys.worker;
    const options = secureOptionsOf({ ...rig.keys.client, privateKey, clientCertificate: workerCertificate });
    await expectShutOut(rig, connectTls({ ...options, ...tlsBase(rig) }), /no proof of the key/);
  });

  test("a client that speaks TLS 1.2", async () => {
    await using rig = await startRig();
    const old = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
    const socket = connectTls({ ...secureOptionsOf(rig.keys.client), ...tlsBase(rig), ...old });
    await expectShutOut(rig, socket, /no proof of the key/);
  });

  test.each(["http/1.1", undefined])("a client that wants the protocol %j", async (wanted) => {
    await using rig = await startRig();
    const { ALPNProtocols: _ours, ...base } = tlsBase(rig);
    const alpn = wanted === undefined ? {} : { ALPNProtocols: [wanted] };
    const socket = connectTls({ ...secureOptionsOf(rig.keys.client), ...base, ...alpn });
    await expectShutOut(rig, socket, /another protocol|no proof of the key/);
  });

  test.each(["GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "\0".repeat(1000), "\x16\x03\x01\xff\xff" + "a".repeat(5000)])(
    "someone who sends %j",
    async (words) => {
      await using rig = await startRig();
      const socket = connectPlain(rig.worker.port, "127.0.0.1");
      socket.write(words, "latin1");
      await expectShutOut(rig, socket, /no proof of the key|it went away/);
    },
  );

  test("someone who connects and says nothing, after a while", async () => {
    await using rig = await startRig({ helloWithinMs: 100 });
    await expectShutOut(rig, connectPlain(rig.worker.port, "127.0.0.1"), /no greeting in time/);
  });

  test("someone who holds the key and does not greet", async () => {
    await using rig = await startRig({ helloWithinMs: 300 });
    const socket = connectTls({ ...secureOptionsOf(rig.keys.client), ...tlsBase(rig) });
    await expectShutOut(rig, socket, /no greeting in time/);
  });

  test("more than eight at once from one address, until some are through", async () => {
    await using rig = await startRig({ helloWithinMs: 60_000 });
    const waiting = Array.from({ length: 8 }, () => connectPlain(rig.worker.port, "127.0.0.1"));
    await Promise.all(waiting.map((socket) => once(socket, "connect")));
    expect(await rig.tryConnect()).toMatchObject({ ok: false, error: { kind: "refused" } });
    expect(rig.audit.lines.join()).toContain("too many connections wait to be let in");
    waiting[0]!.destroy();
    await expect.poll(async () => (await rig.tryConnect()).ok, { timeout: 10_000 }).toBe(true);
    for (const socket of waiting) socket.destroy();
  });

  test("those that are in do not count as waiting", async () => {
    await using rig = await startRig();
    const results = [];
    for (let i = 0; i < 12; i++) results.push((await rig.tryConnect()).ok);
    expect(results).toEqual(Array.from({ length: 12 }, () => true));
  });
});

describe("who breaks the protocol is sent away, and the worker lives", () => {
  const hello = { type: "hello", stream: 0, version: 1, name: "x", uid: process.getuid!(), askedMs: 0 } as const;

  test.each([
    ["a frame that is too long, before greeting", [], "ffffffff01000000", /a frame of 4294967295 bytes/],
    ["a request before greeting", [], "0000000011000001", /run in the phase awaiting-hello/],
    ["a frame that is too long", [hello], "0010000111000001", /a frame of 1048577 bytes/],
    ["a message of nodes", [hello], "0000000021000001", /stdout on stream 1, which is new/],
    ["input for no job", [hello], "0000000112000009ff", /stdin on stream 9, which is new/],
  ])("%s", async (_, greeting, bytes, reason) => {
    await using rig = await startRig();
    const socket = connectTls({ ...secureOptionsOf(rig.keys.client), ...tlsBase(rig) });
    await once(socket, "secureConnect");
    const endpoint = new Endpoint("client");
    const heard = collect(socket, endpoint);
    for (const message of greeting) endpoint.send(message);
    for (const part of endpoint.takeOutput()) socket.write(part);
    socket.write(Buffer.from(bytes, "hex"));
    await once(socket, "close");
    expect(heard.at(-1)).toMatchObject({ type: "bye", code: "protocol" });
    expect((heard.at(-1) as { text: string }).text).toMatch(reason);
    expect((await rig.tryConnect()).ok).toBe(true);
  });

  test("a version that is not spoken", async () => {
    await using rig = await startRig();
    const socket = connectTls({ ...secureOptionsOf(rig.keys.client), ...tlsBase(rig) });
    await once(socket, "secureConnect");
    const endpoint = new Endpoint("client");
    const heard = collect(socket, endpoint);
    endpoint.send({ ...hello, version: 0 });
    for (const part of endpoint.takeOutput()) socket.write(part);
    await once(socket, "close");
    expect(heard).toEqual([{ type: "bye", stream: 0, code: "version", text: "version 1 is spoken here, not 0" }]);
  });
});

test("an address that is not admitted is not even heard", async () => {
  const keys = await randomKeys();
  await using rig = await startRig({ address: "0.0.0.0" });
  const own = ownAddress();
  if (own === undefined) return;
  const result = await connectNode({
    host: own,
    port: rig.worker.port,
    credential: keys.client,
    clock,
    timeoutMs: 2000,
  });
  expect(result).toEqual({
    ok: false,
    error: { kind: "refused", text: "it closed the connection at once; our address may not be admitted there" },
  });
  expect(rig.audit.lines[0]).toContain("its address is not admitted");
});

test("a job for a closed connection was never started", async () => {
  await using rig = await startRig();
  const connection = await rig.connect();
  await connection.close();
  const observer = { line: () => undefined, data: () => undefined, lineFailed: () => undefined, note: () => undefined };
  const { outcome } = connection.run(requestOf("/", ["true"]), observer);
  expect(await outcome).toMatchObject({ kind: "lost", started: false });
});

// ── helpers ──

function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

function tlsBase(rig: WorkerRig) {
  return {
    host: "127.0.0.1",
    port: rig.worker.port,
    ALPNProtocols: ["mpmake/1"],
    checkServerIdentity: () => undefined,
  };
}

/** The connection ends without a word for its owner, the log says why, and the worker goes on. */
async function expectShutOut(rig: WorkerRig, socket: Socket, reason: RegExp): Promise<void> {
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  socket.on("error", () => undefined);
  if (!socket.destroyed) await once(socket, "close").catch(() => undefined);
  // A TLS alert may come; no frame does.
  expect(heard.length).toBeLessThan(50);
  await expect.poll(() => rig.audit.lines.join("\n"), { timeout: 10_000 }).toMatch(reason);
  expect((await rig.tryConnect()).ok).toBe(true);
}

function collect(socket: TLSSocket, endpoint: Endpoint) {
  const heard: unknown[] = [];
  socket.on("data", (bytes: Buffer) => heard.push(...endpoint.receive(bytes)));
  socket.on("error", () => undefined);
  return heard;
}

interface Listening extends AsyncDisposable {
  readonly port: number;
}

function plainServer(onConnection: (socket: Socket) => void): Promise<Listening> {
  return listening(
    createPlainServer((socket) => {
      socket.on("error", () => undefined);
      onConnection(socket);
    }),
  );
}

async function listening(server: ReturnType<typeof createPlainServer>): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const dispose = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose };
}

test("a job that is refused has had none of its input", async () => {
  await using rig = await startRig();
  const connection = await rig.connect();
  const input = new PassThrough();
  input.end("all of it");
  const { outcome } = await runToEnd(connection, requestOf("/nowhere", ["cat"], { input: true }), input);
  expect(outcome).toMatchObject({ kind: "refused", code: "directory" });
  const { told } = await runToEnd(connection, requestOf(rig.directory, ["cat"], { input: true }), input);
  expect(told).toEqual(["line 0", "stdout all of it"]);
});

test("input that was over before the job has started is over for it", async () => {
  await using rig = await startRig();
  const connection = await rig.connect();
  const [empty, broken] = [new PassThrough(), new PassThrough()];
  empty.resume().end();
  await once(empty, "end");
  broken.on("error", () => undefined).destroy(new Error("broken"));
  for (const input of [empty, broken]) {
    const { outcome } = await runToEnd(connection, requestOf(rig.directory, ["cat"], { input: true }), input);
    expect(outcome).toMatchObject({ kind: "ended", status: { code: 0 } });
  }
});
