/** Programs of recipes on nodes that share the session's slots by the jobserver: a real make, and scripts that speak its protocol. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type TestContext } from "vitest";
import { readLines, Rig, writeLine } from "./rig.js";

/** A shell's: opens the FIFO as descriptor 9, and takes tokens. */
const STRANGER = `fifo=\${MAKEFLAGS##*--jobserver-auth=fifo:} && fifo=\${fifo%% *}
take() { dd bs=1 count=1 <&9 2>/dev/null; }
give() { printf + >&9; }
exec 9<>"$fifo"
`;

/** Fails when four others run. */
const WORK = `for slot in 1 2 3 4; do
  if mkdir busy/$slot 2>/dev/null; then sleep 0.1; rmdir busy/$slot; exit 0; fi
done
echo "$1 is one too many"
exit 1
`;

/** A tree with the scripts of this page. */
function writeTree(rig: Rig, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(rig.tree, "busy"));
  const all = { "stranger.sh": STRANGER, "work.sh": WORK, ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(rig.tree, name), text);
}

/** A make that knows the FIFO style. */
function needsMake(context: TestContext): string {
  const make = process.env["MPMAKE_ORACLE"] ?? "make";
  const [, major = "0", minor = "0"] = /^GNU Make (\d+)\.(\d+)/.exec(versionOf(make)) ?? [];
  const knowsFifo = Number(major) > 4 || (Number(major) === 4 && Number(minor) >= 4);
  context.skip(!knowsFifo, "a make under a recipe has to be GNU make 4.4 or later; MPMAKE_ORACLE names one");
  return make;
}

function versionOf(make: string): string {
  try {
    return execFileSync(make, ["--version"], { encoding: "latin1" });
  } catch {
    return "";
  }
}

const CALM = { status: 0, stdout: "", stderr: "" };

test("a script under a recipe gets as many tokens as there are slots, and each of them again", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 4 });
  writeTree(rig, {
    Makefile: "all:\n\t@. ./stranger.sh; for i in 1 2; do echo $$(take)$$(take)$$(take); give; give; give; done\n",
  });
  expect(await rig.make(["-j4", "--nodes", nodes])).toEqual({ ...CALM, stdout: "+++\n+++\n" });
});

test("tokens that are taken are slots: never do more run than -j says", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 2, slots: 4 });
  writeTree(rig, {
    Makefile:
      "all: one other a b c d e f g h\na b c d e f g h:\n\t@sh work.sh $@\n" +
      "one other:\n\t@. ./stranger.sh; for i in 1 2 3 4 5 6 7 8; do\\\n" +
      "\t  take >/dev/null; { sh work.sh $@ || echo >failed; give; } & done; sh work.sh $@; wait; test ! -e failed\n",
  });
  expect(await rig.make(["-j4", "--nodes", nodes])).toEqual(CALM);
});

test("a make under a recipe runs its jobs in the session's slots, several at once and never too many", async (context) => {
  const make = needsMake(context);
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 4 });
  rig.makeFifo("meeting");
  writeTree(rig, {
    Makefile: `all: inner a b c d\na b c d:\n\t@sh work.sh $@\ninner:\n\t@'${make}' -f inner.mk\n`,
    "inner.mk":
      "all: one other p q r s t u\np q r s t u:\n\t@sh work.sh $@\n" +
      "one:\n\t@echo here > meeting\nother:\n\t@read word < meeting\n",
  });
  expect(await rig.make(["-j4", "--no-print-directory", "--nodes", nodes])).toEqual(CALM);
});

test("gcc -flto=jobserver links under a recipe on a node; before gcc 13 with jobs of its own, as it knows no FIFO", async (context) => {
  context.skip(!/^gcc/.test(versionOf("gcc")), "gcc is not installed");
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 4 });
  writeTree(rig, {
    "a.c": "int b(void);\nint main(void) { return b(); }\n",
    "b.c": "int b(void) { return 0; }\n",
    Makefile: "all:\n\t@gcc -O1 -flto=jobserver a.c b.c -o all && ./all\n",
  });
  expect(await rig.make(["-j4", "--nodes", nodes])).toEqual(CALM);
});

