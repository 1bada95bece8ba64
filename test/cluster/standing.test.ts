/** A standing cluster: `mpmake up`, `join`, `drain` and `status`, and builds whose nodes come and go. */

import {
  existsSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { isRoot, tool } from "./rig.js";
import { StandingMachines } from "./standing-machines.js";
import { isAlive, kill, StandingRig } from "./standing-rig.js";

const LONG_MS = 120_000;
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("up makes the folder, starts this machine's worker, and prints the line for the others; twice it says so", async () => {
  await using rig = new StandingRig();
  const first = await rig.mpmake(["up", "--slots", "3", "--address", "127.0.0.1"]);
  const line = `${tool("mpmake")} join ${rig.folder}\n`;
  const own = hostname();
  expect(first).toEqual({
    status: 0,
    stdout: line,
    stderr: `mpmake: a cluster stands now in ${rig.folder}\nmpmake: ${own} has joined: 3 slots\nmpmake: on each of its machines, say\n`,
  });
  const inside = ["", "key", "key.pub", ".gitignore", "nodes", `nodes/${own}`, "log", `log/${own}`];
  expect(inside.map((name) => mode(join(rig.folder, name)))).toEqual([
    "700",
    "600",
    "600",
    "600",
    "700",
    "600",
    "700",
    "600",
  ]);
  const key = readFileSync(join(rig.folder, "key"));
  const inPath = { PATH: `${join(tool("mpmake"), "..")}:${rig.path}` };
  const again = await rig.mpmake(["up"], { environment: inPath });
  const { port, pid } = rig.record(own);
  expect(again).toEqual({
    status: 0,
    stdout: `mpmake join ${rig.folder}\n`,
    stderr:
      `mpmake: a cluster stands already in ${rig.folder}\n` +
      `mpmake: ${own} has joined already: 3 slots, at 127.0.0.1, port ${String(port)}\nmpmake: on each of its machines, say\n`,
  });
  expect([readFileSync(join(rig.folder, "key")).equals(key), rig.record(own).pid]).toEqual([true, pid]);
});

test("the line says what a shell has to read; a folder that holds other things is none", async () => {
  await using rig = new StandingRig();
  const odd = join(rig.directory, "it's h\u00e9re");
  const made = await rig.mpmake(["up", "--no-worker", odd]);
  const asBytes = (text: string): string => Buffer.from(text).toString("latin1");
  const word = odd.replace("'", "'\\''");
  expect([made.status, made.stdout]).toEqual([0, asBytes(`${tool("mpmake")} join '${word}'\n`)]);
  expect((await rig.mpmake(["status", "--folder", "../it's h\u00e9re"])).stdout).toBe(
    asBytes(`no node has joined the cluster ${odd}\n`),
  );
  chmodSync(rig.tree, 0o700);
  expect(await rig.mpmake(["up", "--no-worker", rig.tree])).toEqual({
    status: 2,
    stdout: "",
    stderr: `mpmake: ${rig.tree} is no cluster's folder, and holds other things (started)\nmpmake: hint: name a folder that is empty or not there\n`,
  });
});

test(
  "a build uses all that have joined, in any directory below, and none of them when it is told otherwise",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const pids = [await rig.join("n1"), await rig.join("n2"), await rig.join("n3")];
    rig.writeMakefile("all: a b c");
    const make = rig.start("mpmake", ["-j3"]);
    const starts = await rig.starts(3);
    expect([...starts.values()].sort()).toEqual([...pids].sort());
    await rig.letOn(["a", "b", "c"]);
    const { exitCode, stdout, stderr } = await make;
    expect([exitCode, stdout.split("\n").sort(), stderr]).toEqual([0, ["", "made a", "made b", "made c"], ""]);

    const below = join(rig.tree, "deep/er");
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, "Makefile"), "all: here below\nbelow:\n\t@$(MAKE) sub\nhere sub:\n\t@echo $$PPID\n");
    const isNode = async (words: readonly string[], environment = {}): Promise<readonly boolean[]> => {
      const { stdout: printed, stderr: said } = await rig.mpmake(["-s", "--no-print-directory", ...words], {
        directory: below,
        environment,
      });
      expect(said).toBe("");
      return printed
        .trim()
        .split("\n")
        .map((pid) => pids.includes(Number(pid)));
    };
    expect(await isNode([])).toEqual([true, true]);
    expect(await isNode([], { MPMAKE_SESSION: "1" })).toEqual([true, true]);
    expect(await isNode(["--backend=none"])).toEqual([false, false]);
    expect(await isNode([], { NODES: "local" })).toEqual([false, false]);
    const elsewhere = join(rig.directory, "elsewhere");
    mkdirSync(elsewhere);
    copyFileSync(join(below, "Makefile"), join(elsewhere, "Makefile"));
    const there = async (words: readonly string[], environment = {}) => {
      const { stdout: printed } = await rig.mpmake(["-s", "sub", ...words], { directory: elsewhere, environment });
      return pids.includes(Number(printed));
    };
    expect(await there([])).toBe(false);
    expect(await there(["--nodes", `cluster:${rig.folder}`])).toBe(true);
    expect(await there([], { NODES: "cluster:../tree/.mpmake/cluster" })).toBe(true);
    writeFileSync(join(elsewhere, "mpmake.config.json"), '{ "cluster": "../tree/.mpmake/cluster" }');
    expect(await there([])).toBe(true);
    expect(await there([], { NODES: "local" })).toBe(false);
    expect(await rig.mpmake(["sub", "--nodes", `local,cluster:${rig.folder}`], { directory: elsewhere })).toMatchObject(
      {
        status: 2,
        stderr: expect.stringContaining("a standing cluster stands alone, as NODES=cluster:FOLDER") as string,
      },
    );
  },
  LONG_MS,
);

