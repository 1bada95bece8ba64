/** The GitHub action, its steps run as the runner runs them, on real builds. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { processesRunning, readLines, Rig, tool } from "../cluster/rig.js";
import { ACTION, type ActionRun, ActionRunner, readAction } from "../rig/action-runner.js";
import { temporaryDirectory } from "../rig/temporary.js";

// Each run starts four shells, four Nodes and a build, beside all else that the machine does.
vi.setConfig({ testTimeout: 60_000 });

/** A workspace with these files, and a runner in it. */
function workspaceOf(files: Readonly<Record<string, string>>): {
  readonly runner: ActionRunner;
  readonly path: string;
  readonly temporary: string;
} {
  const top = temporaryDirectory();
  const [path, temporary] = [join(top, "work", "tree"), join(top, "temp")];
  mkdirSync(temporary);
  lay(path, files);
  return { runner: new ActionRunner(path, temporary), path, temporary };
}

function lay(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

/** Unless a test looks at how mpmake is found. */
const BUILT = { mpmake: tool("mpmake") };
const run = (runner: ActionRunner, { inputs, ...more }: ActionRun = {}) =>
  runner.run({ inputs: { ...BUILT, ...inputs }, ...more });

const MAKE = tool("mpmake");

const TREE = {
  Makefile: [
    "all: evil lib app",
    "evil: ; @printf '%s\\n' '::add-mask::x' '  ::error::not ours' '##[error]not ours' '::set-output name=a::b' 'a::b'",
    "lib: ; $(MAKE) -C lib",
    "app: ; @echo linking $@",
    ".PHONY: all evil lib app",
  ].join("\n"),
  "lib/Makefile": [
    "all: x.o y.o deep",
    "x.o: ; @echo compiling $@",
    'y.o: ; @echo compiling $@; echo "src/y.c:7:2: error: 100% wrong: a, b" >&2; exit 3',
    "deep: ; $(MAKE) -C deep",
    ".PHONY: all x.o y.o deep",
  ].join("\n"),
  "lib/deep/Makefile": "all: ; @echo in the deep; echo 'deep.c:1: warning: cold'\n",
};

describe("action.yml", () => {
  const { inputs, runs } = readAction();

  test("its steps use the inputs that there are, and each of them", () => {
    const used = JSON.stringify(runs).match(/(?<=\binputs\.)[\w-]+/g) ?? [];
    expect([...new Set(used)].sort()).toEqual(Object.keys(inputs).sort());
  });

  test.each(runs.steps)("the script of '$name' is sound, and no input is a part of it", ({ run: script }) => {
    expect(script).not.toContain("${{");
    for (const shell of ["sh", "bash"])
      expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ stderr: "", status: 0 });
    for (const [, name = "?"] of script.matchAll(/\$GITHUB_ACTION_PATH\/([\w.-]+)/g))
      expect(existsSync(join(ACTION, name))).toBe(true);
  });

  test("it uses no other action", () => {
    expect(runs.steps.filter((step) => "uses" in step)).toEqual([]);
    expect(runs.using).toBe("composite");
  });
});

