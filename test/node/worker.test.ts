import { expect, test } from "vitest";
import { requestOf, runToEnd, startRig } from "../net/worker-rig.js";

test("a recipe runs on a node, and its output comes behind the line that wrote it", async () => {
  await using rig = await startRig();
  const connection = await rig.connect();
  const lines = ["echo one; echo two", "echo bad >&2; exit 3", "echo never"];
  const { told, outcome } = await runToEnd(connection, requestOf(rig.directory, lines));
  expect(told).toEqual([
    "line 0",
    "stdout one\ntwo\n",
    "line 1",
    "stderr bad\n",
    'failed 1 {"kind":"exited","code":3}',
  ]);
  expect(outcome).toMatchObject({ kind: "ended", status: { kind: "exited", code: 3 } });
});
