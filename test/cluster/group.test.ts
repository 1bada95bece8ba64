/** Workers that nobody has listed: they are found by announcement, on this machine, by multicast that never leaves it. */

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LocalWorker } from "../../src/launch/local.js";
import { anyGroup, readLines, Rig, type RunOptions, tool, writeLine } from "./rig.js";
import { needsRoot, RootRig } from "./root-rig.js";

/** What this machine takes while nobody has listed any nodes. */
const HERE = availableParallelism();

class GroupRig extends Rig {
  readonly group = anyGroup();
  readonly started = this.makeFifo("started");

  async worker(name: string, words: readonly string[] = []): Promise<LocalWorker> {
    const found = ["--name", name, "--group", this.group, ...words];
    const { workers } = await this.startWorkers({ count: 1, slots: 1, words: found });
    return workers[0]!;
  }

  /** Targets that tell who runs them, and wait until they are let on. */
  writeMakefile(text: string): void {
    const targets = [...new Set(text.split(/[:\s]+/).filter((name) => /^\w+$/.test(name) && name !== "all"))];
    for (const target of targets) this.makeFifo(`go-${target}`);
    const recipe = "\t@echo $@ $$PPID > started; read word < go-$@; echo made $@\n";
    writeFileSync(join(this.tree, "Makefile"), `${text}\n${targets.join(" ")}:\n${recipe}`);
  }

  build(words: readonly string[], options: RunOptions = {}) {
    const environment = { GROUP: this.group, MPMAKE_KEY: `${this.key}.pub`, ...options.environment };
    return this.start("mpmake", words, { ...options, environment });
  }

  /** The next targets that start, and the processes that run them. */
  async starts(count: number): Promise<ReadonlyMap<string, number>> {
    const lines = await readLines(this.started, count);
    return new Map(lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]));
  }

  /** Lets targets on. */
  async letOn(targets: Iterable<string>): Promise<void> {
    await Promise.all([...targets].map((target) => writeLine(join(this.tree, `go-${target}`), "on")));
  }
}

/** Resolves when a build has said something. */
function said(make: ReturnType<GroupRig["build"]>, what: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    make.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      if (what.test(text)) resolve();
    });
    void make.then(({ stderr }) => reject(new Error(`it ended without a word of ${String(what)}: ${stderr}`)));
  });
}

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `t${String(i)}`);

test("workers that answer take jobs beside this machine, by the names they give themselves", async () => {
  await using rig = new GroupRig();
  const [a, b] = [await rig.worker("a"), await rig.worker("b")];
  const targets = names(HERE + 2);
  rig.writeMakefile(`all: ${targets.join(" ")}`);
  const report = join(rig.directory, "report.json");
  const make = rig.build(["-j", "--debug=j", "--report", report]);
  await said(
    make,
    /^a \(127\.0\.0\.1\) is found, with 1 slots$[^]*^b |^b \(127\.0\.0\.1\) is found, with 1 slots$[^]*^a /m,
  );
  const starts = await rig.starts(targets.length);
  const count = (pid: number): number => [...starts.values()].filter((one) => one === pid).length;
  expect([count(a.pid), count(b.pid), count(make.pid ?? 0)]).toEqual([1, 1, HERE]);
  await rig.letOn(targets);
  const { exitCode, stderr } = await make;
  expect([exitCode, stderr]).toEqual([0, ""]);
});

test("the build starts here at once; a worker that is started later joins it", async () => {
  await using rig = new GroupRig();
  const targets = names(HERE + 1);
  rig.writeMakefile(`all: ${targets.join(" ")}\n${targets.join(" ")}: first`);
  const make = rig.build(["-j", "--debug=j"]);
  expect(await rig.starts(1)).toEqual(new Map([["first", make.pid]]));
  const late = await rig.worker("late");
  await said(make, /^late \(127\.0\.0\.1\) is found/m);
  await rig.letOn(["first"]);
  const starts = await rig.starts(targets.length);
  expect([...starts.values()]).toContain(late.pid);
  await rig.letOn(targets);
  expect((await make).exitCode).toBe(0);
});

