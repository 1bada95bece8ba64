import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/wire/crc32.js";
import { formatKeyFile, type KeyFile, parseKeyFile } from "../../src/wire/key-file.js";

const some = fc.uint8Array({ minLength: 1, maxLength: 300 });
const keyFile: fc.Arbitrary<KeyFile> = fc.oneof(
  fc.record({
    kind: fc.constant("worker" as const),
    seed: some,
    privateKey: some,
    workerCertificate: some,
    clientCertificate: some,
  }),
  fc.record({
    kind: fc.constant("client" as const),
    privateKey: some,
    workerCertificate: some,
    clientCertificate: some,
    announceKey: some,
  }),
);

const key: KeyFile = {
  kind: "worker",
  seed: Uint8Array.of(1),
  privateKey: Uint8Array.of(2),
  workerCertificate: Uint8Array.of(3),
  clientCertificate: Uint8Array.of(0xab, 0xcd),
};
const text = formatKeyFile(key);

test("a key is written with a heading that tells what it is and that it is secret", () => {
  expect(text).toBe(
    "mpmake worker key, format 1: secret\nseed 01\nprivate-key 02\nworker-certificate 03\nclient-certificate abcd\n" +
      `checksum ${crc32(text.slice(0, text.indexOf("checksum")))}\n`,
  );
});

test("what is written is read", () => {
  fc.assert(
    fc.property(keyFile, (one) => {
      expect(parseKeyFile(formatKeyFile(one))).toEqual({ ok: true, value: one });
    }),
  );
});

test("a file that is damaged anywhere is refused", () => {
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const char = String.fromCharCode(text.charCodeAt(at) ^ flip);
      expect(parseKeyFile(text.slice(0, at) + char + text.slice(at + 1)).ok).toBe(false);
    }),
  );
  for (let length = 0; length < text.length; length++) expect(parseKeyFile(text.slice(0, length)).ok).toBe(false);
});

describe("what is wrong is said", () => {
  test.each([
    ["", "is empty"],
    ["hello\n", "is not a key file"],
    ["x".repeat(20_000), "is too long for a key file"],
    [text.replaceAll("\n", "\r\n"), "has carriage returns; copy it as it was made"],
    [text.replace("format 1", "format 2"), "has a format that is not known here"],
    [text.slice(0, -3), "is damaged: its checksum is wrong or missing"],
    [text.replace("abcd", "abce"), "is damaged: its checksum is wrong or missing"],
  ])("%j", (damaged, error) => {
    expect(parseKeyFile(damaged)).toEqual({ ok: false, error });
  });
});

test("the checksum is CRC-32", () => {
  expect(crc32("123456789")).toBe("cbf43926");
});
