import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { STREAM_WINDOW_BYTES } from "../../src/wire/limits.js";
import { living, requestOf } from "../net/worker-rig.js";
import { needsRoot, RootRig, UIDS, type User } from "./root-rig.js";

const isRoot = process.getuid?.() === 0;
const WHO = ["id -un", "id -gn", "id -Gn"];

describe("a worker that root started", () => {
  test("runs each user's recipes as that user, with his groups as at login; root's only since that is listed", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    const users: readonly User[] = ["alice", "bob", "root"];
    rig.writeAuthorized(...users.map((user) => rig.credential(user)));
    await rig.start();
    const recipe = [...WHO, "touch made", "mkdir -p made-too"];
    const runs = await Promise.all(users.map((user) => rig.make(user, recipe)));
    expect(runs).toEqual([
      { status: 0, stdout: "alice\nalice\nalice builders secret\n", stderr: "" },
      { status: 0, stdout: "bob\nbob\nbob builders\n", stderr: "" },
      { status: 0, stdout: "root\nroot\nroot\n", stderr: "" },
    ]);
    const owners = users.flatMap((user) =>
      ["made", "made-too"].map((name) => {
        const { uid, gid } = statSync(join(rig.directory, user, name));
        return [uid, gid];
      }),
    );
    const { alice, bob } = UIDS;
    expect(owners).toEqual([alice, alice, bob, bob, 0, 0].map((uid) => [uid, uid]));
    const jobs = (): unknown => {
      const ended = rig.audit().filter(({ event }) => event === "job");
      return ended.map(({ account, uid }) => [account, uid]).sort();
    };
    await expect.poll(jobs).toEqual([
      ["alice", alice],
      ["bob", bob],
      ["root", 0],
    ]);
  });

  test("whose client claims another's account is refused, and that is logged", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice", "bob"), rig.credential("bob"));
    await rig.start();
    const text = "this credential runs recipes as alice (20001) here, not as the client's user number 20002";
    const stderr = `mpmake: no node can be used: 127.0.0.1:${String(rig.port)}: it does not let us in: ${text}\n`;
    expect(await rig.make("bob", ["id >stolen"], "alice")).toMatchObject({ status: 2, stderr });
    expect(existsSync(join(rig.directory, "bob", "stolen"))).toBe(false);
    const [fingerprint] = readFileSync(rig.authorized, "latin1").split(" ");
    await expect
      .poll(() => rig.audit())
      .toMatchObject([{ event: "rejected", address: "127.0.0.1", reason: text, fingerprint, claims: UIDS.bob }]);
    // Nor can he who holds his own credential say that he is another.
    expect(await rig.greet("bob", UIDS.alice)).toMatchObject({ type: "bye", code: "forbidden" });
    await expect.poll(() => rig.audit().at(-1)).toMatchObject({ event: "rejected", claims: UIDS.alice });
    expect([...rig.parts().keys()]).toEqual(["network"]);
  });
});

