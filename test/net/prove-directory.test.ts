import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { proveDirectory } from "../../src/net/prove-directory.js";
import { answerProof } from "../../src/node/answer-proof.js";
import type { MessageOf } from "../../src/wire/message.js";
import { temporaryDirectory } from "./worker-rig.js";

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => {
  expect(readdirSync(directory).filter((name) => name.startsWith(".mpmake"))).toEqual([]);
  rmSync(directory, { recursive: true });
});

/** Asks a node that sees `there` where the client says `directory`. */
function askNodeAt(there: string, change: Partial<MessageOf<"proof">> = {}) {
  return (file: string) => {
    const { proof, dispose } = answerProof({ type: "prove", stream: 1, directory: there, file });
    return Promise.resolve({ proof: { ...proof, ...change }, done: dispose });
  };
}

test("a node that sees the same directory", async () => {
  expect(await proveDirectory(directory, askNodeAt(directory))).toEqual({
    ok: true,
    value: { by: "nonce", sameInode: true },
  });
});

test("a node whose file system numbers for itself sees the same directory nevertheless", async () => {
  expect(await proveDirectory(directory, askNodeAt(directory, { ino: 1n }))).toEqual({
    ok: true,
    value: { by: "nonce", sameInode: false },
  });
});

test("a node that sees another directory there, even one with the same files", async () => {
  const other = temporaryDirectory();
  expect(await proveDirectory(directory, askNodeAt(other))).toEqual({
    ok: false,
    error: { kind: "other", text: `sees another directory at ${directory}` },
  });
  expect(readdirSync(other)).toEqual([]);
  rmSync(other, { recursive: true });
});

test("a node that reads our directory and writes to another", async () => {
  const ask = (file: string) => {
    const seen = readFileSync(join(directory, file), "latin1");
    const { ino, mtimeNs } = statSync(directory, { bigint: true });
    const proof = { type: "proof", stream: 1, errno: "", isDirectory: true, ino, mtimeNs, seen, written: "x" } as const;
    return Promise.resolve({ proof, done: () => undefined });
  };
  expect(await proveDirectory(directory, ask)).toEqual({
    ok: false,
    error: { kind: "other", text: `writes to another directory at ${directory}` },
  });
});

test("a node that has no such directory, or a file there", async () => {
  expect(await proveDirectory(directory, askNodeAt(join(directory, "none")))).toEqual({
    ok: false,
    error: { kind: "absent", text: `does not see ${directory} (No such file or directory)` },
  });
  writeFileSync(join(directory, "file"), "");
  expect(await proveDirectory(directory, askNodeAt(join(directory, "file")))).toMatchObject({
    error: { kind: "absent", text: `does not see ${directory} (Not a directory)` },
  });
});

test("a node that may not write there", async () => {
  const ask = (file: string) => {
    mkdirSync(join(directory, `${file}.answer`));
    const answer = answerProof({ type: "prove", stream: 1, directory, file });
    const proof = { ...answer.proof, errno: "EROFS" };
    return Promise.resolve({ proof, done: () => rmSync(join(directory, `${file}.answer`), { recursive: true }) });
  };
  expect(await proveDirectory(directory, ask)).toEqual({
    ok: false,
    error: { kind: "unwritable", text: `may not write in ${directory} (Read-only file system)` },
  });
});

test("a node that goes away meanwhile", async () => {
  expect(await proveDirectory(directory, () => Promise.resolve(undefined))).toMatchObject({ error: { kind: "lost" } });
});

test("where we may not write, number and time must agree", async () => {
  const readOnly = ["/sys/kernel", "/proc/sys/kernel"].find((one) => existsSync(one)) ?? "/";
  expect(await proveDirectory(readOnly, askNodeAt(readOnly))).toEqual({
    ok: true,
    value: { by: "identity", sameInode: true },
  });
  expect(await proveDirectory(readOnly, askNodeAt(directory))).toMatchObject({ error: { kind: "other" } });
});

test("only a short plain file is read for a client", () => {
  writeFileSync(join(directory, "long"), "x".repeat(65));
  mkdirSync(join(directory, "folder"));
  for (const file of ["long", "folder"]) {
    const { proof, dispose } = answerProof({ type: "prove", stream: 1, directory, file });
    expect(proof.seen).toBe("");
    dispose();
  }
  expect(readdirSync(directory).sort()).toEqual(["folder", "long"]);
});
