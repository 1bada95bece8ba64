/** What strangers and clients try on workers, over connections: the same against mexecd, whom they call, and cservice, which calls them. */

import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { applicationKeyOf, sealDatagram } from "../../src/net/datagram-proof.js";
import { GroupSender } from "../../src/net/group-sockets.js";
import { parseGroup } from "../../src/wire/group.js";
import {
  attackerAddress,
  connectFrom,
  disposeOf,
  expectOneLine,
  listenOn,
  openDescriptors,
  type Outcome,
  pause,
  rejectionsOf,
  tableRig,
} from "./attack-rig.js";
import { attackKeys, type AttackKeys, CLIENT_ATTACKS } from "./client-attacks.js";
import type { GroupRig } from "./group-rig.js";

const dist = join(import.meta.dirname, "../../dist");
/** Rejections beyond ten a second are counted, not told. */
const BETWEEN_MS = 150;
const SECRET = "the-worker's-own-secret";
const asUser = process.getuid?.() === 0 ? ["--allow-root"] : [];
const TOOLS = ["mexecd", "cservice"] as const;
type Tool = (typeof TOOLS)[number];

type Started = Awaited<ReturnType<GroupRig["start"]>>;
/** Has an attacker at an address meet the worker. */
type Meet = (address: string, attack: (socket: Socket) => void) => Promise<void>;

/** A worker that was attacked. */
interface Attacked {
  readonly door: Door;
  readonly outcomes: readonly Outcome[];
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
}

/** Starts all attacks, each from an address of its own, and waits until all are over. */
async function attackAll(keys: AttackKeys, door: Door): Promise<Attacked> {
  const pid = door.worker.child.pid!;
  const descriptorsBefore = openDescriptors(pid);
  const states = CLIENT_ATTACKS.map(() => ({ heard: "", isClosed: false }));
  for (const [i, { attack }] of CLIENT_ATTACKS.entries()) {
    await door.meet(attackerAddress(i), (socket) => {
      const state = states[i]!;
      socket.on("close", () => (state.isClosed = true)).on("error", () => socket.destroy());
      attack(socket, keys, (bytes) => (state.heard += bytes.toString("latin1")));
    });
    await pause(BETWEEN_MS);
  }
  await vi.waitFor(() => expect(states.every(({ isClosed }) => isClosed)).toBe(true), 20_000);
  const outcomes = states.map((state, i) => ({ ...state, address: attackerAddress(i) }));
  return { door, outcomes, descriptorsBefore, descriptorsAfter: openDescriptors(pid) };
}

describe.skipIf(!existsSync(join(dist, "mexecd")))("a worker is attacked by someone", () => {
  let rig: GroupRig;
  let keys: AttackKeys;
  let attacked: Readonly<Record<Tool, Attacked>>;

  beforeAll(async () => {
    rig = await tableRig(realpathSync(mkdtempSync(join(tmpdir(), "mpmake-attack-"))));
    keys = await attackKeys({ app: join(rig.directory, "app"), other: join(rig.directory, "other") });
    const doors = await Promise.all([startMexecd(rig), startCservice(rig, keys)]);
    const [mexecd, cservice] = await Promise.all(doors.map((door) => attackAll(keys, door)));
    attacked = { mexecd: mexecd!, cservice: cservice! };
  });

  afterAll(async () => {
    for (const tool of TOOLS) attacked[tool].door.close();
    await disposeOf(rig);
  });

  const rows = TOOLS.flatMap((tool) => CLIENT_ATTACKS.map(({ title, reason }, i) => ({ tool, title, reason, i })));

  test.each(rows)("$title ($tool)", ({ tool, reason, i }) => {
    const { door, outcomes } = attacked[tool];
    const { address, heard } = outcomes[i]!;
    expectOneLine(rejectionsOf(door.worker.lines.stderr, address), reason);
    expect(heard.length).toBeLessThan(250); // a greeting's answer, and a goodbye
    expect(heard).not.toContain(SECRET);
  });

  test.each(TOOLS)("and %s has run nothing, has no descriptor left open, and serves the next one", async (tool) => {
    const { door, descriptorsBefore, descriptorsAfter } = attacked[tool];
    expect(existsSync(join(rig.directory, "ran"))).toBe(false);
    expect(descriptorsAfter).toBeLessThanOrEqual(descriptorsBefore + 1);
    expect(await door.serves()).toEqual([0, "word"]);
  });

  test.each(TOOLS)("two hundred at once who say nothing: %s serves others meanwhile", async (tool) => {
    const { door } = attacked[tool];
    const sockets: Socket[] = [];
    const address = attackerAddress(CLIENT_ATTACKS.length);
    for (let i = 0; i < 200; i++)
      await door.meet(address, (socket) => sockets.push(socket.on("error", () => socket.destroy())));
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(8), 10_000);
    expect(await door.serves()).toEqual([0, "word"]);
    for (const socket of sockets) socket.destroy();
    const told = rejectionsOf(door.worker.lines.stderr, address).length;
    expect(told).toBeLessThanOrEqual(60);
  });
});