describe("a credential that is listed does not let in", () => {
  let rig: RootRig;

  beforeEach(needsRoot);

  beforeAll(async () => {
    if (!isRoot) return;
    rig = new RootRig();
    const listed = ["alice", "carol", "dave", "erin", "ghost", "nobody"].map((user) => rig.credential(user));
    const anybody = rig.credential("any").replace("user=any", "user=*");
    const [late = "", far = "", near = ""] = ["late", "far", "near"].map((user) =>
      rig.credential(user).replace(/user=.*/, "user=alice"),
    );
    const terms = [
      `${late} notafter=2020-01-01`,
      `${far} from=10.9.0.0/255.255.0.0`,
      `${near} from=127.0.0.0/255.0.0.0`,
    ];
    rig.writeAuthorized(...listed, anybody, ...terms);
    await rig.start();
  });

  afterAll(async () => {
    if (isRoot) await rig[Symbol.asyncDispose]();
  });

  const { alice, bob, carol, dave, erin, system } = UIDS;

  test.each([
    ["root, who is not listed", "alice", 0, /runs recipes as alice \(20001\) here/],
    ["another user", "alice", bob, /runs recipes as alice \(20001\) here/],
    ["an account of the system, by any user", "any", system, /no ordinary user's/],
    ["root, by any user", "any", 0, /no ordinary user's/],
    ["nobody, by any user", "any", 65_534, /nobody's/],
    ["the number that means no change", "any", 4_294_967_295, /nobody's/],
    ["its neighbour", "any", 4_294_967_294, /nobody's/],
    ["a number that nobody has", "any", 54_321, /no ordinary user's/],
    ["an account without a shell", "carol", carol, /may not log in/],
    ["an account without a shell, by any user", "any", carol, /may not log in/],
    ["an account that has expired", "dave", dave, /has expired/],
    ["an account that is not there", "ghost", 1234, /there is no user ghost/],
    ["nobody, though he is listed", "nobody", 65_534, /nobody's/],
    ["a day too late", "late", alice, /has run out/],
    ["from the wrong address", "far", alice, /may not come from 127\.0\.0\.1/],
  ])("%s", async (_, user, uid, reason) => {
    const text = expect.stringMatching(reason) as string;
    const rejected = { event: "rejected", address: "127.0.0.1", reason: text, claims: uid };
    // More than ten in a second are only counted.
    const again = async (): Promise<object> => {
      expect(await rig.greet(user, uid)).toMatchObject({ type: "bye", code: "forbidden", text });
      return rig.audit().at(-1) ?? {};
    };
    await expect.poll(again, { interval: 300, timeout: 5000 }).toMatchObject(rejected);
  });

  test.each([
    ["an ordinary account, by any user", "any", bob],
    ["an account whose password is locked", "erin", erin],
    ["from the right address", "near", alice],
  ])("but does let in: %s", async (_, user, uid) => {
    expect(await rig.greet(user, uid)).toMatchObject({ type: "hello-ack", uid });
  });

  test("nor the key that all clients of the pair hold, which is not listed", async () => {
    await expect(rig.greet("", alice)).rejects.toThrow();
    const reason = expect.stringMatching(/^a certificate that is not trusted \([0-9a-f]{64}\)$/) as string;
    // Lines of the log that come close together are written together.
    await expect.poll(() => rig.audit().at(-1)).toMatchObject({ event: "rejected", reason });
  });
});

describe("a recipe on a worker that root started", () => {
  test("cannot come at the worker: its key, its memory, its rights", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    const { stdout } = await rig.make("alice", [
      `cat ${rig.key} 2>/dev/null || echo key`,
      "cat /proc/$$PPID/environ 2>/dev/null || echo environment",
      "cat /proc/$$PPID/mem 2>/dev/null || echo memory",
      "ls /proc/$$PPID/fd 2>/dev/null || echo descriptors",
      `kill -9 ${String(rig.pid)} 2>/dev/null || echo monitor`,
      `kill -9 ${String(rig.parts().get("network"))} 2>/dev/null || echo network`,
      "setpriv --reuid 0 id -u 2>/dev/null || echo root",
      "sed -n 's/^Cap\\(Eff\\|Prm\\|Inh\\|Amb\\):.//p' /proc/self/status | tr -d '0\\n'",
      "ls /proc/self/fd | tr '\\n' ' '",
    ]);
    const kept = ["key", "environment", "memory", "descriptors", "monitor", "network", "root"];
    expect(stdout.replace(/^ls: .*\n/gm, "")).toBe(`${kept.join("\n")}\n0 1 2 3 `);
  });

  test("changes nothing of the worker by its environment", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    const evil = join(rig.directory, "alice", "evil.cjs");
    writeFileSync(
      evil,
      `require("node:fs").appendFileSync("${rig.directory}/alice/ran", String(process.getuid()) + " ")`,
    );
    const environment = `NODE_OPTIONS="--require ${evil}" BASH_ENV=${evil} ENV=${evil} IFS=x`;
    const { status } = await rig.make("alice", [`${environment} node -e 0`, "true"]);
    expect(status).toBe(0);
    // Of the recipe's own program it may.
    expect(readFileSync(join(rig.directory, "alice", "ran"), "latin1")).toBe(`${String(UIDS.alice)} `);
  });

  test("stands back, and waits its turn, as its credential's line says", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(`${rig.credential("alice")} nice=7 maxjobs=1`);
    await rig.start();
    expect(await rig.make("alice", ["nice"])).toMatchObject({ stdout: "7\n" });
    expect(await rig.greet("alice", UIDS.alice)).toMatchObject({ type: "hello-ack", slots: 1 });
  });
});

describe("the parts of a worker that root started", () => {
  test("have no rights and no groups that they do not need", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    await rig.make("alice", ["true"]);
    const statuses = [...rig.parts()].map(([name, pid]) => [name, ...identityOf(pid)]);
    expect(Object.fromEntries(statuses.map(([name, ...rest]) => [name, rest]))).toEqual({
      network: ["20009 20009 20009 20009", "20009 20009 20009 20009", "20009", "0"],
      alice: ["20001 20001 20001 20001", "20001 20001 20001 20001", "20001 20010 20011", "0"],
    });
  });

  test("end with the monitor, and so do their recipes, when it is killed", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    const make = rig.make("alice", ["echo $$$$ >pid; exec sleep 1000"]);
    const recipe = await pidIn(join(rig.directory, "alice", "pid"));
    const pids = [...rig.parts().values(), recipe];
    rig.kill("SIGKILL");
    await expect.poll(() => living(pids), { timeout: 10_000 }).toEqual([]);
    expect((await make).status).toBe(2);
    // What it could not remove, the next one does.
    const { pid } = rig;
    const left = (): readonly string[] =>
      readdirSync("/run").filter((name) => name.startsWith(`mexecd-${String(pid)}-`));
    expect(left()).toHaveLength(1);
    await rig.ended();
    await rig.start();
    expect(left()).toEqual([]);
  });

  test("are started again when they are killed; only who was served by them notices", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"), rig.credential("bob"));
    await rig.start();
    const { socket } = await rig.greeted("bob", UIDS.bob);
    await rig.make("alice", ["true"]);
    process.kill(rig.parts().get("alice")!, "SIGKILL");
    await expect
      .poll(() => rig.audit().at(-1))
      .toMatchObject({ event: "part-ended", account: "alice", how: "SIGKILL" });
    expect(socket.closed).toBe(false);
    expect(await rig.make("alice", ["id -un"])).toMatchObject({ stdout: "alice\n" });
    process.kill(rig.parts().get("network")!, "SIGKILL");
    await expect.poll(() => rig.audit().at(-1)).toMatchObject({ event: "part-ended", part: "network", how: "SIGKILL" });
    await expect.poll(() => socket.closed).toBe(true);
    await expect.poll(() => rig.make("alice", ["id -un"]), { timeout: 15_000 }).toMatchObject({ stdout: "alice\n" });
  });

  test("tell their clients the jobs of all", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"), rig.credential("bob"));
    await rig.start();
    const { socket, endpoint } = await rig.greeted("bob", UIDS.bob);
    const make = rig.make("alice", ["echo $$$$ >pid; exec sleep 1000"]);
    const recipe = await pidIn(join(rig.directory, "alice", "pid"));
    const running = (): Promise<number> =>
      new Promise((resolve) => {
        socket.once("data", (bytes: Buffer) => {
          for (const heard of endpoint.receive(bytes)) if (heard.type === "pong") resolve(heard.load.running);
        });
        endpoint.send({ type: "ping", stream: 0, askedMs: 0 });
        for (const bytes of endpoint.takeOutput()) socket.write(bytes);
      });
    await expect.poll(running).toBe(1);
    process.kill(recipe);
    await make;
    await expect.poll(running).toBe(0);
    socket.destroy();
  });
});

