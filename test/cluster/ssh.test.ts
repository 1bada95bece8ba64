/** Workers that a build starts through ssh, on machines that have nothing but sshd and Node. */

import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLines } from "./rig.js";
import { needsSshd, SshRig } from "./ssh-rig.js";

const SLOW = 180_000;
const NODES = "ssh:n[1-3]*2";

/** Eight objects and what is made of them; each recipe says where it ran, and waits until every machine has had one. */
const TREE = `
objects := $(foreach n,1 2 3 4 5 6 7 8,o$n)
all: whole
whole: $(objects)
	cat $(objects) >$@
o%:
	@echo "$@ on $$(uname -n) by $$PPID"; echo $@ >$@; : >on.$$(uname -n); until [ -e on.n1 -a -e on.n2 -a -e on.n3 ]; do sleep 0.1; done
`;

/** Which machines ran something, and the numbers of the workers there. */
function workersIn(stdout: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, node = "", worker = ""] of stdout.matchAll(/ on (\S+) by (\d+)/g))
    found.set(node, (found.get(node) ?? new Set()).add(worker));
  return found;
}

async function nothingIsLeft(rig: SshRig): Promise<void> {
  await expect.poll(() => rig.leftovers(), { timeout: 60_000, interval: 100 }).toEqual([]);
}

test(
  "a tree is built on three machines, by one worker each, and nothing of it is left",
  { timeout: SLOW },
  async (context) => {
    needsSshd(context);
    await using rig = await SshRig.start();
    rig.write("Makefile", TREE);
    const { status, stdout, stderr } = await rig.make(["-j6", "--nodes", NODES]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(readFileSync(join(rig.tree, "whole"), "utf8")).toBe("o1\no2\no3\no4\no5\no6\no7\no8\n");
    const workers = workersIn(stdout);
    expect([...workers.keys()].sort()).toEqual(["n1", "n2", "n3"]);
    expect(rig.leftovers()).toEqual([]);
  },
);

test("sub-makes use the workers of the make at the top", { timeout: SLOW }, async (context) => {
  needsSshd(context);
  await using rig = await SshRig.start();
  rig.write("Makefile", "all:\n\t$(MAKE) -f sub.mk a\n\t+$(MAKE) -f sub.mk b\n");
  rig.write(
    "sub.mk",
    '.PHONY: a b a1 a2 b1 b2\na: a1 a2\nb: b1 b2\na1 a2 b1 b2:\n\t@echo "$@ on $$(uname -n) by $$PPID"; sleep 0.3\n',
  );
  const { status, stdout, stderr } = await rig.make(["-j2", "--nodes", "ssh:n1*2"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.match(/^[ab]\d on n1/gm)).toHaveLength(4);
  expect(rig.leftovers()).toEqual([]);
});

test(
  "a machine that cannot call back is reached through ssh, and its jump host",
  { timeout: SLOW },
  async (context) => {
    needsSshd(context);
    await using rig = await SshRig.start();
    rig.write(
      "Makefile",
      "all:\n\t@uname -n; head -c 3000000 /dev/zero | wc -c; head -c 300000 /dev/zero | tr '\\0' x\n",
    );
    const { status, stdout, stderr } = await rig.make(["--nodes", "ssh:far", "--strict"]);
    expect(stderr).toMatch(
      /^mpmake: node far cannot call back \(.*\): it is reached through ssh, as others that cannot are\n$/,
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: `far\n3000000\n${"x".repeat(300_000)}` });
    const told = await rig.make(["--nodes", "ssh:far,n1", "--strict", "--tunnel"]);
    expect({ status: told.status, stderr: told.stderr }).toEqual({ status: 0, stderr: "" });
    expect(rig.leftovers()).toEqual([]);
  },
);

test.for([
  ["Ctrl-C", "SIGINT"],
  ["kill -9", "SIGKILL"],
] as const)("after %s nothing is left on any machine", { timeout: SLOW }, async ([, signal], context) => {
  needsSshd(context);
  await using rig = await SshRig.start();
  const started = rig.makeFifo("started");
  rig.write("Makefile", "all: a b c\na b c:\n\t@echo $@ >started; sleep 300 & setsid sleep 301 & sleep 302\n");
  const build = rig.start(["-j3", "--nodes", "ssh:n[1-3]*1"]);
  await readLines(started, 3);
  expect(rig.leftovers().length).toBeGreaterThan(3);
  build.kill(signal);
  await build;
  await nothingIsLeft(rig);
  expect(existsSync(join(rig.directory, "tree"))).toBe(true);
});

test("a machine whose wire is cut in mid-build is done without", { timeout: SLOW }, async (context) => {
  needsSshd(context);
  await using rig = await SshRig.start();
  const [started, go] = [rig.makeFifo("started"), rig.makeFifo("go")];
  const onTheNode = "echo $@ >started; sleep 300";
  const elsewhere = "[ -e cut ] || read -r word <go";
  rig.write(
    "Makefile",
    `all: a b\na b:\n\t@if [ $$(uname -n) = n2 ]; then ${onTheNode}; else ${elsewhere}; fi; uname -n >$@\n`,
  );
  const build = rig.start(["-j2", "--nodes", "ssh:n[1-2]*1"]);
  await readFile(started);
  rig.wire("n2", "down");
  rig.write("cut", "");
  await writeFile(go, "now\n");
  const { exitCode, stderr } = await build;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/node n2 is left out: no sign of life/);
  expect([readFileSync(join(rig.tree, "a"), "utf8"), readFileSync(join(rig.tree, "b"), "utf8")]).toEqual([
    "n1\n",
    "n1\n",
  ]);
  await expect.poll(() => rig.leftovers().filter((each) => !each.includes("sshd")), { timeout: 60_000 }).toEqual([]);
  rig.wire("n2", "up");
});