test("the token of a program that is killed comes back, while its recipe goes on", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 3 });
  for (const name of ["taken", "killed", "meeting", "over"]) rig.makeFifo(name);
  writeTree(rig, {
    "holder.sh": `${STRANGER}take >/dev/null; echo taken > taken; exec sleep 1000\n`,
    Makefile:
      "all: holder one other\n" +
      "holder:\n\t@sh holder.sh & read word < taken; kill -KILL $$!; echo killed > killed; read word < over\n" +
      "gate:\n\t@read word < killed\n" +
      // All three slots: these two, and the holder's recipe.
      "one other: gate\none:\n\t@echo here > meeting\nother:\n\t@read word < meeting; echo over > over\n",
  });
  expect(await rig.make(["-j3", "--nodes", nodes])).toMatchObject({ status: 0, stdout: "" });
});

test("a daemon that keeps the FIFO open holds up nobody, and the next recipe has another", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 2 });
  rig.makeFifo("up");
  writeTree(rig, {
    "daemon.sh": `${STRANGER}take >/dev/null; echo $$ > up; exec sleep 1000 >/dev/null 2>&1\n`,
    Makefile:
      "all: next\ndaemon:\n\t@setsid sh daemon.sh & read pid < up; echo $$pid > pid; . ./stranger.sh; echo $$fifo > first\n" +
      'next: daemon\n\t@. ./stranger.sh; take; echo; test "$$fifo" != "$$(cat first)"\n',
  });
  expect(await rig.make(["-j2", "--nodes", nodes])).toEqual({ ...CALM, stdout: "+\n" });
  process.kill(Number(readFileSync(join(rig.tree, "pid"), "latin1"))); // it was left alone
});

test("a recipe that ends with tokens in its hands has kept none: all slots are used behind it", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 4 });
  const started = rig.makeFifo("started");
  const gates = ["a", "b", "c", "d"].map((name) => rig.makeFifo(`go-${name}`));
  writeTree(rig, {
    Makefile:
      "all: a b c d\nholder:\n\t@. ./stranger.sh; take >/dev/null; take >/dev/null; take >/dev/null\n" +
      "a b c d: holder\n\t@echo $@ > started; read word < go-$@\n",
  });
  const make = rig.make(["-j4", "--nodes", nodes]);
  await readLines(started, 4);
  await Promise.all(gates.map((gate) => writeLine(gate, "go")));
  expect(await make).toEqual(CALM);
});

test("what programs on a node had that is lost comes back", async () => {
  await using rig = new Rig();
  const { nodes, workers } = await rig.startWorkers({ count: 2, slots: 3 });
  const held = rig.makeFifo("held");
  const go = rig.makeFifo("go");
  writeTree(rig, {
    Makefile:
      "all:\n\t@. ./stranger.sh; take >/dev/null; take >/dev/null; echo $$PPID > held; read word < go; echo $@\n",
  });
  const make = rig.make(["-j3", "--nodes", nodes]);
  const [worker = ""] = await readLines(held, 1);
  expect(workers.map(({ pid }) => String(pid))).toContain(worker);
  process.kill(Number(worker), "SIGKILL");
  expect(await readLines(held, 1)).not.toEqual([worker]);
  await writeLine(go, "go");
  expect(await make).toMatchObject({ status: 0, stdout: "all\n" });
});

test("a worker leaves no FIFO behind, however it ends", async () => {
  await using rig = new Rig();
  const { nodes, workers } = await rig.startWorkers({ count: 1, slots: 2 });
  writeTree(rig, { Makefile: "all:\n\t@. ./stranger.sh; take; echo\n" });
  expect(await rig.make(["-j2", "--nodes", nodes])).toEqual({ ...CALM, stdout: "+\n" });
  const isThere = (): boolean => readdirSync(rig.directory).some((name) => name.startsWith("mpmake-slots-"));
  expect(isThere()).toBe(true);
  process.kill(workers[0]?.pid ?? 0, "SIGKILL");
  await expect.poll(isThere, { timeout: 10_000 }).toBe(false);
});

test("without slots to share, and with a pipe, a recipe's MAKEFLAGS are what they are here", async () => {
  await using rig = new Rig();
  const { nodes } = await rig.startWorkers({ count: 1, slots: 2 });
  writeTree(rig, { Makefile: "all:\n\t@echo \"[$$MAKEFLAGS]\" | sed 's/=[0-9]*,[0-9]*/=R,W/'\n" });
  const said = async (...words: string[]) => (await rig.make([...words, "A=b"])).stdout;
  for (const words of [["-j1"], ["-j"], ["-j2", "--jobserver-style=pipe"]])
    expect(await said(...words, "--nodes", nodes), words.join(" ")).toBe(await said(...words));
  expect(await said("-j2", "--jobserver-style=pipe", "--nodes", nodes)).toBe(
    "[ -j2 --jobserver-auth=R,W --jobserver-auth=-2,-2 -- A=b]\n",
  );
});
