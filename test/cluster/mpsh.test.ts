import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalWorkers } from "../../src/launch/local.js";
import { processesWith, readLines, Rig } from "./rig.js";

const MPSH = join(import.meta.dirname, "../../dist/mpsh");
const GNU_MAKE = [process.env["MPMAKE_ORACLE"], "make", "gmake"].find(isGnuMake);

function isGnuMake(program: string | undefined): program is string {
  if (program === undefined || program === "") return false;
  try {
    const text = execFileSync(program, ["--version"], { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] });
    return text.startsWith("GNU Make") && !text.includes("mpmake");
  } catch {
    return false;
  }
}

describe("mpsh", () => {
  let rig: Rig;
  let workers: LocalWorkers;
  let environment: Record<string, string>;

  beforeAll(async () => {
    rig = new Rig();
    workers = await rig.startWorkers({ count: 3, slots: 4 });
    environment = {
      PATH: "/usr/bin:/bin",
      TMPDIR: rig.directory,
      MPSH_DIR: join(rig.directory, "session"),
      NODES: workers.nodes,
      MPMAKE_KEY: `${rig.key}.pub`,
    };
  });
  afterAll(async () => {
    endSession(environment["MPSH_DIR"] ?? "");
    await rig[Symbol.asyncDispose]();
  });

  let count = 0;

  /** Its outputs are files, as Node's own pipes are sockets. */
  function start(program: string, words: readonly string[], more: Record<string, string> = {}) {
    const paths = ["out", "err"].map((name) => join(rig.directory, `${name}-${String(++count)}`));
    const fds = paths.map((path) => openSync(path, "a"));
    const process = spawn(program, words, {
      cwd: rig.tree,
      env: { ...environment, ...more },
      stdio: ["ignore", ...fds],
    });
    for (const fd of fds) closeSync(fd);
    const ended = once(process, "exit").then(([code, signal]: (number | string | null)[]) => {
      const [stdout = "", stderr = ""] = paths.map((path) => readFileSync(path, "utf8"));
      return { status: code ?? signal, stdout, stderr };
    });
    return { process, ended };
  }

  function mpsh(words: readonly string[], more?: Record<string, string>) {
    return start(MPSH, words, more).ended;
  }

  test("a line has its environment, directory, umask and words on a node, and ends as it ends", async () => {
    const line = 'echo "$GREETING $0 $1"; pwd; umask; test "$MPMAKE_JOB" && echo there; echo no >&2; exit 7';
    expect(await mpsh(["-c", line, "name", "one"], { GREETING: "h\u00e9llo" })).toEqual({
      status: 7,
      stdout: `h\u00e9llo name one\n${rig.tree}\n0022\nthere\n`,
      stderr: "no\n",
    });
    expect(await mpsh(["-ec", "false; echo not reached"])).toEqual({ status: 1, stdout: "", stderr: "" });
    expect(await mpsh(["-c", "kill -TERM $$"])).toEqual({ status: "SIGTERM", stdout: "", stderr: "" });
    expect((await mpsh(["-c", "no-such-program"])).status).toBe(127);
  });

  test("without nodes, and without a line, it is the shell", async () => {
    const here = { NODES: "" };
    expect(await mpsh(["-c", 'echo "$MPMAKE_JOB"; exit 4'], here)).toEqual({ status: 4, stdout: "\n", stderr: "" });
    const script = join(rig.tree, "script");
    writeFileSync(script, 'echo "$1 $MPMAKE_JOB"\n');
    expect(await mpsh([script, "one"])).toEqual({ status: 0, stdout: "one \n", stderr: "" });
  });

  test("output to a file that others append to, to one whose position is shared, and to a socket, without a start of Node", async () => {
    const line = 'test "$MPMAKE_JOB" && echo there; echo more >&2';
    const words = ["-c", `echo before; MPMAKE_NODE=/dev/null ${MPSH} -c '${line}'; echo behind`];
    await mpsh(["-c", ":"]); // from here on there is a session
    for (const flags of ["a", "w"]) {
      const path = join(rig.tree, `output-${flags}`);
      const fd = openSync(path, flags);
      await once(spawn("/bin/sh", words, { cwd: rig.tree, env: environment, stdio: ["ignore", fd, fd] }), "exit");
      closeSync(fd);
      expect(readFileSync(path, "latin1")).toBe("before\nthere\nmore\nbehind\n");
    }
    const options = { cwd: rig.tree, env: environment, extendEnv: false, stdin: "ignore" } as const;
    const { stdout, stderr } = await execa("/bin/sh", words, options);
    expect([stdout, stderr]).toEqual(["before\nthere\nbehind", "more"]);
    const joined = await execa("/bin/sh", ["-c", `{ ${words[1] ?? ""}; } 2>&1`], options);
    expect(joined.stdout).toBe("before\nthere\nmore\nbehind");
  });

  test("a line that fails while its output is a socket ends so behind all its output", async () => {
    const options = { cwd: rig.tree, env: environment, extendEnv: false, stdin: "ignore", reject: false } as const;
    const failed = await execa(MPSH, ["-c", "seq 100000; exit 5"], options);
    expect([failed.exitCode, failed.stdout.split("\n").length]).toEqual([5, 100_000]);
    expect((await execa(MPSH, ["-c", "echo said; kill -TERM $$"], options)).signal).toBe("SIGTERM");
  });

  test("output that cannot be written is no success", async () => {
    const script = `mpsh() { ${MPSH} -c "$1"; echo $? >>statuses; }
      mpsh 'echo x' >/dev/full; mpsh 'echo x; exit 4' >/dev/full; mpsh 'echo x >&2' 2>/dev/full
      { mpsh 'until [ -e unread ]; do sleep 0.05; done; echo x'; } | { exec <&-; : >unread; }
      (trap '' XFSZ; ulimit -f 1; mpsh 'head -c 3000 /dev/zero' >shared)`;
    const { stderr } = await start("/bin/bash", ["-c", script]).ended;
    expect(readFileSync(join(rig.tree, "statuses"), "latin1")).toBe("1\n4\n1\n141\n1\n");
    expect(stderr).toBe(
      `${"mpsh: cannot write to standard output: No space left on device\n".repeat(2)}cat: write error: File too large\n`,
    );
  });

  test("a line that names a descriptor which its make was given runs where that is open", async () => {
    const line = 'echo "$1 ${MPMAKE_JOB:+there}"';
    const script = `mpsh() { ${MPSH} -c "$@"; }
      mpsh '${line} >&7; read -r x </dev/fd/3; echo $x' sh seven 7>seven 3<${join(rig.tree, "input-3")}; cat seven
      mpsh '${line} 7>&1 >&7' sh own; mpsh '${line} 2>&1' sh others 7>seven; mpsh '${line} >&33' sh two 33>two; cat two`;
    writeFileSync(join(rig.tree, "input-3"), "read\n");
    const ran = await start("/bin/bash", ["-c", script], { MPSH_SHELL: "/bin/bash" }).ended;
    expect(ran).toEqual({ status: 0, stdout: "read\nseven \nown there\nothers there\ntwo \n", stderr: "" });
  });

  test("standard input and large output go through", async () => {
    const path = join(rig.tree, "input");
    writeFileSync(path, "some input\n".repeat(20_000));
    const line = `cat ${path} | ${MPSH} -c 'cat; echo end' | cat`;
    const ran = await start("/bin/sh", ["-c", line]).ended;
    expect([ran.stdout === `${readFileSync(path, "utf8")}end\n`, ran.stderr]).toEqual([true, ""]);
  });

  test("when its launcher is killed nothing of the line is left", async () => {
    const started = rig.makeFifo("mpsh-started");
    const running = start(MPSH, ["-c", `setsid sleep 1000 & sleep 1000 & echo up > ${started}; wait`], {
      MARK: "mpsh-killed",
    });
    await readLines(started, 1);
    running.process.kill("SIGTERM");
    await running.ended;
    await expect.poll(() => processesWith("MARK=mpsh-killed"), { timeout: 10_000 }).toEqual([]);
  });

  test("a GNU make with SHELL=mpsh builds over three nodes what it builds here", async (context) => {
    if (GNU_MAKE === undefined) return context.skip("there is no GNU make here");
    const directory = join(rig.tree, "stock");
    mkdirSync(directory);
    const names = Array.from({ length: 24 }, (_, i) => `t${String(i)}`).join(" ");
    writeFileSync(
      join(directory, "Makefile"),
      `all: ${names} sub; @cat ${names}\n` +
        `${names}:\n\t@sleep 0.05; echo $@ > $@\n\t@test "$$MPMAKE_JOB" && echo $$PPID >> nodes\n` +
        'sub:; @$(MAKE) --no-print-directory inner\ninner:; @echo "inner $$MAKELEVEL" >> $@\nbad:; @exit 3\n',
    );
    const make = (words: readonly string[]) => start(GNU_MAKE, ["-C", directory, "-s", ...words]).ended;
    const built = await make([`SHELL=${MPSH}`, "-j16"]);
    expect([built.status, built.stderr]).toEqual([0, ""]);
    expect(built.stdout).toBe(`${names.replaceAll(" ", "\n")}\n`);
    expect(readFileSync(join(directory, "inner"), "latin1")).toBe("inner 2\n");
    const nodes = readFileSync(join(directory, "nodes"), "latin1").trimEnd().split("\n");
    expect(nodes).toHaveLength(24);
    expect([...new Set(nodes)].sort()).toEqual(workers.workers.map(({ pid }) => String(pid)).sort());
    const failed = await make([`SHELL=${MPSH}`, "bad"]);
    expect([failed.status, failed.stderr]).toEqual([
      2,
      expect.stringMatching(/\*\*\* \[Makefile:\d+: bad\] Error 3/) as string,
    ]);
  });

  test("what is wrong with nodes or key is said", async () => {
    const ran = await mpsh(["-c", "echo no"], { MPMAKE_KEY: "gone" });
    expect([ran.status, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toMatch(/^mpsh: there is no key file /);
  });

  test("it starts no session in a directory that others may enter", async () => {
    const open = join(rig.directory, "open");
    mkdirSync(open);
    chmodSync(open, 0o755);
    const ran = await mpsh(["-c", "echo no"], { MPSH_DIR: open });
    expect(ran).toEqual({
      status: 111,
      stdout: "",
      stderr: `mpshd: ${open} must be a directory that belongs to you and that nobody else may enter\nmpsh: no session can be started\n`,
    });
  });

  test("a session that is told to end sends launchers to the next one", async () => {
    const directory = join(rig.directory, "ending");
    const first = await mpsh(["-c", "echo one"], { MPSH_DIR: directory });
    endSession(directory);
    const second = await mpsh(["-c", "echo two"], { MPSH_DIR: directory });
    endSession(directory);
    expect([first.stdout, second.stdout, second.stderr]).toEqual(["one\n", "two\n", ""]);
  });

  test("when a session is killed, lines that it had not heard of run by the next one, once, and others fail", async () => {
    const MPSH_DIR = join(rig.directory, "killed");
    const [started, ran] = [rig.makeFifo("killed-started"), join(rig.tree, "killed-ran")];
    const running = start(MPSH, ["-c", `echo up > ${started}; sleep 1000`], { MPSH_DIR });
    await readLines(started, 1);
    signalSession(MPSH_DIR, "SIGSTOP");
    const waiting = Array.from({ length: 8 }, () =>
      start(MPSH, ["-c", `echo once >> ${ran}; echo there`], { MPSH_DIR }),
    );
    for (const { process } of waiting) await expect.poll(() => hasAsked(process.pid, MPSH_DIR)).toBe(true);
    signalSession(MPSH_DIR, "SIGKILL");
    const late = start(MPSH, ["-c", "echo late"], { MPSH_DIR });
    const lost = await running.ended;
    expect([lost.status, lost.stderr]).toEqual([111, expect.stringContaining("the session was lost") as string]);
    for (const { ended } of waiting) expect(await ended).toEqual({ status: 0, stdout: "there\n", stderr: "" });
    expect(await late.ended).toEqual({ status: 0, stdout: "late\n", stderr: "" });
    expect(readFileSync(ran, "latin1")).toBe("once\n".repeat(waiting.length));
    endSession(MPSH_DIR);
  });
});

/** Whether a launcher has told a session of itself and waits: it has the FIFO open as 8. */
function hasAsked(pid: number | undefined, directory: string): boolean {
  const asked = statSync(`/proc/${String(pid)}/fd/8`, { throwIfNoEntry: false });
  return asked?.ino === statSync(join(directory, "in")).ino;
}

/** Ends a session, if there is one. */
function endSession(directory: string): void {
  if (existsSync(join(directory, "pid"))) signalSession(directory, "SIGTERM");
}

function signalSession(directory: string, signal: NodeJS.Signals): void {
  const [pid] = readFileSync(join(directory, "pid"), "latin1").split(" ");
  process.kill(Number(pid), signal);
}
