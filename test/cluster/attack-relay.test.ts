/** What strangers try on cproxy, which can check no announcement: it hands on, joins, and is no way to anywhere else. */

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sealDatagram } from "../../src/net/datagram-proof.js";
import { openEnvelope, parseDatagram, parseRelayed } from "../../src/wire/datagram.js";
import { attackerAddress, connectFrom, Crowd, disposeOf, listenOn, pause, tableRig } from "./attack-rig.js";
import { attackKeys, type AttackKeys } from "./client-attacks.js";
import { type DatagramKit, good, relayed, relayKeyOf, sealed } from "./datagram-attacks.js";
import type { GroupRig } from "./group-rig.js";

const dist = join(import.meta.dirname, "../../dist");

/** A relay between two places of this machine, and what comes out of it. */
class RelayRig {
  readonly said: { readonly stderr: string };
  readonly keys: AttackKeys;
  /** What was handed on: ids, and where the relay waits. */
  readonly handedOn: { readonly id: string; readonly port: number }[] = [];
  readonly #rig: GroupRig;
  readonly #heardAt: number;
  readonly #far: UdpSocket;

  private constructor(parts: {
    readonly rig: GroupRig;
    readonly keys: AttackKeys;
    readonly said: { readonly stderr: string };
    readonly far: UdpSocket;
  }) {
    this.#rig = parts.rig;
    this.keys = parts.keys;
    this.said = parts.said;
    this.#heardAt = Number(parts.rig.group.split(":").at(-1));
    this.#far = parts.far.on("message", (bytes) => {
      const { port, inner } = parseRelayed(openEnvelope(bytes));
      this.handedOn.push({ id: parseDatagram(openEnvelope(inner)).id, port });
    });
  }

  static async start(): Promise<RelayRig> {
    const rig = await tableRig(realpathSync(mkdtempSync(join(tmpdir(), "mpmake-attack-"))));
    await execa(join(dist, "ckeygen"), ["--relay", "app"], { cwd: rig.directory });
    const keys = await attackKeys({ app: join(rig.directory, "app"), other: join(rig.directory, "other") });
    const far = createSocket("udp4");
    await new Promise<void>((resolve) => far.bind(0, "127.0.0.1", () => resolve()));
    const target = `127.0.0.1:${String(far.address().port)}`;
    const { lines } = await rig.start("cproxy", ["--debug", "--key", "app.relay", rig.group, target]);
    return new RelayRig({ rig, keys, said: lines, far });
  }

  /** @param from - of 127.0.0.0/8 */
  async say(bytes: Uint8Array, from: string): Promise<void> {
    const socket = createSocket("udp4").bind(0, from);
    await new Promise((resolve) => socket.send(bytes, this.#heardAt, "127.0.0.1", resolve));
    socket.close();
  }

  /** Has an announcement handed on whose client waits at a port. @returns where the relay waits, and for what */
  async announced(port: number): Promise<{ readonly id: string; readonly port: number }> {
    const announcement = good(this.kit(port));
    await this.say(sealDatagram(announcement, this.keys.client.announceKey), "127.0.0.1");
    return vi.waitFor(() => {
      const found = this.handedOn.find(({ id }) => id === announcement.id);
      if (found === undefined) throw new Error("it was not handed on");
      return found;
    }, 10_000);
  }

  kit(port: number): DatagramKit {
    return { keys: this.keys, wanted: "service", port };
  }

  async close(): Promise<void> {
    this.#far.close();
    await disposeOf(this.#rig);
  }
}

const DATAGRAMS: readonly (readonly [
  title: string,
  reason: RegExp | undefined,
  make: (kit: DatagramKit) => Uint8Array,
])[] = [
  [
    "of half a minute ago, and a second",
    /a datagram of 31 s ago, by our clock/,
    (kit) => sealDatagram({ ...good(kit), sentMs: Date.now() - 31_000 }, kit.keys.client.announceKey),
  ],
  [
    "of half a minute ahead, and some",
    /a datagram of 3\d s ahead, by our clock/,
    (kit) => sealDatagram({ ...good(kit), sentMs: Date.now() + 33_000 }, kit.keys.client.announceKey),
  ],
  [
    "of another application",
    undefined,
    (kit) => sealDatagram({ ...good(kit), application: "another!" }, kit.keys.client.announceKey),
  ],
  ["of another kind", /a datagram of another kind/, () => Buffer.alloc(64, 0x31)],
  ["that is cut off", /a datagram that is not as long as it says/, (kit) => sealed(kit).subarray(0, -1)],
  ["of 513 bytes", /a datagram of 513 bytes/, () => Buffer.alloc(513, 0x43)],
  ["handed on by a stranger", /a relay without proof of the key/, (kit) => relayed(kit, { key: Buffer.alloc(32) })],
  [
    "handed on by who holds NAME.pub",
    /a relay without proof of the key/,
    (kit) => relayed(kit, { key: kit.keys.client.announceKey }),
  ],
  ["that was handed on often enough", undefined, (kit) => relayed(kit, { key: relayKeyOf(kit.keys), hops: 0 })],
  ["that asks for more hops than there are", /9 hops/, (kit) => relayed(kit, { key: relayKeyOf(kit.keys), hops: 9 })],
  [
    "that was handed on twice over",
    /type 5/,
    (kit) => relayed(kit, { key: relayKeyOf(kit.keys), inner: relayed(kit, { key: relayKeyOf(kit.keys) }) }),
  ],
];

describe.skipIf(!existsSync(join(dist, "cproxy")))("a relay", () => {
  let rig: RelayRig;

  beforeAll(async () => {
    rig = await RelayRig.start();
  });

  afterAll(() => rig.close());

  test.each(DATAGRAMS.map(([title, reason, make], i) => ({ title, reason, make, i })))(
    "hands on no datagram $title",
    async ({ reason, make, i }) => {
      const before = rig.handedOn.length;
      const address = attackerAddress(i);
      for (let times = 0; times < 3; times++) await rig.say(make(rig.kit(4000)), address);
      const { id } = await rig.announced(4000);
      expect(rig.handedOn.slice(before).map((one) => one.id)).toEqual([id]);
      const told = (): readonly string[] =>
        rig.said.stderr.split("\n").filter((line) => line.startsWith(`cproxy: ${address}: `));
      const expected = reason === undefined ? [] : Array<unknown>(3).fill(expect.stringMatching(reason));
      await vi.waitFor(() => expect(told()).toEqual(expected), 5000);
    },
  );

  test("hands on what comes again no second time, whichever way it comes", async () => {
    const before = rig.handedOn.length;
    const once = sealed(rig.kit(4000));
    for (let i = 0; i < 10; i++) await rig.say(once, "127.0.0.1");
    await rig.say(relayed(rig.kit(4000), { key: relayKeyOf(rig.keys), inner: once }), "127.0.0.1");
    await rig.announced(4000);
    expect(rig.handedOn.slice(before)).toHaveLength(2);
  });

  test.each([
    [1, "who says nothing and goes", "", /it went away before it had proved itself/],
    [2, "who speaks HTTP", "GET / HTTP/1.1\r\n\r\n", /it speaks something else/],
    [3, "who answers nobody's announcement", `CXB\x01${"x".repeat(16)}`, /it answers no announcement of ours/],
  ])("stranger %i, %s, is joined to nobody", async (number, _, words, reason) => {
    await using client = await Waiting.start();
    const { port } = await rig.announced(client.port);
    const address = attackerAddress(100 + number);
    const stranger = connectFrom(address, { host: "127.0.0.1", port });
    stranger.resume().end(Buffer.from(words, "latin1"));
    await vi.waitFor(() => expect(rig.said.stderr).toMatch(new RegExp(`${address}: ${reason.source}`)), 10_000);
    expect(client.connections).toEqual([]);
  });

  test("is no way to where no client of the protocol waits: nothing gets there but which announcement is answered", async () => {
    await using victim = await Waiting.start("220 mail\r\n");
    const { port, id } = await rig.announced(victim.port);
    const stranger = connectFrom(attackerAddress(7), { host: "127.0.0.1", port });
    let heard = "";
    stranger.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
    stranger.write(Buffer.from(`CXB\x01${id}\r\nHELO me\r\n`, "latin1"));
    await new Promise((resolve) => stranger.once("close", resolve));
    expect(heard).toBe("");
    await vi.waitFor(() => expect(victim.connections.map(({ isOpen }) => isOpen)).toEqual([false]), 10_000);
    expect(victim.connections[0]?.heard).toBe(`CXB\x01${id}`);
  });

  test("joins a worker while two hundred others wait", async () => {
    await using client = await Waiting.start("\x16\x03\x01");
    const { port, id } = await rig.announced(client.port);
    using crowd = new Crowd();
    crowd.come(200, { port, from: "127.0.9.1", words: "" });
    await pause(500);
    const worker = connectFrom(attackerAddress(7), { host: "127.0.0.1", port });
    let heard = "";
    worker.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
    worker.write(Buffer.from(`CXB\x01${id}answer`, "latin1"));
    await vi.waitFor(() => expect(heard).toBe("\x16\x03\x01"), 10_000);
    await vi.waitFor(() => expect(client.connections.map((one) => one.heard)).toEqual([`CXB\x01${id}answer`]), 10_000);
    worker.destroy();
  });
});

interface Connection {
  heard: string;
  isOpen: boolean;
}

/** Where a relay may call, and what it then hears first. */
class Waiting implements AsyncDisposable {
  readonly connections: Connection[] = [];
  port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer();

  static async start(words = ""): Promise<Waiting> {
    const waiting = new Waiting();
    waiting.#server.on("connection", (socket) => waiting.#serve(socket, words));
    waiting.port = await listenOn(waiting.#server, "127.0.0.1");
    return waiting;
  }

  #serve(socket: Socket, words: string): void {
    const connection = { heard: "", isOpen: true };
    this.connections.push(connection);
    this.#sockets.add(socket);
    socket.on("data", (bytes: Buffer) => (connection.heard += bytes.toString("latin1")));
    socket.on("error", () => socket.destroy()).on("close", () => (connection.isOpen = false));
    if (words !== "") socket.write(Buffer.from(words, "latin1"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
