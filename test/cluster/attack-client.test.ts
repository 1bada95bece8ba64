/** What strangers try on a client that has announced itself: cexec, which waits for a worker and has a secret to send it. */

import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { listenToGroup } from "../../src/net/group-sockets.js";
import { openEnvelope, parseDatagram } from "../../src/wire/datagram.js";
import { parseGroup } from "../../src/wire/group.js";
import { attackerAddress, connectFrom, Crowd, disposeOf, type Outcome, pause, tableRig } from "./attack-rig.js";
import { attackKeys } from "./client-attacks.js";
import type { GroupRig } from "./group-rig.js";
import { type HeardAnnouncement, WORKER_ATTACKS } from "./worker-attacks.js";

const dist = join(import.meta.dirname, "../../dist");
const SECRET = "what the client has to say";
/** Fewer at once than a client hears. */
const BETWEEN_MS = 60;

/** Hears an announcement as everybody can; no key is needed. */
async function hearAnnouncement(group: string): Promise<HeardAnnouncement> {
  const places = parseGroup(group, () => true);
  if (!places.ok) throw new Error(places.error);
  let heard: HeardAnnouncement | undefined;
  const listener = await listenToGroup(places.value, (bytes) => {
    const datagram = parseDatagram(openEnvelope(bytes));
    if (datagram.type === "request") heard = datagram;
  });
  if (!listener.ok) throw new Error(listener.error);
  const announcement = await vi.waitFor(() => heard ?? Promise.reject(new Error("nothing was announced")), 20_000);
  listener.value.close();
  return announcement;
}

/** A client that looks for a worker, and says whom it has not taken. */
function startClient(rig: GroupRig) {
  const client = rig.cexec(["--debug", `WORD=${SECRET}`], { input: SECRET });
  const said = { stderr: "" };
  client.stderr.on("data", (bytes: Buffer) => (said.stderr += bytes.toString()));
  return { client, said };
}

function linesAbout(said: string, address: string): readonly string[] {
  return said.split("\n").filter((line) => line.startsWith(`cexec: ${address} called back, and was not taken: `));
}

describe.skipIf(!existsSync(join(dist, "cexec")))("a client is called by someone", () => {
  let rig: GroupRig;
  let said: string;
  let outcomes: readonly Outcome[];
  let served: readonly unknown[];

  beforeAll(async () => {
    rig = await tableRig(realpathSync(mkdtempSync(join(tmpdir(), "mpmake-attack-"))));
    const keys = await attackKeys({ app: join(rig.directory, "app"), other: join(rig.directory, "other") });
    const announced = hearAnnouncement(rig.group);
    const cexec = startClient(rig);
    const { port, id } = await announced;
    const states = WORKER_ATTACKS.map((_, i) => ({ address: attackerAddress(i), heard: "", isClosed: false }));
    for (const [i, { attack }] of WORKER_ATTACKS.entries()) {
      const state = states[i]!;
      const socket = connectFrom(state.address, { host: "127.0.0.1", port });
      socket.resume().on("close", () => (state.isClosed = true));
      attack(socket, { id, keys, heard: (bytes) => (state.heard += bytes.toString("latin1")) });
      await pause(BETWEEN_MS);
    }
    await vi.waitFor(() => expect(states.filter(({ isClosed }) => !isClosed)).toEqual([]), 20_000);
    await rig.service(["sh", "-c", "cat; echo ran >>ran"]);
    const { exitCode, stdout } = await cexec.client;
    [outcomes, said, served] = [states, cexec.said.stderr, [exitCode, stdout]];
  });

  afterAll(() => disposeOf(rig));

  test.each(WORKER_ATTACKS.map(({ title, reason }, i) => ({ title, reason, i })))("$title", ({ reason, i }) => {
    const { address, heard } = outcomes[i]!;
    const lines = linesAbout(said, address);
    expect(lines.map((line) => line.replace(/^.*?not taken: /, ""))).toEqual([expect.stringMatching(reason) as string]);
    expect(lines[0]).toMatch(/^[\x20-\x7e]{1,200}$/);
    expect(heard).not.toContain(SECRET);
    expect(heard.length).toBeLessThan(400); // a handshake, or a greeting
  });

  test("and the next worker is taken, and gets what there was to say", () => {
    expect(served).toEqual([0, SECRET]);
  });
});

describe.skipIf(!existsSync(join(dist, "cexec")))("two hundred call a client at once", () => {
  test.each([
    ["from the worker's own address, and say nothing", "127.0.0.1", false],
    ["from another address, and say nothing", "127.0.9.1", false],
    ["from another address, and name what they answer", "127.0.9.1", true],
  ])("%s: a worker that comes later is taken", async (_, from, isNaming) => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "mpmake-attack-")));
    const rig = await tableRig(directory);
    using crowd = new Crowd();
    try {
      const announced = hearAnnouncement(rig.group);
      const { client } = startClient(rig);
      const { port, id } = await announced;
      crowd.come(200, { port, from, words: isNaming ? `CXB\x01${id}` : "" });
      await pause(500);
      await rig.service(["sh", "-c", "cat"]);
      const began = performance.now();
      const { exitCode, stdout } = await client;
      expect([exitCode, stdout]).toEqual([0, SECRET]);
      expect(performance.now() - began).toBeLessThan(15_000);
    } finally {
      await disposeOf(rig);
    }
  });
});
