import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, mexecv, mexecve, mexecvp, UserError } from "../../src/index.js";
import type { LocalWorkers } from "../../src/launch/local.js";
import { processesWith, Rig } from "./rig.js";

describe("the library", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    workers = await rig.startWorkers({ count: 2 });
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  function options() {
    return { nodes: workers.nodes, keyFile: `${rig.key}.pub`, directory: rig.tree };
  }

  test("mexecve runs a program on a node, with the environment that it is given and no other", async () => {
    let output = "";
    const status = await mexecve(
      "/bin/sh",
      ["-c", 'echo "$PPID $GREETING ${HOME-none}"; pwd; exit 4'],
      { GREETING: "h\u00e9llo" },
      {
        ...options(),
        onOutput: (stream, bytes) => (output += `${stream} ${Buffer.from(bytes).toString()}`),
      },
    );
    expect(status).toEqual({ kind: "exited", code: 4 });
    const [, parent, rest] = /^stdout (\d+) (.*)$/s.exec(output) ?? [];
    expect(workers.workers.map(({ pid }) => String(pid))).toContain(parent);
    expect(rest).toBe(`h\u00e9llo none\n${rig.tree}\n`);
  });

  test("mexecvp searches PATH and mexecv does not", async () => {
    const silent = { ...options(), onOutput: () => undefined };
    expect(await mexecvp("true", [], silent)).toEqual({ kind: "exited", code: 0 });
    expect(await mexecv("true", [], silent)).toEqual({
      kind: "unstarted",
      errno: "ENOENT",
      program: "./true",
      code: 127,
    });
  });

  test("a signal from the caller ends the program and what it started", async () => {
    const controller = new AbortController();
    const running = mexecve(
      "/bin/sh",
      ["-c", "sleep 1000 & echo up; wait"],
      { PATH: "/usr/bin:/bin", MARK: "library-abort" },
      {
        ...options(),
        onOutput: () => controller.abort(),
        signal: controller.signal,
      },
    );
    expect(await running).toEqual({ kind: "signalled", signal: 15, core: false });
    expect(processesWith("MARK=library-abort")).toEqual([]);
  });

  test("a mistake is a UserError", async () => {
    await expect(mexecvp("true", [], { ...options(), nodes: "5-2" })).rejects.toThrow(UserError);
    await expect(mexecvp("true", [], { ...options(), keyFile: "gone" })).rejects.toThrow(/^there is no key file /);
  });

  test("build is a make as a call, here and over nodes", async () => {
    const directory = join(rig.tree, "build");
    mkdirSync(directory);
    writeFileSync(join(directory, "Makefile"), "all: a b\n\t@cat a b\na b:\n\t@echo $@ $(X) > $@\nbad:\n\t@exit 3\n");
    const said = openSync(join(directory, "said"), "w");
    const make = (words: readonly string[]) =>
      build({
        arguments: words,
        directory,
        environment: { PATH: "/usr/bin:/bin" },
        stdio: [openSync("/dev/null", "r"), said, said],
      });
    const nodes = ["--nodes", workers.nodes, "--key", `${rig.key}.pub`];
    expect(await make(["X=1"])).toEqual({ kind: "exited", code: 0 });
    expect(await make(["-B", "-j2", "X=2", ...nodes])).toEqual({ kind: "exited", code: 0 });
    expect(await make(["bad", ...nodes])).toEqual({ kind: "exited", code: 2 });
    closeSync(said);
    expect(readFileSync(join(directory, "said"), "utf8")).toBe(
      "a 1\nb 1\na 2\nb 2\nmpmake: *** [Makefile:6: bad] Error 3\n",
    );
  });
});
