import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLOSED, createSpawner, type Spawner, type SpawnRequest } from "../../src/os/spawn.js";
import { descriptorMoves } from "../../src/os/spawn-native.js";
import { temporaryDirectory } from "../rig/temporary.js";

const environment = ["PATH=/usr/bin:/bin", "BYTES=\xff\xe9=x"];

interface Place {
  readonly directory: string;
  readonly spawner: Spawner;
}

function place(backend: "koffi" | "node"): Place {
  const directory = temporaryDirectory();
  return { directory, spawner: createSpawner({ backend, temporaryDirectory: directory }) };
}

/** Runs a program with its standard output and errors in one file. */
async function run(
  { spawner, directory }: Place,
  argv: readonly string[],
  more: Partial<SpawnRequest> = {},
): Promise<{ readonly status: unknown; readonly output: string }> {
  const [stdin, out] = [openSync("/dev/null", "r"), openSync(`${directory}/out`, "w+")];
  const [program = ""] = argv;
  const io = { stdin, stdout: out, stderr: out, group: "own" } as const;
  const status = await spawner.spawn({ program, argv, environment, directory, ...io, ...more }).exit;
  closeSync(stdin);
  closeSync(out);
  return { status, output: readFileSync(`${directory}/out`, "latin1") };
}

const exited = (code: number): unknown => ({ kind: "exited", code });