describe("a build that fails", () => {
  test("ends as make does, with the failure noted, shown in the open, and summed up", async () => {
    const { runner, path } = workspaceOf(TREE);
    const { statuses, log, summary, outputs } = await run(runner, { inputs: { arguments: "-k", jobs: "2" } });
    expect(statuses).toEqual({ "Find mpmake": 0, Prepare: 0, Build: 2, "Sum up": 0 });
    expect(log.commands).toEqual([
      {
        name: "error",
        properties: { file: "lib/Makefile", line: "3", title: "recipe for y.o failed" },
        data: "y.o: Error 3\ncompiling y.o\nsrc/y.c:7:2: error: 100% wrong: a, b",
      },
      {
        name: "error",
        properties: { file: "lib/src/y.c", line: "7", col: "2", title: "compiler error" },
        data: "100% wrong: a, b",
      },
      {
        name: "warning",
        properties: { file: "lib/deep/deep.c", line: "1", title: "compiler warning" },
        data: "cold",
      },
    ]);
    const inGroup = (title: string): readonly string[] =>
      log.groups.filter((group) => group.title === title).flatMap(({ lines }) => lines);
    expect([...new Set(log.groups.map(({ title }) => title))].sort()).toEqual([".", "lib", "lib/deep"]);
    expect(inGroup(".")).toEqual(
      expect.arrayContaining([
        "::add-mask::x",
        "  ::error::not ours",
        "##[error]not ours",
        "a::b",
        `${MAKE} -C lib`,
        "linking app",
      ]),
    );
    expect(inGroup("lib")).toEqual(expect.arrayContaining(["compiling x.o", `${MAKE} -C deep`]));
    expect(inGroup("lib/deep")).toEqual(["in the deep", "deep.c:1: warning: cold"]);
    const shown = log.open.indexOf("compiling y.o");
    expect(log.open.slice(shown - 1, shown + 4)).toEqual([
      `mpmake[1]: Entering directory '${path}/lib'`,
      "compiling y.o",
      "src/y.c:7:2: error: 100% wrong: a, b",
      "mpmake[1]: *** [Makefile:3: y.o] Error 3",
      `mpmake[1]: Leaving directory '${path}/lib'`,
    ]);
    expect(summary).toMatch(/\| ❌ failed \| 2 \| [\d.]+ s \| 2 \| \d+ \| 2 \|/);
    expect(summary).toContain("<code>lib&#47;y&#46;o</code> failed: exit status 3");
    expect(summary).toContain("<code>lib&#47;Makefile&#58;3</code>");
    expect(summary).toContain("```text\ncompiling y.o\nsrc/y.c:7:2: error: 100% wrong: a, b\n```");
    expect(JSON.parse(readFileSync(outputs["report"] ?? "", "utf8"))).toMatchObject({
      status: 2,
      failures: [
        { target: "lib/y.o", directory: "lib", makefile: "Makefile", line: 3, status: { kind: "exited", code: 3 } },
      ],
    });
  });

  test("with one job at a time", async () => {
    const { runner } = workspaceOf(TREE);
    const { statuses, log } = await run(runner, { inputs: { targets: "evil lib", jobs: "1" } });
    expect(statuses["Build"]).toBe(2);
    expect(log.commands.map(({ name, properties }) => [name, properties["file"], properties["line"]])).toEqual([
      ["error", "lib/Makefile", "3"],
      ["error", "lib/src/y.c", "7"],
    ]);
    expect(log.open).toEqual(expect.arrayContaining(["compiling y.o", "mpmake[1]: *** [Makefile:3: y.o] Error 3"]));
  });

  test("below makes that do not print where they work", async () => {
    const { runner } = workspaceOf({
      Makefile: "MAKEFLAGS += --no-print-directory\nall: ; @$(MAKE) -C lib\n",
      "lib/Makefile": "all: ; @$(MAKE) -C deep\n",
      "lib/deep/Makefile": "\nx.o: ; @echo broken; exit 4\n",
    });
    const { log, outputs } = await run(runner, { inputs: { jobs: "2" } });
    expect(log.commands).toEqual([
      {
        name: "error",
        properties: { file: "lib/deep/Makefile", line: "2", title: "recipe for x.o failed" },
        data: "x.o: Error 4\nbroken",
      },
    ]);
    expect(JSON.parse(readFileSync(outputs["report"] ?? "", "utf8"))).toMatchObject({
      failures: [{ target: "lib/deep/x.o", output: ["broken"] }],
    });
  });

  test("because of its makefile", async () => {
    const { runner } = workspaceOf({ "sub/Makefile": "all: nothing\n\n  stray words\n" });
    const { statuses, log } = await run(runner, { inputs: { "working-directory": "sub" } });
    expect(statuses["Build"]).toBe(2);
    expect(log.commands).toEqual([
      {
        name: "error",
        properties: { file: "sub/Makefile", line: "3", title: "make stopped" },
        data: "missing separator",
      },
    ]);
  });

  test("more often than a log shows: what is beyond that stands behind what compilers say", async () => {
    const targets = Array.from({ length: 12 }, (_, i) => `t${String(i)}`);
    const makefile = `all: ${targets.join(" ")}\n${targets.join(" ")}: ; @echo "$@.c:1:1: error: bad"; exit 1\n`;
    const { runner } = workspaceOf({ Makefile: makefile });
    const { log } = await run(runner, { inputs: { arguments: "-k", jobs: "1" } });
    expect(log.commands.map(({ properties }) => properties["title"]?.replace(/t\d+/, "t"))).toEqual([
      ...Array.from({ length: 5 }, () => "recipe for t failed"),
      ...Array.from({ length: 5 }, () => "compiler error"),
      ...Array.from({ length: 7 }, () => "recipe for t failed"),
    ]);
  });

  test("with names and output that look like commands and markup", async () => {
    const makefile = "a|`b`<i>: ; @printf '%s\\n' '```' '<script>' '::error::x'; exit 1\n";
    const { runner } = workspaceOf({ Makefile: makefile });
    const { log, summary } = await run(runner, { inputs: { targets: "'a|`b`<i>'" } });
    expect(log.commands).toMatchObject([
      { properties: { title: "recipe for a|`b`<i> failed" }, data: "a|`b`<i>: Error 1\n```\n<script>\n::error::x" },
    ]);
    expect(summary).toContain("<code>a&#124;&#96;b&#96;&#60;i&#62;</code> failed");
    expect(summary).toContain("````text\n```\n<script>\n::error::x\n````");
  });
});

