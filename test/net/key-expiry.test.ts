import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAuthorized } from "../../src/node/authorized.js";
import { fingerprintOfCertificate } from "../../src/net/credential.js";
import { generateKeys, type GenerateKeysResult } from "../../src/net/generate-keys.js";
import { generateRelayKey } from "../../src/net/generate-relay-key.js";
import { generateUserKey } from "../../src/net/generate-user-key.js";
import { expiryOfKey } from "../../src/net/key-expiry.js";
import { type KeyPair, makeKeyPair, makeUserCredential } from "../../src/net/key-pair.js";
import { createKeyFile, readHalf, readKeyFile } from "../../src/net/key-store.js";
import { judgeKey } from "../../src/session/doctor-key.js";
import { clock, randomKeys, startRig, temporaryDirectory } from "./worker-rig.js";

const HOUR_MS = 3_600_000;
/** Keys expire at whole seconds. */
const soonMs = Math.floor(Date.now() / 1000) * 1000 + HOUR_MS;

let directory: string;
const path = (name: string): string => join(directory, name);
const generate = (expiresMs?: number, text?: string): Promise<GenerateKeysResult> =>
  generateKeys({
    name: path("a"),
    pub: path("a.pub"),
    text: text === undefined ? undefined : Buffer.from(text),
    expiresMs,
  });
const readAll = (): readonly string[] => ["a", "a.pub"].map((name) => readFileSync(path(name), "latin1"));
const date = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A pair that expired an hour ago. */
function expiredPair(): Promise<KeyPair> {
  return makeKeyPair(new Uint8Array(32).fill(7), soonMs - 2 * HOUR_MS);
}

describe("a key pair that is to expire", () => {
  test("says so in both halves, is read until then and refused from then on, two seconds apart for clocks that differ", async () => {
    expect(await generate(soonMs)).toEqual({ status: 0, messages: [] });
    for (const name of ["a", "a.pub"]) {
      const read = (afterMs: number) => readKeyFile(path(name), soonMs + afterMs);
      const key = read(-1);
      expect(key.ok && expiryOfKey(key.value)).toEqual({ ok: true, value: soonMs });
      expect(read(1999).ok).toBe(true);
      expect(read(2000)).toEqual({
        ok: false,
        error: {
          kind: "expired",
          text: `${path(name)} expired on ${date(soonMs)}, and here it is ${date(soonMs + 2000)}; make a new key with ckeygen`,
        },
      });
    }
  });

  test("is made again just so, with or without a word of its end, which cannot be changed", async () => {
    await generate(soonMs);
    const made = readAll();
    rmSync(path("a.pub"));
    expect(await generate()).toEqual({ status: 0, messages: [] });
    expect(await generate(soonMs)).toEqual({ status: 0, messages: [] });
    expect(await generate(soonMs + 1000)).toEqual({
      status: 104,
      messages: [`${path("a")} expires on ${date(soonMs)}; it is left as it is`],
    });
    expect(readAll()).toEqual(made);
  });

  test("an end cannot be given to a key that has none", async () => {
    await generate();
    expect(await generate(soonMs)).toEqual({
      status: 104,
      messages: [`${path("a")} does not expire; it is left as it is`],
    });
  });

  test("of a text it is the same each time for the same end", async () => {
    const text = "a text that nobody is going to guess";
    await generate(soonMs, text);
    const made = readAll();
    for (const name of ["a", "a.pub"]) rmSync(path(name));
    await generate(soonMs, text);
    expect(readAll()).toEqual(made);
  });

  test("once it has expired nothing is made of it any more", async () => {
    const { worker } = await expiredPair();
    createKeyFile(path("a"), worker);
    const message = expect.stringMatching(/\/a expired on .*; make a new key with ckeygen$/) as string;
    expect(await generate()).toEqual({ status: 101, messages: [message] });
    expect(await generateUserKey({ name: path("a"), file: path("a.bob"), user: "bob" })).toMatchObject({ status: 101 });
    expect(generateRelayKey({ name: path("a"), file: path("a.relay") })).toMatchObject({ status: 101 });
  });

  test("another pair's expired half is not written over", async () => {
    const { client } = await expiredPair();
    createKeyFile(path("a.pub"), client);
    const theirs = readFileSync(path("a.pub"), "latin1");
    expect((await generate()).status).toBe(102);
    expect(readFileSync(path("a.pub"), "latin1")).toBe(theirs);
  });
});

