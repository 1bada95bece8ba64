import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ClusterFolder } from "../../src/os/cluster-folder.js";
import type { NodeRecord } from "../../src/placement/node-record.js";
import { temporaryDirectory } from "../rig/temporary.js";

const userId = process.getuid?.() ?? 0;

async function made(path = join(temporaryDirectory(), "cluster")): Promise<ClusterFolder> {
  const folder = await ClusterFolder.make(path, userId);
  if (!folder.ok) throw new Error(folder.error.text);
  return folder.value;
}

function recordOf(name: string, more: Partial<NodeRecord> = {}): NodeRecord {
  const id = "0123456789abcdef";
  return { name, id, addresses: ["10.0.0.1"], port: 1, slots: 1, pid: 1, sinceMs: 0, drainingMs: undefined, ...more };
}

test("a folder is made once, with folders above it, and opened by its owner alone", async () => {
  const path = join(temporaryDirectory(), "a/b/cluster");
  const folder = await made(path);
  await made(path);
  expect(ClusterFolder.open(path, userId)).toEqual({ ok: true, value: folder });
  expect(ClusterFolder.open(path, userId + 1)).toMatchObject({ ok: false, error: { kind: "foreign" } });
  chmodSync(path, 0o710);
  expect(ClusterFolder.open(path, userId)).toMatchObject({ ok: false, error: { kind: "unsafe" } });
  chmodSync(path, 0o700);
  rmSync(join(path, "nodes"), { recursive: true });
  expect(ClusterFolder.open(path, userId)).toMatchObject({ ok: false, error: { kind: "none" } });
  expect(ClusterFolder.open(join(path, "nowhere"), userId)).toMatchObject({ ok: false, error: { kind: "missing" } });
  writeFileSync(join(path, "x"), "");
  expect(ClusterFolder.open(join(path, "x"), userId)).toMatchObject({ ok: false, error: { kind: "none" } });
  expect(await ClusterFolder.make(path, userId)).toMatchObject({ ok: false, error: { kind: "none" } });
});

test("a record appears whole, and each that replaces it has another stamp", async () => {
  const folder = await made();
  const [first, second] = [recordOf("n1"), recordOf("n1", { port: 2 })];
  const stamp = await folder.writeNode(first);
  expect((await folder.look()).stamps).toEqual(new Map([["n1", stamp]]));
  expect(folder.readNode("n1")).toEqual({ ok: true, value: first });
  const next = await folder.writeNode(second);
  expect([next === stamp, (await folder.look()).stamps.get("n1")]).toEqual([false, next]);
  expect(readdirSync(join(folder.path, "nodes"))).toEqual(["n1"]);
});

test("names stand in the order of their numbers, and what is no name is left out", async () => {
  const folder = await made();
  for (const name of ["n10", "n9", "b", "n1"]) await folder.writeNode(recordOf(name));
  for (const name of [".n2.0123", "a b", "-x"]) writeFileSync(join(folder.path, "nodes", name), "");
  expect([...(await folder.look()).stamps.keys()]).toEqual(["b", "n1", "n9", "n10"]);
});

test("a request means one start of a node, and goes with its record", async () => {
  const folder = await made();
  const [before, now] = [recordOf("n1"), recordOf("n1", { id: "fedcba9876543210" })];
  await folder.writeNode(now);
  await folder.requestDrain(before);
  expect([(await folder.look()).asked, folder.isMeant(before), folder.isMeant(now)]).toEqual([
    new Set(["n1"]),
    true,
    false,
  ]);
  folder.removeNode(before);
  expect(existsSync(join(folder.path, "nodes/n1"))).toBe(true);
  folder.removeNode(now);
  expect(await folder.look()).toEqual({ stamps: new Map(), asked: new Set() });
});

test("what is not a record of that name, or could be another's, is named", async () => {
  const folder = await made();
  const at = (name: string): string => join(folder.path, "nodes", name);
  await folder.writeNode(recordOf("n1"));
  symlinkSync("n1", at("link"));
  mkdirSync(at("folder"));
  writeFileSync(at("n2"), "x\n", { mode: 0o600 });
  const faults = ["link", "folder", "n2"].map((name) => folder.readNode(name));
  expect(faults).toEqual([
    { ok: false, error: `${at("link")} is a symbolic link` },
    { ok: false, error: `${at("folder")} is not a plain file` },
    { ok: false, error: `${at("n2")} is no node's record: it does not begin with "mpmake node 1"` },
  ]);
  expect(folder.readNode("n3")).toEqual({ ok: true, value: undefined });
});
