/** The cexec tools on four machines of two networks, as a script that people can run, too. */

import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { isRoot } from "./rig.js";

/** What `scripts/walk-through.sh` ends with where it cannot be tried. */
const SKIPPED = 77;
const TIMEOUT_MS = 120_000;

test(
  "from the key to the result, over a relay: cexec's output is that of the filter itself, and a build's nodes are found",
  async (context) => {
    context.skip(!isRoot, "machines and networks of one's own need root");
    const script = join(import.meta.dirname, "../../scripts/walk-through.sh");
    const { exitCode, all } = await execa("bash", [script], { reject: false, all: true, stdin: "ignore" });
    context.skip(exitCode === SKIPPED, /skipped, .*/.exec(all)?.[0] ?? "it was skipped");
    expect([exitCode, all]).toEqual([0, expect.stringMatching(/^== all is well$/m)]);
  },
  TIMEOUT_MS,
);