test(
  "a node that joins while a build runs takes part; one that drains ends what it has and gets no more",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const one = await rig.join("n1");
    rig.writeMakefile("all: a b c\nc: a\nb:");
    const make = rig.start("mpmake", ["-j2", "all"]);
    let heard = "";
    make.stderr.on("data", (bytes: Buffer | string) => (heard += bytes.toString()));
    const [first = ""] = [...(await rig.starts(1)).keys()];
    expect(["a", "b"]).toContain(first);
    const two = await rig.join("n2");
    const second = await rig.starts(1);
    expect([...second.values()]).toEqual([two]);
    const drain = rig.start("mpmake", ["--cluster=drain", "n1"]);
    await vi.waitFor(() => expect(rig.record("n1").drainingMs).toBeGreaterThan(0), 5000);
    await rig.letOn(["b"].filter((name) => second.has(name)));
    if (second.has("a")) throw new Error("a is the first target");
    // n1 runs a still; what comes next is n2's
    await expect
      .poll(async () => (await rig.mpmake(["--cluster=status"])).stdout, { timeout: 10_000 })
      .toMatch(/^n1 +1 +1 .* draining$/m);
    // The build looks at the folder once a second.
    await expect.poll(() => heard, { timeout: 10_000 }).toMatch(/n1 is left out: it is being drained/);
    await rig.letOn(["a"]);
    expect(await rig.starts(1)).toEqual(new Map([["c", two]]));
    expect(await drain).toMatchObject({ exitCode: 0, stdout: "n1 drains: 1 job runs\nn1 has left\n", stderr: "" });
    await vi.waitFor(() => expect([isAlive(one), rig.nodes()]).toEqual([false, ["n2"]]), 5000);
    await rig.letOn(["c"]);
    const { exitCode, stdout, stderr } = await make;
    expect([exitCode, stdout, stderr]).toEqual([
      0,
      "made b\nmade a\nmade c\n",
      "mpmake: node n1 is left out: it is being drained\n",
    ]);
  },
  LONG_MS,
);

test(
  "a cluster of which nobody takes jobs builds here, and says so once; --strict is an error",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    writeFileSync(join(rig.tree, "Makefile"), "all: a b\na b:\n\t@echo $@\nsub:\n\t@$(MAKE) -s all\n");
    const nobody = `no node of the cluster ${rig.folder} takes jobs`;
    expect(await rig.mpmake(["-s", "all"])).toEqual({
      status: 0,
      stdout: "a\nb\n",
      stderr: `mpmake: ${nobody}: everything runs here\n`,
    });
    expect(await rig.mpmake(["-s", "--no-print-directory", "all", "sub"])).toEqual({
      status: 0,
      stdout: "a\nb\na\nb\n",
      stderr: `mpmake: ${nobody}: everything runs here\n`,
    });
    expect(await rig.mpmake(["--strict"])).toMatchObject({
      status: 2,
      stderr: `mpmake: no node can be reached (--strict): ${nobody}\n`,
    });
    const pid = await rig.join("n1");
    kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    const why = `nothing listens there (127.0.0.1:${String(rig.record("n1").port)})`;
    expect(await rig.mpmake(["-s", "all"])).toEqual({
      status: 0,
      stdout: "a\nb\n",
      stderr: `mpmake: no node can be reached (n1: ${why}): everything runs here\n`,
    });
  },
  LONG_MS,
);

