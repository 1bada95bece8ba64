import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalWorkers } from "../../src/launch/local.js";
import { TcpRelay } from "../rig/tcp-relay.js";
import { needsFaketime, needsRoot, readLines, Rig, withClockOff, writeLine } from "./rig.js";

const AT_NODE = /127\.0\.0\.1:\d+/g;

describe("when nodes fail", () => {
  test("a worker killed in mid-recipe: the recipe runs again elsewhere, and the user is told", async () => {
    await using rig = new Rig();
    const { workers, nodes } = await rig.startWorkers({ slots: 1 });
    const started = rig.makeFifo("started");
    const go = rig.makeFifo("go");
    const recipe = "\t@echo $$PPID > started; read word < go; echo $$word > $@; echo made $@\n";
    writeFileSync(join(rig.tree, "Makefile"), `all: out\nout:\n${recipe}`);
    const make = rig.make(["--nodes", nodes]);
    const victim = Number((await readLines(started, 1))[0]);
    const worker = workers.find(({ pid }) => pid === victim);
    worker?.kill("SIGKILL");
    await worker?.ended;
    const next = Number((await readLines(started, 1))[0]);
    await writeLine(go, "right");
    const made = await make;
    expect(workers.map(({ pid }) => pid).filter((pid) => pid === victim || pid === next).length).toBe(2);
    expect({ ...made, stderr: made.stderr.replace(AT_NODE, "NODE") }).toMatchObject({
      status: 0,
      stdout: "made out\n",
    });
    expect(made.stderr).toMatch(new RegExp(`^mpmake: .*127\\.0\\.0\\.1:${String(worker?.port)}.*$`, "m"));
    expect(made.stderr).toMatch(/^mpmake: out: lost with node .*, to be made again$/m);
    expect(await readFile(join(rig.tree, "out"), "utf8")).toBe("right\n");
  });

  test("a worker that is cut off: the recipe runs elsewhere when it has surely ended there, and not before", async () => {
    await using rig = new Rig();
    const { workers } = await rig.startWorkers({ count: 2, slots: 1 });
    await using one = await TcpRelay.to(workers[0]?.port ?? 0);
    await using other = await TcpRelay.to(workers[1]?.port ?? 0);
    const started = rig.makeFifo("started");
    const recipe = [
      "@trap '' TERM",
      "if [ -f running ] && kill -0 $$(cat running) 2>/dev/null; then echo overlap; fi",
      "first=; [ -f running ] || first=yes",
      "echo $$$$ > running; echo $$PPID > started",
      '[ -z "$$first" ] || sleep 1000',
      "echo made > $@",
    ].join("; ");
    writeFileSync(join(rig.tree, "Makefile"), `out:\n\t${recipe}\n`);
    const nodes = [one, other].map(({ port }) => `127.0.0.1:${String(port)}*1`).join(",");
    const make = rig.make(["--nodes", nodes]);
    const [victim] = await readLines(started, 1);
    (victim === String(workers[0]?.pid) ? one : other).cut();
    const [next] = await readLines(started, 1);
    expect([victim, next].sort()).toEqual(workers.map(({ pid }) => String(pid)).sort());
    const made = await make;
    expect([made.status, made.stdout]).toEqual([0, ""]);
    expect(made.stderr).toMatch(/is left out: no sign of life for 3\.5 s$/m);
  });

  test("a worker whose clock is a minute off is left out by name", async (context) => {
    needsFaketime(context);
    await using rig = new Rig();
    const wrapper = (index: number): readonly string[] => (index === 1 ? withClockOff("+60s") : []);
    const { workers, nodes } = await rig.startWorkers({ wrapper });
    writeFileSync(join(rig.tree, "Makefile"), "N = 1 2 3 4 5 6\nall: $(N)\n$(N):\n\t@echo $@ > $@; sleep 0.1\n");
    const made = await rig.make(["-j6", "--nodes", nodes]);
    expect([made.status, made.stdout]).toEqual([0, ""]);
    expect(made.stderr).toMatch(
      new RegExp(
        `^mpmake: .*127\\.0\\.0\\.1:${String(workers[1]?.port)}.*its clock is (60\\.\\d|59\\.9) s ahead, more than the 2 s .*\n$`,
      ),
    );
  });

  test("a worker that is not there is passed over", async () => {
    await using rig = new Rig();
    const { workers } = await rig.startWorkers({ count: 2 });
    workers[0]?.kill("SIGKILL");
    await workers[0]?.ended;
    const nodes = workers.map(({ port }) => `127.0.0.1:${String(port)}`).join(",");
    writeFileSync(join(rig.tree, "Makefile"), "all:\n\t@echo made\n");
    const made = await rig.make(["--nodes", nodes]);
    expect([made.status, made.stdout]).toEqual([0, "made\n"]);
    expect(made.stderr.replace(AT_NODE, "NODE")).toMatch(/^(mpmake: .*NODE.*nothing listens there\n)?$/);
  });
});