describe.each(["koffi", "node"] as const)("%s", (backend) => {
  test("a program gets its arguments and environment byte for byte", async () => {
    const got = await run(place(backend), ["sh", "-c", 'printf "%s|" "$0" "$@" "$BYTES"', "a\xe9", "", "\xfe b"]);
    expect(got).toEqual({ status: exited(0), output: "a\xe9||\xfe b|\xff\xe9=x|" });
  });

  test("it can open its descriptors by name", async () => {
    const got = await run(place(backend), ["sh", "-c", "echo out >/dev/stdout; echo err >/dev/stderr"]);
    expect(got).toEqual({ status: exited(0), output: "out\nerr\n".slice(4) });
  });

  test("exit codes and signals are told apart", async () => {
    const here = place(backend);
    expect((await run(here, ["sh", "-c", "exit 255"])).status).toEqual(exited(255));
    expect((await run(here, ["sh", "-c", "kill -9 $$"])).status).toEqual({ kind: "signalled", signal: 9, core: false });
  });

  test("SIGPIPE kills it, though we ignore it", async () => {
    const { status } = await run(place(backend), ["sh", "-c", "kill -PIPE $$"]);
    expect(status).toEqual({ kind: "signalled", signal: 13, core: false });
  });

  test("what cannot be executed tells why", async () => {
    const here = place(backend);
    const { directory } = here;
    writeFileSync(`${directory}/plain`, "");
    writeFileSync(`${directory}/interpreted`, "#!/no/such\n", { mode: 0o755 });
    const own = { environment: ["PATH=/usr/bin:/bin"] };
    const unstarted = (program: string, errno: string, code: number): unknown => ({
      kind: "unstarted",
      program,
      errno,
      code,
    });
    expect((await run(here, ["nosuch"], own)).status).toEqual(unstarted("nosuch", "ENOENT", 127));
    expect((await run(here, ["./nosuch"], own)).status).toEqual(unstarted("./nosuch", "ENOENT", 127));
    expect((await run(here, ["./plain"], own)).status).toEqual(unstarted("./plain", "EACCES", 126));
    expect((await run(here, ["./plain/x"], own)).status).toEqual(unstarted("./plain/x", "ENOTDIR", 127));
    expect((await run(here, ["/tmp"], own)).status).toEqual(unstarted("/tmp", "EACCES", 126));
    expect((await run(here, ["./interpreted"], own)).status).toEqual(unstarted("./interpreted", "ENOENT", 127));
    expect((await run(here, [""], own)).status).toEqual(unstarted("", "EACCES", 126));
    expect((await run(here, ["sh"], { directory: "/no/such" })).status).toEqual(unstarted("/no/such", "ENOENT", 127));
    expect((await run(here, ["echo", "x".repeat(200_000)], own)).status).toEqual(unstarted("echo", "E2BIG", 126));
  });

  test("a script without an interpreter is one for the shell", async () => {
    const here = place(backend);
    writeFileSync(`${here.directory}/script`, "echo $0 $1\n", { mode: 0o755 });
    expect((await run(here, ["./script", "a"])).output).toBe("./script a\n");
  });

  test("PATH is the program's own", async () => {
    const here = place(backend);
    mkdirSync(`${here.directory}/bin`);
    writeFileSync(`${here.directory}/bin/tool`, "#!/bin/sh\necho tool $0\n", { mode: 0o755 });
    const path = (value: string): { readonly environment: readonly string[] } => ({ environment: [`PATH=${value}`] });
    expect((await run(here, ["tool"], path("/nowhere:bin"))).output).toBe("tool bin/tool\n");
    mkdirSync(`${here.directory}/bin/directory`);
    expect((await run(here, ["directory"], path("bin"))).status).toMatchObject({ errno: "EACCES" });
    expect((await run(here, ["tool"], path("/usr/bin"))).status).toMatchObject({ errno: "ENOENT" });
    expect((await run(here, ["true"], { environment: [] })).status).toEqual(exited(0));
  });

  test("umask, and a descriptor that is kept under its number", async () => {
    const here = place(backend);
    writeFileSync(`${here.directory}/in`, "kept\n");
    const fd = openSync(`${here.directory}/in`, "r");
    const { output } = await run(here, ["sh", "-c", `umask; cat /proc/self/fd/${fd}`], { umask: 0o27, keep: [fd] });
    closeSync(fd);
    expect(output).toBe("0027\nkept\n");
  });

  test("standard output and errors can change places", async () => {
    const here = place(backend);
    const [a, b] = [openSync(`${here.directory}/a`, "w"), openSync(`${here.directory}/b`, "w")];
    await run(here, ["sh", "-c", "echo out; echo err >&2"], { stdout: b, stderr: a });
    closeSync(a);
    closeSync(b);
    expect([readFileSync(`${here.directory}/a`, "latin1"), readFileSync(`${here.directory}/b`, "latin1")]).toEqual([
      "err\n",
      "out\n",
    ]);
  });

  test("a group of its own can be ended as a whole", async () => {
    const { spawner, directory } = place(backend);
    const io = { stdin: openSync("/dev/null", "r"), stdout: openSync("/dev/null", "w"), stderr: 2 };
    const argv = ["sh", "-c", "sleep 1000 & wait"];
    const started = spawner.spawn({ program: "sh", argv, environment, directory, ...io, group: "own" });
    started.kill(15);
    expect(await started.exit).toEqual({ kind: "signalled", signal: 15, core: false });
    started.kill(15); // nobody is there any more
  });

  test("what is captured lies nowhere where a signal would leave it behind", () => {
    const { spawner, directory } = place(backend);
    const argv = ["sh", "-c", 'echo one; echo two >/dev/stdout; ls -A "$0"', directory];
    const given = { program: "sh", argv, environment: ["PATH=/usr/bin:/bin"], directory };
    const got = spawner.capture({ ...given, stdin: 0, stderr: 2 });
    expect({ ...got, stdout: got.stdout.split("\n").at(-2) }).toEqual({ stdout: "two", status: exited(0) });
  });

  test("capture returns all output and the status", () => {
    const { spawner, directory } = place(backend);
    const shell = (script: string): unknown =>
      spawner.capture({ program: "sh", argv: ["sh", "-c", script], environment, directory, stdin: 0, stderr: 2 });
    expect(shell("pwd; exit 3")).toEqual({ stdout: `${directory}\n`, status: exited(3) });
    expect(shell("head -c 300000 /dev/zero | tr '\\0' x")).toEqual({ stdout: "x".repeat(300_000), status: exited(0) });
    expect(shell("printf '\\377'; kill -9 $$")).toMatchObject({ stdout: "\xff", status: { signal: 9 } });
    const missing = spawner.capture({
      program: "nosuch",
      argv: ["nosuch"],
      environment,
      directory,
      stdin: 0,
      stderr: 2,
    });
    expect(missing).toMatchObject({ stdout: "", status: { kind: "unstarted", errno: "ENOENT" } });
  });

  test("many at once all end", async () => {
    const here = place(backend);
    const io = {
      stdin: openSync("/dev/null", "r"),
      stdout: openSync("/dev/null", "w"),
      stderr: 2,
      group: "own",
    } as const;
    const exits = Array.from({ length: 40 }, (_, code) => {
      const argv = ["sh", "-c", `exit ${code}`];
      return here.spawner.spawn({ program: "sh", argv, environment, directory: here.directory, ...io }).exit;
    });
    expect(await Promise.all(exits)).toEqual(exits.map((_, code) => exited(code)));
  });
});

