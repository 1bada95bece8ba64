import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeKeyPair, seedOfText } from "../../src/net/key-pair.js";
import { formatKeyFile } from "../../src/wire/key-file.js";

const SEED = Uint8Array.from({ length: 32 }, (_, i) => i);
const vector = (name: string): string => readFileSync(new URL(`../vectors/keys/${name}`, import.meta.url), "latin1");

test("a seed makes the same two files for ever", async () => {
  const { worker, client } = await makeKeyPair(SEED);
  expect(formatKeyFile(worker)).toBe(vector("seed-00-1f"));
  expect(formatKeyFile(client)).toBe(vector("seed-00-1f.pub"));
});

test("certificates are valid whatever a node's clock says, and are no authorities", async () => {
  const { client } = await makeKeyPair(SEED);
  const { validFrom, validTo, ca } = new X509Certificate(client.workerCertificate);
  expect([validFrom, validTo, ca]).toEqual(["Jan  1 00:00:00 2000 GMT", "Dec 31 23:59:59 9999 GMT", false]);
});

test("the client's half does not hold what the worker's is made of", async () => {
  const { worker, client } = await makeKeyPair(SEED);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const text = formatKeyFile(client);
  expect(text).not.toContain(hex(worker.seed));
  expect(text).not.toContain(hex(worker.privateKey.subarray(-32)));
});

test("a text makes the same seed for ever", async () => {
  const seed = await seedOfText(Buffer.from("correct horse"));
  expect(Buffer.from(seed).toString("hex")).toBe(vector("text-seed").trim());
});
