/** A reader of mpmake's output who takes his time: what runs on nodes goes on meanwhile. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, createReadStream, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { LocalWorker } from "../../src/launch/local.js";
import { TcpRelay } from "../rig/tcp-relay.js";
import { Rig, tool } from "./rig.js";

/** `MPMAKE_TEST_FULL=1`: longer than a worker waits for a word of its client. */
const PAUSE_MS = process.env["MPMAKE_TEST_FULL"] === "1" ? 20_000 : 4000;

interface Reading {
  readonly make: ChildProcess;
  readonly output: Readable;
}

/** Starts mpmake with both outputs in a pipe. */
function throughPipe(rig: Rig, words: readonly string[]): Reading {
  const fifo = rig.makeFifo("output");
  const both = openSync(fifo, "r+"); // until the other two are open
  const [read, write] = [openSync(fifo, "r"), openSync(fifo, "w")];
  closeSync(both);
  const make = spawn(tool("mpmake"), words, { ...optionsOf(rig), stdio: ["ignore", write, write] });
  closeSync(write);
  return { make, output: createReadStream("", { fd: read }) };
}

/** Starts it with both in a socket, as Node does by itself. */
function throughSocket(rig: Rig, words: readonly string[]): Reading {
  const make = spawn("sh", ["-c", 'exec "$0" "$@" 2>&1', tool("mpmake"), ...words], {
    ...optionsOf(rig),
    stdio: ["ignore", "pipe", "ignore"],
  });
  return { make, output: make.stdout };
}

function optionsOf(rig: Rig) {
  const env = { PATH: rig.path, HOME: rig.directory, TMPDIR: rig.directory, MPMAKE_KEY: `${rig.key}.pub` };
  return { cwd: rig.tree, env };
}

const MAKEFILE = `all: a b c d
a b:
	@seq -f '$@ %.0f' 1 100000
c:
	+@echo '<here>'; echo >> started; echo '<there>'
	echo '<last>'
	+@echo '<of c>'
d:
	@sleep ${String(PAUSE_MS / 1000 + 1)}; echo d
`;

describe.each([
  { name: "pipe", start: throughPipe },
  { name: "socket", start: throughSocket },
])("the reader of a $name does not read", ({ start }) => {
  test.for([["-Onone"], ["-Otarget"]])(
    "%s: jobs run on, none is lost, and what is written keeps its order",
    { timeout: 120_000 },
    async (words) => {
      await using rig = new Rig();
      const { workers } = await rig.startWorkers({ count: 1, slots: 4 });
      const [{ port }] = workers as readonly [LocalWorker];
      await using relay = await TcpRelay.to(port);
      writeFileSync(join(rig.tree, "Makefile"), MAKEFILE);
      const nodes = `127.0.0.1:${String(relay.port)}*4`;
      const { make, output } = start(rig, ["-j4", ...words, "--nodes", nodes]);
      const ended = once(make, "exit");
      await wait(PAUSE_MS - 2000);
      const before = relay.bytesFromClients;
      await wait(2000);
      expect(relay.bytesFromClients, "it says that it lives").toBeGreaterThan(before);
      let text = "";
      for await (const bytes of output as AsyncIterable<Buffer>) text += bytes.toString("latin1");
      expect(await ended).toEqual([0, null]);
      // What c writes for itself may come between two writes of ours, wherever a full pipe has cut a line.
      const ofC: string[] = [];
      const ofOthers = text.replace(/(?:echo ')?<[a-z ]+>'?\n/g, (line) => (ofC.push(line.trimEnd()), ""));
      const lines = ofOthers.trimEnd().split("\n");
      const of = (target: string): readonly string[] => lines.filter((line) => line.startsWith(`${target} `));
      for (const target of ["a", "b"])
        expect(of(target)).toEqual(Array.from({ length: 100_000 }, (_, i) => `${target} ${String(i + 1)}`));
      expect(ofC).toEqual(["<here>", "<there>", "echo '<last>'", "<last>", "<of c>"]);
      expect(lines.filter((line) => !/^[ab] /.test(line))).toEqual(["d"]);
      if (words.includes("-Otarget")) {
        // A line that may run a make writes for itself, c's.
        const owners = lines.flatMap((line) => /^[abd]\b/.exec(line) ?? []);
        const pieces = owners.filter((owner, i) => owner !== owners[i - 1]);
        expect([...pieces].sort()).toEqual(["a", "b", "d"]);
      }
    },
  );
});
