/** Builds in allocations of a real Slurm of four nodes. */

import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeId } from "../../src/base/ids.js";
import { SlurmRequest, type SlurmWish } from "../../src/launch/slurm-request.js";
import { srunLauncher } from "../../src/launch/srun.js";
import { readSlurmAllocation } from "../../src/placement/slurm-allocation.js";
import { expandHostlist } from "../../src/placement/slurm-hostlist.js";
import { processesRunning } from "./rig.js";
import { hasSlurm, needsSlurm, SlurmRig, until } from "./slurm-rig.js";

describe("with a real Slurm", () => {
  let rig: SlurmRig;

  beforeAll(async () => {
    if (hasSlurm) rig = await SlurmRig.start();
  });

  afterAll(async () => {
    if (hasSlurm) await rig[Symbol.asyncDispose]();
  });

  /** The environment that salloc gives to a command. */
  async function environmentIn(options: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await rig.salloc(options, ["env"]);
    return new Map(stdout.split("\n").map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  }

  test("what salloc says of an allocation is read", async (context) => {
    needsSlurm(context);
    const environment = await environmentIn(["-N", "3", "--ntasks", "5"]);
    const allocation = readSlurmAllocation((name) => environment.get(name));
    const parts = allocation.ok ? allocation.value?.parts : allocation.error;
    expect(parts).toMatchObject([{ group: undefined, nodes: [{ name: "n1" }, { name: "n2" }, { name: "n3" }] }]);
  });

  test("what salloc says of a heterogeneous allocation is read", async (context) => {
    needsSlurm(context);
    const environment = await environmentIn(["-N1", "-n2", ":", "-N2", "-n3"]);
    const allocation = readSlurmAllocation((name) => environment.get(name));
    expect(allocation.ok ? allocation.value?.parts : allocation.error).toEqual([
      { group: 0, nodes: [{ name: "n1", slots: 2 }] },
      {
        group: 1,
        nodes: [
          { name: "n2", slots: 2 },
          { name: "n3", slots: 1 },
        ],
      },
    ]);
  });

  test("lists name the nodes that scontrol says", (context) => {
    needsSlurm(context);
    for (const list of ["n1", "login,n[01-03,7],x-y[8-11]", "n[9-11,1]"]) {
      const expanded = expandHostlist(list);
      const told = rig.ask("scontrol", "show", "hostnames", list).split("\n");
      expect(expanded.ok ? expanded.value : expanded.error).toEqual(told);
    }
  });

  const target = (host: string) => ({ node: nodeId(host), host, user: undefined, port: undefined });

  test("a command is started on a node, has its input and gives its output", async (context) => {
    needsSlurm(context);
    await using held = await rig.hold(["-N2", "-n4"]);
    const environment = { PATH: rig.path, SLURM_NTASKS: "9", SLURM_MEM_PER_CPU: "77", ...rig.environment };
    const launcher = srunLauncher({ jobId: held.jobId, groupOf: () => undefined, environment });
    const command = launcher.start(target("n2"));
    command.toWorker.write("echo $SLURMD_NODENAME $SLURM_JOB_ID; exec cat\n");
    const [told] = (await once(command.fromWorker, "data")) as [Buffer];
    expect(told.toString()).toBe(`n2 ${held.jobId}\n`);
    command.toWorker.end("its input\n");
    const [copied] = (await once(command.fromWorker, "data")) as [Buffer];
    expect(copied.toString()).toBe("its input\n");
    expect(await command.ended).toEqual({ kind: "unreachable", reason: "its srun ended with status 0" });
  });

  test("a command whose launcher is killed ends on its node", async (context) => {
    needsSlurm(context);
    await using held = await rig.hold(["-N2", "-n4"]);
    const launcher = srunLauncher({
      jobId: held.jobId,
      groupOf: () => undefined,
      environment: { PATH: rig.path, ...rig.environment },
    });
    const command = launcher.start(target("n1"));
    command.toWorker.write("echo there; exec sleep 7654\n");
    await once(command.fromWorker, "data");
    await until("the command runs", () => processesRunning("sleep 7654").length === 1);
    command.kill();
    expect(await command.ended).toMatchObject({ kind: "unreachable" });
    await until("the command has ended", () => processesRunning("sleep 7654").length === 0);
  });

  test("a job that is not there is no place for a command", async (context) => {
    needsSlurm(context);
    const environment = { PATH: rig.path, ...rig.environment };
    const command = srunLauncher({ jobId: "99999", groupOf: () => undefined, environment }).start(target("n1"));
    expect(await command.ended).toEqual({
      kind: "refused",
      reason: "srun: Unable to confirm allocation for job 99999: Invalid job id specified",
    });
  });

  describe("an allocation that is asked for", () => {
    const ask = (wish: Partial<SlurmWish>): SlurmRequest =>
      new SlurmRequest({
        wish: { nodes: 2, processors: 2, partition: undefined, time: undefined, options: [], ...wish },
        environment: { PATH: rig.path, ...rig.environment },
        directory: "/",
        onNote: () => undefined,
      });

    test("is granted, and given back", async (context) => {
      needsSlurm(context);
      const request = ask({ partition: "other", time: "5" });
      expect(await request.granted).toMatchObject({
        ok: true,
        value: {
          parts: [
            {
              nodes: [
                { name: "n3", slots: 2 },
                { name: "n4", slots: 2 },
              ],
            },
          ],
        },
      });
      await request.giveBack();
      await request.ended;
      await rig.idle();
    });

    test("is not waited for any longer when it is given back before it is granted", async (context) => {
      needsSlurm(context);
      await using _held = await rig.hold(["-N4", "--exclusive"]);
      const request = ask({});
      await until("it waits", () => rig.jobs().length === 2);
      await request.giveBack();
      expect(await request.granted).toMatchObject({ ok: false });
      expect(rig.jobs()).toHaveLength(1);
    });

    test("ends when it is taken away", async (context) => {
      needsSlurm(context);
      const request = ask({});
      const granted = await request.granted;
      rig.ask("scancel", granted.ok ? granted.value.jobId : "");
      await request.ended;
    });

    test("is refused with a reason", async (context) => {
      needsSlurm(context);
      expect(await ask({ partition: "none" }).granted).toEqual({
        ok: false,
        error: "salloc: Job submit/allocate failed: Invalid partition name specified",
      });
    });
  });
});