describe("a user's credential that is to expire", () => {
  const credential = (expiresMs?: number) =>
    generateUserKey({ name: path("a"), file: path("a.bob"), user: "bob", expiresMs });
  const expiry = (): unknown => {
    const key = readHalf(path("a.bob"));
    return key.ok && expiryOfKey(key.value);
  };

  test("expires by itself, and cannot be given another end", async () => {
    await generate();
    const made = await credential(soonMs);
    expect(made.status).toBe(0);
    expect(expiry()).toEqual({ ok: true, value: soonMs });
    expect(await credential()).toEqual(made);
    expect(await credential(soonMs + 1000)).toMatchObject({ status: 104 });
  });

  test("expires with its pair, and may not be said to do so later", async () => {
    await generate(soonMs);
    expect(await credential(soonMs + 1000)).toEqual({
      status: 101,
      messages: [`${path("a")} itself expires on ${date(soonMs)}`],
    });
    expect((await credential()).status).toBe(0);
    expect(expiry()).toEqual({ ok: true, value: soonMs });
  });

  test("is sent away by a worker whose clock says that it has expired, in words and into the log", async () => {
    const keys = await randomKeys();
    const own = await makeUserCredential("bob", keys.worker, soonMs);
    const grants = parseAuthorized(`${fingerprintOfCertificate(own.clientCertificate)} user=*\n`);
    if (!grants.ok) throw new Error(grants.error);
    const terms = { credential: keys.worker, admitted: [], grants: grants.value };
    await using rig = await startRig({ terms, clock: { nowMs: () => clock.nowMs() + 2 * HOUR_MS } });
    expect(await rig.tryConnect({ credential: own })).toEqual({
      ok: false,
      error: { kind: "refused", text: `it does not let us in: our key expired on ${date(soonMs)}` },
    });
    expect(rig.audit.lines.join("\n")).toMatch(/"rejected".*its key expired on/);
  });
});

test("TLS itself refuses what has expired, at both ends", async () => {
  const { worker, client } = await expiredPair();
  await using rig = await startRig({ terms: { credential: worker, admitted: [], grants: undefined } });
  expect(await rig.tryConnect({ credential: client })).toEqual({
    ok: false,
    error: { kind: "wrong-key", text: "its key has expired" },
  });
});

test("a key file whose certificates are none is damaged", async () => {
  const { worker } = await randomKeys();
  createKeyFile(path("a"), { ...worker, workerCertificate: Uint8Array.of(1, 2, 3) });
  expect(readKeyFile(path("a"))).toMatchObject({
    error: { kind: "invalid", text: `${path("a")} is damaged: what should be a certificate is none` },
  });
});

test("the doctor says when a key expires, and warns a month before", async () => {
  const judged = async (expiresMs?: number) => {
    const file = path(`key.${String(expiresMs)}`);
    createKeyFile(file, (await makeKeyPair(new Uint8Array(32), expiresMs)).client);
    return judgeKey(file).map(({ probe, verdict, text }) => `${probe} ${verdict} ${text.replace(file, "FILE")}`);
  };
  const laterMs = soonMs + 31 * 24 * HOUR_MS;
  expect(judgeKey(undefined)).toEqual([]);
  expect(await judged()).toEqual(["key ok FILE, which does not expire"]);
  expect(await judged(laterMs)).toEqual([`key ok FILE, which expires on ${date(laterMs)}`]);
  expect(await judged(soonMs)).toEqual([`key warning FILE, which expires on ${date(soonMs)}`]);
});
