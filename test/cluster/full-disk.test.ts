/** Disks that are full: in the tree that is built, and on a worker. File systems of this test's own, so as root. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { needsRoot, Rig, tool } from "./rig.js";

/** A mount namespace in which a small file system lies over a directory. */
class SmallDisk implements Disposable {
  readonly #holder: ChildProcess;
  readonly wrapper: readonly string[];

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    this.wrapper = ["nsenter", "-t", String(holder.pid), "--mount"];
  }

  static async over(directory: string, kilobytes: number): Promise<SmallDisk> {
    const mount = `mount -t tmpfs -o size=${String(kilobytes)}k none "$1" && exec sleep 1000`;
    const holder = spawn("unshare", ["--mount", "sh", "-c", mount, "sh", directory], { stdio: "ignore" });
    const isMounted = (): boolean =>
      readlinkSync(`/proc/${String(holder.pid)}/ns/mnt`) !== readlinkSync("/proc/self/ns/mnt") &&
      readFileSync(`/proc/${String(holder.pid)}/mounts`, "latin1").includes(` ${directory} tmpfs `);
    await expect.poll(isMounted, { timeout: 10_000 }).toBe(true);
    return new SmallDisk(holder);
  }

  /** Runs something there. */
  sh(script: string): string {
    const [program = "", ...words] = this.wrapper;
    return execFileSync(program, [...words, "sh", "-c", script], { encoding: "latin1" });
  }

  [Symbol.dispose](): void {
    this.#holder.kill("SIGKILL");
  }
}

async function makeOn(disk: SmallDisk, rig: Rig, words: readonly string[]) {
  const [program = "", ...prefix] = [...disk.wrapper, `--wd=${rig.tree}`, tool("mpmake"), "--strict", ...words];
  const { exitCode, stdout, stderr } = await execa(program, prefix, {
    env: { PATH: rig.path, TMPDIR: rig.directory, HOME: rig.directory, MPMAKE_KEY: `${rig.key}.pub`, LC_ALL: "C" },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  return { status: exitCode, stdout, stderr };
}

test("the tree's: the recipe's own error, and what needs no room goes on, also in a build that begins there", async (context) => {
  needsRoot(context);
  await using rig = new Rig();
  using disk = await SmallDisk.over(rig.tree, 64);
  const { nodes } = await rig.startWorkers({ count: 1, wrapper: () => disk.wrapper });
  const makefile = "all: big small\nbig:\n\t@head -c 100000 /dev/zero > $@\nsmall: ; @echo small\n";
  disk.sh(`printf '${makefile.replaceAll("\n", "\\n").replaceAll("\t", "\\t")}' > ${rig.tree}/Makefile`);
  const said = [
    "head: error writing 'standard output': No space left on device",
    "mpmake: *** [Makefile:3: big] Error 1",
    "mpmake: Target 'all' not remade because of errors.",
  ];
  const first = await makeOn(disk, rig, ["-k", "--nodes", nodes]);
  expect(first).toEqual({ status: 2, stdout: "small", stderr: said.join("\n") });
  const before = disk.sh(`ls -A ${rig.tree}`);
  expect(before).toBe("Makefile\nbig\n");
  expect(await makeOn(disk, rig, ["--nodes", nodes, "small"])).toEqual({ status: 0, stdout: "small", stderr: "" });
  expect(disk.sh(`ls -A ${rig.tree}`)).toBe(before);
});

test("a worker's own: the recipe that needs it has the error, and the worker serves the others", async (context) => {
  needsRoot(context);
  await using rig = new Rig();
  const directory = join(rig.directory, "tmp");
  mkdirSync(directory);
  using disk = await SmallDisk.over(directory, 16);
  disk.sh(`head -c 100000 /dev/zero > ${directory}/filler || :`);
  const wrapper = () => [...disk.wrapper, "env", `TMPDIR=${directory}`];
  const { nodes } = await rig.startWorkers({ count: 1, wrapper, words: ["--audit", join(directory, "log")] });
  const recipe = `\t@echo text > ${directory}/$@`;
  writeFileSync(join(rig.tree, "Makefile"), `all: needs other\nneeds:\n${recipe}\nother: ; @seq 1000 | tail -1\n`);
  const made = await rig.make(["-k", "-j2", "--strict", "--nodes", nodes]);
  expect([made.status, made.stdout]).toEqual([2, "1000\n"]);
  expect(made.stderr).toMatch(
    /^\/bin\/sh: .*(No space left on device|I\/O error)\nmpmake: \*\*\* \[Makefile:3: needs\] Error \d$/m,
  );
  expect(made.stderr).not.toMatch(/left out|lost/);
  disk.sh(`rm ${directory}/filler`);
  expect(await rig.make(["--strict", "--nodes", nodes])).toMatchObject({ status: 0, stdout: "1000\n" });
  expect(readdirSync(directory)).toEqual([]); // nothing of it was written here
  // There is room again for the log, which says what it lacks.
  await expect.poll(() => disk.sh(`cat ${directory}/log`)).toMatch(/"event":"job".*"target":"other"/);
});

test("a key's: none is made, and nothing half-written stays", async (context) => {
  needsRoot(context);
  await using rig = new Rig();
  using disk = await SmallDisk.over(rig.tree, 8);
  disk.sh(`head -c 100000 /dev/zero > ${rig.tree}/filler || :`);
  const [program, ...words] = [...disk.wrapper, tool("ckeygen"), join(rig.tree, "new")];
  const { exitCode, stderr } = await execa(program, words, { reject: false });
  expect([exitCode, disk.sh(`ls -A ${rig.tree}`)]).toEqual([103, "filler\n"]);
  expect(stderr).toMatch(/No space left on device/);
});
