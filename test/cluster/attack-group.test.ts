/** What anybody can send to a group, and who hears it: cservice, mexecd and crat. None is moved, none answers, each says one line. */

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sealDatagram } from "../../src/net/datagram-proof.js";
import type { Wanted } from "../../src/wire/datagram.js";
import { attackerAddress, disposeOf, listenOn, pause, tableRig } from "./attack-rig.js";
import { attackKeys, type AttackKeys } from "./client-attacks.js";
import { DATAGRAM_ATTACKS, good } from "./datagram-attacks.js";
import type { GroupRig } from "./group-rig.js";
import { anyGroup } from "./rig.js";

const dist = join(import.meta.dirname, "../../dist");
/** Rejections beyond ten a second are counted, not told. */
const BETWEEN_MS = 150;
const asUser = process.getuid?.() === 0 ? ["--allow-root"] : [];
const TOOLS = ["cservice", "mexecd", "crat"] as const;
type Tool = (typeof TOOLS)[number];

interface Hearing {
  readonly port: number;
  readonly wanted: Wanted;
  readonly lines: { readonly stdout: string; readonly stderr: string };
}

/** Each at a group of its own, so that each can be spoken to alone. */
async function startHearing(rig: GroupRig, tool: Tool): Promise<Hearing> {
  const group = anyGroup();
  const port = Number(group.split(":").at(-1));
  const words = {
    cservice: ["app", "sh", "-c", "echo run >>ran"],
    mexecd: ["--key", "app", "--listen", "127.0.0.1:0", "--group", group, ...asUser],
    crat: ["--follow", "app"],
  };
  const { lines } = await rig.start(tool, words[tool], { GROUP: group });
  return { port, wanted: tool === "mexecd" ? "node" : "service", lines };
}

/** Speaks from an address, and counts what comes back. */
class Speaker implements Disposable {
  answeredBytes = 0;
  readonly #socket: UdpSocket;

  constructor(address: string) {
    this.#socket = createSocket("udp4").on("message", (bytes) => (this.answeredBytes += bytes.length));
    this.#socket.bind(0, address);
  }

  say(bytes: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, port, "127.0.0.1", (error) => (error === null ? resolve() : reject(error)));
    });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

describe.skipIf(!existsSync(join(dist, "cservice")))("nobody is moved by a datagram", () => {
  let rig: GroupRig;
  let keys: AttackKeys;
  let hearing: Readonly<Record<Tool, Hearing>>;
  /** The announcements that were answered, by whoever. */
  const called = new Set<string>();
  let goodIds: readonly string[];
  let answeredBytes = 0;
  const trap = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (bytes) => {
      called.add(bytes.toString("latin1", 4, 20));
      socket.destroy();
    });
  });

  beforeAll(async () => {
    rig = await tableRig(realpathSync(mkdtempSync(join(tmpdir(), "mpmake-attack-"))));
    keys = await attackKeys({ app: join(rig.directory, "app"), other: join(rig.directory, "other") });
    const [cservice, mexecd, crat] = await Promise.all(TOOLS.map((tool) => startHearing(rig, tool)));
    hearing = { cservice: cservice!, mexecd: mexecd!, crat: crat! };
    const trapPort = await listenOn(trap, "127.0.0.1");
    await vi.waitFor(() => sayGood(crat!, trapPort).then(() => expect(crat!.lines.stdout).toContain("looks for")), {
      timeout: 20_000,
      interval: 500,
    });
    const speakers = DATAGRAM_ATTACKS.map((_, i) => new Speaker(attackerAddress(i)));
    for (const [i, { make }] of DATAGRAM_ATTACKS.entries()) {
      for (const tool of TOOLS) {
        const { wanted, port } = hearing[tool];
        await speakers[i]!.say(make({ keys, wanted, port: trapPort }), port);
      }
      await pause(BETWEEN_MS);
    }
    // Good ones behind them are answered: by then the others would have been, too
    goodIds = await Promise.all([sayGood(hearing.cservice, trapPort), sayGood(hearing.mexecd, trapPort)]);
    await vi.waitFor(() => expect([...called]).toEqual(expect.arrayContaining([...goodIds])), 20_000);
    await pause(300);
    for (const speaker of speakers) {
      answeredBytes += speaker.answeredBytes;
      speaker[Symbol.dispose]();
    }
  });

  afterAll(async () => {
    trap.close();
    await disposeOf(rig);
  });

  async function sayGood({ wanted, port }: Hearing, trapPort: number): Promise<string> {
    using speaker = new Speaker("127.0.0.1");
    const announcement = good({ keys, wanted, port: trapPort });
    await speaker.say(sealDatagram(announcement, announceKeyOf(keys)), port);
    return announcement.id;
  }

  const rows = TOOLS.flatMap((tool) => DATAGRAM_ATTACKS.map(({ title, reason }, i) => ({ tool, title, reason, i })));

  test.each(rows)("$title ($tool)", ({ tool, reason, i }) => {
    const reasons = toldBy(tool, hearing[tool].lines.stderr, attackerAddress(i));
    expect(reasons).toEqual(reason === undefined ? [] : [expect.stringMatching(reason)]);
    expect(hearing[tool].lines.stdout).not.toContain(attackerAddress(i));
  });

  test("only those that were good are answered, and nothing ever by a datagram", () => {
    expect([...called].sort()).toEqual([...goodIds].sort());
    expect(answeredBytes).toBe(0);
    expect(existsSync(join(rig.directory, "ran"))).toBe(false);
  });
});

function announceKeyOf({ client }: AttackKeys): Uint8Array {
  return client.announceKey;
}

/** The reasons that a tool's log gives for an address. */
function toldBy(tool: Tool, log: string, address: string): readonly string[] {
  const lines = log.split("\n");
  if (tool === "crat")
    return lines.filter((line) => line.startsWith(`crat: ${address}: `)).map((line) => line.slice(8 + address.length));
  const records = lines
    .filter((line) => line.includes(`"address":"${address}"`))
    .map((line) => JSON.parse(line) as { reason: string });
  return records.map(({ reason }) => reason);
}
