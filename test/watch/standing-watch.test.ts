import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ClusterFolder } from "../../src/os/cluster-folder.js";
import type { NodeRecord } from "../../src/placement/node-record.js";
import { StandingWatch } from "../../src/watch/standing-watch.js";
import { temporaryDirectory } from "../rig/temporary.js";

function recordOf(name: string, id: string): NodeRecord {
  return { name, id, addresses: ["10.0.0.1"], port: 1, slots: 1, pid: 1, sinceMs: 7, drainingMs: undefined };
}

test("all nodes are told of at first, and whenever one joins, drains, is started anew or leaves; not otherwise", async () => {
  const made = await ClusterFolder.make(join(temporaryDirectory(), "cluster"), process.getuid?.() ?? 0);
  if (!made.ok) throw new Error(made.error.text);
  const folder = made.value;
  const [a, b, other] = [recordOf("a", "a".repeat(16)), recordOf("b", "b".repeat(16)), recordOf("a", "c".repeat(16))];
  await folder.writeNode(a);
  const told: string[] = [];
  const notes: string[] = [];
  const watch = new StandingWatch({
    folder,
    onNodes: (nodes) =>
      told.push(nodes.map((it) => `${it.id[0] ?? ""}${it.drainingMs === undefined ? "" : "-"}`).join("")),
    onNote: (text) => notes.push(text),
    lookMs: 5,
  });
  const next = async (wanted: string): Promise<void> => {
    await vi.waitFor(() => expect(told.at(-1)).toBe(wanted));
  };
  await next("a");
  await folder.writeNode(b);
  await next("ab");
  await folder.requestDrain(a);
  await next("a-b");
  await folder.writeNode(other);
  await next("cb");
  await folder.writeNode({ ...b, drainingMs: 9 });
  await next("cb-");
  writeFileSync(join(folder.path, "nodes/d"), "nonsense\n", { mode: 0o600 });
  await vi.waitFor(() => expect(notes).toEqual([expect.stringMatching(/nodes\/d is no node's record/)]));
  folder.removeFile("b");
  await next("c");
  renameSync(folder.path, `${folder.path}.gone`);
  await next("");
  await watch.close();
  expect([told, notes.length]).toEqual([["a", "ab", "a-b", "cb", "cb-", "c", ""], 1]);
});