test(
  "status shows each node, in words and in JSON; its own status says whether anybody answers",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const status = (words: readonly string[] = []) => rig.mpmake(["status", ...words]);
    expect(await status()).toEqual({ status: 1, stdout: `no node has joined the cluster ${rig.folder}\n`, stderr: "" });
    await rig.join("n1");
    const dead = await rig.join("n10", [], 12);
    await rig.join("n2", [], 4);
    rig.writeMakefile("all: a");
    const make = rig.start("mpmake", ["-s", "--nodes", `127.0.0.1:${String(rig.record("n2").port)}`, "all"], {
      environment: { MPMAKE_KEY: join(rig.folder, "key.pub") },
    });
    await rig.starts(1);
    kill(dead, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(dead)).toBe(false));
    const text = await status();
    const port = String(rig.record("n10").port);
    // the load of the machine is as wide as it is
    const table = text.stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "WHEN").replace(/\b\d+\.\d\d\b/g, "LOAD");
    expect([text.status, text.stderr, table.replace(/ +/g, " ")]).toEqual([
      0,
      `mpmake: hint: "mpmake join ${rig.folder}" there starts a worker again; "mpmake drain n10" removes the record of one that is gone for good\n`,
      "NODE SLOTS RUNNING LOAD SINCE\n" +
        "n1 1 0 LOAD WHEN\n" +
        "n2 4 1 LOAD WHEN\n" +
        `n10 12 - - WHEN does not answer: nothing listens there (127.0.0.1:${port})\n`,
    ]);
    expect(table.split("\n")[1]?.slice(0, 20)).toBe("n1        1        0");
    const { status: code, stdout } = await status(["--json"]);
    const { folder, nodes } = JSON.parse(stdout) as { folder: string; nodes: readonly Record<string, unknown>[] };
    const n2 = rig.record("n2");
    expect([code, folder, nodes.map(({ name }) => name)]).toEqual([0, rig.folder, ["n1", "n2", "n10"]]);
    expect(nodes[1]).toEqual({
      name: "n2",
      answers: true,
      slots: 4,
      running: 1,
      load: expect.any(Number) as number,
      since: new Date(n2.sinceMs).toISOString(),
      draining: false,
      addresses: ["127.0.0.1"],
      port: n2.port,
      pid: n2.pid,
    });
    expect(nodes[2]).toMatchObject({ answers: false, why: `nothing listens there (127.0.0.1:${port})` });
    await rig.letOn(["a"]);
    await make;
    kill(rig.record("n1").pid, "SIGKILL");
    kill(n2.pid, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(n2.pid)).toBe(false));
    expect((await status()).status).toBe(1);
    const elsewhere = await rig.mpmake(["status"], { directory: rig.directory });
    expect(elsewhere).toEqual({
      status: 2,
      stdout: "",
      stderr: `mpmake: builds in ${rig.directory} use no standing cluster\nmpmake: hint: name its folder; "mpmake up" makes one in .mpmake/cluster\n`,
    });
    expect((await rig.mpmake(["status", "--folder", rig.folder], { directory: rig.directory })).status).toBe(1);
  },
  LONG_MS,
);

