/** What decides where recipes go beside the loads of nodes: free memory, and what sessions that are gone have sent. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { processesWith, readLines, Rig } from "./rig.js";

test("a node short of memory runs one recipe at a time, also at -j4; one that has enough runs several", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 4 });
  rig.makeFifo("meeting");
  writeFileSync(
    join(rig.tree, "Makefile"),
    "alone: a b c d\na b c d:\n\t@mkdir lock && sleep 0.1 && rmdir lock\n" +
      "together: one other\none:\n\t@echo here > meeting\nother:\n\t@read word < meeting\n",
  );
  const make = (memory: string, goal: string) => rig.make(["-j4", "--nodes", nodes, "--memfree", memory, goal]);
  expect(await make("1000000G", "alone")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(await make("1K", "together")).toEqual({ status: 0, stdout: "", stderr: "" });
});

// What else this machine does counts too, and is not the same when each of the two nodes tells its load.
test(
  "what a build had sent that was killed still counts for those that come soon, though the node runs nothing of it",
  { retry: 2 },
  async () => {
    await using rig = new Rig();
    const { nodes, workers } = await rig.startWorkers({ count: 2, slots: 2 });
    const [first = ""] = nodes.split(",");
    const sent = join(rig.directory, "sent");
    mkdirSync(sent);
    const started = rig.makeFifo("started");
    writeFileSync(join(rig.tree, "Makefile"), "all: a b\na b:\n\t@echo $@ > started; exec sleep 1000\n");
    const mark = `${rig.directory}-killed`;
    const make = rig.start("mpmake", ["-j2", "--nodes", first, "--sentdir", sent], {
      environment: { MPMAKE_KEY: `${rig.key}.pub`, MARK: mark },
    });
    await readLines(started, 2);
    while (!readdirSync(sent).some((name) => name.endsWith(".sent") && isTold(join(sent, name)))) await pause(20);
    make.kill("SIGKILL");
    await make;
    while (processesWith(mark).length > 0) await pause(20);
    const environment = { MPMAKE_KEY: `${rig.key}.pub`, NODES: nodes, SENTDIR: sent };
    const { stdout } = await rig.run("mexecvp", ["sh", "-c", "echo $PPID; : not exec"], { environment });
    expect(stdout.trimEnd()).toBe(String(workers[1]?.pid));
  },
);

/** Whether a record says that something was sent. */
function isTold(path: string): boolean {
  return readFileSync(path, "latin1").split("\n").length > 2;
}
