/** A real source tree, built over machines that ssh and Slurm start workers on, file for file as GNU make builds it. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { isRoot, tool } from "./rig.js";
import { needsSlurm, SlurmRig } from "./slurm-rig.js";
import { needsSshd, SshRig } from "./ssh-rig.js";

/** A folder with the corpus of real trees, which is no part of this one; its script builds and compares. */
const shared = process.env["MPMAKE_SHARED"];
const corpus = join(shared ?? "", "corpus/corpus.sh");
const TREE = "lua";
const PATIENCE_MS = 300_000;
/** With it a node that cannot be had is an error: all recipes run on nodes but those that are makes. */
const STRICT = { CORPORA_ARGS: "--strict" };

function needsCorpus(context: TestContext): void {
  context.skip(!isRoot, "machines of their own need root");
  context.skip(shared === undefined, "MPMAKE_SHARED names no folder with a corpus of real trees");
  context.skip(!existsSync(corpus), `${corpus} is not there`);
}

describe("a real tree", { timeout: PATIENCE_MS }, () => {
  beforeAll(() => {
    // The machines have no way to where sources come from.
    if (isRoot && shared !== undefined && existsSync(corpus))
      execFileSync("bash", [corpus, "ref", TREE, "4"], { stdio: ["ignore", "ignore", "inherit"] });
  }, PATIENCE_MS);

  test("over three machines by ssh", async (context) => {
    needsCorpus(context);
    needsSshd(context);
    await using rig = await SshRig.start();
    const { status, stdout } = await rig.run(["bash", corpus, TREE, tool("mpmake"), "4"], {
      ...STRICT,
      NODES: "ssh:n1*2,n2*2,n3*2",
      CORPORA_PASSENV: "NODES",
    });
    expect(stdout).toMatch(new RegExp(`^PASS ${TREE}\\b`, "m"));
    expect(status).toBe(0);
    await expect.poll(() => rig.leftovers(), { timeout: 30_000 }).toEqual([]);
  });

  describe("of Slurm", () => {
    let rig: SlurmRig | undefined;

    beforeAll(async () => {
      if (isRoot && shared !== undefined && existsSync("/usr/sbin/slurmctld")) rig = await SlurmRig.start();
    }, PATIENCE_MS);

    afterAll(() => rig?.[Symbol.asyncDispose](), PATIENCE_MS);

    test("over an allocation's four nodes", async (context) => {
      needsCorpus(context);
      needsSlurm(context);
      // What Slurm says of the allocation is let through to make.
      const script = `CORPORA_PASSENV="$(env | sed -n 's/^\\(SLURM[A-Z0-9_]*\\)=.*/\\1/p' | tr '\\n' ' ')" exec bash "$@"`;
      const command = ["sh", "-c", script, "sh", corpus, TREE, tool("mpmake"), "4"];
      const run = await rig?.salloc(["-N4", "-n16"], command, { environment: STRICT });
      expect(run?.stdout).toMatch(new RegExp(`^PASS ${TREE}\\b`, "m"));
      expect(run?.status).toBe(0);
      await rig?.idle();
    });
  });
});
