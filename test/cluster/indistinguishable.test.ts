import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { LocalWorkers } from "../../src/launch/local.js";
import { CLOSE_OTHERS, isRoot, needsRoot, type Ran, Rig, tool } from "./rig.js";

interface Probe {
  readonly name: string;
  /** Why it may differ, and must. */
  readonly except: string | undefined;
  readonly needsRoot: boolean;
  /** Whether it is to be tried by root as well as by others. */
  readonly isForRoot: boolean;
  readonly script: string;
}

function parseProbes(text: string): readonly Probe[] {
  const [, ...blocks] = text.split(/^== /m);
  return blocks.map((block) => {
    const [name = "", ...lines] = block.trimEnd().split("\n");
    const valueOf = (key: string): string | undefined =>
      lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
    const script = lines.filter((line) => !/^(except|needs|also): /.test(line)).join("\n");
    return {
      name,
      except: valueOf("except"),
      needsRoot: valueOf("needs") === "root",
      isForRoot: valueOf("also") === "root",
      script,
    };
  });
}

const probes = parseProbes(readFileSync(join(import.meta.dirname, "indistinguishable.txt"), "utf8"));

test("there is no end to what could be tried, but this is a beginning", () => {
  expect(probes.length).toBeGreaterThanOrEqual(60);
  expect(new Set(probes.map(({ name }) => name)).size).toBe(probes.length);
});

// Most of them wait, for processes to start and for time to pass.
describe.concurrent("a program cannot tell where it runs", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    // Where we may, the node has a name of its own.
    const wrapper = () => ["unshare", "--uts", "sh", "-c", 'hostname the-node; exec "$@"', "sh"];
    workers = await rig.startWorkers({ count: 1, slots: 8, ...(isRoot && { wrapper }) });
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  async function run(script: string, command: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const directory = await mkdtemp(join(rig.directory, "probe-"));
    const { exitCode, signal, stdout, stderr } = await execa("bash", ["-c", script], {
      cwd: directory,
      env: {
        PATH: rig.path,
        TMPDIR: rig.directory,
        NODES: workers.nodes,
        MPMAKE_KEY: `${rig.key}.pub`,
        HELP: join(import.meta.dirname, "helpers"),
        RUN: command,
        ...more,
      },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      encoding: "latin1",
      stdin: "ignore",
      timeout: 230_000,
    });
    await rm(directory, { recursive: true, force: true });
    const plain = (text: string): string =>
      text.replaceAll(directory, "DIR").replace(/^(bash: line \d+:) +\d+ /gm, "$1 PID ");
    return { status: exitCode ?? signal ?? "not started", stdout: plain(stdout), stderr: plain(stderr) };
  }

  test("nor can a recipe", { timeout: 240_000, tags: ["root"] }, async () => {
    const makefile = join(import.meta.dirname, "recipes.mk");
    const script = `${CLOSE_OTHERS}
printf '%s\n' one two three four >in; ulimit -Sn 300; ulimit -Ss 4000; umask 027; trap '' USR1
nice -n 3 $RUN -k -f ${makefile} <in 2>&1 | cat; echo \${PIPESTATUS[0]}`;
    const here = await run(script, tool("mpmake"), { NODES: "" });
    expect(here.stdout.split("\n").length).toBeGreaterThan(100);
    expect(await run(script, tool("mpmake"))).toEqual(here);
  });

  test.for([
    ["both outputs", "$HELP/terminal 33 101 $RUN -k -f $MAKEFILE"],
    ["standard output alone", "$HELP/terminal 24 80 sh -c '$RUN -k -f $MAKEFILE 2>errors'; cat errors"],
    ["standard error alone", "$HELP/terminal 24 80 sh -c '$RUN -k -f $MAKEFILE >output'; cat output"],
    ["neither, for -O takes them aside", "$HELP/terminal 24 80 $RUN -k -j2 -O -f $MAKEFILE"],
    ["another size", "$HELP/terminal 24 80 --when '24 80' --resize 50 132 $RUN -s -f $MAKEFILE resized"],
  ] as const)("nor can a recipe at a terminal: %s", { timeout: 240_000 }, async ([, script]) => {
    const MAKEFILE = join(import.meta.dirname, "at-a-terminal.mk");
    const here = await run(script, tool("mpmake"), { MAKEFILE, NODES: "" });
    expect(here.stdout).toMatch(/\S/);
    expect(await run(script, tool("mpmake"), { MAKEFILE })).toEqual(here);
  });

  async function compare({ script, except, needsRoot: isRootOnly }: Probe, context: TestContext): Promise<void> {
    if (isRootOnly) needsRoot(context);
    const [here, there] = [await run(script, ""), await run(script, tool("mexecvp"))];
    if (except === undefined) expect(there).toEqual(here);
    else expect(there, "the exception is none any more").not.toEqual(here);
  }

  const timeout = 240_000;
  test.for(probes.filter(({ isForRoot }) => !isForRoot))("$name", { timeout }, compare);
  test.for(probes.filter(({ isForRoot }) => isForRoot))("$name", { timeout, tags: ["root"] }, compare);
});