test.concurrent(
  "a worker that is killed leaves, and its job is made again; one that answers in its place is taken",
  async () => {
    await using rig = new GroupRig();
    const one = await rig.worker("one");
    rig.writeMakefile("all: x");
    const make = rig.build(["--strict", "--debug=j"]);
    expect(await rig.starts(1)).toEqual(new Map([["x", one.pid]]));
    const isFound = said(make, /^two \(127\.0\.0\.1\) is found/m);
    const two = await rig.worker("two");
    await isFound;
    one.kill("SIGKILL");
    expect(await rig.starts(1)).toEqual(new Map([["x", two.pid]]));
    await rig.letOn(["x"]);
    const { exitCode, stdout, stderr } = await make;
    expect([exitCode, stdout.match(/^made .*$/gm)]).toEqual([0, ["made x"]]);
    expect(stderr.split("\n").map((line) => line.replace(/(out:|one \().*/, "$1"))).toEqual([
      "mpmake: node one is left out:",
      "mpmake: x: lost with node one (",
      "",
    ]);
  },
);

test.concurrent("nobody answers: that is said under --debug=v, once, and all is built here", async () => {
  await using rig = new GroupRig();
  const targets = names(HERE + 1);
  rig.writeMakefile(`all: ${targets.join(" ")}`);
  const make = rig.build(["-j", "--debug=v"]);
  expect((await rig.starts(targets.length)).get("t0")).toBe(make.pid);
  await rig.letOn(targets);
  const { exitCode, stdout, stderr } = await make;
  expect([exitCode, stdout.match(/no worker answers our announcement/g)?.length, stderr]).toEqual([0, 1, ""]);
});

test.concurrent(
  "what keeps workers from being found is said: no key, nobody there for --strict, no address",
  async () => {
    await using rig = new GroupRig();
    writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@echo made\n");
    const withoutKey = await rig.run("mpmake", [], { environment: { GROUP: rig.group } });
    expect(withoutKey).toMatchObject({ status: 2, stdout: "" });
    expect(withoutKey.stderr).toMatch(
      /^mpmake: GROUP says where nodes are to be found but there is no key.*\n.*ckeygen NAME NAME\.pub/,
    );
    expect(await rig.make(["--strict", "--group", rig.group])).toMatchObject({
      status: 2,
      stderr: "mpmake: no node can be reached (--strict): no worker answers our announcement\n",
    });
    expect(await rig.make(["--group", "somewhere"])).toMatchObject({
      status: 2,
      stderr: "mpmake: --group: 'somewhere' is not [DEVICE:]ADDRESS[:PORT]\n",
    });
    expect(await rig.make(["--strict"], { environment: { GROUP: "staff" } })).toMatchObject({
      status: 2,
      stderr:
        "mpmake: no nodes are named (--strict)\n" +
        "mpmake: hint: GROUP is no place where nodes are looked for: 'staff' is not [DEVICE:]ADDRESS[:PORT]\n",
    });
    expect(await rig.make([], { environment: { GROUP: "staff" } })).toEqual({
      status: 0,
      stdout: "made\n",
      stderr: "",
    });
  },
);

test("nodes that are listed and nodes that are found are used together", async () => {
  await using rig = new GroupRig();
  const { workers, nodes } = await rig.startWorkers({ count: 1, slots: 1 });
  const found = await rig.worker("found");
  rig.writeMakefile("all: x y");
  const make = rig.build(["-j3", "--nodes", nodes]);
  const starts = await rig.starts(2);
  expect([...starts.values()].sort()).toEqual([workers[0]!.pid, found.pid].sort());
  await rig.letOn(["x", "y"]);
  expect((await make).exitCode).toBe(0);
});

test("a worker with another key never joins", async () => {
  await using rig = new GroupRig();
  const other = join(rig.directory, "other");
  rig.makeKey(other);
  const stranger = await rig.worker("stranger", ["--key", other]);
  const ours = await rig.worker("ours");
  rig.writeMakefile("all: x y");
  const make = rig.build(["-j2", "--strict", "--debug=j"]);
  expect(await rig.starts(1)).toEqual(new Map([["x", ours.pid]]));
  await rig.letOn(["x"]);
  expect(await rig.starts(1)).toEqual(new Map([["y", ours.pid]]));
  await rig.letOn(["y"]);
  const { exitCode, stdout } = await make;
  expect([exitCode, /stranger/.test(stdout)]).toEqual([0, false]);
  stranger.kill("SIGTERM");
  await stranger.ended;
});

test("mexecd says what is wrong with its group", async () => {
  await using rig = new GroupRig();
  expect(await rig.run("mexecd", ["--key", rig.key, "--group", "somewhere"])).toMatchObject({
    status: 2,
    stderr: "mexecd: --group: 'somewhere' is not [DEVICE:]ADDRESS[:PORT]\nTry 'mexecd --help'.\n",
  });
});

test("a worker that root has started is found by its users, each of whom has his own account there", async (context) => {
  needsRoot(context);
  await using rig = new RootRig();
  rig.writeAuthorized(rig.credential("alice"), rig.credential("bob"));
  const group = anyGroup();
  await rig.start(["--name", "shared", "--group", group]);
  for (const user of ["alice", "bob"] as const) {
    writeFileSync(join(rig.directory, user, "Makefile"), "all:\n\t@id -u\n");
    const environment = { GROUP: group, MPMAKE_KEY: `${rig.key}.${user}` };
    const ran = await rig.as(user, [tool("mpmake"), "--strict", "--debug=j"], environment);
    expect(ran.stdout).toMatch(/^Putting child 0x1 \(all\) on node shared\.$/m);
    expect([ran.status, ran.stderr, /^\d+$/m.exec(ran.stdout)?.[0]]).toEqual([
      0,
      "",
      user === "alice" ? "20001" : "20002",
    ]);
  }
});
