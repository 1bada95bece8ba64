import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  build,
  ExecError,
  mexecl,
  mexecle,
  mexeclp,
  mexecv,
  mexecve,
  mexecvp,
  mexecvpe,
  mexecxvp,
  NodeLostError,
  UserError,
} from "../../src/index.js";
import type { LocalWorkers } from "../../src/launch/local.js";
import { TcpRelay } from "../rig/tcp-relay.js";
import { processesWith, Rig } from "./rig.js";

describe("the library", () => {
  let rig: Rig;
  let workers: LocalWorkers;

  beforeAll(async () => {
    rig = new Rig();
    workers = await rig.startWorkers({ count: 2 });
  });
  afterAll(() => rig[Symbol.asyncDispose]());
  afterEach(() => vi.unstubAllEnvs());

  function options() {
    return { nodes: workers.nodes, keyFile: `${rig.key}.pub`, directory: rig.tree };
  }

  test("mexecve runs a program on a node, with the environment that it is given and no other", async () => {
    const output = { stdout: "", stderr: "" };
    const status = await mexecve(
      "/bin/sh",
      ["sh", "-c", 'echo "$PPID $GREETING ${HOME-none}"; pwd; exit 4'],
      { GREETING: "h\u00e9llo" },
      {
        ...options(),
        onOutput: (stream, bytes) => (output[stream] += Buffer.from(bytes).toString()),
      },
    );
    expect(status).toEqual({ kind: "exited", code: 4 });
    const [, parent, rest] = /^(\d+) (.*)$/s.exec(output.stdout) ?? [];
    expect(workers.workers.map(({ pid }) => String(pid))).toContain(parent);
    expect(rest).toBe(`h\u00e9llo none\n${rig.tree}\n`);
  });

  test("mexecvp searches PATH and mexecv does not", async () => {
    const silent = { ...options(), onOutput: () => undefined };
    expect(await mexecvp("true", ["true"], silent)).toEqual({ kind: "exited", code: 0 });
    await expect(mexecv("true", ["true"], silent)).rejects.toMatchObject({ code: "ENOENT", path: "true" });
  });

  test("output that cannot be written here rejects, unless the program has noticed", async () => {
    const script = `import { mexecvp } from ${JSON.stringify(join(import.meta.dirname, "../../dist/lib/index.js"))};
      const [nodes, keyFile, directory, line] = process.argv.slice(1);
      const said = await mexecvp("sh", ["sh", "-c", line], { nodes, keyFile, directory }).catch((error) => [error.name, error.code, error.descriptor, error.end]);
      console.error(JSON.stringify(said));`;
    const { nodes, keyFile, directory } = options();
    const words = ["--input-type=module", "-e", script, "--", nodes, keyFile, directory];
    const run = async (line: string, where: string) => {
      const shell = `"$0" "$@" ${where}`;
      const { stderr } = await execa("bash", ["-c", shell, process.execPath, ...words, line], { cwd: directory });
      return JSON.parse(stderr) as unknown;
    };
    const well = { kind: "exited", code: 0 };
    const late = "until [ -e unread ]; do sleep 0.05; done; echo late";
    expect(await run("echo x", ">/dev/full")).toEqual(["OutputError", "ENOSPC", 1, well]);
    expect(await run(late, "| { exec <&-; : >unread; }")).toEqual(["OutputError", "EPIPE", 1, well]);
    expect(await run("exec yes", "| head -n 1 >head")).toEqual({ kind: "signalled", signal: 13, core: false });
  });

  test("what cannot be executed rejects with the errno that exec returns", async () => {
    const plain = join(rig.tree, "plain");
    const folder = join(rig.tree, "folder");
    const strange = join(rig.tree, "strange");
    mkdirSync(folder);
    writeFileSync(plain, "echo no\n", { mode: 0o644 });
    writeFileSync(strange, "#!/no/such/interpreter\n", { mode: 0o755 });
    const failed = async (path: string, argv: readonly string[] = [path]): Promise<unknown> => {
      const error: unknown = await mexecve(path, argv, {}, options()).catch((thrown: unknown) => thrown);
      if (!(error instanceof ExecError)) return error;
      const { code, errno, syscall } = error;
      return { code, errno, syscall, path: error.path };
    };
    const expected = (code: string, errno: number, path: string) => ({ code, errno, syscall: "execve", path });
    expect(await failed("/no/such")).toEqual(expected("ENOENT", -2, "/no/such"));
    expect(await failed("")).toEqual(expected("ENOENT", -2, ""));
    expect(await failed(plain)).toEqual(expected("EACCES", -13, plain));
    expect(await failed(folder)).toEqual(expected("EACCES", -13, folder));
    expect(await failed(`${plain}/x`)).toEqual(expected("ENOTDIR", -20, `${plain}/x`));
    expect(await failed(strange)).toEqual(expected("ENOENT", -2, strange));
    expect(await failed("/bin/true", [])).toEqual(expected("EINVAL", -22, "/bin/true"));
    expect(await failed("/bin/true", ["true", "a\0b"])).toEqual(expected("EINVAL", -22, "/bin/true"));
    expect(await failed("/bin/true", ["true", "x".repeat(200_000)])).toEqual(expected("E2BIG", -7, "/bin/true"));
  });

  test("the arguments one by one", async () => {
    vi.stubEnv("NODES", workers.nodes);
    vi.stubEnv("MPMAKE_KEY", `${rig.key}.pub`);
    vi.stubEnv("SENTDIR", rig.directory);
    const onNode = "test $MPMAKE_JOB && exit 7";
    expect(await mexecl("/bin/sh", "sh", "-c", onNode)).toEqual({ kind: "exited", code: 7 });
    expect(await mexeclp("sh", "sh", "-c", onNode)).toEqual({ kind: "exited", code: 7 });
    expect(await mexecle("/bin/sh", "sh", "-c", "exit $CODE", { CODE: "9" })).toEqual({ kind: "exited", code: 9 });
  });

  test("nodes and key are the caller's, not those of the program's environment", async () => {
    vi.stubEnv("NODES", workers.nodes);
    vi.stubEnv("MPMAKE_KEY", `${rig.key}.pub`);
    const environment = { PATH: process.env["PATH"], NODES: "5-2", MPMAKE_KEY: "gone" };
    const ran = mexecvpe("sh", ["sh", "-c", 'test "$NODES" = 5-2 && test $MPMAKE_JOB'], environment);
    expect(await ran).toEqual({ kind: "exited", code: 0 });
  });

  test("mexecxvp runs it on the nodes that are given and nowhere else", async () => {
    const [, second] = workers.workers;
    const { keyFile, directory } = options();
    vi.stubEnv("NODES", "local");
    let parent = "";
    const onOutput = (_: string, bytes: Uint8Array) => void (parent += Buffer.from(bytes).toString());
    const given = { keyFile, directory, onOutput };
    const words = ["sh", "-c", "echo $PPID; : not exec"];
    expect(await mexecxvp([`127.0.0.1:${String(second?.port)}`], "sh", words, given)).toEqual({
      kind: "exited",
      code: 0,
    });
    expect(parent).toBe(`${String(second?.pid)}\n`);
    await expect(mexecxvp("127.0.0.1:1", "sh", words, given)).rejects.toThrow(/^no node can be reached \(--strict\)/);
    await expect(mexecxvp([], "sh", words, given)).rejects.toThrow(UserError);
  });

  test("a node that goes away while the program runs", async () => {
    const { nodes, workers: lost } = await rig.startWorkers({ count: 1 });
    const onOutput = () => lost[0]?.kill("SIGKILL");
    const running = mexecve("/bin/sh", ["sh", "-c", "echo up; sleep 1000"], {}, { ...options(), nodes, onOutput });
    const error: unknown = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NodeLostError);
    expect(error).toMatchObject({ code: "ERR_NODE_LOST", started: true, node: nodes.replace(/\*.*/, "") });
  });

  test("a signal from the caller ends the program and what it started", async () => {
    const controller = new AbortController();
    const running = mexecve(
      "/bin/sh",
      ["sh", "-c", "sleep 1000 & echo up; wait"],
      { PATH: "/usr/bin:/bin", MARK: "library-abort" },
      {
        ...options(),
        onOutput: () => controller.abort(),
        signal: controller.signal,
      },
    );
    expect(await running).toEqual({ kind: "signalled", signal: 15, core: false });
    expect(processesWith("MARK=library-abort")).toEqual([]);
  });

  test("a mistake is a UserError", async () => {
    await expect(mexecvp("true", ["true"], { ...options(), nodes: "5-2" })).rejects.toThrow(UserError);
    await expect(mexecvp("true", ["true"], { ...options(), keyFile: "gone" })).rejects.toThrow(
      /^there is no key file /,
    );
  });

  test("calls that follow each other use one connection, which is closed soon after the last one", async () => {
    await using relay = await TcpRelay.to(workers.workers[0]?.port ?? 0);
    const nodes = `127.0.0.1:${String(relay.port)}`;
    const said: string[] = [];
    const call = (text: string): Promise<unknown> =>
      mexecvp("sh", ["sh", "-c", `echo ${text}`], {
        ...{ ...options(), nodes, strict: true },
        onOutput: (_, bytes) => said.push(`${text}: ${Buffer.from(bytes).toString()}`),
      });
    await call("first");
    const descriptors = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 8; i++) await call(String(i));
    expect(relay.connections.made).toBeLessThan(8); // on a busy machine some may come late
    expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(descriptors + 2); // a connection of the relay's, at worst
    await Promise.all(["a", "b", "c"].map(call));
    const texts = ["first", "0", "1", "2", "3", "4", "5", "6", "7", "a", "b", "c"];
    expect(said.sort()).toEqual(texts.map((text) => `${text}: ${text}\n`).sort());
    await expect.poll(() => relay.connections.open, { timeout: 5000 }).toBe(0);
  });

  test("a call after one whose node went away asks again", async () => {
    const { nodes, workers: lost } = await rig.startWorkers({ count: 1 });
    const strict = { ...options(), nodes, strict: true };
    await mexecvp("true", ["true"], strict);
    lost[0]?.kill("SIGKILL");
    await lost[0]?.ended;
    await expect(mexecvp("true", ["true"], strict)).rejects.toThrow(/^(?:no node|node) /);
  });

  test("build is a make as a call, here and over nodes", async () => {
    const directory = join(rig.tree, "build");
    mkdirSync(directory);
    writeFileSync(join(directory, "Makefile"), "all: a b\n\t@cat a b\na b:\n\t@echo $@ $(X) > $@\nbad:\n\t@exit 3\n");
    const said = openSync(join(directory, "said"), "w");
    const make = (words: readonly string[]) =>
      build({
        arguments: words,
        directory,
        environment: { PATH: "/usr/bin:/bin" },
        stdio: [openSync("/dev/null", "r"), said, said],
      });
    const nodes = ["--nodes", workers.nodes, "--key", `${rig.key}.pub`];
    expect(await make(["X=1"])).toEqual({ kind: "exited", code: 0 });
    expect(await make(["-B", "-j2", "X=2", ...nodes])).toEqual({ kind: "exited", code: 0 });
    expect(await make(["bad", ...nodes])).toEqual({ kind: "exited", code: 2 });
    closeSync(said);
    expect(readFileSync(join(directory, "said"), "utf8")).toBe(
      "a 1\nb 1\na 2\nb 2\nmpmake: *** [Makefile:6: bad] Error 3\n",
    );
  });
});