describe("when no node answers", () => {
  test("everything runs here, sub-makes too, and that is said once", async () => {
    await using rig = new Rig();
    const sub = "all:\n\t@echo in $(MAKELEVEL)\n";
    mkdirSync(join(rig.tree, "sub"));
    writeFileSync(join(rig.tree, "sub", "Makefile"), sub);
    writeFileSync(
      join(rig.tree, "Makefile"),
      `${sub}\t@+$(MAKE) --no-print-directory -C sub\n\t@+$(MAKE) --no-print-directory -C sub\n`,
    );
    const made = await rig.make(["--nodes", "127.0.0.1:1,127.0.0.1:2"]);
    expect([made.status, made.stdout]).toEqual([0, "in 0\nin 1\nin 1\n"]);
    expect(made.stderr.replace("[1]", "")).toBe(
      "mpmake: no node can be reached (127.0.0.1:1: nothing listens there; 127.0.0.1:2: nothing listens there): everything runs here\n",
    );
  });
});

describe("mistakes of the user: one line each, status 2, nothing made", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    workers = await rig.startWorkers({ count: 1 });
    writeFileSync(join(rig.tree, "Makefile"), "out:\n\t@echo made > $@; echo made\n");
    rig.makeKey(`${rig.key}2`);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  async function fails(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const made = await rig.make(words, { environment });
    expect([made.status, made.stdout, made.stderr.split("\n").length]).toEqual([2, "", 2]);
    return made.stderr.replace(AT_NODE, "NODE").replaceAll(rig.directory, "DIR");
  }

  test.each([
    ["1--3", 'mpmake: NODES: element 1 ("1--3", column 1): "1--3" is not a number or a range: write 3 or 1-3\n'],
    ["5-2", 'mpmake: NODES: element 1 ("5-2", column 1): the range runs backwards: write 2-5\n'],
    ["a,,b", 'mpmake: NODES: element 2 ("", column 3): a node is missing between the commas\n'],
    [
      "7",
      'mpmake: NODES: element 1 ("7", column 1): node 7 is unknown: the configuration\'s "nodes" does not hold it and there is no "hostPattern"\n',
    ],
  ])("NODES=%s", async (nodes, expected) => {
    expect(await fails(["--nodes", nodes])).toBe(expected);
    expect(await fails([], { NODES: nodes })).toBe(expected);
  });

  test("the wrong key", async () => {
    expect(await fails(["--nodes", workers.nodes, "--key", `${rig.key}2.pub`])).toMatch(
      /^mpmake: no node can be used: NODE: it .* key/,
    );
  });

  test("no key file", async () => {
    expect(await fails(["--nodes", workers.nodes, "--key", "gone.pub"])).toBe(
      "mpmake: there is no key file DIR/tree/gone.pub\n",
    );
  });

  test("the worker's half of the key", async () => {
    expect(await fails(["--nodes", workers.nodes, "--key", rig.key])).toMatch(
      /^mpmake: DIR\/key is the worker's half of a key pair/,
    );
  });

  test("a mistake in the configuration", async () => {
    const path = join(rig.directory, "bad.json");
    writeFileSync(path, '{"nodes": {"1": {"host": "a", "port": "x"}}}');
    expect(await fails(["--nodes", "1", "--config", path])).toBe(
      "mpmake: DIR/bad.json: nodes.1.port: expected number, received string\n",
    );
  });

  test("no node there, and --strict", async () => {
    expect(await fails(["--nodes", "127.0.0.1:1", "--strict"])).toBe(
      "mpmake: no node can be reached (--strict): NODE: nothing listens there\n",
    );
  });

  test("a node that sees another directory", async (context) => {
    needsRoot(context);
    const { tree } = rig;
    const wrapper = () => ["unshare", "--mount", "sh", "-c", `mount -t tmpfs none '${tree}' && exec "$@"`, "sh"];
    const { nodes } = await rig.startWorkers({ count: 1, wrapper });
    expect(await fails(["--nodes", nodes])).toBe(
      "mpmake: no node can be used: NODE: it sees another directory at DIR/tree\n",
    );
  });

  test("without --strict, no node there means building here, said once", async () => {
    const made = await rig.make(["-B"], { environment: { NODES: "127.0.0.1:1" } });
    expect(made).toEqual({
      status: 0,
      stdout: "made\n",
      stderr: "mpmake: no node can be reached (127.0.0.1:1: nothing listens there): everything runs here\n",
    });
  });
});
