/** Descriptors above 2 of programs on nodes, where it takes more than a shell to try them; see also indistinguishable.txt. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mexecve } from "../../src/index.js";
import type { LocalWorkers } from "../../src/launch/local.js";
import { Rig, tool } from "./rig.js";

const MEGABYTE = 1 << 20;
const MANY_BYTES = 100_000_000;
/** What a process of ours holds when it has nothing to hold, with room for what its collector leaves. */
const MODEST_BYTES = 200 * MEGABYTE;

describe("descriptors above 2", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    workers = await rig.startWorkers({ count: 1, slots: 8 });
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  /** Starts a program by `mexecvp` whose descriptor 5 is a socket to us. */
  function socketed(script: string): {
    readonly child: ChildProcess;
    readonly socket: Socket;
    readonly output: Promise<string>;
  } {
    const child = spawn(tool("mexecvp"), ["sh", "-c", script], {
      cwd: rig.directory,
      env: { PATH: rig.path, NODES: workers.nodes, MPMAKE_KEY: `${rig.key}.pub`, MEXEC_MAXFD: "5" },
      stdio: ["ignore", "pipe", "inherit", "ignore", "ignore", "pipe"],
    });
    return {
      child,
      socket: (child.stdio as unknown as readonly unknown[])[5] as Socket,
      output: text(child.stdio[1] as Readable),
    };
  }

  test("a socket ends each way for itself", async () => {
    const script = `exec "$0" -e 'const s = new (require("net").Socket)({ fd: 5, allowHalfOpen: true });
      let heard = "";
      s.on("data", (bytes) => (heard += bytes));
      s.on("end", () => s.end("heard " + heard, () => setTimeout(() => console.log("still here"), 300)));'`;
    const { socket, output } = socketed(script.replace("$0", process.execPath));
    const answer = text(socket);
    socket.end("a question");
    expect([await answer, await output]).toEqual(["heard a question", "still here\n"]);
  });

  test(
    "100 MB to a program that reads late, and back to a reader that does, take little memory",
    { timeout: 120_000 },
    async () => {
      const script = `sleep 1; head -c ${String(MANY_BYTES)} <&5 | wc -c; head -c ${String(MANY_BYTES)} /dev/zero >&5`;
      const { child, socket, output } = socketed(script);
      socket.write(Buffer.alloc(MANY_BYTES));
      let count = 0;
      await new Promise<void>((resolve) => {
        socket.once("data", (first: Buffer) => {
          count += first.length;
          socket.pause();
          // A reader that takes his time: what he does not take may not gather anywhere.
          void pause(1000).then(() => {
            expect(peakOf(child.pid!)).toBeLessThan(MODEST_BYTES);
            expect(peakOf(workers.workers[0]!.pid)).toBeLessThan(MODEST_BYTES);
            socket
              .on("data", (bytes: Buffer) => (count += bytes.length))
              .on("end", resolve)
              .resume();
          });
        });
      });
      expect([(await output).trim(), count]).toEqual([String(MANY_BYTES), MANY_BYTES]);
    },
  );

  test("one that nobody reads holds up nobody else", async () => {
    const { child, socket } = socketed("head -c 1000000 /dev/zero >&5 & seq 100000 | tail -n 1; wait");
    socket.pause();
    const [said] = (await once(child.stdio[1] as Readable, "data")) as [Buffer];
    expect(said.toString()).toBe("100000\n");
    socket.resume();
    expect(await once(child, "close")).toEqual([0, null]);
  });

  test("more than can be had are refused in words", async () => {
    const none = openSync("/dev/null", "r+");
    const child = spawn(tool("mexecvp"), ["true"], {
      env: { PATH: rig.path, NODES: workers.nodes, MPMAKE_KEY: `${rig.key}.pub`, MEXEC_MAXFD: "255" },
      stdio: ["ignore", "inherit", "pipe", ...Array.from({ length: 33 }, () => none)],
    });
    closeSync(none);
    const said = await text(child.stdio[2] as Readable);
    expect(said).toMatch(
      /^mexecvp: too many descriptors: a program elsewhere can have 32 above 2, up to 255, not 3\d up to/,
    );
  });

  test("recipes have what their make was started with", async () => {
    const script = `printf 'echo from a script >&3\n' >script; chmod +x script; seq 1 3 >in; seq 1 3 >rw; echo old >log
      trap '' XFSZ; ulimit -Sf 1; head -c 1024 /dev/zero >full
      $MPMAKE -f $MAKEFILE 3>out 4>>log 5<in 6</dev/null 7>&1 8<. 9<>rw 10< <(seq 1 9) 11>>full 2>&1 | grep -v 'write error'
      cat out log rw; stat -c %s full`;
    const [here, there] = await Promise.all(["", workers.nodes].map((NODES) => inherited(script, NODES)));
    expect(there?.said).toEqual(here?.said);
    expect(here?.said).toContain("1\n2\nplain\ncopied\nplain\nnothing\n0\n1\n1\n");
    const places = ["write there", "by-script there", "file there", "file-again there", "copy there", "null there"];
    expect(there?.where).toEqual([...places, "folder ", "both ", "pipe "]);
  });

  /** Runs a script that builds. @returns what it said, and where each recipe ran */
  async function inherited(script: string, NODES: string) {
    const directory = mkdtempSync(join(rig.directory, "inherited-"));
    const { stdout } = await execa("bash", ["-c", script], {
      cwd: directory,
      env: {
        ...{ PATH: rig.path, NODES, MPMAKE_KEY: `${rig.key}.pub`, MPMAKE: tool("mpmake") },
        MAKEFILE: join(import.meta.dirname, "inherited.mk"),
      },
      extendEnv: false,
      stdin: "ignore",
    });
    return { said: stdout, where: readFileSync(join(directory, "where"), "latin1").split("\n").slice(0, -1) };
  }

  test("the library's caller names them, and keeps them", async () => {
    const [input, output] = [join(rig.tree, "library-in"), join(rig.tree, "library-out")];
    writeFileSync(input, "one\ntwo\n");
    const [read, write] = [openSync(input, "r"), openSync(output, "w")];
    try {
      const script = `read -r line <&${String(read)}; echo "$line" >&${String(write)}`;
      const options = { keyFile: `${rig.key}.pub`, directory: rig.tree, descriptors: [read, write] };
      const run = (nodes: string) => mexecve("/bin/bash", ["bash", "-c", script], {}, { ...options, nodes });
      expect(await run(workers.nodes)).toEqual({ kind: "exited", code: 0 });
      expect(await run("")).toEqual({ kind: "exited", code: 0 });
      expect(readFileSync(output, "utf8")).toBe("one\ntwo\n");
      const folder = openSync(rig.tree, "r");
      const named = async (descriptors: readonly number[], nodes: string) => {
        const failed = mexecve("/bin/true", ["true"], {}, { ...options, nodes, descriptors });
        return failed.then(
          ({ kind }) => kind,
          (error: unknown) => String(error),
        );
      };
      expect(await named([read, folder], workers.nodes)).toBe(
        `UserError: descriptor ${String(folder)} cannot go along: it is a directory`,
      );
      expect(await named([folder], "")).toBe("exited");
      closeSync(folder);
      for (const nodes of [workers.nodes, ""]) {
        expect(await named([254], nodes)).toBe("UserError: descriptor 254 cannot go along: it is not open");
        expect(await named([1], nodes)).toMatch(/^UserError: descriptor 1 cannot go along: its number is none/);
      }
      const tooMany = Array.from({ length: 33 }, () => openSync("/dev/null", "r"));
      expect(await named(tooMany, workers.nodes)).toMatch(/^UserError: too many descriptors/);
      for (const fd of tooMany) closeSync(fd);
    } finally {
      closeSync(read);
      closeSync(write);
    }
  });
});

/** The most memory that a process has held, in bytes. */
function peakOf(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "latin1")) ?? [];
  return Number(kilobytes) * 1024;
}
