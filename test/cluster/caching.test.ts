/**
 * Builds on nodes whose file systems remember for seconds what they once saw, as NFS does. CACHING_OBJECTS and CACHING_RUNS make
 * it long; CACHING_MOUNT is a command that mounts another empty file system at {} and stays: see scripts/shared-file-systems.sh.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type TestContext } from "vitest";
import { mountCommand, needsCachedMounts } from "../rig/cached-mounts.js";
import { needsFaketime, type Ran, Rig, withClockOff } from "./rig.js";

const OBJECTS = process.env["CACHING_OBJECTS"] ?? "20";
const RUNS = Number(process.env["CACHING_RUNS"] ?? "1");

/** A tree that three workers and this machine see each through a mount of its own. */
class CachedTree implements AsyncDisposable {
  readonly rig: Rig;
  readonly #pids: string;
  readonly #config: string;

  constructor() {
    this.rig = new Rig();
    this.#pids = join(this.rig.directory, "mounts");
    this.#config = join(this.rig.directory, "patient.json");
    // Nodes that are slow to answer are not what is tried here
    writeFileSync(this.#config, JSON.stringify({ connectTimeoutMs: 30_000 }));
  }

  /** @param clocks - by how many seconds each worker's clock is ahead */
  async start(clocks: readonly string[] = ["", "", ""]): Promise<string> {
    const { rig } = this;
    const mount = `${this.#mountCommand()} & echo $! >> '${this.#pids}'`;
    const script = `${mount}; until mountpoint -q '${rig.tree}'; do sleep 0.02; done; exec "$@"`;
    const { nodes } = await rig.startWorkers({
      slots: 4,
      wrapper: (index) => [
        ...["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"],
        ...(clocks[index] === "" ? [] : withClockOff(clocks[index] ?? "")),
      ],
    });
    execFileSync("sh", ["-c", `{ ${script}; } </dev/null >/dev/null 2>&1`, "sh", "true"]);
    for (const name of readdirSync(rig.tree)) rmSync(join(rig.tree, name), { recursive: true });
    mkdirSync(join(rig.tree, "two"));
    for (const name of ["objects.mk", "two.mk"]) copyFileSync(join(import.meta.dirname, name), join(rig.tree, name));
    return nodes;
  }

  #mountCommand(): string {
    const { directory, tree } = this.rig;
    const given = process.env["CACHING_MOUNT"];
    if (given !== undefined) return given.replace("{}", `'${tree}'`);
    const backing = join(directory, "backing");
    mkdirSync(backing, { recursive: true });
    return mountCommand(backing, tree, "-f").map(quoted).join(" ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pids = existsSync(this.#pids) ? readFileSync(this.#pids, "utf8").trim().split("\n").map(Number) : [];
    // A machine of its own each, which ends with its file system
    for (const pid of pids) process.kill(pid);
    if (isMounted(this.rig.tree)) execFileSync("umount", ["-l", this.rig.tree]);
    await this.rig[Symbol.asyncDispose]();
  }

  /** Forgets all that was made, as a fresh clone would. */
  clear(): void {
    for (const name of ["h", "o", "libone.a", "program", "two"]) {
      rmSync(join(this.rig.tree, name), { recursive: true, force: true });
    }
    mkdirSync(join(this.rig.tree, "two"));
  }

  write(seed: string): void {
    writeFileSync(join(this.rig.tree, "seed.txt"), seed);
  }

  make(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return this.rig.make(["-f", "objects.mk", `COUNT=${OBJECTS}`, "-j12", ...words], {
      environment: { MPMAKE_CONFIG: this.#config, ...environment },
    });
  }

  get program(): string {
    return readFileSync(join(this.rig.tree, "program"), "utf8");
  }
}

function isMounted(path: string): boolean {
  return spawnSync("mountpoint", ["-q", path]).status === 0;
}

function quoted(word: string): string {
  return `'${word}'`;
}

function needsArchiver(context: TestContext): void {
  context.skip(spawnSync("ar", ["--version"]).error !== undefined, "there is no ar");
}

/** What the program is when every recipe has read what it should. */
function expectedProgram(seed: string): string {
  const headers = Array.from({ length: 10 }, (_, i) => `header ${String(i + 1)}\n${seed}`).join("");
  const sum = execFileSync("cksum", { input: headers, encoding: "utf8" });
  const numbers = Array.from({ length: Number(OBJECTS) }, (_, i) => String(i + 1));
  return ["object", "second"].flatMap((name) => numbers.map((number) => `${name} ${number}\n${sum}`)).join("");
}

async function buildRepeatedly(tree: CachedTree, nodes: string, words: readonly string[] = []): Promise<void> {
  for (let run = 0; run < RUNS; run++) {
    if (run > 0) tree.clear();
    for (const seed of [`first of ${String(run)}\n`, `and second of ${String(run)}\n`]) {
      tree.write(seed);
      const made = await tree.make(["--nodes", nodes, ...words]);
      expect([made.status, made.stderr.replaceAll(/^mpmake: warning: the clock of .*\n/gm, "")]).toEqual([0, ""]);
      expect(tree.program).toBe(expectedProgram(seed));
    }
    const again = await tree.make(["--nodes", nodes, ...words]);
    expect(again.stdout).not.toMatch(/ > |ar rc/);
    expect(again.status).toBe(0);
  }
}

const TIMEOUT_MS = 120_000 * RUNS;

test(
  "with file systems that remember for 12 s: everything is read as it was written, and made once",
  async (context) => {
    needsCachedMounts(context);
    needsArchiver(context);
    await using tree = new CachedTree();
    await buildRepeatedly(tree, await tree.start());
  },
  TIMEOUT_MS,
);

test(
  "the same with clocks a minute ahead and a minute behind",
  async (context) => {
    needsCachedMounts(context);
    needsArchiver(context);
    needsFaketime(context);
    await using tree = new CachedTree();
    await buildRepeatedly(tree, await tree.start(["", "+60s", "-60s"]), ["--clock-skew", "100"]);
  },
  TIMEOUT_MS,
);

test(
  "without receipts the same goes wrong",
  async (context) => {
    needsCachedMounts(context);
    needsArchiver(context);
    await using tree = new CachedTree();
    const nodes = await tree.start();
    const wrong: string[] = [];
    for (const seed of ["first\n", "and second\n"]) {
      tree.write(seed);
      const made = await tree.make(["--nodes", nodes], { MPMAKE_RECEIPTS: "off" });
      if (made.status !== 0 || tree.program !== expectedProgram(seed)) wrong.push(seed);
    }
    expect(wrong).not.toEqual([]);
  },
  TIMEOUT_MS,
);