interface Door {
  readonly worker: Started;
  readonly meet: Meet;
  /** How one whom it is to serve fares: status and output. */
  readonly serves: () => Promise<readonly unknown[]>;
  readonly close: () => void;
}

async function startMexecd(rig: GroupRig): Promise<Door> {
  const words = ["--key", "app", "--listen", "127.0.0.1:0", "--name", "n", ...asUser];
  const worker = await rig.start("mexecd", words, { SECRET });
  const port = portOf(worker);
  const meet: Meet = (address, attack) => {
    attack(connectFrom(address, { host: "127.0.0.1", port }));
    return Promise.resolve();
  };
  const env = { NODES: `127.0.0.1:${String(port)}`, MPMAKE_KEY: "app.pub" };
  const serves = async () => {
    const { exitCode, stdout } = await rig.run("mexecvp", ["echo", "word"], { env });
    return [exitCode, stdout];
  };
  return { worker, meet, serves, close: () => undefined };
}

function portOf(worker: Started): number {
  return Number(/listening on 127\.0\.0\.1:(\d+)/.exec(worker.lines.stdout)?.[1]);
}

/** Whoever holds NAME.pub has himself called; what he then shows of himself is another matter. */
async function startCservice(rig: GroupRig, keys: AttackKeys): Promise<Door> {
  const worker = await rig.service(["sh", "-c", 'test "$PEER_WHO" != mallory || echo >ran; cat'], {
    SECRET,
    CONCURRENCY: "64",
  });
  const group = parseGroup(rig.group, () => true);
  if (!group.ok) throw new Error(group.error);
  const opened = await GroupSender.open(group.value);
  if (!opened.ok) throw new Error(opened.error);
  const sender = opened.value;
  const { application, announceKey } = applicationKeyOf(keys.client);
  const meet: Meet = async (address, attack) => {
    const server = createServer((socket) => {
      server.close();
      afterGreeting(socket, attack);
    });
    const port = await listenOn(server, address);
    const id = String.fromCharCode(...Array.from({ length: 16 }, () => randomInt(256)));
    const common = {
      type: "request",
      application,
      id,
      sentMs: Date.now(),
      wanted: "service",
      lifetimeMs: 30_000,
    } as const;
    await sender.send(() => sealDatagram({ ...common, port, addresses: [address] }, announceKey));
  };
  const serves = async () => {
    const { exitCode, stdout } = await rig.cexec([], { input: "word" });
    return [exitCode, stdout];
  };
  return { worker, meet, serves, close: () => sender.close() };
}

/** A worker that calls says first which announcement it answers. */
function afterGreeting(socket: Socket, act: (socket: Socket) => void): void {
  const listen = (): void => {
    if (socket.read(20) === null) return;
    socket.off("readable", listen);
    act(socket);
  };
  socket.on("readable", listen);
}
