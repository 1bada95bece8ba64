/** Jobs that take more than one may have on their worker: they end, and nothing else does. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { processesWith, readLines, Rig, writeLine } from "./rig.js";
import { needsRoot, RootRig } from "./root-rig.js";

/** Grows to 1 GiB, and no further should nobody end it. */
const HOG = "head -c 1073741824 /dev/zero | tail";
/** Doubles to 256 shells, each of which waits, and no further should nobody end it. */
const BOMB = "f() { [ $$1 -ge 7 ] || { f $$(($$1 + 1)) & f $$(($$1 + 1)) & }; sleep 1000; }; f 0";

describe("on a worker that limits jobs", { tags: ["root"] }, () => {
  test.each([
    ["memory", ["--job-memory", "100M"], HOG, /took \d+M of memory, and a job may have 100M here/],
    ["processes", ["--job-pids", "40"], BOMB, /had \d+ processes, and a job may have 40 here/],
  ] as const)("one that takes too much %s is killed, its neighbour goes on", async (what, words, recipe, reason) => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({ count: 1, slots: 2, words });
    const [begun, go] = [rig.makeFifo("begun"), rig.makeFifo("go")];
    const well = `\t@echo > ${begun}; read word < ${go}; echo $$word > $@\n`;
    writeFileSync(join(rig.tree, "Makefile"), `all: well bad\nwell:\n${well}bad:\n\t@echo half > $@; ${recipe}\n`);
    const mark = `limits-${what}`;
    const environment = { MPMAKE_KEY: `${rig.key}.pub`, MPMAKE_TEST_MARK: mark };
    const make = rig.start("mpmake", ["-k", "-j2", "--nodes", nodes], { environment });
    let heard = "";
    make.stderr.on("data", (bytes: Buffer | string) => (heard += bytes.toString()));
    await readLines(begun, 1);
    await expect.poll(() => heard, { timeout: 20_000 }).toMatch(/Deleting file 'bad'/); // as after any signal
    await expect.poll(() => existsSync(join(rig.tree, "bad"))).toBe(false);
    const left = processesWith(`MPMAKE_TEST_MARK=${mark}`);
    await writeLine(go, "well");
    const { exitCode, stderr } = await make;
    const said = expect.stringMatching(new RegExp(`^mexecd: bad: it was ended, as it ${reason.source}$`)) as string;
    expect([exitCode, stderr.split("\n")[0]]).toEqual([2, said]);
    expect(stderr).toMatch(/^mpmake: \*\*\* \[Makefile:5: bad\] Killed$/m);
    expect(stderr).not.toMatch(/\bwell\b/);
    expect(left.length).toBe(2); // the make, and the neighbour's shell
    expect(await rig.make(["--nodes", nodes, "well"])).toMatchObject({ status: 0 });
  });

  test("what is shared is counted once, and what stays below is left alone", async () => {
    await using rig = new Rig();
    const { nodes } = await rig.startWorkers({
      count: 1,
      slots: 2,
      words: ["--job-memory", "150M", "--job-pids", "8"],
    });
    // Four processes of 60 MiB each, all of which is their father's.
    const father = 'my $$x = "x" x (60 << 20); for (1 .. 3) { fork or do { sleep 1; exit 0 } } 1 while wait > 0;';
    writeFileSync(join(rig.tree, "Makefile"), `all:\n\t@perl -e '${father}'; echo well\n`);
    expect(await rig.make(["--nodes", nodes])).toEqual({ status: 0, stdout: "well\n", stderr: "" });
  });

  test.each([
    [["--job-memory", "much"], "--job-memory must be a size such as 512M or 2G, not 'much'"],
    [["--job-pids", "0"], "--job-pids must be a whole number, at least 1"],
  ])("%j is no limit", async (words, said) => {
    await using rig = new Rig();
    const { status, stderr } = await rig.run("mexecd", ["--key", rig.key, "--listen", "127.0.0.1:0", ...words]);
    expect([status, stderr]).toEqual([2, `mexecd: ${said}\nTry 'mexecd --help'.\n`]);
  });

  test("the same goes for one of several users, and the log says why", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"), rig.credential("bob"));
    await rig.start(["--job-pids", "40"]);
    const made = await rig.make("alice", [BOMB]);
    expect(made.stderr).toMatch(/^mpmake: \*\*\* \[Makefile:2: all\] Killed$/m);
    expect(await rig.make("bob", ["id -un"])).toMatchObject({ status: 0, stdout: "bob\n" });
    const because = expect.stringMatching(/^it had \d+ processes, and a job may have 40 here$/) as string;
    await expect
      .poll(() => rig.audit().find(({ account }) => account === "alice"))
      .toMatchObject({ event: "job", status: { kind: "signalled", signal: 9 }, ended: { because, left: 0 } });
  });
});