describe("a build that goes well", () => {
  test("is folded and summed up, with the recipes of sub-makes", async () => {
    const { runner } = workspaceOf({
      Makefile: "all: ; @$(MAKE) -C lib\n",
      "lib/Makefile": "all: slow quick\nslow: ; @sleep 0.3\nquick: ; @echo $@\n",
    });
    const { statuses, log, summary } = await run(runner);
    expect(statuses).toEqual({ "Find mpmake": 0, Prepare: 0, Build: 0, "Sum up": 0 });
    expect(log.commands).toEqual([]);
    expect(log.groups).toEqual([{ title: "lib", lines: ["quick"] }]);
    expect(summary).toContain("✅ succeeded | 0 |");
    expect(summary).toMatch(/\| <code>lib&#47;slow<\/code> \| <code>local<\/code> \| 0\.[3-9] s \|/);
    expect(summary).toMatch(/\| <code>local<\/code> \| 3 \| [\d.]+ s \| 100 % \|/);
  });

  test("arguments are parted and unquoted as by a shell, and nothing in them is run", async () => {
    const { runner, path } = workspaceOf({ Makefile: "print: ; @printf '<%s>\\n' '$(A)' '$(B)' '$(C)'\n" });
    const words = `A='two  words' B="a \\"b\\" \`touch pwned\`" -s\nC='$(touch pwned)'`;
    const { log } = await run(runner, { inputs: { arguments: words, targets: "print" } });
    expect(log.groups).toEqual([{ title: ".", lines: ["<two  words>", '<a "b" `touch pwned`>', "<>"] }]);
    expect(existsSync(join(path, "pwned"))).toBe(false);
  });
});

describe("inputs that cannot be", () => {
  test.each([
    [{ arguments: "A='b" }, "the input arguments: a quote, or what follows a backslash, is missing"],
    [{ jobs: "many" }, "the input jobs: many is no number of jobs"],
    [{ mpmake: "no/such" }, "the input mpmake: WORKSPACE/no/such is no program"],
    [{ package: "1.0.0" }, "the inputs mpmake and package: only one of them can say which mpmake it is"],
  ])("%o", async (inputs, message) => {
    const { runner, path } = workspaceOf({ Makefile: "all:\n" });
    const { statuses, log } = await run(runner, { inputs });
    expect(Object.values(statuses).at(-1)).toBe(2);
    expect(statuses).not.toHaveProperty("Build");
    expect(log.commands).toEqual([
      { name: "error", properties: { title: "mpmake" }, data: message.replace("WORKSPACE", path) },
    ]);
  });
});

describe("mpmake is", () => {
  const prints = { Makefile: "all: ; @echo made by $(MAKE)\n" };

  test("the one in PATH", async () => {
    const { runner, temporary } = workspaceOf(prints);
    const bin = join(temporary, "bin");
    mkdirSync(bin);
    symlinkSync(MAKE, join(bin, "mpmake"));
    const { outputs, statuses } = await runner.run({ environment: { PATH: `${bin}:${process.env["PATH"] ?? ""}` } });
    expect([outputs["mpmake"], statuses["Build"]]).toEqual([join(bin, "mpmake"), 0]);
  });

  test("otherwise the one of the action's own checkout", async () => {
    const { runner } = workspaceOf(prints);
    const { outputs, statuses } = await runner.run();
    expect([outputs["mpmake"], statuses["Build"]]).toEqual([MAKE, 0]);
  });
});

test("the key is a file of the user's alone while it is used, is never printed, and no recipe has it", async () => {
  await using rig = new Rig();
  const workers = await rig.startWorkers({ count: 1, slots: 2 });
  const key = readFileSync(`${rig.key}.pub`, "utf8");
  const temporary = join(rig.directory, "temp");
  mkdirSync(temporary);
  lay(rig.tree, {
    Makefile: 'all: a b\na b: ; @env >$@.env; ls -l "$$RUNNER_TEMP"/mpmake-*/key >$@.key; echo made $@\n',
  });
  const { statuses, log, raw, summary, outputs } = await run(new ActionRunner(rig.tree, temporary), {
    // As a secret that was pasted: without its last newline.
    inputs: { key: key.trimEnd(), nodes: workers.nodes, arguments: "--strict", jobs: "2" },
    environment: { SHOWN: "1" },
  });
  expect(statuses).toEqual({ "Find mpmake": 0, Prepare: 0, Build: 0, "Sum up": 0 });
  expect(log.groups).toMatchObject([{ title: "." }]);
  const node = `127.0.0.1:${String(workers.workers[0]?.port ?? 0)}`;
  expect(JSON.parse(readFileSync(outputs["report"] ?? "", "utf8"))).toMatchObject({ recipes: { [node]: 2 }, jobs: 2 });
  expect(summary).toMatch(/\| <code>127&#46;0&#46;0&#46;1&#58;\d+<\/code> \| 2 \| [\d.]+ s \| 100 % \|/);
  const secret = key.split("\n")[1] ?? "";
  expect(secret).toMatch(/^private-key [0-9a-f]{40}/);
  for (const text of [raw, summary, readFileSync(join(rig.tree, "a.env"), "latin1")])
    expect(text).not.toContain(secret.slice("private-key ".length));
  expect(readFileSync(join(rig.tree, "a.key"), "utf8")).toMatch(/^-rw------- /);
  const state = dirname(outputs["report"] ?? "");
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(existsSync(join(state, "key"))).toBe(false);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "a run that is cancelled by %s ends with all that it started",
  async (signal) => {
    await using rig = new Rig();
    const started = rig.makeFifo("started");
    const length = signal === "SIGINT" ? "31415" : "27182";
    lay(rig.tree, {
      Makefile: `all: here lib\nhere: ; @echo began; echo >started; sleep ${length}; :\nlib: ; @$(MAKE) -C lib\n.PHONY: lib\n`,
      "lib/Makefile": `all: ; @echo >../started; sleep ${length}; :\n`,
    });
    const temporary = join(rig.directory, "temp");
    mkdirSync(temporary);
    const key = readFileSync(`${rig.key}.pub`, "utf8");
    const { statuses, log, summary, outputs } = await run(new ActionRunner(rig.tree, temporary), {
      inputs: { jobs: "2", key, backend: "none" },
      // As the runner does it: the process that it has started is told, and no other.
      started: (step, pid) => {
        if (step === "Build") void readLines(started, 2).then(() => process.kill(pid, signal));
      },
    });
    expect(processesRunning(`sleep ${length}`)).toEqual([]);
    expect(statuses).toEqual({ "Find mpmake": 0, Prepare: 0, Build: signal === "SIGINT" ? 130 : 143, "Sum up": 0 });
    expect([...log.open, ...log.groups.flatMap(({ lines }) => lines)]).toContain("began");
    expect(summary).toContain("❌ failed");
    expect(existsSync(join(dirname(outputs["report"] ?? ""), "key"))).toBe(false);
  },
);