test(
  "a worker that was killed is replaced by a join, and removed by a drain; one that lives joins once",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const first = await rig.join("n1");
    const join1 = () => rig.mpmake(["join", "--name", "n1", "--address", "127.0.0.1", rig.folder]);
    const { port } = rig.record("n1");
    expect(await join1()).toEqual({
      status: 0,
      stdout: `n1 has joined already: 1 slot, at 127.0.0.1, port ${String(port)}\n`,
      stderr: "",
    });
    kill(first, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(first)).toBe(false));
    const again = await join1();
    expect(again.stderr).toBe(
      `mpmake: n1 had joined, and does not answer: nothing listens there (127.0.0.1:${String(port)}); it joins anew\n`,
    );
    expect(again.stdout).toMatch(/^n1 has joined: \d+ slots?\n$/);
    const second = rig.record("n1").pid;
    expect([second === first, isAlive(second)]).toEqual([false, true]);
    kill(second, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(second)).toBe(false));
    const gone = `127.0.0.1:${String(rig.record("n1").port)}`;
    writeFileSync(join(rig.folder, "nodes/n2"), "nonsense\n", { mode: 0o600 });
    const drained = await rig.mpmake(["drain", "--all"]);
    expect([drained.status, drained.stderr, drained.stdout.split("\n").sort()]).toEqual([
      0,
      "",
      [
        "",
        `n1 does not answer: nothing listens there (${gone}); its record is removed`,
        `n2 had a record that could not be read, which is removed: ${rig.folder}/nodes/n2 is no node's record: it does not begin with "mpmake node 1"`,
      ],
    ]);
    expect(rig.nodes()).toEqual([]);
    expect(await rig.mpmake(["drain", "n7"])).toMatchObject({
      status: 2,
      stderr: `mpmake: n7 is no node of the cluster ${rig.folder}\nmpmake: hint: it has no nodes\n`,
    });
  },
  LONG_MS,
);

test(
  "a drain that is not waited for, or interrupted, goes on; what is not drained is told apart",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const [one, two] = [await rig.join("n1"), await rig.join("n2")];
    rig.writeMakefile("all: a b");
    const make = rig.start("mpmake", ["-j2", "-s"]);
    const starts = await rig.starts(2);
    const onTwo = [...starts].find(([, pid]) => pid === two)?.[0] ?? "";
    const drain = rig.start("mpmake", ["drain", "n1", "n2"]);
    await vi.waitFor(
      () => expect([rig.record("n1"), rig.record("n2")].map((it) => it.drainingMs !== undefined)).toEqual([true, true]),
      5000,
    );
    drain.kill("SIGINT");
    expect((await drain).signal).toBe("SIGINT");
    expect(await rig.mpmake(["drain", "--no-wait", "n2"])).toEqual({
      status: 0,
      stdout: "n2 drains: 1 job runs\n",
      stderr: "",
    });
    expect(await rig.mpmake(["join", "--name", "n1", rig.folder])).toMatchObject({
      status: 2,
      stderr:
        'mpmake: n1 drains: 1 of its jobs still run\nmpmake: hint: join again when it has left, as "mpmake status" shows\n',
    });
    await rig.letOn([onTwo]);
    await vi.waitFor(() => expect(rig.nodes()).toEqual(["n1", "n1@drain"]), 10_000);
    await vi.waitFor(() => expect([isAlive(one), isAlive(two)]).toEqual([true, false]), 10_000);
    await rig.letOn(["a", "b"].filter((name) => name !== onTwo));
    await vi.waitFor(() => expect(rig.nodes()).toEqual([]), 10_000);
    expect((await make).exitCode).toBe(0);
  },
  LONG_MS,
);

