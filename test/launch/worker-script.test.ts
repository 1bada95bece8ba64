/** The script that starts a worker, read by real shells as it comes: whole, or in pieces. */

import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SCRIPT_MARK, SCRIPT_SAYS, workerScript } from "../../src/launch/worker-script.js";

const SHELLS = ["dash", "bash", "busybox"];
/** A worker that says all that it is told. */
const WORKER = "exec cat\n";
const READY = `\n${SCRIPT_MARK}${SCRIPT_SAYS.ready}\n`;

describe("the script that starts a worker", () => {
  let directory: string;
  let script: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mpmake-script-"));
    const path = join(directory, "worker");
    writeFileSync(path, WORKER);
    const hash = createHash("sha256").update(WORKER).digest("hex");
    script = workerScript({ hash, bytes: WORKER.length, path, node: undefined, ownNode: process.execPath });
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** What comes out when the second piece follows what a shell has made of the first. */
  async function readInPieces(shell: string, cut: number): Promise<string> {
    const child = spawn(shell, shell === "busybox" ? ["sh"] : [], {
      env: { PATH: process.env["PATH"], HOME: directory },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let output = "";
    const isReady = new Promise<void>((resolve) =>
      child.stdout.setEncoding("latin1").on("data", (text: string) => {
        output += text;
        if (output.includes(READY)) resolve();
      }),
    );
    child.stdin.write(script.slice(0, cut));
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.stdin.write(script.slice(cut));
    await isReady;
    child.stdin.end("what the build says\n");
    await once(child, "close");
    return output;
  }

  for (const shell of SHELLS)
    test(`leaves nothing of itself to the worker, in whichever pieces ${shell} reads it`, async (context) => {
      const isThere = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, shell)));
      context.skip(!isThere, `${shell} is not installed`);
      const lines = [...script.matchAll(/\n/g)].map(({ index }) => index + 1);
      const outputs = await Promise.all(lines.map((cut) => readInPieces(shell, cut)));
      expect(new Set(outputs)).toEqual(new Set([`${READY}what the build says\n`]));
    });
});