test("a process that is slow to start does not make the node's clock look wrong", async (context) => {
  needsRoot(context);
  await using rig = new RootRig();
  rig.writeAuthorized(rig.credential("alice"));
  await rig.start();
  // Held up, the spare process takes a second to become alice's.
  const spare = rig.spare();
  process.kill(spare, "SIGSTOP");
  const heard = rig.greet("alice", UIDS.alice);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  process.kill(spare, "SIGCONT");
  const ack = await heard;
  if (ack.type !== "hello-ack") throw new Error(ack.type);
  expect(ack.answeredMs - ack.receivedMs).toBeGreaterThan(500);
});

describe("a worker that root started, told to", () => {
  test("read its files again: jobs go on, clients are judged anew", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    const [alice, bob] = [rig.credential("alice"), rig.credential("bob")];
    rig.writeAuthorized(alice);
    await rig.start();
    const fifo = join(rig.directory, "alice", "fifo");
    await rig.as("alice", ["mkfifo", fifo]);
    const make = rig.make("alice", ["echo $$$$ >pid; read word <fifo; echo $$word"]);
    await pidIn(join(rig.directory, "alice", "pid"));
    expect((await rig.make("bob", ["id -un"])).status).toBe(2);

    rig.writeAuthorized(bob);
    rig.kill("SIGHUP");
    await expect.poll(() => rig.audit().at(-1)).toMatchObject({ event: "reloaded" });
    expect(await rig.make("bob", ["id -un"])).toMatchObject({ status: 0, stdout: "bob\n" });
    await expect(rig.greet("alice", UIDS.alice)).rejects.toThrow();

    writeFileSync(rig.authorized, "nonsense\n");
    rig.kill("SIGHUP");
    const reason = `${rig.authorized} line 1: it begins with no fingerprint (64 hexadecimal digits)`;
    await expect.poll(() => rig.audit().at(-1)).toMatchObject({ event: "not-reloaded", reason });
    expect(await rig.make("bob", ["id -un"])).toMatchObject({ status: 0, stdout: "bob\n" });

    writeFileSync(fifo, "done\n");
    expect(await make).toEqual({ status: 0, stdout: "done\n", stderr: "" });
  });

  test("end: jobs finish first, and nothing of it is left", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    const fifo = join(rig.directory, "alice", "fifo");
    await rig.as("alice", ["mkfifo", fifo]);
    const make = rig.make("alice", ["echo $$$$ >pid; read word <fifo; echo $$word"]);
    await pidIn(join(rig.directory, "alice", "pid"));
    const pids = [...rig.parts().values(), rig.pid];
    rig.kill("SIGTERM");
    const isServed = (): Promise<boolean> =>
      rig.greet("alice", UIDS.alice).then(
        ({ type }) => type === "hello-ack",
        () => false,
      );
    await expect.poll(isServed).toBe(false);
    writeFileSync(fifo, "done\n");
    expect(await make).toEqual({ status: 0, stdout: "done\n", stderr: "" });
    await rig.ended();
    expect(living(pids)).toEqual([]);
  });

  test("end: a client that reads slowly hears how its jobs ended", async (context) => {
    needsRoot(context);
    await using rig = new RootRig();
    rig.writeAuthorized(rig.credential("alice"));
    await rig.start();
    const { socket, endpoint } = await rig.greeted("alice", UIDS.alice);
    const exits: unknown[] = [];
    socket.removeAllListeners("data").on("data", (bytes: Buffer) => {
      for (const one of endpoint.receive(bytes)) if (one.type === "exit") exits.push(one.status);
    });
    socket.pause();
    const directory = join(rig.directory, "alice");
    const line = `head -c ${String(STREAM_WINDOW_BYTES)} /dev/zero; echo >>ended; exit 3`;
    // So much that not all of it finds room in the system's buffers
    const streams = Array.from({ length: 31 }, (_, i) => i + 1);
    for (const stream of streams) endpoint.send({ type: "run", stream, request: requestOf(directory, [line]) });
    for (const bytes of endpoint.takeOutput()) socket.write(bytes);
    const ended = join(directory, "ended");
    await expect
      .poll(() => (existsSync(ended) ? readFileSync(ended).length : 0), { timeout: 20_000 })
      .toBe(streams.length);
    rig.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 2500));
    socket.resume();
    await rig.ended();
    expect(exits).toEqual(streams.map(() => ({ kind: "exited", code: 3 })));
  });
});

/** Real, effective, saved and file-system user and group, supplementary groups, and rights, as the kernel has them. */
function identityOf(pid: number): readonly string[] {
  const status = readFileSync(`/proc/${String(pid)}/status`, "latin1");
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(.*?)\\s*$`, "m").exec(status)?.[1]?.replaceAll("\t", " ") ?? "";
  return [field("Uid"), field("Gid"), field("Groups"), field("CapEff").replace(/^0+(?=.)/, "")];
}

/** The number that a recipe writes into a file when it has started. */
async function pidIn(file: string): Promise<number> {
  const read = (): number => (existsSync(file) ? Number(readFileSync(file, "latin1")) : 0);
  await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(0);
  return read();
}