test(
  "a worker ends when its record or its folder is gone, and its log is bounded",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const [one, two] = [await rig.join("n1"), await rig.join("n2")];
    rmSync(join(rig.folder, "nodes/n1"));
    await vi.waitFor(() => expect(isAlive(one)).toBe(false), 10_000);
    const log = (name: string): readonly Record<string, unknown>[] =>
      readFileSync(join(rig.folder, "log", name), "latin1")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(log("n1").map(({ event, reason }) => [event, reason])).toEqual([
      ["joined", undefined],
      ["draining", "its record was removed"],
      ["left", "its record was removed"],
    ]);
    // what cannot be believed for now is no reason to end
    const file = join(rig.folder, "nodes/n2");
    writeFileSync(file, readFileSync(file), { mode: 0o600 });
    chmodSync(file, 0o644);
    await vi.waitFor(() => expect(log("n2").at(-1)).toMatchObject({ event: "trouble" }), 10_000);
    chmodSync(file, 0o600);
    expect([isAlive(two), log("n2").length]).toEqual([true, 2]);
    // of two that join at once one stays
    const both = await Promise.all([0, 1].map(() => rig.mpmake(["join", "--name", "n9", "--address", "127.0.0.1"])));
    expect(both.map(({ stdout }) => stdout.replace(/joined.*/s, "joined"))).toEqual(["n9 has joined", "n9 has joined"]);
    const started = log("n9").filter(({ event }) => event === "joined");
    const pids = started.map(({ pid }) => Number(pid));
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([rig.record("n9").pid]), 10_000);
    const moved = join(rig.directory, "moved");
    writeFileSync(join(rig.folder, "log/n1"), "x".repeat((1 << 20) - 64));
    await rig.join("n1");
    expect([statSync(join(rig.folder, "log/n1.old")).size, log("n1").length]).toEqual([(1 << 20) - 64, 1]);
    const third = rig.record("n1").pid;
    const { renameSync } = await import("node:fs");
    renameSync(rig.folder, moved);
    await vi.waitFor(() => expect([isAlive(two), isAlive(third)]).toEqual([false, false]), 10_000);
    expect(readFileSync(join(moved, "log/n2"), "latin1")).toMatch(/"left".*"the folder of its cluster is gone"/);
  },
  LONG_MS,
);

test("a folder that others may enter is refused, by all", async () => {
  await using rig = new StandingRig();
  await rig.up();
  writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@echo built\n");
  chmodSync(rig.folder, 0o750);
  const unsafe = `mpmake: ${rig.folder} may be entered by others (mode 750)\nmpmake: hint: use chmod 700 ${rig.folder}\n`;
  for (const words of [["join", rig.folder], ["status"], ["drain", "--all"], ["up"], ["all"]])
    expect(await rig.mpmake(words)).toEqual({ status: 2, stdout: "", stderr: unsafe });
  chmodSync(rig.folder, 0o700);
  chmodSync(join(rig.folder, "key"), 0o640);
  expect(await rig.mpmake(["join", "--name", "n1", rig.folder])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("may be read or written by others (mode 640); use chmod 600") as string,
  });
  expect(await rig.mpmake(["join", join(rig.directory, "nowhere")])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      `mpmake: there is no folder ${rig.directory}/nowhere\nmpmake: hint: it has to be seen here`,
    ) as string,
  });
  expect(rig.nodes()).toEqual([]);
});

test("what others could have written is not believed, and another key is not let in", async () => {
  await using rig = new StandingRig();
  await rig.up();
  await rig.join("n1");
  writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@echo built\n");
  const nodes = `127.0.0.1:${String(rig.record("n1").port)}`;
  const other = await rig.mpmake(["--strict", "--nodes", nodes], { environment: { MPMAKE_KEY: `${rig.key}.pub` } });
  expect([other.status, other.stderr]).toEqual([2, expect.stringMatching(/it holds another key than ours/)]);
  // the record of another node of the cluster leads to n1, which says who it is
  const text = readFileSync(join(rig.folder, "nodes/n1"), "latin1");
  writeFileSync(
    join(rig.folder, "nodes/n2"),
    text.replace("name n1", "name n2").replace(/^id .*$/m, "id 0123456789abcdef"),
    { mode: 0o600 },
  );
  symlinkSync("n1", join(rig.folder, "nodes/n3"));
  writeFileSync(join(rig.folder, "nodes/n4"), text.replace("name n1", "name n4"), { mode: 0o666 });
  chmodSync(join(rig.folder, "nodes/n4"), 0o666);
  const { stdout } = await rig.mpmake(["status"]);
  expect(stdout).toMatch(/^n2 .* does not answer: another node answers there, n1 \(127\.0\.0\.1:\d+\)$/m);
  expect(stdout).toMatch(/^n3 .* does not answer: .*nodes\/n3 is a symbolic link$/m);
  expect(stdout).toMatch(/^n4 .* does not answer: .*nodes\/n4 may be read or written by others/m);
  expect(await rig.mpmake(["-s"])).toMatchObject({ status: 0, stdout: "built\n" });
});

