/** Tools whose terminal goes away while they run. */

import { spawn } from "node:child_process";
import { closeSync, constants, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nativeLibrary } from "../../src/os/native.js";
import { openPseudoTerminal } from "../../src/os/pseudo-terminal.js";
import { GroupRig } from "../cluster/group-rig.js";
import { temporaryDirectory } from "../rig/temporary.js";

const dist = join(import.meta.dirname, "../../dist");
const library = nativeLibrary();
/** ICRNL, OPOST and ONLCR, 38400 baud and 8 bits, ISIG, ICANON and ECHO; ^D ends. */
const LIKE = { flags: [0o400, 0o5, 0o277, 0o13], characters: "\x03\x1c\x7f\x15\x04", rows: 24, columns: 80 } as const;

if (library === undefined) console.warn("skipped: terminals are made by way of koffi, which is not here");

/** Runs a tool at a terminal that goes away when it has written something. */
async function untilGone(tool: string, words: readonly string[], options: { cwd: string; env?: object }) {
  const terminal = openPseudoTerminal(library!, LIKE);
  const slave = openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn(join(dist, tool), words, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [slave, "pipe", "pipe"],
  });
  closeSync(slave);
  terminal.release();
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("internal error: it has no pipes");
  let said = "";
  for (const stream of [stdout, stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  await new Promise((resolve) => stdout.once("data", resolve));
  closeSync(terminal.master);
  return { status: await ended, said };
}

describe.skipIf(library === undefined)("whose terminal goes away", () => {
  test("mpmake ends as it would otherwise", async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, "Makefile"), "all:\n\t@echo on; sleep 0.5; echo done; exit 3\n");
    expect(await untilGone("mpmake", [], { cwd })).toEqual({
      status: 2,
      said: "on\ndone\nmpmake: *** [Makefile:2: all] Error 3\n",
    });
  });

  test("a program of cexec's sees its own go, too, as it would here", async () => {
    await using rig = new GroupRig();
    await rig.keys();
    await rig.service(["sh", "-c", 'trap "" HUP; echo on; cat; exit 4']);
    const env = { GROUP: rig.group, CEXEC_TIMEOUT_ACCEPT: "20" };
    const { status, said } = await untilGone("cexec", ["app.pub"], { cwd: rig.directory, env });
    expect(status).toBe(4);
    expect(said).toMatch(/^on\n(cat: .*Input\/output error\n)?$/);
  });
});