test("koffi: a core dump is told, and what our caller ignored stays ignored", async () => {
  const directory = temporaryDirectory();
  const spawner = createSpawner({ backend: "koffi", temporaryDirectory: directory, launched: { ignoredSignals: 1n } });
  const script = "kill -HUP $$; ulimit -c 0; kill -HUP $$; echo alive";
  expect(await run({ spawner, directory }, ["sh", "-c", script])).toEqual({ status: exited(0), output: "alive\n" });
});

/** What follows each number there, when `moves` are carried out one after the other. */
function movedTo(
  moves: readonly (readonly [number, number])[],
  numbers: readonly number[],
): readonly (string | number)[] {
  const open = new Map<number, number | string>([...Array(64).keys()].map((fd) => [fd, `ours ${String(fd)}`]));
  for (const [from, to] of moves) open.set(to, from === CLOSED ? "closed" : open.get(from)!);
  return numbers.map((fd) => open.get(fd)!);
}

test("descriptors above 2 change places without loss, and no copy stays behind", () => {
  const fd = fc.integer({ min: 0, max: 12 });
  const above = fc.uniqueArray(fc.tuple(fd, fc.integer({ min: 3, max: 12 })), { selector: ([, to]) => to });
  fc.assert(
    fc.property(fd, fd, fd, above, (stdin, stdout, stderr, further) => {
      const moves = descriptorMoves({ stdin, stdout, stderr, further });
      const wanted = [[stdin, 0], [stdout, 1], [stderr, 2], ...further] as [number, number][];
      expect(
        movedTo(
          moves,
          wanted.map(([, to]) => to),
        ),
      ).toEqual(wanted.map(([from]) => `ours ${String(from)}`));
      const spares = moves.map(([, to]) => to).filter((to) => !wanted.some(([, other]) => other === to));
      expect(movedTo(moves, spares)).toEqual(spares.map(() => "closed"));
    }),
  );
});

test("no descriptor is overwritten before it is moved", () => {
  const moves = (stdin: number, stdout: number, stderr: number, keep: number[] = []): unknown =>
    descriptorMoves({ stdin, stdout, stderr, keep });
  expect(moves(0, 1, 2)).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  expect(moves(9, 8, 8, [5])).toEqual([
    [9, 0],
    [8, 1],
    [8, 2],
    [5, 5],
  ]);
  expect(moves(1, 7, 2)).toEqual([
    [1, 0],
    [7, 1],
    [2, 2],
  ]);
  expect(moves(7, 0, 1)).toEqual([
    [1, 2],
    [0, 1],
    [7, 0],
  ]);
  expect(moves(0, 2, 1, [3])).toEqual([
    [0, 0],
    [2, 4],
    [1, 2],
    [4, 1],
    [3, 3],
    [CLOSED, 4],
  ]);
});