test("a folder of another user's is not used, and a worker runs nothing for another user who has its key", async (context) => {
  context.skip(!isRoot, "being another user needs root");
  await using rig = new StandingRig();
  await rig.up();
  await rig.join("n1");
  writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@id -u\n");
  for (const path of [rig.directory, rig.tree, join(rig.tree, ".mpmake")]) chmodSync(path, 0o755);
  const stolen = join(rig.directory, "stolen.pub");
  copyFileSync(join(rig.folder, "key.pub"), stolen);
  chownSync(stolen, 12_345, 12_345);
  chmodSync(stolen, 0o600);
  const cache = join(rig.directory, "cache");
  const asOther = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const become = ["--reuid", "12345", "--regid", "12345", "--clear-groups", tool("mpmake"), ...words];
    return rig.runCommand("setpriv", become, { environment: { MPMAKE_CACHE: "", HOME: cache, ...environment } });
  };
  expect(await asOther(["-s"])).toEqual({ status: 0, stdout: "12345\n", stderr: "" });
  expect(await asOther(["join", rig.folder])).toMatchObject({
    status: 2,
    stderr: `mpmake: ${rig.folder} belongs to another user (number 0), not to us (12345)\nmpmake: hint: each user makes a cluster of his own with "mpmake up"\n`,
  });
  const nodes = `127.0.0.1:${String(rig.record("n1").port)}`;
  const thief = await asOther(["--strict", "--nodes", nodes], { MPMAKE_KEY: stolen });
  expect([thief.status, thief.stderr]).toEqual([
    2,
    expect.stringMatching(/recipes run here as user number 0, not as the client's, 12345/),
  ]);
  // and the other way round: what another user has put above our directory is none of ours
  for (const path of [rig.folder, join(rig.folder, "nodes")]) chownSync(path, 12_345, 12_345);
  expect(await rig.mpmake(["-s"])).toEqual({ status: 0, stdout: "0\n", stderr: "" });
});

