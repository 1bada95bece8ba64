import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalWorkers } from "../../src/launch/local.js";
import {
  needsFaketime,
  needsRoot,
  processesWith,
  type Ran,
  readLines,
  Rig,
  type RunOptions,
  withClockOff,
} from "./rig.js";

const AT_NODE = /127\.0\.0\.1:\d+/g;

describe("mexecvp", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    rig.makeKey(`${rig.key}2`);
    workers = await rig.startWorkers({ count: 2 });
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  function mexecvp(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const environment = { NODES: workers.nodes, MPMAKE_KEY: `${rig.key}.pub`, ...options.environment };
    return rig.run("mexecvp", words, { ...options, environment });
  }

  test("a program has its words, directory, environment, umask and input there", async () => {
    const directory = join(rig.tree, "sub d\u00efr");
    mkdirSync(directory);
    const script = 'printf "%s|" "$@"; pwd; umask; echo "$GREETING"; cat; echo to stderr >&2';
    const ran = await mexecvp(["sh", "-c", script, "sh", "a'b", "", "c d", "$x", "*", "-n", "true"], {
      directory,
      environment: { GREETING: "hello" },
      input: "some input\n",
    });
    const where = Buffer.from(directory, "utf8").toString("latin1");
    expect(ran).toEqual({
      status: 0,
      stdout: `a'b||c d|$x|*|-n|true|${where}\n0022\nhello\nsome input\n`,
      stderr: "to stderr\n",
    });
  });

  test("one after the other goes to the first node and then, as that was sent something, to the next", async () => {
    const environment = { SENTDIR: join(rig.directory, "sent-two") };
    mkdirSync(environment.SENTDIR);
    const parents = workers.workers.map(({ pid }) => String(pid));
    const one = await mexecvp(["sh", "-c", "echo $PPID; : not exec"], { environment });
    const two = await mexecvp(["sh", "-c", "echo $PPID; : not exec"], { environment });
    expect([one.stdout.trimEnd(), two.stdout.trimEnd()]).toEqual(parents);
  });

  test("it ends as the program ends", async () => {
    expect(await mexecvp(["sh", "-c", "exit 7"])).toEqual({ status: 7, stdout: "", stderr: "" });
    expect(await mexecvp(["sh", "-c", "kill -TERM $$"])).toEqual({ status: "SIGTERM", stdout: "", stderr: "" });
    expect(await mexecvp(["no-such-program"])).toEqual({
      status: 127,
      stdout: "",
      stderr: "mexecvp: no-such-program: No such file or directory\n",
    });
  });

  test("a signal reaches the program, and nothing of it is left", async () => {
    const started = rig.makeFifo("signalled");
    const environment = { NODES: workers.nodes, MPMAKE_KEY: `${rig.key}.pub`, MARK: "mexecvp-signal" };
    const words = ["sh", "-c", `setsid sleep 1000 & sleep 1000 & echo up > ${started}; wait`];
    const running = rig.start("mexecvp", words, { environment });
    await readLines(started, 1);
    running.kill("SIGINT");
    const { signal } = await running;
    expect([signal, processesWith("MARK=mexecvp-signal")]).toEqual(["SIGINT", []]);
  });

  test("large output arrives whole, on its way through a pipe to a slow reader too", async () => {
    const ran = await mexecvp(["sh", "-c", "seq 1 300000; seq 1 300000 >&2"]);
    expect([ran.status, ran.stdout === ran.stderr, ran.stdout.length]).toEqual([0, true, 1_988_895]);
  });

  test("without NODES it runs here", async () => {
    const ran = await rig.run("mexecvp", ["sh", "-c", "echo here; exit 3"]);
    expect(ran).toEqual({ status: 3, stdout: "here\n", stderr: "" });
  });

  test("ENVSETTER sets its environment; what it prints is told with --debug", async () => {
    const setter = join(rig.tree, "setter");
    writeFileSync(setter, '#!/bin/sh\necho some noise; echo FLAVOUR=set >> "$MPMAKE_ENV"\n', { mode: 0o755 });
    const environment = { ENVSETTER: setter };
    expect(await mexecvp(["sh", "-c", "echo $FLAVOUR"], { environment })).toEqual({
      status: 0,
      stdout: "set\n",
      stderr: "",
    });
    expect((await mexecvp(["--debug", "true"], { environment })).stderr).toMatch(/^mexecvp: ENVSETTER: some noise/m);
  });

  test("what is sent is recorded where SENTDIR says", async () => {
    const sent = join(rig.directory, "sent");
    mkdirSync(sent);
    await mexecvp(["true"], { environment: { SENTDIR: sent } });
    const { stdout } = await rig.run("mexecvp", ["sh", "-c", `cat ${sent}/*.sent`]);
    const [first] = workers.workers;
    expect(stdout).toMatch(new RegExp(`^mpmake sent 1\n0\\.0(100|0\\d\\d) 127\\.0\\.0\\.1:${String(first?.port)}\n$`));
  });

  test("--test tells of every node, and fails when one does", async () => {
    const good = await mexecvp(["--test", "true"]);
    const line =
      /^NODE +good {2}\S+ at NODE, let in after \d+ ms, 2 slots, load [\d.]+, clock [\d.]+ ms (ahead|behind); same directory; true ended with status 0 in \d+ ms$/;
    const lines = good.stdout.replace(AT_NODE, "NODE").trimEnd().split("\n");
    expect([good.status, good.stderr, lines.length]).toEqual([0, "", 2]);
    for (const found of lines) expect(found).toMatch(line);
    const answers = await mexecvp(["--test", "--nodes", `local,${workers.nodes}`, "sh", "-c", "echo $PPID; echo more"]);
    const [here = "", ...there] = answers.stdout.trimEnd().split("\n");
    expect(here).toMatch(/^local +good {2}this machine; sh ended with status 0 in \d+ ms; it answered \d+$/);
    expect(there.map((found) => / it answered (\d+)$/.exec(found)?.[1])).toEqual(
      workers.workers.map(({ pid }) => String(pid)),
    );
    const bad = await mexecvp(["--test", "--nodes", `127.0.0.1:1,${workers.nodes}`, "false"]);
    expect([bad.status, bad.stdout.split("\n")[0]]).toEqual([1, "127.0.0.1:1      BAD   nothing listens there"]);
    expect(bad.stdout).toMatch(/same directory; false ended with status 1$/m);
  });

  test("the wrong key", async () => {
    const ran = await mexecvp(["true"], { environment: { MPMAKE_KEY: `${rig.key}2.pub` } });
    expect([ran.status, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr.replace(AT_NODE, "NODE")).toMatch(
      /^mexecvp: no node can be used: NODE: it [^;]* key[^;]*; NODE: it [^;]* key[^;]*\n$/,
    );
  });

  test("a node whose clock is a minute off", async (context) => {
    needsFaketime(context);
    const { nodes } = await rig.startWorkers({ count: 1, wrapper: () => withClockOff("-60s") });
    const ran = await mexecvp(["true"], { environment: { NODES: nodes } });
    expect([ran.status, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr.replace(AT_NODE, "NODE")).toMatch(
      /^mexecvp: no node can be used: NODE: its clock is (60\.\d|59\.9) s behind, more than the 2 s that "clockSkew" allows\n$/,
    );
    expect(await mexecvp(["--clock-skew", "90", "echo", "ok"], { environment: { NODES: nodes } })).toEqual({
      status: 0,
      stdout: "ok\n",
      stderr: expect.stringMatching(/^mexecvp: warning: the clock of node .* is (60\.\d|59\.9) s behind\n$/) as string,
    });
  });

  test("a node that sees another directory", async (context) => {
    needsRoot(context);
    const wrapper = () => ["unshare", "--mount", "sh", "-c", `mount -t tmpfs none '${rig.tree}' && exec "$@"`, "sh"];
    const { nodes } = await rig.startWorkers({ count: 1, wrapper });
    const ran = await mexecvp(["true"], { environment: { NODES: nodes } });
    expect({ ...ran, stderr: ran.stderr.replace(AT_NODE, "NODE").replace(rig.directory, "DIR") }).toEqual({
      status: 2,
      stdout: "",
      stderr: "mexecvp: no node can be used: NODE: it sees another directory at DIR/tree\n",
    });
  });
});