test(
  "machines that do not let us in are named, and the build goes on without them",
  { timeout: SLOW },
  async (context) => {
    needsSshd(context);
    await using rig = await SshRig.start();
    rig.write("Makefile", ".PHONY: all a\nall: a\na:\n\t@uname -n; sleep 2\n");
    rig.spoilHostKey("n2");
    rig.lockOut("n3");
    const some = await rig.make(["--nodes", NODES]);
    expect({ status: some.status, stdout: some.stdout }).toEqual({ status: 0, stdout: "n1\n" });
    expect(some.stderr.split("\n").sort()).toEqual([
      "",
      expect.stringMatching(
        /^mpmake: node n2 is left out: its host key is another than ssh knows it by \(known_hosts\)/,
      ),
      expect.stringMatching(/^mpmake: node n3 is left out: it does not let us in \(ssh: .*Permission denied/),
    ]);
    const none = await rig.make(["--nodes", "ssh:n3"]);
    expect({ status: none.status, stdout: none.stdout }).toEqual({ status: 0, stdout: "client\n" });
    expect(none.stderr).toMatch(
      /^mpmake: no node can be reached \(n3: it does not let us in .*\): everything runs here\n$/,
    );
    const strict = await rig.make(["--nodes", "ssh:n3", "--strict"]);
    expect(strict.status).toBe(2);
    expect(strict.stderr).toMatch(/^mpmake: no node can be reached \(--strict\): n3: it does not let us in/);
  },
);

test("any command that keeps standard input and output will do", { timeout: SLOW }, async (context) => {
  needsSshd(context);
  await using rig = await SshRig.start();
  rig.write("Makefile", "all:\n\t@uname -n\n");
  const template = "exec:ssh -F ../ssh_config -o BatchMode=yes {host} {worker}";
  expect(await rig.make(["--nodes", "n2", "--backend", template, "--strict"])).toEqual({
    status: 0,
    stdout: "n2\n",
    stderr: "",
  });
  const absent = await rig.make(["--nodes", "n2", "--backend", "exec:no-such-program {host} {worker}", "--strict"]);
  expect(absent.status).toBe(2);
  expect(absent.stderr).toMatch(/n2: no-such-program ended with status 127: .*not found/);
  const wrong = await rig.make(["--nodes", "n2", "--backend", "exec:ssh {host}"]);
  expect(wrong).toEqual({
    status: 2,
    stdout: "",
    stderr: 'mpmake: --backend: {worker} is missing in "ssh {host}", where what is to be run there goes\n',
  });
});

test("a machine without Node says so", { timeout: SLOW }, async (context) => {
  needsSshd(context);
  await using rig = await SshRig.start();
  rig.write("Makefile", "all:\n\t@uname -n\n");
  const { status, stderr } = await rig.make(["--nodes", "ssh:n1", "--remote-node", "/no/such/node", "--strict"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/n1: \/no\/such\/node is no program there \(--remote-node\)/);
});