test(
  "on machines of their own: the line that up prints makes the other one a node, by its own name and addresses",
  async (context) => {
    context.skip(!isRoot, "machines with names and networks of their own need root");
    await using rig = await StandingMachines.start();
    const up = await rig.on("n1", "mpmake up --slots 2");
    expect(up).toMatchObject({ status: 0, stdout: `mpmake join ${rig.folder}\n` });
    expect(await rig.on("n2", `cd / && ${up.stdout.trim()} --slots 2`)).toEqual({
      status: 0,
      stdout: "n2 has joined: 2 slots\n",
      stderr: "",
    });
    expect([rig.record("n1").addresses, rig.record("n2").addresses]).toEqual([
      [expect.stringMatching("10.78.0.1"), ...rig.record("n1").addresses.slice(1)],
      [expect.stringMatching("10.78.0.2"), ...rig.record("n2").addresses.slice(1)],
    ]);
    const targets = ["a", "b", "c", "d"];
    writeFileSync(
      join(rig.tree, "Makefile"),
      `all: ${targets.join(" ")}\n${targets.join(" ")}:\n\t@uname -n >$@.host; while [ ! -e go ]; do sleep 0.1; done\n`,
    );
    const build = rig.on("n1", "rm -f go *.host; mpmake -s -j4");
    const hosts = (): readonly string[] =>
      targets
        .map((name) => join(rig.tree, `${name}.host`))
        .map((file) => (existsSync(file) ? readFileSync(file, "latin1") : ""));
    await vi.waitFor(() => expect([...hosts()].sort()).toEqual(["n1\n", "n1\n", "n2\n", "n2\n"]), 20_000);
    writeFileSync(join(rig.tree, "go"), "");
    expect(await build).toEqual({ status: 0, stdout: "", stderr: "" });
    // an address of a network that the other machine is not on is passed over
    const record = readFileSync(join(rig.folder, "nodes/n2"), "latin1");
    writeFileSync(join(rig.folder, "nodes/n2"), record.replace("address ", "address 10.78.0.77\naddress "));
    expect((await rig.on("n1", "mpmake status")).stdout).toMatch(/^n2 +2 +0 +\d+\.\d\d +\S+ \S+ UTC$/m);
    // another name is wanted where there is one like it
    expect(await rig.on("n2", "mpmake join --name n1")).toMatchObject({
      status: 2,
      stderr: `mpmake: another machine has joined as n1, at 10.78.0.1, port ${String(rig.record("n1").port)}\nmpmake: hint: give this machine a name of its own: mpmake join --name n1b ${rig.folder}\n`,
    });
    // each is drained from the other, and by itself
    expect(await rig.on("n1", "mpmake drain n2")).toEqual({ status: 0, stdout: "n2 has left\n", stderr: "" });
    expect(await rig.on("n2", "mpmake drain")).toMatchObject({
      status: 2,
      stderr: `mpmake: this machine, n2, is no node of the cluster ${rig.folder}\nmpmake: hint: its nodes are n1\n`,
    });
    expect((await rig.on("n2", "mpmake join --admit 10.99.0.0 255.255.0.0")).status).toBe(0);
    expect((await rig.on("n1", "mpmake status")).stdout).toMatch(
      /^n2 .* does not answer: it closed the connection at once; our address may not be admitted there \(10\.78\.0\.2:\d+/m,
    );
    expect(await rig.on("n1", "mpmake drain")).toEqual({ status: 0, stdout: "n1 has left\n", stderr: "" });
    expect(await rig.on("n1", "mpmake drain n2")).toEqual({ status: 0, stdout: "n2 has left\n", stderr: "" });
  },
  LONG_MS,
);

test(
  "a worker in the foreground stays until it is drained, and one that is told to stop lets its jobs end",
  async () => {
    await using rig = new StandingRig();
    await rig.up();
    const where = ["--address", "127.0.0.1", "--slots", "1"];
    const foreground = (name: string) =>
      rig.start("mpmake", ["--cluster=join", "--foreground", "--name", name, ...where, rig.folder]);
    const [one, two] = [foreground("n1"), foreground("n2")];
    await vi.waitFor(() => expect(rig.nodes()).toEqual(["n1", "n2"]), 20_000);
    rig.notePids();
    expect(await rig.mpmake(["drain", "n1"])).toMatchObject({ status: 0, stdout: "n1 has left\n" });
    const ended = await one;
    expect([ended.exitCode, ended.stdout]).toEqual([0, "n1 has joined: 1 slot\n"]);
    expect(ended.stderr).toMatch(/"event":"joined"[^]*\nmpmake: n1 has left: it was asked to drain\n$/);
    rig.writeMakefile("all: a");
    const make = rig.start("mpmake", ["-s"]);
    expect([...(await rig.starts(1)).values()]).toEqual([rig.record("n2").pid]);
    two.kill("SIGTERM");
    await vi.waitFor(() => expect(rig.record("n2").drainingMs).toBeGreaterThan(0), 5000);
    await rig.letOn(["a"]);
    expect(await make).toMatchObject({ exitCode: 0, stdout: "made a\n" });
    expect((await two).stderr).toMatch(/\nmpmake: n2 has left: it was told to stop\n$/);
    expect(rig.nodes()).toEqual([]);
  },
  LONG_MS,
);

test("without a cluster a build asks for its folder once in each directory, and reads no more of mpmake for it", async (context) => {
  context.skip(
    !existsSync("/usr/bin/strace"),
    "what a program asks the system for is seen by strace, which is not installed",
  );
  await using rig = new StandingRig();
  const deep = join(rig.tree, "a/b/c");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "Makefile"), "all:\n\t@:\n");
  const trace = join(rig.directory, "trace");
  const words = ["-f", "-qq", "-e", "trace=file,read,pread64", "-o", trace, tool("mpmake")];
  const traced = async (more: readonly string[]): Promise<string> => {
    const ran = await rig.runCommand("strace", [...words, ...more], {
      environment: { MPMAKE_CACHE: "" },
      directory: deep,
    });
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    return readFileSync(trace, "latin1");
  };
  const own = await traced(["-s"]);
  const levels = [deep, join(rig.tree, "a/b"), join(rig.tree, "a"), rig.tree, rig.directory];
  const asked = [...own.matchAll(/"(\/[^"]*)\/\.mpmake\/cluster[^"]*"/g)].map(([, path]) => path);
  expect(asked).toEqual(levels);
  // and no part of the program that only a cluster needs is unpacked, which is read by pread from the end of the file
  const parts = (text: string): number => text.match(/pread64\(\d+, "[A-Za-z0-9+/]{20,}/g)?.length ?? 0;
  const local = await traced(["-s", "--nodes", "local"]);
  expect([parts(own), parts(local) > 0]).toEqual([0, true]);
});
